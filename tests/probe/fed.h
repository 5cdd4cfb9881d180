/* fed.h: a ring's live tables, fed with events by hand, and looked at as a reader of the file sees
 * them. */
#ifndef WEFT_TEST_FED_H
#define WEFT_TEST_FED_H

#include "tests/probe/tables.h"
#include "tracer/probe/segment.h"
#include "tracer/probe/session.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fixture {
    char *runtime;
    struct weft_segment_file file;
    struct weft_writer w;
    int fd;
    uint64_t time;
};

static inline void set_up(struct fixture *f, gconstpointer data)
{
    (void)data;
    memset(f, 0, sizeof *f);
    f->runtime = g_dir_make_tmp("weft-table-XXXXXX", NULL);
    g_setenv("XDG_RUNTIME_DIR", f->runtime, TRUE);
    g_assert_cmpint(weft_segment_create(&f->file), ==, 0);
    uint64_t offset;
    struct weft_ring *ring = weft_segment_grow(&f->file, WEFT_PAGE, &offset);
    weft_ring_format(ring, 4, WEFT_RING_LOOP, weft_id(WEFT_ENTITY_LOOP, 4, 1));
    atomic_store(&f->file.directory[4].offset, offset);
    weft_writer_init(&f->w, f->file.segment, ring);
    f->w.slots.file = &f->file;
    f->w.slots.ring = 4;
    f->fd = open(f->file.path, O_RDONLY | O_CLOEXEC);
    weft_probe_page.mask = WEFT_PROBE_TABLES;
}

static inline void remove_directory(char *runtime)
{
    g_autofree char *weft = g_build_filename(runtime, "weft", NULL);
    g_rmdir(weft);
    g_assert_cmpint(g_rmdir(runtime), ==, 0);
    g_free(runtime);
}

static inline void tear_down(struct fixture *f, gconstpointer data)
{
    (void)data;
    weft_probe_page.mask = 0;
    weft_table_clear(&f->w);
    free(f->w.slots.index);
    free(f->w.slots.blocks);
    for (int i = 0; i < WEFT_TABLE_NAMES; i++)
        free(f->w.slots.pools[i].free);
    g_unlink(f->file.path);
    weft_segment_close(&f->file);
    free(f->file.mappings); /* a session keeps them for the next one */
    close(f->fd);
    remove_directory(f->runtime);
}

static inline void tell(struct fixture *f, enum weft_record_kind kind, unsigned detail,
                        uint64_t subject, uint64_t object)
{
    f->time++;
    weft_emit_shared(&f->w, f->time, kind, detail, (uint32_t)(1000 + f->time), subject, object);
}

static inline void resume(struct fixture *f, uint64_t task)
{
    tell(f, WEFT_RECORD_RESUME, 0, task, 0);
    weft_set_current_task(&f->w, task);
}

static inline void suspend(struct fixture *f, uint64_t task, enum weft_await_kind kind,
                           uint64_t what)
{
    tell(f, WEFT_RECORD_SUSPEND, kind, task, what);
    weft_set_current_task(&f->w, 0);
}

static inline uint64_t new_task(struct fixture *f, uint64_t parent)
{
    uint64_t id = weft_new_id(&f->w, WEFT_ENTITY_TASK);
    tell(f, WEFT_RECORD_TASK_NEW, 0, id, parent);
    return id;
}

static inline gboolean look(struct fixture *f, uint64_t id, uint64_t owner, uint64_t slot[8])
{
    struct tables t = map_tables(f->fd);
    gboolean found = find_slot(&t, id, owner, slot);
    unmap_tables(&t);
    return found;
}

#define TASK(slot)   ((const struct weft_task_slot *)(const void *)(slot))
#define OBJECT(slot) ((const struct weft_object_slot *)(const void *)(slot))

static inline void task_is(struct fixture *f, uint64_t id, const char *wanted, uint64_t since,
                           uint64_t other)
{
    struct tables t = map_tables(f->fd);
    g_autofree char *said = describe_task(&t, id);
    uint64_t slot[8];
    g_assert_cmpstr(said, ==, wanted);
    g_assert_true(find_slot(&t, id, 0, slot));
    g_assert_cmpuint(TASK(slot)->since, ==, since);
    g_assert_cmpuint(TASK(slot)->other, ==, other);
    unmap_tables(&t);
}

static inline char *name_of(struct fixture *f, uint64_t id)
{
    struct tables t = map_tables(f->fd);
    uint64_t slot[8];
    g_assert_true(find_slot(&t, id, 0, slot));
    char *name = name_in(&t, slot[6]);
    unmap_tables(&t);
    return name;
}

static inline guint count(struct fixture *f, enum weft_table_kind kind)
{
    struct tables t = map_tables(f->fd);
    guint n = count_slots(&t, kind);
    unmap_tables(&t);
    return n;
}

static inline void name_is(struct fixture *f, uint64_t id, const char *wanted)
{
    g_autofree char *name = name_of(f, id);
    g_assert_cmpstr(name, ==, wanted);
}

static inline uint64_t new_object(struct fixture *f, enum weft_entity kind, uint64_t capacity)
{
    uint64_t id = weft_new_id(&f->w, kind);
    tell(f, WEFT_RECORD_OBJECT_NEW, 0, id, capacity);
    return id;
}

static inline void use(struct fixture *f, uint64_t by, enum weft_resource_op op, uint64_t id,
                       int64_t value)
{
    weft_set_current_task(&f->w, by);
    tell(f, WEFT_RECORD_RESOURCE, op, id, (uint64_t)value);
    weft_set_current_task(&f->w, 0);
}

#endif
