/* track-card.h: what is selected and no task, at the playhead: a lock's holder and who waits for
 * it, as links; what a thread of the pool does; a queue's depth. */
#ifndef WEFT_VIEWER_TRACK_CARD_H
#define WEFT_VIEWER_TRACK_CARD_H

#include "app/viewer/session.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_TRACK_CARD weft_track_card_get_type()
G_DECLARE_FINAL_TYPE(WeftTrackCard, weft_track_card, WEFT, TRACK_CARD, GtkWidget)

/* Tells of the session's selected track; hides itself when none is. Who holds it and who waits
 * comes from a worker, a little later. */
void weft_track_card_show(WeftTrackCard *card, WeftSession *session);

G_END_DECLS

#endif
