/* repair_test.c: weft repair: what it saves, what it says, how it exits. */
#include "command.h"
#include "fixture.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void start(struct command *weft)
{
    command_start(weft);
    char *path = command_path(weft, "t.weft");
    fixture_write_workers(path, 20);
    g_free(path);
}

static void read_file(struct command *weft, const char *name, char **bytes, gsize *size)
{
    char *path = command_path(weft, name);
    g_assert_true(g_file_get_contents(path, bytes, size, NULL));
    g_free(path);
}

static void write_file(struct command *weft, const char *name, const char *bytes, gsize size)
{
    char *path = command_path(weft, name);
    g_assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
    g_free(path);
}

/* bad.weft: the file with one bit changed within the payload of its first EVENTS chunk. Returns
 * where. */
static gsize spoil(struct command *weft)
{
    static const char events[] = { 'C', 'H', 'N', 'K', 1, 0 };
    g_autofree char *bytes = NULL;
    gsize size;
    read_file(weft, "t.weft", &bytes, &size);
    char *chunk = memmem(bytes, size, events, sizeof events);
    g_assert_nonnull(chunk);
    gsize at = (gsize)(chunk - bytes) + 64 + 20;
    bytes[at] ^= 1;
    write_file(weft, "bad.weft", bytes, size);
    return at;
}

static void assert_whole(struct command *weft)
{
    command_run(weft, "dump whole.weft");
    g_assert_cmpstr(weft->err, ==, "");
    g_assert_cmpint(weft->code, ==, 0);
}

static void test_whole(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "repair t.weft -o whole.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.out, "All of it was saved."));
    command_run(&weft, "dump t.weft --json");
    g_autofree char *before = g_strdup(weft.out);
    command_run(&weft, "dump whole.weft --json");
    g_assert_cmpstr(weft.out, ==, before);
    command_finish(&weft);
}

/* A trace whose recorder was killed: all is there, but for the index. */
static void test_cut(void)
{
    struct command weft;
    start(&weft);
    g_autofree char *bytes = NULL;
    gsize size;
    read_file(&weft, "t.weft", &bytes, &size);
    write_file(&weft, "bad.weft", bytes, size - 32);
    command_run(&weft, "repair bad.weft -o whole.weft");
    g_assert_cmpint(weft.code, ==, 0);
    g_assert_nonnull(strstr(weft.out, "Its index was missing or damaged: made anew."));
    assert_whole(&weft);
    write_file(&weft, "bad.weft", bytes, size / 2);
    command_run(&weft, "repair bad.weft -o whole.weft");
    g_assert_cmpint(weft.code, ==, 1);
    g_assert_nonnull(strstr(weft.out, "the file ends there"));
    assert_whole(&weft);
    command_finish(&weft);
}

static void test_damaged(void)
{
    struct command weft;
    start(&weft);
    spoil(&weft);
    command_run(&weft, "dump bad.weft");
    g_assert_cmpint(weft.code, ==, 3);
    command_run(&weft, "repair bad.weft -o whole.weft");
    g_assert_cmpint(weft.code, ==, 1);
    g_assert_nonnull(strstr(weft.out, "Not saved:\n  bytes "));
    g_assert_nonnull(strstr(weft.out, "EVENTS of ring 0 ("));
    g_assert_nonnull(strstr(weft.out, "count as lost in whole.weft"));
    assert_whole(&weft);
    g_assert_nonnull(strstr(weft.out, "lost"));
    command_finish(&weft);
}

static void test_json(void)
{
    struct command weft;
    start(&weft);
    gint64 at = (gint64)spoil(&weft);
    command_run(&weft, "repair bad.weft -o whole.weft --json");
    g_assert_cmpint(weft.code, ==, 1);
    g_autoptr(JsonParser) parser = json_parser_new();
    g_assert_true(json_parser_load_from_data(parser, weft.out, -1, NULL));
    JsonObject *object = json_node_get_object(json_parser_get_root(parser));
    g_assert_cmpint(json_object_get_int_member(object, "lost"), >, 0);
    g_assert_false(json_object_get_boolean_member(object, "bad_index"));
    JsonArray *ranges = json_object_get_array_member(object, "not_saved");
    g_assert_cmpuint(json_array_get_length(ranges), ==, 1);
    JsonObject *range = json_array_get_object_element(ranges, 0);
    g_assert_cmpstr(json_object_get_string_member(range, "kind"), ==, "EVENTS");
    g_assert_cmpstr(json_object_get_string_member(range, "cause"), ==, "damaged");
    g_assert_cmpint(json_object_get_int_member(range, "from"), <, at);
    g_assert_cmpint(json_object_get_int_member(range, "to"), >, at);
    command_finish(&weft);
}

static void test_refusals(void)
{
    struct command weft;
    start(&weft);
    command_run(&weft, "repair t.weft");
    command_assert_fails(&weft, 2, "-o FILE is missing");
    command_run(&weft, "repair t.weft -o t.weft");
    command_assert_fails(&weft, 2, "are the same: a damaged file is never changed");
    command_shell(&weft, "ln t.weft other.weft");
    command_run(&weft, "repair t.weft -o other.weft");
    command_assert_fails(&weft, 2, "are the same");
    command_run(&weft, "repair none.weft -o whole.weft");
    command_assert_fails(&weft, 4, "No such file");
    write_file(&weft, "text.weft", "This is no trace at all, but a longer text of some kind.", 56);
    command_run(&weft, "repair text.weft -o whole.weft");
    command_assert_fails(&weft, 3, "nothing in its 56 bytes is a whole chunk of a trace");
    command_run(&weft, "repair t.weft -o missing/whole.weft");
    command_assert_fails(&weft, 4, "cannot create missing/whole.weft");
    command_finish(&weft);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/repair/whole", test_whole);
    g_test_add_func("/cli/repair/cut", test_cut);
    g_test_add_func("/cli/repair/damaged", test_damaged);
    g_test_add_func("/cli/repair/json", test_json);
    g_test_add_func("/cli/repair/refusals", test_refusals);
    return g_test_run();
}
