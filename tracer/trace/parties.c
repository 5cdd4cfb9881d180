/* parties.c: see parties.h. */
#include "tracer/trace/parties.h"

struct weft_parties *weft_parties_of(weft_state *state, uint64_t object)
{
    return weft_idtable_add(&state->parties, object);
}

void weft_parties_add(struct weft_parties *parties, uint64_t id, guint32 units)
{
    if (parties->n == parties->capacity) {
        parties->capacity = MAX(4, parties->capacity * 2);
        parties->at = g_renew(struct weft_party, parties->at, parties->capacity);
    }
    parties->at[parties->n++] = (struct weft_party){ .id = id, .units = units };
    parties->units += units;
}

void weft_parties_forget(weft_state *state, uint64_t object)
{
    struct weft_parties *parties = weft_idtable_find(&state->parties, object);
    if (!parties)
        return;
    g_free(parties->at);
    parties->at = NULL;
    weft_idtable_remove(&state->parties, object);
}

static gboolean some_hidden(const struct weft_parties *parties)
{
    return parties &&
           (parties->ended == WEFT_PARTIES_HIDDEN || parties->ended == WEFT_PARTIES_AMID);
}

gboolean weft_parties_hidden(const weft_state *state, uint64_t object)
{
    return some_hidden(weft_idtable_find(&state->parties, object));
}

void weft_parties_hide(weft_state *state, uint64_t object)
{
    const struct weft_parties *parties = weft_idtable_find(&state->parties, object);
    gboolean amid = parties && parties->ended == WEFT_PARTIES_AMID;
    weft_parties_forget(state, object);
    weft_parties_of(state, object)->ended = amid ? WEFT_PARTIES_AMID : WEFT_PARTIES_HIDDEN;
}

void weft_parties_begin_amid(weft_state *state, uint64_t object)
{
    weft_parties_of(state, object)->ended = WEFT_PARTIES_AMID;
}

void weft_parties_show(weft_state *state, uint64_t semaphore)
{
    struct weft_parties *parties = weft_idtable_find(&state->parties, semaphore);
    if (parties && parties->ended == WEFT_PARTIES_HIDDEN)
        parties->ended = 0;
}

void weft_parties_copy(struct weft_idtable *to, const struct weft_idtable *from)
{
    weft_idtable_copy(to, from);
    for (guint i = 0; i < weft_idtable_n(to); i++) {
        struct weft_parties *parties = weft_idtable_at(to, i);
        if (parties)
            parties->at = g_memdup2(parties->at, parties->capacity * sizeof *parties->at);
    }
}

void weft_parties_finish(struct weft_idtable *table)
{
    for (guint i = 0; i < weft_idtable_n(table); i++) {
        struct weft_parties *parties = weft_idtable_at(table, i);
        if (parties)
            g_free(parties->at);
    }
    weft_idtable_finish(table);
}

/* ---- Semaphores ---- */

/* Every unit that was taken has a holder that is known. */
static gboolean all_holders_known(const struct weft_object_at *semaphore,
                                  const struct weft_parties *parties)
{
    if (some_hidden(parties))
        return FALSE;
    return (parties ? parties->units : 0) == semaphore->capacity - (uint64_t)semaphore->value;
}

static struct weft_party *holder(const struct weft_parties *parties, uint64_t task)
{
    for (guint i = parties->n; i > 0; i--)
        if (parties->at[i - 1].id == task)
            return &parties->at[i - 1];
    return NULL;
}

void weft_parties_acquire(weft_state *state, const struct weft_object_at *semaphore, uint64_t task)
{
    if (!task)
        return;
    struct weft_parties *parties = weft_parties_of(state, semaphore->id);
    struct weft_party *party = holder(parties, task);
    if (!party) {
        weft_parties_add(parties, task, 1);
    } else if (party->units < G_MAXUINT32) {
        party->units++;
        parties->units++;
    }
}

/* As the live tables have it (probe/holders.h): one that holds none gives back the last holder's,
 * unless it may be one of those that are not known who gives back its own. */
void weft_parties_release(weft_state *state, const struct weft_object_at *semaphore, uint64_t task)
{
    struct weft_parties *parties = weft_idtable_find(&state->parties, semaphore->id);
    if (!parties || parties->n == 0)
        return;
    struct weft_party *party = holder(parties, task);
    if (!party && all_holders_known(semaphore, parties))
        party = &parties->at[parties->n - 1];
    if (!party)
        return;
    parties->units--;
    if (--party->units == 0)
        *party = parties->at[--parties->n];
}

/* ---- Groups ---- */

static gboolean has_ended(const weft_state *state, uint64_t member)
{
    if (weft_id_kind(member) == WEFT_ENTITY_GROUP)
        return !weft_state_object(state, member);
    if (weft_id_kind(member) != WEFT_ENTITY_TASK)
        return FALSE;
    const struct weft_task_at *task = weft_state_task(state, member);
    return !task || task->state == WEFT_STATE_DONE;
}

void weft_parties_join(weft_state *state, uint64_t group, uint64_t member)
{
    struct weft_parties *parties = weft_parties_of(state, group);
    if (parties->n >= 64 && parties->n == parties->capacity) {
        guint kept = 0;
        for (guint i = 0; i < parties->n; i++)
            if (!has_ended(state, parties->at[i].id))
                parties->at[kept++] = parties->at[i];
        if (!some_hidden(parties))
            parties->ended += parties->n - kept;
        parties->n = kept;
        if (kept > parties->capacity / 2) { /* else as many joins go by before the next look */
            parties->capacity *= 2;
            parties->at = g_renew(struct weft_party, parties->at, parties->capacity);
        }
    }
    weft_parties_add(parties, member, 0);
}

static gboolean all_members_known(const struct weft_object_at *group,
                                  const struct weft_parties *parties)
{
    if (some_hidden(parties))
        return FALSE;
    return (parties ? parties->n + parties->ended : 0) == group->capacity;
}

/* ---- What state.h asks ---- */

const struct weft_party *weft_state_parties(const weft_state *state, uint64_t object, guint *n,
                                            gboolean *all)
{
    const struct weft_parties *parties = weft_idtable_find(&state->parties, object);
    const struct weft_object_at *at = weft_state_object(state, object);
    *n = parties ? parties->n : 0;
    *all = at && (weft_id_kind(object) == WEFT_ENTITY_SEMAPHORE ? all_holders_known(at, parties)
                                                                : all_members_known(at, parties));
    return parties ? parties->at : NULL;
}

void weft_state_put_party(weft_state *state, uint64_t object, const struct weft_party *party)
{
    if (!weft_has_parties(object) || !party->id)
        return;
    gboolean group = weft_id_kind(object) == WEFT_ENTITY_GROUP;
    struct weft_parties *parties = weft_parties_of(state, object);
    weft_parties_add(parties, party->id, group ? 0 : MAX(1, party->units));
    const struct weft_object_at *at = weft_state_object(state, object);
    if (group && at)
        parties->ended = at->capacity - MIN(at->capacity, parties->n);
}
