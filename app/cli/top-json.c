/* top-json.c: `weft top --json`: a JSON object a sample, each on a line: what the screen shows, for
 * other programs. Its keys are stable: man weft-top lists them. */
#include "app/cli/jsontext.h"
#include "app/cli/output.h"
#include "app/cli/tasklist.h"
#include "app/cli/topsample.h"
#include "app/cli/verb.h"

#include <stdio.h>

enum { POLL_US = 100 * 1000 };

static void add_task(GString *json, const struct weft_moment *m, const struct top_row *row)
{
    const struct weft_task_at *task = weft_state_task(m->state, row->id);
    tasklist_open_json(json, m, task);
    jsontext_fraction(json, "running", row->running);
    jsontext_fraction(json, "ready", row->ready);
    jsontext_fraction(json, "waiting", row->waiting);
    jsontext_fraction(json, "resumes_per_s", row->resumes);
    jsontext_close(json, '}');
}

static void print_sample(const top *t, const struct top_sample *s)
{
    const weft_live *live = top_live(t);
    const weft_trace *trace = weft_model_trace(top_model(t));
    const struct weft_trace_source *source = weft_trace_source(trace);
    struct weft_moment m = weft_moment_new(trace, weft_live_state(live), s->now_ns);
    g_autoptr(GString) json = g_string_new(NULL);
    jsontext_open(json, NULL, '{');
    jsontext_number(json, "pid", (gint64)source->pid);
    jsontext_text(json, "program", source->program);
    jsontext_text(json, "status", weft_live_status(live));
    jsontext_flag(json, "ended", weft_live_ended(live));
    jsontext_number(json, "t_ns", s->now_ns);
    jsontext_number(json, "interval_ns", s->interval_ns);
    jsontext_number(json, "lost", (gint64)s->lost);
    jsontext_fraction(json, "busy", s->busy);
    jsontext_fraction(json, "polling", s->polling);
    jsontext_fraction(json, "iterations_per_s", s->iterations);
    jsontext_number(json, "ready", s->ready);
    jsontext_text(json, "held", s->held);
    jsontext_text(json, "deadlock", s->circle);
    jsontext_open(json, "tasks", '[');
    for (guint i = 0; i < s->rows->len; i++)
        add_task(json, &m, &g_array_index(s->rows, struct top_row, i));
    jsontext_close(json, ']');
    jsontext_close(json, '}');
    puts(json->str);
    fflush(stdout);
    weft_moment_clear(&m);
}

/* FALSE: it cannot be looked at any longer. */
static gboolean follow_for(top *t, gint64 delay_ns)
{
    gint64 until = g_get_monotonic_time() + delay_ns / 1000;
    for (gint64 left = delay_ns / 1000; left > 0; left = until - g_get_monotonic_time()) {
        g_usleep((gulong)MIN(left, POLL_US));
        if (!top_poll(t))
            return FALSE;
        if (weft_live_ended(top_live(t)))
            return TRUE;
    }
    return TRUE;
}

int top_print_json(top *t, gint64 delay_ns, guint64 count)
{
    for (guint64 n = 0; count == 0 || n < count; n++) {
        if (!follow_for(t, delay_ns)) {
            output_message("the program cannot be attached to again");
            return EXIT_SYSTEM;
        }
        print_sample(t, top_take(t, TOP_RUNNING, ""));
        if (weft_live_ended(top_live(t)) || output_is_broken())
            break;
    }
    return EXIT_DONE;
}
