/* jsontext.h: JSON, put together piece by piece, in one pass: a trace has millions of tasks. A
 * comma stands where one is needed; `key` is NULL in an array. It is all on one line, until it is
 * printed otherwise. What must not reach a terminal, or is not UTF-8, is escaped. */
#ifndef WEFT_CLI_JSONTEXT_H
#define WEFT_CLI_JSONTEXT_H

#include "tracer/trace/trace.h"

void jsontext_open(GString *json, const char *key, char bracket); /* '{' or '[' */
void jsontext_close(GString *json, char bracket);                 /* '}' or ']' */
void jsontext_number(GString *json, const char *key, gint64 number);
void jsontext_flag(GString *json, const char *key, gboolean flag);
void jsontext_number_or_null(GString *json, const char *key, gint64 number, gboolean known);
/* Six digits of it. */
void jsontext_fraction(GString *json, const char *key, double number);
void jsontext_null(GString *json, const char *key);
void jsontext_text(GString *json, const char *key, const char *text); /* NULL is null */
void jsontext_id(GString *json, const char *key, guint64 id);         /* "task:0:3"; 0 is null */
/* KEY and "function"; unknown: null. */
void jsontext_site(GString *json, const char *key, const struct weft_trace_site *site);

/* Prints a document on lines of its own, indented, and frees it. */
void jsontext_print_indented(GString *json);

#endif
