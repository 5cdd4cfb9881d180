/* input_test.c: every kind of bad input, in every verb that reads a trace: one line that says what,
 * where and what to do, and the exit code; what is whole is printed all the same. */
#include "command.h"
#include "fixture.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static const char *const readers[] = {
    "report t.weft",      "report --json t.weft",    "dump t.weft",
    "dump --json t.weft", "export t.weft --to text", "view t.weft"
};

static void write_file(const struct command *weft, const char *data, gsize size)
{
    GError *error = NULL;
    char *path = command_path(weft, "t.weft");
    g_file_set_contents(path, data, (gssize)size, &error);
    g_assert_no_error(error);
    g_free(path);
}

static char *read_file(const struct command *weft, gsize *size)
{
    GError *error = NULL;
    char *data;
    char *path = command_path(weft, "t.weft");
    g_file_get_contents(path, &data, size, &error);
    g_assert_no_error(error);
    g_free(path);
    return data;
}

static void write_trace(const struct command *weft)
{
    char *path = command_path(weft, "t.weft");
    fixture_write_workers(path, 200);
    g_free(path);
}

static void assert_all_fail(struct command *weft, int code, const char *part)
{
    for (guint i = 0; i < G_N_ELEMENTS(readers); i++) {
        command_run(weft, readers[i]);
        command_assert_fails(weft, code, part);
        g_assert_nonnull(strstr(weft->err, "t.weft"));
    }
}

static void test_missing(void)
{
    struct command weft;
    command_start(&weft);
    assert_all_fail(&weft, 4, "No such file or directory");
    command_finish(&weft);
}

static void test_directory(void)
{
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "t.weft");
    g_mkdir(path, 0700);
    g_free(path);
    assert_all_fail(&weft, 4, "irectory");
    command_finish(&weft);
}

static void test_unreadable(void)
{
    if (geteuid() == 0) {
        g_test_skip("root may read everything");
        return;
    }
    struct command weft;
    command_start(&weft);
    write_trace(&weft);
    char *path = command_path(&weft, "t.weft");
    g_chmod(path, 0);
    g_free(path);
    assert_all_fail(&weft, 4, "Permission denied");
    command_finish(&weft);
}

static void test_no_trace(void)
{
    static const char *const texts[] = { "#!/bin/sh\necho hello\n", "\177ELF", "x" };
    struct command weft;
    command_start(&weft);
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        write_file(&weft, texts[i], strlen(texts[i]));
        assert_all_fail(&weft, 3, "not a");
    }
    write_file(&weft, "", 0);
    assert_all_fail(&weft, 3, "empty");
    command_finish(&weft);
}

/* Shows what is whole, says where it is cut, and exits with 3. */
static void test_cut(void)
{
    gsize size;
    struct command weft;
    command_start(&weft);
    write_trace(&weft);
    char *data = read_file(&weft, &size);
    write_file(&weft, data, size / 2);
    g_free(data);
    for (guint i = 0; i < 4; i++) {
        command_run(&weft, readers[i]);
        g_assert_cmpint(weft.code, ==, 3);
        g_assert_nonnull(strstr(weft.err, "cut at byte"));
        g_assert_nonnull(strstr(weft.out, "worker"));
    }
    command_finish(&weft);
}

static void test_damaged(void)
{
    gsize size;
    struct command weft;
    command_start(&weft);
    write_trace(&weft);
    char *data = read_file(&weft, &size);
    memset(data + size / 2, 0x55, 200);
    write_file(&weft, data, size);
    g_free(data);
    command_run(&weft, "report t.weft");
    g_assert_cmpint(weft.code, ==, 3);
    g_assert_nonnull(strstr(weft.err, "byte"));
    g_assert_nonnull(strstr(weft.out, "worker"));
    command_finish(&weft);
}

/* Events that cannot be decoded count as lost, and where they are is said. */
static void test_damaged_events(void)
{
    gsize size;
    struct command weft;
    command_start(&weft);
    write_trace(&weft);
    char *data = read_file(&weft, &size);
    /* Within the payload of the chunk in the middle: behind the header that comes next there. */
    gsize at = size / 2 & ~(gsize)7;
    while (memcmp(data + at, "CHNK\1\0", 6) != 0)
        at += 8;
    data[at + 64 + 20] ^= 0x55;
    write_file(&weft, data, size);
    g_free(data);
    char *place = g_strdup_printf("events at byte %" G_GSIZE_FORMAT " are damaged", at);
    for (guint i = 0; i < 4; i++) {
        command_run(&weft, readers[i]);
        g_assert_cmpint(weft.code, ==, 3);
        g_assert_nonnull(strstr(weft.err, place));
        g_assert_nonnull(strstr(weft.out, "worker"));
        if (strcmp(readers[i], "report --json t.weft") == 0)
            g_assert_nonnull(strstr(weft.out, place));
    }
    g_free(place);
    command_run(&weft, "check t.weft");
    g_assert_nonnull(strstr(weft.err, " (weft repair makes a whole trace of it)\n"));
    command_finish(&weft);
}

