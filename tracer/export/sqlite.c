/* sqlite.c: a trace as an SQLite database: made under another name beside the asked one, in one
 * transaction, indexes last.
 *
 *      loop, task -> process      segment (of a lane), event, finding -> entity: who; site: where
 *      task -> site               entity, site: what the others refer to
 *
 * An id is the trace's own 64-bit number. */
#include "tracer/export/export.h"
#include "tracer/export/rows.h"
#include "tracer/model/findings.h"
#include "tracer/trace/freshfile.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

static const char schema[] =
    "PRAGMA application_id = 2003134068;" /* "weft" */
    "PRAGMA user_version = 1;"
    "CREATE TABLE process (id INTEGER PRIMARY KEY, pid INTEGER, program TEXT, host TEXT,"
    " start_realtime_ns INTEGER, start_ns INTEGER, ended INTEGER, exit_code INTEGER,"
    " exit_signal INTEGER);"
    "CREATE TABLE entity (id INTEGER PRIMARY KEY, label TEXT NOT NULL, kind TEXT, name TEXT);"
    "CREATE TABLE loop (id INTEGER PRIMARY KEY, process INTEGER REFERENCES process, ring INTEGER,"
    " running_ns INTEGER, callback_ns INTEGER, loop_ns INTEGER, poll_ns INTEGER,"
    " unknown_ns INTEGER);"
    "CREATE TABLE task (id INTEGER PRIMARY KEY, name TEXT, parent INTEGER REFERENCES task,"
    " process INTEGER REFERENCES process, site INTEGER REFERENCES site, created_ns INTEGER,"
    " end_ns INTEGER, outcome TEXT, running_ns INTEGER, ready_ns INTEGER, waiting_ns INTEGER,"
    " waiting_timer_ns INTEGER, waiting_io_ns INTEGER, waiting_sync_ns INTEGER,"
    " waiting_task_ns INTEGER, waiting_thread_ns INTEGER, cancelling_ns INTEGER,"
    " unknown_ns INTEGER, resumes INTEGER, longest_slice_ns INTEGER);"
    "CREATE TABLE segment (lane INTEGER REFERENCES entity, from_ns INTEGER, to_ns INTEGER,"
    " state TEXT, detail TEXT, other INTEGER REFERENCES entity, site INTEGER REFERENCES site);"
    "CREATE TABLE event (t_ns INTEGER, ring INTEGER, kind TEXT, detail TEXT,"
    " subject INTEGER REFERENCES entity, object INTEGER, text TEXT,"
    " actor INTEGER REFERENCES entity, site INTEGER REFERENCES site);"
    "CREATE TABLE loss (ring INTEGER, slots INTEGER, from_ns INTEGER, to_ns INTEGER);"
    "CREATE TABLE finding (id INTEGER PRIMARY KEY, rule TEXT, severity TEXT, proved INTEGER,"
    " lasts INTEGER, message TEXT, fix TEXT, subject INTEGER REFERENCES entity, count INTEGER,"
    " site INTEGER REFERENCES site, from_ns INTEGER, to_ns INTEGER);"
    "CREATE TABLE site (id INTEGER PRIMARY KEY, file TEXT, function TEXT, line INTEGER);"
    "CREATE VIEW wake AS SELECT t_ns, object AS waker, subject AS task, detail AS cause FROM event"
    " WHERE kind = 'WAKE';";

static const char indexes[] = "CREATE INDEX task_name ON task (name);"
                              "CREATE INDEX task_site ON task (site);"
                              "CREATE INDEX task_parent ON task (parent);"
                              "CREATE INDEX entity_name ON entity (name);"
                              "CREATE INDEX segment_lane ON segment (lane, from_ns);"
                              "CREATE INDEX event_time ON event (t_ns);"
                              "CREATE INDEX event_subject ON event (subject, t_ns);"
                              "CREATE INDEX event_kind ON event (kind, t_ns);";

enum insert { PROCESS, ENTITY, LOOP, TASK, SEGMENT, EVENT, LOSS, FINDING, SITE, INSERTS };
static const struct {
    const char *table;
    guint columns;
} inserts[INSERTS] = {
    [PROCESS] = { "process", 9 }, [ENTITY] = { "entity", 4 },    [LOOP] = { "loop", 8 },
    [TASK] = { "task", 20 },      [SEGMENT] = { "segment", 7 },  [EVENT] = { "event", 9 },
    [LOSS] = { "loss", 4 },       [FINDING] = { "finding", 12 }, [SITE] = { "site", 4 },
};

