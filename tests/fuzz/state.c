/* state.c: a STATE's bytes: refused, or a state that is stored the same again, can be asked, and
 * goes on with events. */
#include "tracer/trace/state.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>

static void go_on(weft_state *state)
{
    for (guint i = 0; i < 200; i++) {
        struct weft_record r = { .time = i,
                                 .kind = (uint8_t)(1 + i * 7 % (WEFT_RECORD_KIND_END - 1)),
                                 .detail = (uint8_t)(i % 5),
                                 .subject = weft_id(1 + i % (WEFT_ENTITY_END - 1), i % 2,
                                                    1 + i % 6),
                                 .object = weft_id(WEFT_ENTITY_TASK, 0, 1 + i % 5) };
        weft_state_apply(state, i % 2, &r, NULL);
    }
    weft_state_apply_loss(state, 0, 300);
}

static void ask(const weft_state *state)
{
    guint n;
    gint64 since;
    const struct weft_task_at **tasks = weft_state_tasks(state, &n);
    for (guint i = 0; i < n; i++)
        if (weft_state_task(state, tasks[i]->id) != tasks[i])
            abort();
    const struct weft_object_at **objects = weft_state_objects(state, &n);
    for (guint i = 0; i < n; i++)
        if (weft_state_object(state, objects[i]->id) != objects[i])
            abort();
    for (guint ring = 0; ring < 3; ring++) {
        weft_state_running(state, ring);
        weft_state_ready(state, ring, &n);
        weft_state_polling(state, ring, &since);
    }
    weft_state_latest(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(weft_state) state = weft_state_deserialize(data, size);
    if (!state)
        return 0;
    ask(state);
    g_autoptr(GBytes) stored = weft_state_serialize(state);
    g_autoptr(weft_state)
        again = weft_state_deserialize(g_bytes_get_data(stored, NULL), g_bytes_get_size(stored));
    if (!again)
        abort();
    g_autoptr(GBytes) twice = weft_state_serialize(again);
    if (!g_bytes_equal(stored, twice))
        abort();
    go_on(state);
    ask(state);
    g_autoptr(weft_state) copy = weft_state_copy(state);
    go_on(copy);
    return 0;
}

static void seed_after(fuzz_seed *seed, const char *name, guint events)
{
    g_autoptr(weft_state) state = weft_state_new();
    for (guint i = 0; i < events; i++) {
        static const uint8_t kinds[] = { WEFT_RECORD_TASK_NEW,      WEFT_RECORD_WAKE,
                                         WEFT_RECORD_RESUME,        WEFT_RECORD_TIMER_SET,
                                         WEFT_RECORD_TIMEOUT_ENTER, WEFT_RECORD_OBJECT_NEW,
                                         WEFT_RECORD_GROUP_ADD,     WEFT_RECORD_CANCEL_REQUEST,
                                         WEFT_RECORD_SUSPEND };
        uint64_t task = weft_id(WEFT_ENTITY_TASK, 0, 1 + i / 9);
        struct weft_record r = { .time = i * 10, .kind = kinds[i % 9], .subject = task };
        r.detail = r.kind == WEFT_RECORD_SUSPEND ? WEFT_AWAIT_LOCK : 1;
        if (r.kind == WEFT_RECORD_TIMER_SET)
            r.subject = weft_id(WEFT_ENTITY_TIMER, 0, 1 + i / 9);
        if (r.kind == WEFT_RECORD_TIMEOUT_ENTER)
            r.subject = weft_id(WEFT_ENTITY_TIMEOUT, 0, 1 + i / 9);
        if (r.kind == WEFT_RECORD_OBJECT_NEW)
            r.subject = weft_id(WEFT_ENTITY_LOCK, 0, 1 + i / 9);
        if (r.kind == WEFT_RECORD_GROUP_ADD)
            r.subject = weft_id(WEFT_ENTITY_GROUP, 0, 1);
        r.object = r.kind == WEFT_RECORD_SUSPEND     ? weft_id(WEFT_ENTITY_LOCK, 0, 1)
                   : r.kind == WEFT_RECORD_GROUP_ADD ? task
                                                     : 500;
        weft_state_apply(state, 0, &r, NULL);
    }
    g_autoptr(GBytes) stored = weft_state_serialize(state);
    seed(name, g_bytes_get_data(stored, NULL), g_bytes_get_size(stored));
}

void fuzz_seeds(fuzz_seed *seed)
{
    seed_after(seed, "empty", 0);
    seed_after(seed, "one", 9);
    seed_after(seed, "some", 100);
    seed_after(seed, "running", 93);
}