static gint64 number_of(struct command *weft, const char *key)
{
    g_autofree char *script = g_strdup_printf(
        "$WEFT report --json t.weft 2>/dev/null | sed -n 's/^  \"%s\" : \\([0-9]*\\).*/\\1/p'",
        key);
    command_shell(weft, script);
    return g_ascii_strtoll(weft->out, NULL, 10);
}

/* The chunk behind the one at `at`. */
static gsize next_chunk(const char *data, gsize at)
{
    guint32 stored;
    memcpy(&stored, data + at + 8, sizeof stored);
    return at + 64 + ((stored + 7) & ~(gsize)7);
}

/* Each place counts, in events, not in the slots that they take; the first and the last are named.
 */
static void test_damaged_places(void)
{
    gsize size;
    struct command weft;
    command_start(&weft);
    write_trace(&weft);
    gint64 events = number_of(&weft, "events"), lost = number_of(&weft, "lost");
    g_assert_cmpint(lost, ==, 0);
    char *data = read_file(&weft, &size);
    gsize first = 0, last = 0;
    guint places = 0;
    for (gsize at = 64; at + 64 < size; at = next_chunk(data, at)) {
        if (memcmp(data + at, "CHNK\1\0", 6) != 0)
            continue;
        data[at + 64 + 20] ^= 0x55;
        first = places++ == 0 ? at : first;
        last = at;
    }
    g_assert_cmpuint(places, >, 2);
    write_file(&weft, data, size);
    g_free(data);
    g_assert_cmpint(number_of(&weft, "events"), ==, 0);
    g_assert_cmpint(number_of(&weft, "lost"), ==, events);
    command_run(&weft, "report t.weft");
    g_autofree char *from = g_strdup_printf("events at byte %" G_GSIZE_FORMAT " are damaged",
                                            first);
    g_autofree char *more = g_strdup_printf("; so are those of %u more chunks; the ", places - 2);
    g_autofree char *to = g_strdup_printf("events at byte %" G_GSIZE_FORMAT " are damaged", last);
    g_assert_nonnull(strstr(weft.err, from));
    g_assert_nonnull(strstr(weft.err, more));
    g_assert_nonnull(strstr(weft.err, to));
    command_finish(&weft);
}

/* Of whole chunks whose headers are gone, too. */
static void test_damaged_headers(void)
{
    gsize size;
    struct command weft;
    command_start(&weft);
    write_trace(&weft);
    char *data = read_file(&weft, &size);
    guint seen = 0;
    for (gsize at = 64; at + 64 < size; at = next_chunk(data, at))
        if (memcmp(data + at, "CHNK\1\0", 6) == 0 && seen++ % 2 == 0)
            data[at] = 'X';
    memset(data + size - 32, 0, 32); /* the way to its index: a place, too */
    write_file(&weft, data, size);
    g_free(data);
    command_run(&weft, "report t.weft");
    g_assert_cmpint(weft.code, ==, 3);
    g_autofree char *more = g_strdup_printf(", %u more places, and bytes ", (seen + 1) / 2 - 1);
    g_assert_nonnull(strstr(weft.err, "t.weft: bytes "));
    g_assert_nonnull(strstr(weft.err, more));
    command_finish(&weft);
}

/* Whatever a byte becomes, weft answers: never a signal, never silence about a bad exit. */
static void test_any_byte(void)
{
    gsize size;
    struct command weft;
    command_start(&weft);
    char *path = command_path(&weft, "t.weft");
    fixture_write_gather(path);
    g_free(path);
    char *data = read_file(&weft, &size);
    for (gsize at = 0; at < size; at += 7) {
        char before = data[at];
        data[at] ^= 0x41;
        write_file(&weft, data, size);
        data[at] = before;
        command_run(&weft, "report t.weft");
        g_assert_true(weft.code == 0 || weft.code == 3);
        if (weft.code == 3)
            g_assert_true(g_str_has_prefix(weft.err, "weft: "));
    }
    g_free(data);
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/input/missing", test_missing);
    g_test_add_func("/cli/input/directory", test_directory);
    g_test_add_func("/cli/input/unreadable", test_unreadable);
    g_test_add_func("/cli/input/no-trace", test_no_trace);
    g_test_add_func("/cli/input/cut", test_cut);
    g_test_add_func("/cli/input/damaged", test_damaged);
    g_test_add_func("/cli/input/damaged-events", test_damaged_events);
    g_test_add_func("/cli/input/damaged-places", test_damaged_places);
    g_test_add_func("/cli/input/damaged-headers", test_damaged_headers);
    g_test_add_func("/cli/input/any-byte", test_any_byte);
    return g_test_run();
}