struct database {
    weft_model *model;
    weft_trace *trace;
    gint64 from_ns, to_ns;
    gboolean *recorded; /* by source: weft_model_recorded() */
    sqlite3 *sqlite;
    sqlite3_stmt *statements[INSERTS];
    sqlite3_stmt *row;            /* the one being filled */
    int column, result;           /* SQLITE_OK, until something went wrong */
    GHashTable *entities, *sites; /* ids that rows refer to */
};

/* Ids of several kinds and rings count alike: all bits matter. */
static guint hash_id(gconstpointer id)
{
    return (guint)((guintptr)id * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15) >> 32);
}
_Static_assert(sizeof(gpointer) >= sizeof(guint64), "an id fits a pointer");

/* ---- Rows ---- */

static void begin_row(struct database *d, enum insert insert)
{
    d->row = d->statements[insert];
    d->column = 0;
}

static void put_number(struct database *d, gint64 number)
{
    sqlite3_bind_int64(d->row, ++d->column, number);
}

static void put_null(struct database *d)
{
    sqlite3_bind_null(d->row, ++d->column);
}

static void put_number_or_null(struct database *d, gint64 number, gboolean known)
{
    if (known)
        put_number(d, number);
    else
        put_null(d);
}

/* NULL is NULL. The text must stay until the row ends. */
static void put_text(struct database *d, const char *text)
{
    sqlite3_bind_text(d->row, ++d->column, text, -1, SQLITE_STATIC);
}

static void put_entity(struct database *d, guint64 id)
{
    put_number_or_null(d, (gint64)id, id != 0);
    if (id != 0)
        g_hash_table_add(d->entities, (gpointer)(guintptr)id);
}

static void put_site(struct database *d, guint32 id)
{
    put_number_or_null(d, id, id != 0);
    if (id != 0)
        g_hash_table_add(d->sites, GUINT_TO_POINTER(id));
}

/* FALSE: there is no use in going on. */
static gboolean end_row(struct database *d)
{
    int result = sqlite3_step(d->row);
    sqlite3_reset(d->row);
    if (result != SQLITE_DONE && d->result == SQLITE_OK)
        d->result = result;
    return d->result == SQLITE_OK;
}

/* ---- Tables ---- */

static void add_processes(struct database *d)
{
    for (guint i = 0; i < weft_trace_n_sources(d->trace); i++) {
        const struct weft_trace_source *source = weft_trace_source_at(d->trace, i);
        begin_row(d, PROCESS);
        put_number(d, i);
        put_number(d, (gint64)source->pid);
        put_text(d, source->program);
        put_text(d, source->host);
        put_number_or_null(d, source->start_realtime_ns + source->start_ns,
                           source->start_realtime_ns != 0);
        put_number(d, source->start_ns);
        put_number(d, source->ended);
        put_number_or_null(d, source->exit_code,
                           source->ended && source->exit_signal == 0 &&
                               source->exit_code != WEFT_EXIT_UNKNOWN);
        put_number_or_null(d, source->exit_signal, source->ended && source->exit_signal != 0);
        end_row(d);
    }
}

static void add_loop(struct database *d, guint index, const struct weft_lane *lane)
{
    struct weft_totals totals;
    weft_model_totals(d->model, index, &totals);
    begin_row(d, LOOP);
    put_entity(d, lane->id);
    put_number(d, weft_trace_source_of(d->trace, lane->ring));
    put_number(d, lane->ring);
    put_number(d, totals.running_ns);
    put_number(d, totals.callback_ns);
    put_number(d, totals.loop_ns);
    put_number(d, totals.poll_ns);
    put_number(d, totals.unknown_ns);
    end_row(d);
}

static void add_task(struct database *d, guint index, const struct weft_lane *lane)
{
    struct weft_totals totals;
    weft_model_totals(d->model, index, &totals);
    g_autofree char *name = weft_model_name(d->model, lane->id);
    guint source = weft_trace_source_of(d->trace, lane->ring);
    begin_row(d, TASK);
    put_entity(d, lane->id);
    put_text(d, name);
    put_entity(d, lane->parent == G_MAXUINT32 ? 0 : weft_model_lane(d->model, lane->parent)->id);
    put_number(d, source);
    put_site(d, lane->site);
    if (lane->flags & WEFT_LANE_BORN)
        put_number(d, lane->first_ns);
    else
        put_null(d);
    put_number(d, lane->last_ns);
    put_text(d, rows_outcome(lane));
    put_number(d, totals.running_ns);
    put_number(d, totals.ready_ns);
    put_number(d, rows_waiting_ns(&totals));
    for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
        put_number(d, totals.waiting_ns[class]);
    put_number(d, totals.cancelling_ns);
    put_number(d, totals.unknown_ns);
    put_number_or_null(d, lane->resumes, d->recorded[source]);
    put_number(d, totals.longest_slice_ns);
    end_row(d);
}

