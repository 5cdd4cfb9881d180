/* merging.c: see merging.h. */
#include "tests/trace/merging.h"
#include <glib/gstdio.h>
#include <string.h>

void merging_set_up(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    f->directory = g_dir_make_tmp("weft-merge-XXXXXX", NULL);
    f->a = g_build_filename(f->directory, "a.weft", NULL);
    f->b = g_build_filename(f->directory, "b.weft", NULL);
    f->c = g_build_filename(f->directory, "c.weft", NULL);
    f->records = g_new(struct weft_record, WEFT_TRACE_CHUNK_SLOTS);
}

void merging_tear_down(struct merging *f, gconstpointer data G_GNUC_UNUSED)
{
    g_unlink(f->a);
    g_unlink(f->b);
    g_unlink(f->c);
    g_assert_cmpint(g_rmdir(f->directory), ==, 0);
    g_free(f->directory);
    g_free(f->a);
    g_free(f->b);
    g_free(f->c);
    g_free(f->records);
}

/* ---- Traces to merge ---- */

struct weft_clock_anchor anchor_at(const struct origin *o, guint64 ns)
{
    guint64 mono = o->mono_ms * MS + ns;
    guint64 ticks = o->clock == WEFT_CLOCK_COUNTER ? mono / 2 * 3 : mono;
    return (struct weft_clock_anchor){ ticks, mono, o->real_ms ? o->real_ms * MS + ns : 0 };
}

weft_filewriter *begin_trace(const char *path, const struct origin *o)
{
    weft_filewriter *writer = weft_filewriter_new(path, NULL);
    g_assert_nonnull(writer);
    g_autofree char *program = g_strdup_printf("program %u", (guint)o->pid);
    struct weft_file_process process = { .pid = o->pid,
                                         .start_time = 1,
                                         .clock_kind = o->clock,
                                         .start = anchor_at(o, 0),
                                         .program = program,
                                         .host = "loom",
                                         .ended = TRUE };
    g_strlcpy((char *)process.boot_id, o->boot, sizeof process.boot_id);
    g_assert_true(weft_filewriter_process(writer, &process, NULL));
    for (guint64 ns = 0; ns < 1000 * MS; ns += 200 * MS) {
        struct weft_clock_anchor anchor = anchor_at(o, ns);
        weft_filewriter_anchor(writer, &anchor);
    }
    weft_filewriter_string(writer, 5, program, strlen(program));
    weft_filewriter_string(writer, 6, "same.c", 6);
    weft_filewriter_site(writer, 1, (guint32)o->pid, 6, 5);
    return writer;
}

void end_trace(weft_filewriter *writer)
{
    g_assert_true(weft_filewriter_finish(writer, NULL));
    weft_filewriter_free(writer);
}

void put_marks(weft_filewriter *writer, const struct origin *o, guint32 ring, guint64 from_ns,
               guint64 step_ns, guint n)
{
    g_autofree struct weft_record *records = g_new0(struct weft_record, n);
    for (guint i = 0; i < n; i++)
        records[i] = (struct weft_record){ .time = anchor_at(o, from_ns + i * step_ns).ticks,
                                           .kind = WEFT_RECORD_TASK_NAME,
                                           .site = 1,
                                           .subject = weft_id(WEFT_ENTITY_TASK, ring, i + 1),
                                           .object = 5 };
    g_assert_true(weft_filewriter_events(writer, ring, records, n, 0, NULL));
}

void write_trace(const char *path, const struct origin *o, guint rings, guint chunks)
{
    weft_filewriter *writer = begin_trace(path, o);
    for (guint i = 0; i < chunks; i++)
        for (guint32 ring = 0; ring < rings; ring++)
            put_marks(writer, o, ring, (i + 1) * 10 * MS + ring * MS, 1000, 40);
    end_trace(writer);
}

weft_trace *open_whole(const char *path)
{
    GError *error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    return trace;
}

struct weft_merge_result merge(struct merging *f)
{
    const char *const paths[] = { f->a, f->b };
    struct weft_merge_result result;
    GError *error = NULL;
    g_assert_true(weft_merge(paths, 2, f->c, &result, &error));
    g_assert_no_error(error);
    return result;
}

weft_trace *merge_whole(struct merging *f, guint notes)
{
    struct weft_merge_result result = merge(f);
    g_assert_cmpuint(result.notes->len, ==, notes);
    g_autoptr(weft_trace) a = open_whole(f->a), b = open_whole(f->b);
    weft_trace *c = open_whole(f->c);
    g_assert_cmpstr(weft_trace_damage(c), ==, NULL);
    g_assert_cmpuint(weft_trace_events(c), ==, weft_trace_events(a) + weft_trace_events(b));
    g_assert_cmpuint(weft_trace_lost(c), ==, weft_trace_lost(a) + weft_trace_lost(b));
    g_assert_cmpuint(result.events, ==, weft_trace_events(c));
    g_assert_cmpuint(result.lost, ==, weft_trace_lost(c));
    g_assert_cmpuint(result.bytes, ==, weft_trace_file_size(c));
    g_assert_cmpuint(result.processes, ==, weft_trace_n_sources(c));
    weft_merge_result_clear(&result);
    return c;
}

void assert_refused(const char *const *paths, guint n, const char *output, int code,
                    const char *part)
{
    struct weft_merge_result result;
    g_autoptr(GError) error = NULL;
    g_assert_false(weft_merge(paths, n, output, &result, &error));
    g_assert_error(error, WEFT_TRACE_ERROR, code);
    g_assert_nonnull(strstr(error->message, part));
    g_assert_false(g_file_test(output, G_FILE_TEST_EXISTS));
}
