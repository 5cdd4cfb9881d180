/* crashes.c: crashed: how a process ended, when it was by a signal, or with a failure. Not when it
 * was asked to end: by SIGINT, SIGTERM and their like, or by who recorded it. Judged only from what
 * was seen of the end; a black box does not tell how its program came to it. */
#include "tracer/model/findings/found.h"

#include <signal.h>
#include <string.h>

enum { SOURCE };

/* A shell's code for one that a signal ended: programs that catch it end with the same. */
static gboolean was_asked(const struct weft_trace_source *source)
{
    return weft_trace_was_stopped(source) || weft_signal_asks_to_end(source->exit_signal) ||
           (source->exit_code > 128 && weft_signal_asks_to_end(source->exit_code - 128));
}

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    const struct weft_trace_source *source = weft_trace_source_at(f->trace,
                                                                  (guint)found->numbers[SOURCE]);
    g_autofree char *how = weft_trace_end_words(source);
    gsize length = strcspn(source->program, " ");
    g_autofree char *file = g_strndup(source->program, length);
    g_autofree char *name = length ? g_path_get_basename(file) : g_strdup("The program");
    say(s, "%s", name);
    if (weft_trace_n_sources(f->trace) > 1)
        say(s, " (process %" G_GUINT64_FORMAT ")", (guint64)source->pid);
    say(s, source->exit_signal ? " was %s" : " %s", how);
    if (found->pub.subject) {
        say(s, " while ");
        say_subject(s, f->model, found->pub.subject);
        say(s, " ran");
        say_site(s, f->model, " from ", found->pub.site);
    }
    if (source->exit_signal == SIGKILL)
        return g_strdup("No program can catch that: see who sent it, or whether the kernel did "
                        "because memory ran out (dmesg, journalctl -k)");
    if (source->exit_signal)
        return g_strdup("Look at its last events (weft dump --tail 20), and where it was then: in "
                        "gdb, or in its core dump (coredumpctl gdb)");
    return g_strdup("Look at what it said last, and at its last events (weft dump --tail 20)");
}

/* The task that ran on one of its rings when it ended, if that is known. */
static const struct weft_task_at *runner(const weft_findings *f, guint source)
{
    for (guint i = 0; i < f->rings->len; i++) {
        const struct watched_ring *ring = findings_ring(f, i);
        if (!findings_end_known(f, ring) || weft_trace_source_of(f->trace, i) != source)
            continue;
        uint64_t id = weft_state_running(f->state, i);
        const struct weft_task_at *task = id ? weft_state_task(f->state, id) : NULL;
        if (task)
            return task;
    }
    return NULL;
}

static void judge(weft_findings *f, guint index, const struct weft_trace_source *source,
                  gint64 now_ns)
{
    const struct weft_task_at *task = runner(f, index);
    gint64 end_ns = MIN(now_ns, findings_time(source->end_ns));
    gboolean first;
    struct alike alike = { RULE_CRASHED, { index, 0 } };
    struct found *found = found_add(
        f, alike, task ? task->id : 0, end_ns, 0,
        source->exit_signal ? WEFT_SEVERITY_ERROR : WEFT_SEVERITY_WARNING, &first);
    found->tell = tell;
    found->numbers[SOURCE] = index;
    found->pub.site = !task ? 0 : task->site ? task->site : task->created_site;
    found->pub.from_ns = task ? MIN(findings_time(task->since_ns), end_ns) : end_ns;
    found->pub.to_ns = end_ns;
}

static void now(gpointer self, gint64 now_ns, gboolean ended)
{
    (void)ended;
    weft_findings *f = self;
    for (guint i = 0; i < weft_trace_n_sources(f->trace); i++) {
        const struct weft_trace_source *source = weft_trace_source_at(f->trace, i);
        if (weft_trace_ended_badly(source) && !was_asked(source))
            judge(f, i, source, now_ns);
    }
}

static gpointer new_crashes(weft_findings *f)
{
    return f;
}

static void free_crashes(gpointer self)
{
    (void)self;
}

const struct family crashes_family = { .new = new_crashes, .free = free_crashes, .now = now };
