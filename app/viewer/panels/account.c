/* account.c: see account.h. */
#include "app/viewer/panels/account.h"

enum { STEPS_MAX = 100 };

static void give_account(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    weft_model *model = weft_session_model(session);
    struct weft_account *account = data;
    const struct weft_lane *lane = weft_model_lane(model, account->lane);
    if (lane->kind == WEFT_LANE_TASK)
        account->why = weft_model_why(model, lane->id, account->t_ns);
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
    g_clear_pointer(&account->story, g_ptr_array_unref);
    g_clear_pointer(&account->segments, g_array_unref);
    g_free(account);
}
