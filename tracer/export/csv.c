/* csv.c: a trace's tasks, segments or events as CSV, a row each, written as they come. */
#include "tracer/export/export.h"
#include "tracer/export/rows.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 1 << 16 };

struct csv {
    weft_model *model;
    weft_trace *trace;
    gint64 from_ns, to_ns;
    gboolean *recorded; /* by source: weft_model_recorded() */
    GString *buffer;
    gboolean begun; /* the row has a cell */
    int fd, error;  /* error: errno, once writing has failed */
};

/* ---- Cells and rows ---- */

static gboolean flush(struct csv *csv)
{
    const char *bytes = csv->buffer->str;
    gsize left = csv->buffer->len;
    while (left > 0 && !csv->error) {
        ssize_t n = write(csv->fd, bytes, left);
        if (n > 0) {
            bytes += n;
            left -= (gsize)n;
        } else if (n == 0 || errno != EINTR) {
            csv->error = n == 0 ? ENOSPC : errno;
        }
    }
    g_string_truncate(csv->buffer, 0);
    return !csv->error;
}

static void begin_cell(struct csv *csv)
{
    if (csv->begun)
        g_string_append_c(csv->buffer, ',');
    csv->begun = TRUE;
}

/* NULL is an empty cell. */
static void put_text(struct csv *csv, const char *text)
{
    begin_cell(csv);
    if (!text)
        return;
    gboolean quoted = strpbrk(text, ",\"") != NULL;
    if (quoted)
        g_string_append_c(csv->buffer, '"');
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (c == '"')
            g_string_append_c(csv->buffer, '"');
        g_string_append_unichar(csv->buffer, weft_export_is_unsafe(c) ? 0xfffd : c);
    }
    if (quoted)
        g_string_append_c(csv->buffer, '"');
}

static void put_number(struct csv *csv, gint64 number)
{
    begin_cell(csv);
    g_string_append_printf(csv->buffer, "%" G_GINT64_FORMAT, number);
}

/* Two cells: the id and what it is called; empty ones for nobody. */
static void put_entity(struct csv *csv, guint64 id)
{
    char text[48];
    g_autofree char *name = id ? weft_model_name(csv->model, id) : NULL;
    weft_format_id(id, text);
    put_text(csv, id ? text : NULL);
    put_text(csv, name);
}

/* Two cells: FILE:LINE and the function. */
static void put_site(struct csv *csv, guint32 id)
{
    const struct weft_trace_site *site = id ? weft_trace_site(csv->trace, id) : NULL;
    gboolean known = site && site->line != 0;
    g_autofree char *place = known ? g_strdup_printf("%s:%u", site->file, site->line) : NULL;
    put_text(csv, place);
    put_text(csv, known ? site->func : NULL);
}

static gboolean end_row(struct csv *csv)
{
    g_string_append(csv->buffer, "\r\n");
    csv->begun = FALSE;
    return csv->buffer->len < BUFFER || flush(csv);
}

static void put_titles(struct csv *csv, const char *titles)
{
    g_string_append(csv->buffer, titles);
    end_row(csv);
}

/* ---- Tables ---- */

static void put_task(struct csv *csv, guint index, const struct weft_lane *lane)
{
    struct weft_totals totals;
    weft_model_totals(csv->model, index, &totals);
    put_entity(csv, lane->id);
    put_entity(csv,
               lane->parent == G_MAXUINT32 ? 0 : weft_model_lane(csv->model, lane->parent)->id);
    put_site(csv, lane->site);
    if (lane->flags & WEFT_LANE_BORN)
        put_number(csv, lane->first_ns);
    else
        put_text(csv, NULL);
    put_number(csv, lane->last_ns);
    put_text(csv, rows_outcome(lane));
    put_number(csv, totals.running_ns);
    put_number(csv, totals.ready_ns);
    put_number(csv, rows_waiting_ns(&totals));
    for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
        put_number(csv, totals.waiting_ns[class]);
    put_number(csv, totals.cancelling_ns);
    put_number(csv, totals.unknown_ns);
    if (csv->recorded[weft_trace_source_of(csv->trace, lane->ring)])
        put_number(csv, lane->resumes);
    else
        put_text(csv, NULL);
    put_number(csv, totals.longest_slice_ns);
}