static void add_lanes(struct database *d)
{
    guint n = weft_model_n_lanes(d->model);
    for (guint i = 0; i < n && d->result == SQLITE_OK; i++) {
        const struct weft_lane *lane = weft_model_lane(d->model, i);
        if (lane->kind == WEFT_LANE_LOOP)
            add_loop(d, i, lane);
        else if (lane->kind == WEFT_LANE_TASK && lane->last_ns >= d->from_ns &&
                 lane->first_ns <= d->to_ns)
            add_task(d, i, lane);
    }
}

static gboolean add_segment(guint index, const struct weft_segment_view *segment, gpointer data)
{
    struct database *d = data;
    const struct weft_lane *lane = weft_model_lane(d->model, index);
    if (!lane || !rows_has_lane(lane))
        return TRUE;
    const char *detail = rows_detail(segment);
    begin_row(d, SEGMENT);
    put_entity(d, lane->id);
    put_number(d, segment->from_ns);
    put_number(d, segment->to_ns);
    put_text(d, rows_state(segment));
    put_text(d, *detail ? detail : NULL);
    put_entity(d, segment->other);
    put_site(d, segment->site);
    return end_row(d);
}

static gboolean add_event(const struct weft_event_view *event, gpointer data)
{
    struct database *d = data;
    struct row_event row = rows_event(d->trace, event);
    begin_row(d, EVENT);
    put_number(d, (gint64)event->record.time);
    put_number(d, event->ring);
    put_text(d, row.kind);
    put_text(d, *row.detail ? row.detail : NULL);
    put_entity(d, event->record.subject);
    if (row.object_is == WEFT_FIELD_ENTITY)
        put_entity(d, event->record.object);
    else
        put_number_or_null(d, row.object,
                           row.object_is != WEFT_FIELD_STRING && row.object_is != WEFT_FIELD_NONE);
    put_text(d, row.text);
    put_entity(d, event->actor);
    put_site(d, row.site);
    return end_row(d);
}

static void add_losses(struct database *d)
{
    guint n;
    const struct weft_loss *losses = weft_model_losses(d->model, &n);
    for (guint i = 0; i < n; i++) {
        if (losses[i].to_ns < d->from_ns || losses[i].from_ns > d->to_ns)
            continue;
        begin_row(d, LOSS);
        put_number(d, losses[i].ring);
        put_number(d, (gint64)losses[i].slots);
        put_number(d, losses[i].from_ns);
        put_number(d, losses[i].to_ns);
        end_row(d);
    }
}

static void add_finding(struct database *d, guint index, const struct weft_finding *finding)
{
    begin_row(d, FINDING);
    put_number(d, index);
    put_text(d, finding->rule->id);
    put_text(d, weft_severity_name(finding->severity));
    put_number(d, finding->proved);
    put_number(d, finding->lasts);
    put_text(d, finding->message);
    put_text(d, finding->fix);
    put_entity(d, finding->subject);
    put_number(d, finding->count);
    put_site(d, finding->site);
    put_number(d, finding->from_ns);
    put_number(d, finding->to_ns);
    end_row(d);
}

/* By the default thresholds, as weft check has them. */
static void add_findings(struct database *d)
{
    g_autoptr(weft_findings) findings = weft_findings_new(d->model, NULL);
    while (weft_findings_advance(findings, 0))
        ;
    weft_findings_now(findings, weft_model_end_ns(d->model), !weft_trace_growing(d->trace));
    for (guint i = 0; i < weft_findings_n(findings); i++) {
        const struct weft_finding *finding = weft_findings_get(findings, i);
        if (finding->to_ns >= d->from_ns && finding->from_ns <= d->to_ns)
            add_finding(d, i, finding);
    }
}

