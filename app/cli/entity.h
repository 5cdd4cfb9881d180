/* entity.h: entity ids as text, "task:0:17", and back; what a task is called, and what a place in
 * the source. */
#ifndef WEFT_CLI_ENTITY_H
#define WEFT_CLI_ENTITY_H

#include "app/cli/verb.h"
#include "tracer/model/model.h"

/* "kind:ring:counter"; a kind that this build does not know is its number. */
void entity_format(guint64 id, char text[48]);

/* FALSE: not such an id. */
gboolean entity_parse(const char *text, guint64 *id);

/* The name that the program gave it, g_free it; NULL when it has only a default one. */
char *entity_given_name(const weft_model *model, guint64 id);

/* The ids (guint64, sorted) that `text` stands for: an id, or the name of one or more tasks. Empty:
 * none. *nearest is a name that may have been meant, NULL when there is none; g_free it. */
GArray *entity_find(const weft_model *model, const char *text, char **nearest);
gboolean entity_is_in(GArray *ids, guint64 id);

/* The same for what --task asks for: NULL, and said, when the trace has no such task. */
GArray *entity_wanted(const struct verb *verb, const weft_model *model, const char *text);

/* FILE:LINE (FUNCTION), or "unknown". g_free it. */
char *entity_place(const weft_trace *trace, guint32 site);

#endif
