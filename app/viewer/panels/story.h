/* story.h: what happened to one task around the playhead, a sentence a row: its time on the left,
 * right-aligned; the sentence in force is lit; a click on a row goes there. */
#ifndef WEFT_VIEWER_STORY_H
#define WEFT_VIEWER_STORY_H

#include "app/viewer/session.h"
#include "tracer/model/narrative.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFT_TYPE_STORY weft_story_get_type()
G_DECLARE_FINAL_TYPE(WeftStory, weft_story, WEFT, STORY, GtkWidget)

enum { WEFT_STORY_MAX = 100 };

/* Tells the story of `entity` at t. Returns how many sentences there are, up to WEFT_STORY_MAX. */
guint weft_story_tell(WeftStory *story, WeftSession *session, uint64_t entity, gint64 t_ns);

G_END_DECLS

#endif
