/* dump-json.c: an event as one JSON object on a line. The keys are stable: man weft-dump lists
 * them. Written by hand, not through json-glib's tree: a trace has millions of lines. */
#include "app/cli/dump.h"
#include "app/cli/entity.h"
#include "tracer/export/export.h"

#include <string.h>

static void append_text(GString *line, const char *text)
{
    if (!text) {
        g_string_append(line, "null");
        return;
    }
    g_string_append_c(line, '"');
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (weft_export_is_unsafe(c))
            g_string_append_printf(line, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            g_string_append_printf(line, "\\%c", *p);
        else
            g_string_append_len(line, p, g_utf8_next_char(p) - p);
    }
    g_string_append_c(line, '"');
}

static void append_key(GString *line, const char *key)
{
    g_string_append_printf(line, "%s\"%s\":", line->len > 1 ? "," : "", key);
}

static void append_number(GString *line, const char *key, gint64 number)
{
    append_key(line, key);
    g_string_append_printf(line, "%" G_GINT64_FORMAT, number);
}

/* "KEY":"task:0:2","KEY_name":"fetch-1" */
static void append_entity(const struct dump *dump, const char *key, guint64 id)
{
    append_key(dump->line, key);
    if (id == 0) {
        g_string_append(dump->line, "null");
        return;
    }
    char text[48];
    entity_format(id, text);
    append_text(dump->line, text);
    char *name = weft_model_name(dump->model, id);
    char *name_key = g_strconcat(key, "_name", NULL);
    append_key(dump->line, name_key);
    append_text(dump->line, name);
    g_free(name_key);
    g_free(name);
}

static void append_string(const struct dump *dump, const char *key, guint32 string)
{
    append_key(dump->line, key);
    append_text(dump->line, weft_trace_string(dump->trace, string));
}

static void append_site(const struct dump *dump, const char *key, guint32 id)
{
    const struct weft_trace_site *site = weft_trace_site(dump->trace, id);
    append_key(dump->line, key);
    if (!site || site->line == 0) {
        g_string_append(dump->line, "null");
        return;
    }
    char *place = g_strdup_printf("%s:%u", site->file, site->line);
    append_text(dump->line, place);
    g_free(place);
    if (strcmp(key, "site") == 0 && site->func && *site->func) {
        append_key(dump->line, "function");
        append_text(dump->line, site->func);
    }
}

static void append_object(const struct dump *dump, enum weft_field field, guint64 object)
{
    if (field == WEFT_FIELD_ENTITY) {
        append_entity(dump, "object", object);
    } else if (field == WEFT_FIELD_STRING) {
        append_string(dump, "object", (guint32)object);
    } else if (field == WEFT_FIELD_NONE ||
               ((field == WEFT_FIELD_DEADLINE || field == WEFT_FIELD_NS) && object == G_MAXINT64)) {
        append_key(dump->line, "object");
        g_string_append(dump->line, "null");
    } else if (field == WEFT_FIELD_DEADLINE) {
        append_number(dump->line, "object", weft_trace_from_monotonic(dump->trace, object));
    } else {
        append_number(dump->line, "object", (gint64)object);
    }
}

static void append_error(const struct dump *dump, const struct weft_ext_error *error)
{
    append_number(dump->line, "error", error->code);
    append_string(dump, "error_name", error->name);
    if (error->message != 0)
        append_string(dump, "message", error->message);
    if (error->cause != 0)
        append_number(dump->line, "cause", error->cause);
    if (error->cause_message != 0)
        append_string(dump, "cause_message", error->cause_message);
    if (error->site != 0)
        append_site(dump, "raised", error->site);
}

static void append_ext(const struct dump *dump, enum weft_ext kind, const struct weft_record *slot)
{
    if (kind == WEFT_EXT_TEXT) {
        struct weft_ext_text text;
        memcpy(&text, slot, sizeof text);
        append_string(dump, "message", text.text);
    } else if (kind == WEFT_EXT_ERROR) {
        struct weft_ext_error error;
        memcpy(&error, slot, sizeof error);
        append_error(dump, &error);
    } else if (kind == WEFT_EXT_OP) {
        struct weft_ext_op op;
        memcpy(&op, slot, sizeof op);
        if (op.handle != 0)
            append_entity(dump, "handle", op.handle);
        if (op.fd >= 0)
            append_number(dump->line, "fd", op.fd);
        append_number(dump->line, "size", (gint64)op.size);
        append_number(dump->line, "offset", (gint64)op.offset);
    }
}

static void start_line(GString *line, gint64 t_ns)
{
    g_string_assign(line, "{");
    append_number(line, "t_ns", t_ns);
}

/* A number that this build has no word for stays one. */
static void append_detail(GString *line, const char *detail, guint number)
{
    if (!detail && number) {
        append_number(line, "detail", number);
        return;
    }
    append_key(line, "detail");
    append_text(line, detail && *detail ? detail : NULL);
}

void dump_json_event(struct dump *dump, const struct weft_event_view *event)
{
    GString *line = dump->line;
    const struct weft_record *record = &event->record;
    const struct weft_event_info *info = weft_event_info(record->kind);
    start_line(line, (gint64)record->time);
    append_key(line, "kind");
    append_text(line, info ? info->name : "UNKNOWN");
    if (!info)
        append_number(line, "number", record->kind);
    append_detail(line, info ? weft_detail_name(record->kind, record->detail) : NULL,
                  record->detail);
    append_entity(dump, "subject", record->subject);
    append_object(dump, info ? info->object : WEFT_FIELD_NONE, record->object);
    append_site(dump, "site", info && info->site == WEFT_FIELD_SITE ? record->site : 0);
    if (info && info->site == WEFT_FIELD_COUNT)
        append_number(line, "count", record->site);
    append_entity(dump, "actor", event->actor);
    append_number(line, "ring", event->ring);
    if (info && record->flags & WEFT_RECORD_EXT)
        append_ext(dump, info->ext, &event->ext);
    g_string_append_c(line, '}');
}

void dump_json_loss(struct dump *dump, const struct weft_loss *loss)
{
    GString *line = dump->line;
    start_line(line, loss->from_ns);
    append_key(line, "kind");
    append_text(line, "LOST");
    g_string_append(line, ",\"detail\":null,\"subject\":null,\"object\":null,\"site\":null");
    append_number(line, "lost", (gint64)loss->slots);
    append_number(line, "to_ns", loss->to_ns);
    append_number(line, "ring", loss->ring);
    g_string_append_c(line, '}');
}

void dump_json_note(struct dump *dump, const struct weft_note *note)
{
    GString *line = dump->line;
    start_line(line, note->time_ns);
    append_key(line, "kind");
    append_text(line, "NOTE");
    g_string_append(line, ",\"detail\":null");
    append_entity(dump, "subject", note->entity);
    g_string_append(line, ",\"object\":null,\"site\":null");
    append_key(line, "text");
    append_text(line, note->text);
    g_string_append_c(line, '}');
}
