/* jsontext.c: see jsontext.h. */
#include "app/cli/jsontext.h"
#include "app/cli/entity.h"
#include "tracer/export/export.h"

#include <stdio.h>
#include <string.h>

void jsontext_add_number(JsonBuilder *json, const char *key, gint64 value)
{
    json_builder_set_member_name(json, key);
    json_builder_add_int_value(json, value);
}

void jsontext_add_flag(JsonBuilder *json, const char *key, gboolean value)
{
    json_builder_set_member_name(json, key);
    json_builder_add_boolean_value(json, value);
}

void jsontext_add_text(JsonBuilder *json, const char *key, const char *value)
{
    json_builder_set_member_name(json, key);
    if (value)
        json_builder_add_string_value(json, value);
    else
        json_builder_add_null_value(json);
}

void jsontext_add_number_or_null(JsonBuilder *json, const char *key, gint64 value, gboolean known)
{
    if (known)
        jsontext_add_number(json, key, value);
    else
        jsontext_add_text(json, key, NULL);
}

void jsontext_add_id(JsonBuilder *json, const char *key, guint64 id)
{
    char text[48];
    entity_format(id, text);
    jsontext_add_text(json, key, id != 0 ? text : NULL);
}

void jsontext_add_site(JsonBuilder *json, const weft_trace *trace, guint32 id)
{
    const struct weft_trace_site *site = weft_trace_site(trace, id);
    gboolean known = site && site->line != 0;
    g_autofree char *place = known ? g_strdup_printf("%s:%u", site->file, site->line) : NULL;
    jsontext_add_text(json, "site", place);
    jsontext_add_text(json, "function", known ? site->func : NULL);
}

void jsontext_begin_list(JsonBuilder *json, const char *key)
{
    json_builder_set_member_name(json, key);
    json_builder_begin_array(json);
}

void jsontext_begin_object(JsonBuilder *json, const char *key)
{
    json_builder_set_member_name(json, key);
    json_builder_begin_object(json);
}

/* json-glib escapes what JSON must have escaped; a terminal needs more. */
static void print_safely(const char *text)
{
    GString *safe = g_string_sized_new(strlen(text) + 1);
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (c != '\n' && weft_export_is_unsafe(c))
            g_string_append_printf(safe, "\\u%04x", c);
        else
            g_string_append_len(safe, text, g_utf8_next_char(text) - text);
    }
    puts(safe->str);
    g_string_free(safe, TRUE);
}

void jsontext_print(JsonBuilder *json)
{
    JsonNode *root = json_builder_get_root(json);
    JsonGenerator *generator = json_generator_new();
    json_generator_set_pretty(generator, TRUE);
    json_generator_set_root(generator, root);
    char *text = json_generator_to_data(generator, NULL);
    print_safely(text);
    g_free(text);
    g_object_unref(generator);
    json_node_unref(root);
    g_object_unref(json);
}
