/* account.c: see account.h. */
#include "app/viewer/panels/account.h"

#include "app/viewer/panels/markup.h"
#include "tracer/model/taskline.h"

enum { STEPS_MAX = 100, CHAIN_MAX = 8, CHAIN_MIN = 3, WAITERS_MAX = 4, HOLDS_MAX = 4 };

/* "lock "cache"", "fetch-1": a link, but for the task itself. */
static void add_link(GString *markup, const struct weft_moment *moment, uint64_t id, uint64_t self)
{
    g_autofree char *name = weft_moment_name(moment, id);
    g_autofree char *link = id == self ? g_markup_escape_text(name, -1)
                                       : weft_markup_link(name, id, moment->now_ns);
    g_string_append_printf(markup, "%s%s", markup->len ? " → " : "", link);
}

/* What the last one of a chain does, where that is no other: "sleep 1.0 s", "recv :9082". */
static void add_end(GString *markup, weft_model *model, uint64_t last, gint64 t_ns)
{
    guint lane = weft_model_lane_of(model, last);
    struct weft_segment_view segment;
    if (lane == G_MAXUINT32 || !weft_model_segment_at(model, lane, t_ns, &segment))
        return;
    g_auto(GStrv) words = weft_model_segment_words(model, lane, &segment);
    g_autofree char *text = g_markup_escape_text(words[0] ? words[0] : "", -1);
    if (text[0])
        g_string_append_printf(markup, " → %s", text);
}

static char *tell_chain(weft_model *model, const struct weft_moment *moment, uint64_t self)
{
    struct weft_await_chain chain = weft_await_chain(moment->state, self, CHAIN_MAX);
    GString *markup = g_string_new(NULL);
    const uint64_t *ids = (const void *)chain.ids->data;
    guint n = chain.ids->len;
    for (guint i = 0; i < n; i++)
        add_link(markup, moment, ids[i], self);
    if (chain.circle != G_MAXUINT) {
        add_link(markup, moment, ids[chain.circle], self);
        g_string_append(markup, ": a circle");
    } else if (chain.end == WEFT_WAITS_FOR) {
        g_string_append(markup, " → …");
    } else {
        add_end(markup, model, ids[n - 1], moment->now_ns);
    }
    weft_await_chain_clear(&chain);
    return g_string_free(markup, n < CHAIN_MIN);
}

/* ---- What it holds ---- */

static gboolean holds(const weft_state *state, const struct weft_object_at *object, uint64_t task)
{
    guint n = 0;
    gboolean all;
    if (weft_id_kind(object->id) == WEFT_ENTITY_LOCK)
        return object->owner == task && !object->stale;
    if (weft_id_kind(object->id) != WEFT_ENTITY_SEMAPHORE)
        return FALSE;
    const struct weft_party *holders = weft_state_parties(state, object->id, &n, &all);
    for (guint i = 0; holders && i < n; i++)
        if (holders[i].id == task)
            return TRUE;
    return FALSE;
}

/* "fetch-1, fetch-2 and 3 more wait for it"; nothing where nobody does. */
static void add_waiters(GString *markup, const struct weft_moment *moment, uint64_t id)
{
    const struct weft_task_at *task;
    guint at = 0, n = 0;
    while ((task = weft_state_next_task(moment->state, &at))) {
        if (task->state != WEFT_STATE_WAITING || task->other != id || n++ >= WAITERS_MAX)
            continue;
        g_autofree char *name = weft_moment_name(moment, task->id);
        g_autofree char *link = weft_markup_link(name, task->id, moment->now_ns);
        g_string_append_printf(markup, "%s%s", n > 1 ? ", " : "", link);
    }
    if (n > WAITERS_MAX)
        g_string_append_printf(markup, " and %u more", n - WAITERS_MAX);
    if (n > 0)
        g_string_append(markup, n == 1 ? " waits for it" : " wait for it");
}

/* "Holds lock "cache": fetch-1 waits for it.", a line for each. */
static char *tell_holds(const struct weft_moment *moment, uint64_t self)
{
    GString *markup = g_string_new(NULL), *waiters = g_string_new(NULL);
    const struct weft_object_at *object;
    guint at = 0, n = 0;
    add_waiters(waiters, moment, self);
    if (waiters->len)
        g_string_append_printf(markup, "%s.", waiters->str);
    while ((object = weft_state_next_object(moment->state, &at))) {
        if (!holds(moment->state, object, self) || n++ >= HOLDS_MAX)
            continue;
        g_autofree char *name = weft_moment_name(moment, object->id);
        g_autofree char *link = weft_markup_link(name, object->id, moment->now_ns);
        g_string_truncate(waiters, 0);
        add_waiters(waiters, moment, object->id);
        g_string_append_printf(markup, "%sHolds %s%s%s.", markup->len ? "\n" : "", link,
                               waiters->len ? ": " : "", waiters->str);
    }
    if (n > HOLDS_MAX)
        g_string_append_printf(markup, "\nHolds %u more.", n - HOLDS_MAX);
    g_string_free(waiters, TRUE);
    return g_string_free(markup, markup->len == 0);
}

/* ---- All ---- */

static void tell_task(struct weft_account *account, weft_model *model, uint64_t id)
{
    weft_state *state = weft_model_state_at(model, account->t_ns);
    struct weft_moment moment = weft_moment_new(weft_model_trace(model), state, account->t_ns);
    account->why = weft_model_why(model, id, account->t_ns);
    account->chain = account->why ? tell_chain(model, &moment, id) : NULL;
    account->holds = tell_holds(&moment, id);
    weft_moment_clear(&moment);
    weft_state_free(state);
}

static void give_account(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    weft_model *model = weft_session_model(session);
    struct weft_account *account = data;
    const struct weft_lane *lane = weft_model_lane(model, account->lane);
    if (lane->kind == WEFT_LANE_TASK)
        tell_task(account, model, lane->id);
    account->story = weft_model_story(model, lane->id, account->t_ns, STEPS_MAX, &account->current,
                                      &account->whole);
    if (account->segments)
        weft_model_segments(model, account->lane, lane->first_ns, lane->last_ns, 1, NULL,
                            account->segments);
    g_task_return_pointer(task, account, (GDestroyNotify)weft_account_free);
    (void)cancellable;
}

void weft_account_ask(WeftSession *session, guint lane, gint64 t_ns, gboolean segments,
                      GAsyncReadyCallback done, gpointer data)
{
    g_autoptr(GTask) task = g_task_new(session, NULL, done, data);
    struct weft_account *account = g_new0(struct weft_account, 1);
    account->lane = lane;
    account->t_ns = t_ns;
    if (segments)
        account->segments = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    g_task_set_task_data(task, account, NULL);
    weft_session_work(session, task, give_account);
}

struct weft_account *weft_account_finish(GAsyncResult *result)
{
    return g_task_propagate_pointer(G_TASK(result), NULL);
}

void weft_account_free(struct weft_account *account)
{
    if (!account)
        return;
    if (account->why)
        weft_sentence_free(account->why);
    g_free(account->chain);
    g_free(account->holds);
    g_clear_pointer(&account->story, g_ptr_array_unref);
    g_clear_pointer(&account->segments, g_array_unref);
    g_free(account);
}
