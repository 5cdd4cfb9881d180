/* page.h: the Dispatch view of a tab: the loop drawn as it stands at the playhead, the sentence of
 * the step, and the replay's buttons, keys and slider.
 *
 *      playhead of the session <--> place --a worker: read, step--> view --> drawing, sentence
 *
 * A step moves the session's playhead, and a playhead that was moved elsewhere moves the place: the
 * timeline and this view show the same moment, and tokens move to their new places. It asks for
 * nothing while it is not seen.
 *
 * Actions, with keys: dispatch.play, .next, .previous, .next-event, .previous-event, .start, .end,
 * .next-of-task, .previous-of-task, .of-kind (the next of a kind of kinds.h), .next-of-kind and
 * .previous-of-kind (of the same kind again), .faster, .slower; .predict (asks what comes next from
 * then on), .answer (its place from 0), .reveal; .times (hides measured times, or shows them
 * again), .code (the sources, at the line). A note of the step's time is shown below its sentence.
 *
 * Thread: main. */
#ifndef WEFT_VIEWER_DISPATCH_PAGE_H
#define WEFT_VIEWER_DISPATCH_PAGE_H

#include "app/viewer/dispatch/view.h"
#include "app/viewer/render/render.h"
#include "app/viewer/session.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define WEFT_TYPE_DISPATCH_PAGE weft_dispatch_page_get_type()
G_DECLARE_FINAL_TYPE(WeftDispatchPage, weft_dispatch_page, WEFT, DISPATCH_PAGE, GtkWidget)

/* NULL and NULL: forgets them. The render is borrowed. */
void weft_dispatch_page_set(WeftDispatchPage *page, WeftSession *session,
                            struct weft_render *render);

/* Does one of its actions, from anywhere in the tab: the tab installs them, and shows the view
 * before it passes one on. */
void weft_dispatch_page_install_actions(GtkWidgetClass *class,
                                        GtkWidgetActionActivateFunc activate);
void weft_dispatch_page_act(WeftDispatchPage *page, const char *action, GVariant *parameter);

/* What is shown; NULL: nothing yet. Borrowed until the main loop goes on. */
const struct weft_dispatch_view *weft_dispatch_page_view(WeftDispatchPage *page);
/* For a projector: the sentence, and no smaller lines. */
void weft_dispatch_page_present(WeftDispatchPage *page, gboolean present);
/* Whether a worker reads for it. */
gboolean weft_dispatch_page_busy(WeftDispatchPage *page);
gboolean weft_dispatch_page_playing(WeftDispatchPage *page);
/* Whether it asks what comes next; "predicting-changed" tells when that is another. */
gboolean weft_dispatch_page_predicting(WeftDispatchPage *page);

G_END_DECLS

#endif
