/* dump-json.c: an event as one JSON object on a line. The keys are stable: man weft-dump lists
 * them. */
#include "app/cli/dump.h"
#include "app/cli/jsontext.h"

#include <string.h>

/* "KEY":"task:0:2","KEY_name":"fetch-1" */
static void append_entity(const struct dump *dump, const char *key, guint64 id)
{
    jsontext_id(dump->line, key, id);
    if (id == 0)
        return;
    g_autofree char *name = weft_model_name(dump->model, id);
    g_autofree char *name_key = g_strconcat(key, "_name", NULL);
    jsontext_text(dump->line, name_key, name);
}

static void append_string(const struct dump *dump, const char *key, guint32 string)
{
    jsontext_text(dump->line, key, weft_trace_string(dump->trace, string));
}

static void append_site(const struct dump *dump, const char *key, guint32 id)
{
    const struct weft_trace_site *site = weft_trace_site(dump->trace, id);
    if (!site || site->line == 0) {
        jsontext_null(dump->line, key);
        return;
    }
    g_autofree char *place = g_strdup_printf("%s:%u", site->file, site->line);
    jsontext_text(dump->line, key, place);
    if (strcmp(key, "site") == 0 && site->func && *site->func)
        jsontext_text(dump->line, "function", site->func);
}

static void append_object(const struct dump *dump, enum weft_field field, guint64 object)
{
    if (field == WEFT_FIELD_ENTITY) {
        append_entity(dump, "object", object);
    } else if (field == WEFT_FIELD_STRING) {
        append_string(dump, "object", (guint32)object);
    } else if (field == WEFT_FIELD_NONE ||
               ((field == WEFT_FIELD_DEADLINE || field == WEFT_FIELD_NS) && object == G_MAXINT64)) {
        jsontext_null(dump->line, "object");
    } else if (field == WEFT_FIELD_DEADLINE) {
        jsontext_number(dump->line, "object", weft_trace_from_monotonic(dump->trace, object));
    } else {
        jsontext_number(dump->line, "object", (gint64)object);
    }
}

static void append_error(const struct dump *dump, const struct weft_ext_error *error)
{
    jsontext_number(dump->line, "error", error->code);
    append_string(dump, "error_name", error->name);
    if (error->message != 0)
        append_string(dump, "message", error->message);
    if (error->cause != 0)
        jsontext_number(dump->line, "cause", error->cause);
    if (error->cause_message != 0)
        append_string(dump, "cause_message", error->cause_message);
    if (error->site != 0)
        append_site(dump, "raised", error->site);
}

/* What is told where recording begins amid the run. */
static void append_told(const struct dump *dump, enum weft_ext kind, uint64_t subject,
                        const struct weft_record *slot)
{
    if (kind == WEFT_EXT_TASK) {
        struct weft_ext_task task;
        memcpy(&task, slot, sizeof task);
        if (task.parent != 0)
            append_entity(dump, "parent", task.parent);
        if (task.group != 0)
            append_entity(dump, "group", task.group);
        jsontext_number(dump->line, "cancels", task.cancels);
        if (weft_age(&task) != 0)
            jsontext_number(dump->line, "age_ns", weft_age(&task));
    } else if (kind == WEFT_EXT_OBJECT) {
        struct weft_ext_object object;
        memcpy(&object, slot, sizeof object);
        jsontext_number(dump->line, "value", object.value);
        jsontext_number(dump->line, "capacity", (gint64)object.capacity);
        if (object.units != 0)
            jsontext_number(dump->line, "units", object.units);
        if (weft_id_kind(subject) == WEFT_ENTITY_LOCK && object.deadline_mono_ns != 0)
            jsontext_number(dump->line, "held_ns", (gint64)object.deadline_mono_ns);
    }
}

static void append_ext(const struct dump *dump, enum weft_ext kind, uint64_t subject,
                       const struct weft_record *slot)
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
            jsontext_number(dump->line, "fd", op.fd);
        jsontext_number(dump->line, "size", (gint64)op.size);
        jsontext_number(dump->line, "offset", (gint64)op.offset);
    } else {
        append_told(dump, kind, subject, slot);
    }
}

static void start_line(GString *line, gint64 t_ns)
{
    g_string_assign(line, "{");
    jsontext_number(line, "t_ns", t_ns);
}

/* A number that this build has no word for stays one. */
static void append_detail(GString *line, const char *detail, guint number)
{
    if (!detail && number) {
        jsontext_number(line, "detail", number);
        return;
    }
    jsontext_text(line, "detail", detail && *detail ? detail : NULL);
}

void dump_json_event(struct dump *dump, const struct weft_event_view *event)
{
    GString *line = dump->line;
    const struct weft_record *record = &event->record;
    const struct weft_event_info *info = weft_event_info(record->kind);
    start_line(line, (gint64)record->time);
    jsontext_text(line, "kind", info ? info->name : "UNKNOWN");
    if (!info)
        jsontext_number(line, "number", record->kind);
    append_detail(line, info ? weft_detail_name(record->kind, record->detail) : NULL,
                  record->detail);
    append_entity(dump, "subject", record->subject);
    append_object(dump, info ? info->object : WEFT_FIELD_NONE, record->object);
    append_site(dump, "site", info && info->site == WEFT_FIELD_SITE ? record->site : 0);
    if (info && info->site == WEFT_FIELD_COUNT)
        jsontext_number(line, "count", record->site);
    append_entity(dump, "actor", event->actor);
    jsontext_number(line, "ring", event->ring);
    if (info && record->flags & WEFT_RECORD_EXT)
        append_ext(dump, info->ext, record->subject, &event->ext);
    g_string_append_c(line, '}');
}

static void append_nulls(GString *line)
{
    static const char *const none[] = { "detail", "subject", "object", "site" };
    for (guint i = 0; i < G_N_ELEMENTS(none); i++)
        jsontext_null(line, none[i]);
}

void dump_json_loss(struct dump *dump, const struct weft_loss *loss)
{
    GString *line = dump->line;
    start_line(line, loss->from_ns);
    jsontext_text(line, "kind", "LOST");
    append_nulls(line);
    jsontext_number(line, "lost", (gint64)loss->slots);
    jsontext_number(line, "to_ns", loss->to_ns);
    jsontext_number(line, "ring", loss->ring);
    g_string_append_c(line, '}');
}

void dump_json_note(struct dump *dump, const struct weft_note *note)
{
    GString *line = dump->line;
    start_line(line, note->time_ns);
    jsontext_text(line, "kind", "NOTE");
    jsontext_null(line, "detail");
    append_entity(dump, "subject", note->entity);
    jsontext_null(line, "object");
    jsontext_null(line, "site");
    jsontext_text(line, "text", note->text);
    g_string_append_c(line, '}');
}

void dump_json_end(struct dump *dump, const struct weft_trace_source *source)
{
    GString *line = dump->line;
    g_autofree char *how = weft_trace_end_words(source);
    start_line(line, source->end_ns);
    jsontext_text(line, "kind", "END");
    append_nulls(line);
    jsontext_number(line, "pid", (gint64)source->pid);
    jsontext_text(line, "text", how);
    g_string_append_c(line, '}');
}
