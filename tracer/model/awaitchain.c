/* awaitchain.c: see awaitchain.h. */
#include "tracer/model/awaitchain.h"

static gboolean has_ended(const weft_state *state, uint64_t id)
{
    if (weft_id_kind(id) != WEFT_ENTITY_TASK)
        return FALSE;
    const struct weft_task_at *task = weft_state_task(state, id);
    return !task || task->state == WEFT_STATE_DONE;
}

/* The one to follow; 0: all have ended. */
static uint64_t next_of(const weft_state *state, const struct weft_waits_for *waits)
{
    for (guint i = 0; i < waits->n; i++)
        if (!has_ended(state, weft_waits_on(waits, i)))
            return weft_waits_on(waits, i);
    return 0;
}

struct weft_await_chain weft_await_chain(const weft_state *state, uint64_t task, guint max)
{
    struct weft_await_chain chain = { .ids = g_array_new(FALSE, FALSE, sizeof(uint64_t)),
                                      .circle = G_MAXUINT };
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (uint64_t id = task;;) {
        g_array_append_val(chain.ids, id);
        g_hash_table_insert(seen, g_memdup2(&id, sizeof id), GUINT_TO_POINTER(chain.ids->len));
        struct weft_waits_for waits = weft_waits_for(state, id);
        uint64_t next = next_of(state, &waits);
        chain.end = waits.how == WEFT_WAITS_FOR && !next ? WEFT_WAITS_NOT : waits.how;
        if (!next || chain.ids->len >= max)
            return chain;
        guint before = GPOINTER_TO_UINT(g_hash_table_lookup(seen, &next));
        if (before) {
            chain.circle = before - 1;
            return chain;
        }
        id = next;
    }
}

void weft_await_chain_clear(struct weft_await_chain *chain)
{
    g_clear_pointer(&chain->ids, g_array_unref);
}
