/* predict-bar.h: a question, its answers as buttons, the score, and below them the reason, whose
 * room is kept: nothing jumps. Its buttons activate "dispatch.answer". Thread: main. */
#ifndef WEFT_VIEWER_DISPATCH_PREDICT_BAR_H
#define WEFT_VIEWER_DISPATCH_PREDICT_BAR_H

#include "app/viewer/dispatch/score.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_PREDICT_BAR weft_predict_bar_get_type()
G_DECLARE_FINAL_TYPE(WeftPredictBar, weft_predict_bar, WEFT, PREDICT_BAR, GtkWidget)

/* What is asked now; NULL: nothing, and the bar says how a question is come to. */
void weft_predict_bar_ask(WeftPredictBar *bar, const struct weft_prediction *asked);
/* It was answered; choice ≥ asked->n: revealed. */
void weft_predict_bar_explain(WeftPredictBar *bar, const struct weft_prediction *asked,
                              guint choice);
void weft_predict_bar_show_score(WeftPredictBar *bar, const struct weft_score *score);

/* In what is said from now on. */
void weft_predict_bar_hide_times(WeftPredictBar *bar, gboolean hide);

/* "Right. Creating a task does not run it …": the line below; for tests. */
const char *weft_predict_bar_reason(WeftPredictBar *bar);

G_END_DECLS

#endif
