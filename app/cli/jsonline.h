/* jsonline.h: JSON on one line, put together piece by piece: for what may be large, or comes again
 * and again. A comma stands where one is needed; `key` is NULL in an array. */
#ifndef WEFT_CLI_JSONLINE_H
#define WEFT_CLI_JSONLINE_H

#include "tracer/trace/trace.h"

void jsonline_open(GString *json, const char *key, char bracket); /* '{' or '[' */
void jsonline_close(GString *json, char bracket);                 /* '}' or ']' */
void jsonline_number(GString *json, const char *key, gint64 number);
void jsonline_flag(GString *json, const char *key, gboolean flag);
void jsonline_null(GString *json, const char *key);
void jsonline_text(GString *json, const char *key, const char *text); /* NULL is null */
void jsonline_id(GString *json, const char *key, guint64 id);         /* "task:0:3"; 0 is null */
/* KEY and "function"; unknown: null. */
void jsonline_site(GString *json, const char *key, const struct weft_trace_site *site);

#endif
