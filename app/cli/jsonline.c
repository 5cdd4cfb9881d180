/* jsonline.c: see jsonline.h. */
#include "app/cli/jsonline.h"
#include "app/cli/entity.h"
#include "tracer/export/export.h"

#include <string.h>

static void append_text(GString *json, const char *text)
{
    g_string_append_c(json, '"');
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (weft_export_is_unsafe(c))
            g_string_append_printf(json, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            g_string_append_printf(json, "\\%c", *p);
        else
            g_string_append_len(json, p, g_utf8_next_char(p) - p);
    }
    g_string_append_c(json, '"');
}

static void append_key(GString *json, const char *key)
{
    if (json->len > 0 && !strchr("{[\n", json->str[json->len - 1]))
        g_string_append_c(json, ',');
    if (key)
        g_string_append_printf(json, "\"%s\":", key);
}

void jsonline_open(GString *json, const char *key, char bracket)
{
    append_key(json, key);
    g_string_append_c(json, bracket);
}

void jsonline_close(GString *json, char bracket)
{
    g_string_append_c(json, bracket);
}

void jsonline_number(GString *json, const char *key, gint64 number)
{
    append_key(json, key);
    g_string_append_printf(json, "%" G_GINT64_FORMAT, number);
}

void jsonline_flag(GString *json, const char *key, gboolean flag)
{
    append_key(json, key);
    g_string_append(json, flag ? "true" : "false");
}

void jsonline_null(GString *json, const char *key)
{
    append_key(json, key);
    g_string_append(json, "null");
}

void jsonline_text(GString *json, const char *key, const char *text)
{
    if (!text) {
        jsonline_null(json, key);
        return;
    }
    append_key(json, key);
    append_text(json, text);
}

void jsonline_id(GString *json, const char *key, guint64 id)
{
    char text[48];
    entity_format(id, text);
    jsonline_text(json, key, id != 0 ? text : NULL);
}

void jsonline_site(GString *json, const char *key, const struct weft_trace_site *site)
{
    gboolean known = site && site->line != 0;
    char *place = known ? g_strdup_printf("%s:%u", site->file, site->line) : NULL;
    jsonline_text(json, key, place);
    jsonline_text(json, "function", known && site->func && *site->func ? site->func : NULL);
    g_free(place);
}