static void put_tasks(struct csv *csv)
{
    put_titles(csv, "task,name,parent,parent_name,site,function,created_ns,end_ns,outcome,"
                    "running_ns,ready_ns,waiting_ns,waiting_timer_ns,waiting_io_ns,"
                    "waiting_sync_ns,waiting_task_ns,waiting_thread_ns,cancelling_ns,unknown_ns,"
                    "resumes,longest_slice_ns");
    gboolean more = TRUE;
    for (guint i = 0; more && i < weft_model_n_lanes(csv->model); i++) {
        const struct weft_lane *lane = weft_model_lane(csv->model, i);
        if (lane->kind != WEFT_LANE_TASK || lane->last_ns < csv->from_ns ||
            lane->first_ns > csv->to_ns)
            continue;
        put_task(csv, i, lane);
        more = end_row(csv);
    }
}

static gboolean put_segment(guint index, const struct weft_segment_view *segment, gpointer data)
{
    struct csv *csv = data;
    const struct weft_lane *lane = weft_model_lane(csv->model, index);
    if (!lane || !rows_has_lane(lane))
        return TRUE;
    put_entity(csv, lane->id);
    put_number(csv, segment->from_ns);
    put_number(csv, segment->to_ns);
    put_text(csv, rows_state(segment));
    put_text(csv, rows_detail(segment));
    put_entity(csv, segment->other);
    put_site(csv, segment->site);
    return end_row(csv);
}

static gboolean put_event(const struct weft_event_view *event, gpointer data)
{
    struct csv *csv = data;
    struct row_event row = rows_event(csv->trace, event);
    put_number(csv, (gint64)event->record.time);
    put_number(csv, event->ring);
    put_text(csv, row.kind);
    put_text(csv, row.detail);
    put_entity(csv, event->record.subject);
    put_entity(csv, row.object_is == WEFT_FIELD_ENTITY ? event->record.object : 0);
    if (row.object_is == WEFT_FIELD_ENTITY || row.object_is == WEFT_FIELD_STRING ||
        row.object_is == WEFT_FIELD_NONE)
        put_text(csv, NULL);
    else
        put_number(csv, row.object);
    put_text(csv, row.text);
    put_entity(csv, event->actor);
    put_site(csv, row.site);
    return end_row(csv);
}

gboolean weft_export_csv(weft_model *model, enum weft_export_table table, gint64 from_ns,
                         gint64 to_ns, int fd)
{
    struct csv csv = { .model = model,
                       .trace = weft_model_trace(model),
                       .from_ns = from_ns,
                       .to_ns = to_ns,
                       .recorded = weft_model_recorded(model),
                       .buffer = g_string_sized_new(BUFFER * 2),
                       .fd = fd };
    switch (table) {
    case WEFT_EXPORT_TASKS:
        put_tasks(&csv);
        break;
    case WEFT_EXPORT_SEGMENTS:
        put_titles(&csv, "lane,name,from_ns,to_ns,state,detail,other,other_name,site,function");
        weft_model_visit_segments(model, from_ns, to_ns, put_segment, &csv);
        break;
    case WEFT_EXPORT_EVENTS:
        put_titles(&csv, "t_ns,ring,kind,detail,subject,subject_name,object,object_name,number,"
                         "text,actor,actor_name,site,function");
        weft_model_visit(model, from_ns, to_ns, put_event, &csv);
        break;
    }
    flush(&csv);
    g_string_free(csv.buffer, TRUE);
    g_free(csv.recorded);
    errno = csv.error;
    return csv.error == 0;
}
