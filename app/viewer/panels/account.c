/* account.c: see account.h. */
#include "app/viewer/panels/account.h"

#include "app/viewer/panels/markup.h"
#include "tracer/model/taskline.h"

enum { STEPS_MAX = 100, CHAIN_MAX = 8, CHAIN_MIN = 3 };

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

static char *tell_chain(weft_model *model, uint64_t self, gint64 t_ns)
{
    weft_state *state = weft_model_state_at(model, t_ns);
    struct weft_await_chain chain = weft_await_chain(state, self, CHAIN_MAX);
    struct weft_moment moment = weft_moment_new(weft_model_trace(model), state, t_ns);
    GString *markup = g_string_new(NULL);
    const uint64_t *ids = (const void *)chain.ids->data;
    guint n = chain.ids->len;
    for (guint i = 0; i < n; i++)
        add_link(markup, &moment, ids[i], self);
    if (chain.circle != G_MAXUINT) {
        add_link(markup, &moment, ids[chain.circle], self);
        g_string_append(markup, ": a circle");
    } else if (chain.end == WEFT_WAITS_FOR) {
        g_string_append(markup, " → …");
    } else {
        add_end(markup, model, ids[n - 1], t_ns);
    }
    weft_moment_clear(&moment);
    weft_await_chain_clear(&chain);
    weft_state_free(state);
    return g_string_free(markup, n < CHAIN_MIN);
}

static void give_account(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    weft_model *model = weft_session_model(session);
    struct weft_account *account = data;
    const struct weft_lane *lane = weft_model_lane(model, account->lane);
    if (lane->kind == WEFT_LANE_TASK)
        account->why = weft_model_why(model, lane->id, account->t_ns);
    if (account->why)
        account->chain = tell_chain(model, lane->id, account->t_ns);
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
    g_clear_pointer(&account->story, g_ptr_array_unref);
    g_clear_pointer(&account->segments, g_array_unref);
    g_free(account);
}
