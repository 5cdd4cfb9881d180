/* jsontext.h: members of a JSON object, one call each; and a whole document on stdout. */
#ifndef WEFT_CLI_JSONTEXT_H
#define WEFT_CLI_JSONTEXT_H

#include "tracer/trace/trace.h"
#include <json-glib/json-glib.h>

void jsontext_add_number(JsonBuilder *json, const char *key, gint64 value);
void jsontext_add_flag(JsonBuilder *json, const char *key, gboolean value);
/* NULL becomes null. */
void jsontext_add_text(JsonBuilder *json, const char *key, const char *value);
void jsontext_add_number_or_null(JsonBuilder *json, const char *key, gint64 value, gboolean known);
/* "task:0:17"; null for 0. */
void jsontext_add_id(JsonBuilder *json, const char *key, guint64 id);
/* "site": FILE:LINE, "function"; null when not known. */
void jsontext_add_site(JsonBuilder *json, const weft_trace *trace, guint32 id);
void jsontext_begin_list(JsonBuilder *json, const char *key);
void jsontext_begin_object(JsonBuilder *json, const char *key);

/* Prints what was built, indented; what must not reach a terminal is escaped. Frees the builder. */
void jsontext_print(JsonBuilder *json);

#endif
