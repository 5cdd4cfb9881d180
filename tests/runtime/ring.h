/* ring.h: what the runtime told the probe, read back from the loop's ring, for tests. */
#ifndef WEFT_TEST_RING_H
#define WEFT_TEST_RING_H

#include "runtime/loop.h"
#include "tracer/probe/publish.h"
#include "tracer/probe/strings.h"
#include <glib.h>
#include <glib/gstdio.h>

struct mark {
    struct weft_writer *writer;
    struct weft_chunk *chunk;
    char *position;
};

static inline struct mark mark_now(void)
{
    struct weft_writer *w = weft_running_loop()->writer;
    return (struct mark){ w, w->chunk, w->position };
}

/* Names of entities in the order they appear: task1, task2, timer1 … */
struct names {
    uint64_t ids[64];
    int n;
};

static inline void name_entity(struct names *names, uint64_t id, GString *out)
{
    const char *kind = weft_entity_name(weft_id_kind(id));
    int number = 0;
    if (!kind)
        return;
    for (int i = 0; i < names->n; i++) {
        number += weft_id_kind(names->ids[i]) == weft_id_kind(id);
        if (names->ids[i] == id) {
            g_string_append_printf(out, "%s%d", kind, number);
            return;
        }
    }
    g_assert_cmpint(names->n, <, 64);
    names->ids[names->n++] = id;
    g_string_append_printf(out, "%s%d", kind, number + 1);
}

static inline void describe(struct names *names, const struct weft_record *r, GString *out)
{
    const struct weft_event_info *info = weft_event_info(r->kind);
    const char *detail = weft_detail_name(r->kind, r->detail);
    g_string_append(out, info->name);
    if (*detail)
        g_string_append_printf(out, "(%s)", detail);
    g_string_append_c(out, ' ');
    name_entity(names, r->subject, out);
    if (info->object == WEFT_FIELD_ENTITY && r->object) {
        g_string_append_c(out, '>');
        name_entity(names, r->object, out);
    } else if ((info->object == WEFT_FIELD_COUNT || r->kind == WEFT_RECORD_RESOURCE) &&
               r->kind != WEFT_RECORD_ITERATION &&
               r->kind != WEFT_RECORD_TASK_FREE /* how deep is the compiler's */) {
        g_string_append_printf(out, "=%d", (int)r->object);
    }
    if (r->kind == WEFT_RECORD_ITERATION)
        g_string_append_printf(out, ":%u", r->site);
    g_string_append_c(out, '\n');
}

/* The events since the mark; polls are left out: how many there are is the machine's. */
static inline char *events_since(struct mark mark)
{
    struct names names = { .n = 0 };
    GString *out = g_string_new(NULL);
    g_assert_true(mark.writer->chunk == mark.chunk); /* tests stay within one chunk */
    for (char *at = mark.position; at < mark.writer->position; at += WEFT_SLOT_SIZE) {
        const struct weft_record *r = (const void *)at;
        if (r->kind != WEFT_RECORD_POLL_BEGIN && r->kind != WEFT_RECORD_POLL_END)
            describe(&names, r, out);
        if (r->flags & WEFT_RECORD_EXT)
            at += WEFT_SLOT_SIZE;
    }
    return g_string_free(out, FALSE);
}

static inline void expect_events(struct mark mark, const char *wanted)
{
    g_autofree char *events = events_since(mark);
    g_assert_cmpstr(events, ==, wanted);
}

/* The names that things were given since the mark, each followed by a newline. */
static inline char *names_since(struct mark mark)
{
    GString *out = g_string_new(NULL);
    g_assert_true(mark.writer->chunk == mark.chunk);
    for (char *at = mark.position; at < mark.writer->position; at += WEFT_SLOT_SIZE) {
        const struct weft_record *r = (const void *)at;
        if (r->kind == WEFT_RECORD_OBJECT_NAME) {
            const struct weft_heap_entry *entry = (const void *)((const char *)weft_probe_heap() +
                                                                 r->object * 8);
            g_string_append_len(out, (const char *)(entry + 1), entry->size);
            g_string_append_c(out, '\n');
        }
        if (r->flags & WEFT_RECORD_EXT)
            at += WEFT_SLOT_SIZE;
    }
    return g_string_free(out, FALSE);
}

/* ---- main's ---- */

/* The recording goes to a directory of its own, which is returned. */
static inline char *begin_recording(int *argc, char ***argv)
{
    char *directory = g_dir_make_tmp("weft-trace-XXXXXX", NULL);
    g_setenv("XDG_RUNTIME_DIR", directory, TRUE);
    g_setenv("WEFT_TRACE", "flight", TRUE);
    g_unsetenv("WEFT_SESSION");
    g_test_init(argc, argv, NULL);
    return directory;
}

static inline int end_recording(char *directory, int failed)
{
    weft_probe_stop(failed);
    g_autofree char *weft = g_build_filename(directory, "weft", NULL);
    g_rmdir(weft);
    g_rmdir(directory);
    g_free(directory);
    return failed;
}

#endif
