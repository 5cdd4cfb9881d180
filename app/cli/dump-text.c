/* dump-text.c: an event as a line of text:
 *
 *      0.000070000s  SUSPEND         task:0:2 fetch-1      timer → timer:0:1  at fetch.c:31 (fetch)
 *      time          kind            subject               detail → object, extras, by whom, where
 */
#include "app/cli/dump.h"
#include "app/cli/entity.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"

#include <string.h>

enum { KIND_WIDTH = 17, SUBJECT_WIDTH = 24 };

static void pad_to(GString *line, gsize from, int width)
{
    int missing = width - (int)output_width(line->str + from);
    g_string_append_printf(line, "%*s", MAX(missing, 0), "");
}

static void append_escaped(GString *line, const char *text)
{
    char *safe = output_escape(text);
    g_string_append(line, safe);
    g_free(safe);
}

static void append_quotation(GString *line, const char *text)
{
    gsize start = line->len;
    append_escaped(line, text);
    for (gsize i = start; i < line->len; i++)
        if (line->str[i] == '"')
            g_string_insert_c(line, (gssize)i++, '\\');
    g_string_insert_c(line, (gssize)start, '"');
    g_string_append_c(line, '"');
}

static void append_quoted(const struct dump *dump, GString *line, guint32 string)
{
    const char *text = weft_trace_string(dump->trace, string);
    if (text)
        append_quotation(line, text);
    else
        g_string_append(line, "(text lost)");
}

static void append_entity(const struct dump *dump, GString *line, guint64 id)
{
    char text[48];
    entity_format(id, text);
    g_string_append(line, text);
    char *name = entity_given_name(dump->model, id);
    if (name) {
        g_string_append_c(line, ' ');
        append_escaped(line, name);
        g_free(name);
    }
}

static void append_moment(GString *line, gint64 ns)
{
    char *moment = quantity_format_moment(ns);
    g_string_append(line, moment);
    g_free(moment);
}

static void append_object(const struct dump *dump, GString *line, enum weft_field field,
                          guint64 object)
{
    switch (field) {
    case WEFT_FIELD_ENTITY:
        if (object != 0) {
            g_string_append(line, " → ");
            append_entity(dump, line, object);
        }
        break;
    case WEFT_FIELD_STRING:
        g_string_append_c(line, ' ');
        append_quoted(dump, line, (guint32)object);
        break;
    case WEFT_FIELD_DEADLINE:
        g_string_append(line, object == G_MAXINT64 ? " due never" : " due ");
        if (object != G_MAXINT64)
            append_moment(line, weft_trace_from_monotonic(dump->trace, object));
        break;
    case WEFT_FIELD_NS:
        g_string_append(line, object == G_MAXINT64 ? " for ever" : " for ");
        if (object != G_MAXINT64)
            append_moment(line, (gint64)object);
        break;
    case WEFT_FIELD_COUNT:
        g_string_append_printf(line, " %" G_GUINT64_FORMAT, object);
        break;
    case WEFT_FIELD_VALUE:
        g_string_append_printf(line, " %" G_GINT64_FORMAT, (gint64)object);
        break;
    case WEFT_FIELD_SITE:
    case WEFT_FIELD_NONE:
        break;
    }
}

/* `how`: "  at ". */
static void append_site(const struct dump *dump, GString *line, const char *how, guint32 id)
{
    const struct weft_trace_site *site = weft_trace_site(dump->trace, id);
    if (!site || site->line == 0)
        return;
    g_string_append(line, how);
    append_escaped(line, site->file);
    g_string_append_printf(line, ":%u", site->line);
    if (site->func && *site->func) {
        g_string_append(line, " (");
        append_escaped(line, site->func);
        g_string_append_c(line, ')');
    }
}

static void append_error(const struct dump *dump, GString *line, const struct weft_ext_error *error)
{
    const char *name = weft_trace_string(dump->trace, error->name);
    g_string_append_c(line, ' ');
    append_escaped(line, name ? name : "");
    g_string_append_printf(line, " (%d)", error->code);
    if (error->message != 0) {
        g_string_append_c(line, ' ');
        append_quoted(dump, line, error->message);
    }
    if (error->cause != 0)
        g_string_append_printf(line, ", because of %d", error->cause);
    if (error->cause_message != 0) {
        g_string_append_c(line, ' ');
        append_quoted(dump, line, error->cause_message);
    }
    append_site(dump, line, ", raised at ", error->site);
}

