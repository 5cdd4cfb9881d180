/* note-item.h: a bookmark or note as lists hold it: a copy. */
#ifndef WEFT_VIEWER_NOTE_ITEM_H
#define WEFT_VIEWER_NOTE_ITEM_H

#include "tracer/trace/notes.h"
#include <glib-object.h>

G_BEGIN_DECLS

#define WEFT_TYPE_NOTE_ITEM weft_note_item_get_type()
G_DECLARE_FINAL_TYPE(WeftNoteItem, weft_note_item, WEFT, NOTE_ITEM, GObject)

/* Copies it. */
WeftNoteItem *weft_note_item_new(const struct weft_note *note);
const struct weft_note *weft_note_item_get(WeftNoteItem *item); /* borrowed */

G_END_DECLS

#endif