/* What the rows refer to. */
static void add_entities(struct database *d)
{
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, d->entities);
    while (g_hash_table_iter_next(&iter, &key, NULL) && d->result == SQLITE_OK) {
        guint64 id = (guintptr)key;
        char label[48];
        weft_format_id(id, label);
        g_autofree char *name = weft_model_name(d->model, id);
        begin_row(d, ENTITY);
        put_number(d, (gint64)id);
        put_text(d, label);
        put_text(d, weft_entity_name(weft_id_kind(id)));
        put_text(d, name);
        end_row(d);
    }
}

static void add_sites(struct database *d)
{
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, d->sites);
    while (g_hash_table_iter_next(&iter, &key, NULL) && d->result == SQLITE_OK) {
        const struct weft_trace_site *site = weft_trace_site(d->trace, GPOINTER_TO_UINT(key));
        begin_row(d, SITE);
        put_number(d, GPOINTER_TO_UINT(key));
        put_text(d, site ? site->file : NULL);
        put_text(d, site ? site->func : NULL);
        put_number_or_null(d, site ? site->line : 0, site && site->line != 0);
        end_row(d);
    }
}

/* ---- The file ---- */

static void execute(struct database *d, const char *sql)
{
    if (d->result == SQLITE_OK)
        d->result = sqlite3_exec(d->sqlite, sql, NULL, NULL, NULL);
}

static void prepare(struct database *d)
{
    for (guint i = 0; i < INSERTS && d->result == SQLITE_OK; i++) {
        g_autoptr(GString) sql = g_string_new(NULL);
        g_string_printf(sql, "INSERT INTO %s VALUES (?", inserts[i].table);
        for (guint column = 1; column < inserts[i].columns; column++)
            g_string_append(sql, ",?");
        g_string_append_c(sql, ')');
        d->result = sqlite3_prepare_v2(d->sqlite, sql->str, -1, &d->statements[i], NULL);
    }
}

/* The file has no name yet: nobody sees it half done, so that a journal has no use. */
static void fill(struct database *d, const char *path)
{
    d->result = sqlite3_open_v2(path, &d->sqlite, SQLITE_OPEN_READWRITE, NULL);
    execute(d,
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
            "PRAGMA cache_size = -65536;");
    execute(d, schema);
    execute(d, "BEGIN");
    prepare(d);
    if (d->result == SQLITE_OK) {
        add_processes(d);
        add_lanes(d);
        weft_model_visit_segments(d->model, d->from_ns, d->to_ns, add_segment, d);
        if (d->result == SQLITE_OK)
            weft_model_visit(d->model, d->from_ns, d->to_ns, add_event, d);
        add_losses(d);
        add_findings(d);
        add_entities(d);
        add_sites(d);
    }
    execute(d, indexes);
    execute(d, "COMMIT");
}

static void close_database(struct database *d)
{
    for (guint i = 0; i < INSERTS; i++)
        sqlite3_finalize(d->statements[i]);
    if (sqlite3_close(d->sqlite) != SQLITE_OK && d->result == SQLITE_OK)
        d->result = SQLITE_IOERR;
    g_hash_table_unref(d->entities);
    g_hash_table_unref(d->sites);
    g_free(d->recorded);
}

/* errno of what SQLite could not do. */
static int system_error(struct database *d)
{
    int error = d->sqlite ? sqlite3_system_errno(d->sqlite) : 0;
    if (d->result == SQLITE_OK)
        return 0;
    return d->result == SQLITE_FULL ? ENOSPC : error ? error : EIO;
}

gboolean weft_export_sqlite(weft_model *model, gint64 from_ns, gint64 to_ns, const char *path,
                            GError **error)
{
    struct weft_freshfile file;
    struct database d = {
        .model = model,
        .trace = weft_model_trace(model),
        .from_ns = from_ns,
        .to_ns = to_ns,
        .recorded = weft_model_recorded(model),
        .entities = g_hash_table_new(hash_id, NULL),
        .sites = g_hash_table_new(NULL, NULL),
    };
    int fd = weft_freshfile_open(&file, path);
    int code = fd < 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    if (code == 0 && !file.temporary)
        code = ESPIPE; /* a device, a pipe */
    if (code == 0) {
        fill(&d, file.temporary);
        code = system_error(&d);
    }
    close_database(&d);
    if (code == 0 && (d.result != SQLITE_OK || weft_freshfile_commit(&file) < 0))
        code = d.result != SQLITE_OK ? EIO : errno;
    weft_freshfile_clear(&file);
    if (code)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(code), "cannot write '%s': %s",
                    path, g_strerror(code));
    return code == 0;
}
