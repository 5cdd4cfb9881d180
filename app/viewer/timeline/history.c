/* history.c: two stacks; a step moves the present from one to the other. */
#include "app/viewer/timeline/history.h"

enum { PLACES_MAX = 200 };

void weft_history_init(struct weft_history *history)
{
    history->back = g_array_new(FALSE, FALSE, sizeof(struct weft_place));
    history->forward = g_array_new(FALSE, FALSE, sizeof(struct weft_place));
    history->drifting = FALSE;
}

void weft_history_finish(struct weft_history *history)
{
    g_array_unref(history->back);
    g_array_unref(history->forward);
}

void weft_history_leave(struct weft_history *history, struct weft_place here, gboolean drift)
{
    if (!(drift && history->drifting)) {
        if (history->back->len == PLACES_MAX)
            g_array_remove_index(history->back, 0);
        g_array_append_val(history->back, here);
        g_array_set_size(history->forward, 0);
    }
    history->drifting = drift;
}

gboolean weft_history_step(struct weft_history *history, int direction, struct weft_place here,
                           struct weft_place *there)
{
    GArray *from = direction < 0 ? history->back : history->forward;
    GArray *to = direction < 0 ? history->forward : history->back;
    if (from->len == 0)
        return FALSE;
    *there = g_array_index(from, struct weft_place, from->len - 1);
    g_array_set_size(from, from->len - 1);
    g_array_append_val(to, here);
    history->drifting = FALSE;
    return TRUE;
}
