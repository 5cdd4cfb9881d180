/* story.h: what happened to one task around the playhead, a sentence a row: its time on the left,
 * right-aligned; the sentence in force is lit; a click on a row goes there. */
#ifndef WEFT_VIEWER_STORY_H
#define WEFT_VIEWER_STORY_H

#include "app/viewer/panels/account.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_STORY weft_story_get_type()
G_DECLARE_FINAL_TYPE(WeftStory, weft_story, WEFT, STORY, GtkWidget)

/* Tells the account's story, which is that of `entity`: all of it, until weft_story_fit(). Returns
 * how much of it there is: "all 12 steps", "100 steps nearby" of a longer one; "" where there is
 * none. g_free it. */
char *weft_story_tell(WeftStory *story, WeftSession *session, uint64_t entity,
                      const struct weft_account *account);

/* Shows no more sentences than fit into `room` px, where it is so wide, around the one in force; a
 * few in any case. */
void weft_story_fit(WeftStory *story, int width, int room);

/* Times beside their sentences, or above them where text is large. */
void weft_story_set_orientation(WeftStory *story, GtkOrientation across);

G_END_DECLS

#endif
