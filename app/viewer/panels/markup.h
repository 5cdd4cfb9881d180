/* markup.h: sentences of the narrative as Pango markup for GtkLabel: every entity is a link. */
#ifndef WEFT_VIEWER_MARKUP_H
#define WEFT_VIEWER_MARKUP_H

#include "app/viewer/session.h"
#include "tracer/model/narrative.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What stands between '`' or '*' in plain text, as code or emphasised; g_free it. */
char *weft_markup_marked(const char *text);

/* Where lines do not break within "160 ns" and "lesson.c:47"; what is between < and > stays. g_free
 * it. */
char *weft_markup_unbroken(const char *markup);

/* Its runs, escaped, in one line whatever a name has; bold ones bold, entities other than `self`
 * links to them at the sentence's time. g_free it. */
char *weft_markup_sentence(const struct weft_sentence *sentence, uint64_t self);

/* A link to an entity at a moment; text is escaped. g_free it. */
char *weft_markup_link(const char *text, uint64_t entity, gint64 t_ns);

/* What a link leads to; FALSE when the address is not one of the above. */
gboolean weft_markup_parse(const char *address, uint64_t *entity, gint64 *t_ns);
/* Goes where it leads to. A future, an operation are nowhere: that is said in the widget's window.
 */
void weft_markup_follow(GtkWidget *widget, WeftSession *session, const char *address);

G_END_DECLS

#endif