static void append_ext(const struct dump *dump, GString *line, enum weft_ext kind,
                       const struct weft_event_view *event)
{
    const struct weft_record *slot = &event->ext;
    if (kind == WEFT_EXT_TEXT) {
        struct weft_ext_text text;
        memcpy(&text, slot, sizeof text);
        g_string_append_c(line, ' ');
        append_quoted(dump, line, text.text);
    } else if (kind == WEFT_EXT_ERROR) {
        struct weft_ext_error error;
        memcpy(&error, slot, sizeof error);
        append_error(dump, line, &error);
    } else if (kind == WEFT_EXT_OP) {
        struct weft_ext_op op;
        memcpy(&op, slot, sizeof op);
        if (op.handle != 0 && op.handle != event->record.object) {
            g_string_append(line, " on ");
            append_entity(dump, line, op.handle);
        }
        if (op.fd >= 0)
            g_string_append_printf(line, " fd %d", op.fd);
        if (op.size != 0)
            g_string_append_printf(line, " %" G_GUINT64_FORMAT " B", op.size);
        if (op.offset != 0)
            g_string_append_printf(line, " at byte %" G_GUINT64_FORMAT, op.offset);
    } else if (kind == WEFT_EXT_OBJECT) {
        struct weft_ext_object object;
        memcpy(&object, slot, sizeof object);
        if (object.units != 0)
            g_string_append_printf(line, " holds %u", object.units);
        else
            g_string_append_printf(line, " value %" G_GINT64_FORMAT, object.value);
    }
}

/* What follows the subject. */
static void append_rest(const struct dump *dump, GString *line, const struct weft_event_view *event,
                        const struct weft_event_info *info)
{
    const struct weft_record *record = &event->record;
    const char *detail = weft_detail_name(record->kind, record->detail);
    if (!detail)
        g_string_append_printf(line, " detail %u", record->detail);
    else if (*detail)
        g_string_append_printf(line, " %s", detail);
    append_object(dump, line, info->object, record->object);
    if (record->flags & WEFT_RECORD_EXT)
        append_ext(dump, line, info->ext, event);
    if (info->site == WEFT_FIELD_COUNT)
        g_string_append_printf(line, ", %u ready", record->site);
    if (weft_id_kind(event->actor) == WEFT_ENTITY_TASK && event->actor != record->subject &&
        event->actor != record->object) {
        g_string_append(line, "  by ");
        append_entity(dump, line, event->actor);
    }
    if (info->site == WEFT_FIELD_SITE)
        append_site(dump, line, "  at ", record->site);
}

static void append_start(const struct dump *dump, GString *line, gint64 ns, const char *kind)
{
    g_string_truncate(line, 0);
    char *moment = quantity_format_moment(ns);
    g_string_append_printf(line, "%*s  %-*s  ", dump->time_width, moment, KIND_WIDTH, kind);
    g_free(moment);
}

static void cut_blanks(GString *line)
{
    while (line->len > 0 && line->str[line->len - 1] == ' ')
        g_string_truncate(line, line->len - 1);
}

void dump_text_event(struct dump *dump, const struct weft_event_view *event)
{
    GString *line = dump->line;
    const struct weft_event_info *info = weft_event_info(event->record.kind);
    append_start(dump, line, (gint64)event->record.time, info ? info->name : "UNKNOWN");
    gsize subject = line->len;
    append_entity(dump, line, event->record.subject);
    pad_to(line, subject, SUBJECT_WIDTH);
    g_string_append(line, "  ");
    gsize rest = line->len;
    if (info)
        append_rest(dump, line, event, info);
    else
        g_string_append_printf(line, "kind %u: a newer weft may know it", event->record.kind);
    g_string_erase(line, (gssize)rest, (gssize)strspn(line->str + rest, " "));
    cut_blanks(line);
}

void dump_text_loss(struct dump *dump, const struct weft_loss *loss)
{
    GString *line = dump->line;
    append_start(dump, line, loss->from_ns, "(lost)");
    char *count = quantity_format_count(loss->slots);
    g_string_append_printf(line, "%s events of ring %u, until ", count, loss->ring);
    g_free(count);
    append_moment(line, loss->to_ns);
}

void dump_text_note(struct dump *dump, const struct weft_note *note)
{
    GString *line = dump->line;
    append_start(dump, line, note->time_ns, "(note)");
    gsize subject = line->len;
    if (note->entity)
        append_entity(dump, line, note->entity);
    pad_to(line, subject, SUBJECT_WIDTH);
    g_string_append(line, "  ");
    append_quotation(line, note->text);
}

void dump_text_end(struct dump *dump, const struct weft_trace_source *source)
{
    g_autofree char *how = weft_trace_end_words(source);
    append_start(dump, dump->line, source->end_ns, "(end)");
    g_string_append_printf(dump->line, "process %" G_GUINT64_FORMAT " %s%s", (guint64)source->pid,
                           source->exit_signal ? "was " : "", how);
}
