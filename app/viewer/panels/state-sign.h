/* state-sign.h: what stands beside a state's word in a list: the form that it has in the timeline,
 * or the glyph of what is waited for. See weft_render_sign(). */
#ifndef WEFT_VIEWER_STATE_SIGN_H
#define WEFT_VIEWER_STATE_SIGN_H

#include "app/viewer/render/render.h"
#include "app/viewer/tasks.h"

G_BEGIN_DECLS

#define WEFT_TYPE_STATE_SIGN weft_state_sign_get_type()
G_DECLARE_FINAL_TYPE(WeftStateSign, weft_state_sign, WEFT, STATE_SIGN, GtkWidget)

/* The render is borrowed; NULL: nothing is drawn. wait: of what waits. */
void weft_state_sign_show(WeftStateSign *sign, struct weft_render *render, enum weft_task_is is,
                          enum weft_wait_class wait);

G_END_DECLS

#endif
