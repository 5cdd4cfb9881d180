/* notes-panel.h: bookmarks and notes of a trace: put one at the playhead, go to one, delete one. */
#ifndef WEFT_VIEWER_NOTES_PANEL_H
#define WEFT_VIEWER_NOTES_PANEL_H

#include "app/viewer/session.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define WEFT_TYPE_NOTES_PANEL weft_notes_panel_get_type()
G_DECLARE_FINAL_TYPE(WeftNotesPanel, weft_notes_panel, WEFT, NOTES_PANEL, AdwBin)

void weft_notes_panel_set(WeftNotesPanel *panel, WeftSession *session); /* NULL: none */
/* Puts a bookmark at the playhead. What comes of it is said in a toast. */
void weft_notes_panel_bookmark(WeftNotesPanel *panel);

G_END_DECLS

#endif
