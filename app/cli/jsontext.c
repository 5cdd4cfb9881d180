/* jsontext.c: see jsontext.h. */
#include "app/cli/jsontext.h"
#include "app/cli/entity.h"
#include "tracer/export/export.h"

#include <stdio.h>
#include <string.h>

static void append_text(GString *json, const char *text)
{
    g_string_append_c(json, '"');
    g_autofree char *valid = g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);
    for (const char *p = valid ? valid : text; *p; p = g_utf8_next_char(p)) {
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

void jsontext_open(GString *json, const char *key, char bracket)
{
    append_key(json, key);
    g_string_append_c(json, bracket);
}

void jsontext_close(GString *json, char bracket)
{
    g_string_append_c(json, bracket);
}

void jsontext_number(GString *json, const char *key, gint64 number)
{
    append_key(json, key);
    g_string_append_printf(json, "%" G_GINT64_FORMAT, number);
}

void jsontext_number_or_null(GString *json, const char *key, gint64 number, gboolean known)
{
    if (known)
        jsontext_number(json, key, number);
    else
        jsontext_null(json, key);
}

void jsontext_fraction(GString *json, const char *key, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    append_key(json, key);
    g_string_append(json, g_ascii_formatd(text, sizeof text, "%.6g", number));
}

void jsontext_flag(GString *json, const char *key, gboolean flag)
{
    append_key(json, key);
    g_string_append(json, flag ? "true" : "false");
}

void jsontext_null(GString *json, const char *key)
{
    append_key(json, key);
    g_string_append(json, "null");
}

void jsontext_text(GString *json, const char *key, const char *text)
{
    if (!text) {
        jsontext_null(json, key);
        return;
    }
    append_key(json, key);
    append_text(json, text);
}

void jsontext_id(GString *json, const char *key, guint64 id)
{
    char text[48];
    entity_format(id, text);
    jsontext_text(json, key, id != 0 ? text : NULL);
}

void jsontext_site(GString *json, const char *key, const struct weft_trace_site *site)
{
    gboolean known = site && site->line != 0;
    char *place = known ? g_strdup_printf("%s:%u", site->file, site->line) : NULL;
    jsontext_text(json, key, place);
    jsontext_text(json, "function", known && site->func && *site->func ? site->func : NULL);
    g_free(place);
}

static void print_line_start(guint depth)
{
    printf("\n%*s", (int)(2 * depth), "");
}

void jsontext_print_indented(GString *json)
{
    gboolean in_text = FALSE;
    guint depth = 0;
    for (const char *p = json->str; *p; p++) {
        gboolean closes = !in_text && (*p == '}' || *p == ']');
        if (closes) {
            depth--;
            if (p[-1] != '{' && p[-1] != '[')
                print_line_start(depth);
        }
        if (!in_text && *p == ':')
            fputs(" : ", stdout);
        else
            putchar_unlocked(*p);
        if (in_text && *p == '\\')
            putchar_unlocked(*++p);
        else if (*p == '"')
            in_text = !in_text;
        if (in_text || closes)
            continue;
        gboolean opens = *p == '{' || *p == '[';
        depth += opens;
        if (*p == ',' || (opens && p[1] != '}' && p[1] != ']'))
            print_line_start(depth);
    }
    putchar('\n');
    g_string_free(json, TRUE);
}
