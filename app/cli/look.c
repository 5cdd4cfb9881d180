/* look.c: see look.h. */
#include "app/cli/look.h"
#include "app/cli/quantity.h"
#include "app/cli/tasklist.h"
#include "tracer/model/model.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const gint64 held_ns = 100 * G_GINT64_CONSTANT(1000000);

gboolean look_at(guint64 pid, struct look *look, GError **error)
{
    *look = (struct look){ .live = weft_live_look(pid, error) };
    if (!look->live)
        return FALSE;
    weft_live_poll(look->live); /* whether it is there still */
    const weft_state *state = weft_live_state(look->live);
    look->ended = weft_live_ended(look->live);
    /* Of one that has ended nobody knows when: it is shown at what it did last. */
    gint64 now = look->ended ? MAX(weft_live_now_ns(look->live), weft_state_latest(state))
                             : weft_live_now_ns(look->live);
    look->moment = weft_moment_new(weft_live_trace(look->live), state, now);
    return TRUE;
}

void look_clear(struct look *look)
{
    weft_moment_clear(&look->moment);
    weft_live_free(look->live);
    *look = (struct look){ 0 };
}

const struct weft_trace_source *look_source(const struct look *look)
{
    return weft_trace_source(weft_live_trace(look->live));
}

gint64 look_age_ns(const struct look *look)
{
    struct timespec now;
    long hertz = sysconf(_SC_CLK_TCK);
    if (look->ended || hertz <= 0 || clock_gettime(CLOCK_BOOTTIME, &now) < 0)
        return -1;
    gint64 ticks = (gint64)look_source(look)->start_time;
    gint64 began = ticks / hertz * 1000000000 + ticks % hertz * 1000000000 / hertz;
    return MAX(0, (gint64)now.tv_sec * 1000000000 + now.tv_nsec - began);
}

char *look_program_text(const char *program)
{
    gsize name = strcspn(program, " ");
    const char *slash = g_strrstr_len(program, (gssize)name, "/");
    return g_strdup(*program == '\0' ? "a program without a name" : slash ? slash + 1 : program);
}

/* The loop that has not polled for longest, if that is long; *busy: some task runs, or is ready. */
static char *find_holder(const struct weft_moment *m, gboolean *busy)
{
    gint64 longest = held_ns;
    char *text = NULL;
    *busy = FALSE;
    for (uint32_t ring = 0; ring < weft_state_n_rings(m->state); ring++) {
        guint ready;
        uint64_t id = weft_state_running(m->state, ring);
        const struct weft_task_at *task = id ? weft_state_task(m->state, id) : NULL;
        weft_state_ready(m->state, ring, &ready);
        *busy |= task || ready > 0;
        if (!task || m->now_ns - task->since_ns < longest)
            continue;
        longest = m->now_ns - task->since_ns;
        g_free(text);
        text = weft_moment_loop(m, ring);
    }
    return text;
}

static char *find_deadlock(const struct weft_moment *m)
{
    char *text = NULL;
    GPtrArray *circles = weft_waits_circles(m->state, 0);
    for (guint i = 0; i < circles->len && !text; i++) {
        const struct weft_waits_circle *circle = circles->pdata[i];
        if (circle->until_mono_ns == 0)
            text = weft_moment_circle(m, circle);
    }
    g_ptr_array_unref(circles);
    return text;
}

const char *look_word(const struct look *look, char **why)
{
    gboolean busy;
    *why = NULL;
    if (look->ended) {
        *why = g_strdup(weft_live_status(look->live));
        return "dead";
    }
    *why = find_holder(&look->moment, &busy);
    if (weft_live_stopped(look->live))
        return "stopped";
    if (!*why && weft_live_paused(look->live)) {
        *why = g_strdup("a controller pauses it: weft ctl PID resume lets it go on");
        return "paused";
    }
    if (*why)
        return "held";
    if ((*why = find_deadlock(&look->moment)))
        return "deadlock";
    return busy ? "running" : "waiting";
}

char *look_counts_text(const struct look *look)
{
    guint64 unlisted, objects;
    char *counts = tasklist_counts_text(look->moment.state);
    weft_live_unlisted(look->live, &unlisted, &objects);
    if (unlisted == 0)
        return counts;
    char *number = quantity_format_count(unlisted);
    char *text = g_strdup_printf("%s; %s more found no place in its tables", counts, number);
    g_free(number);
    g_free(counts);
    return text;
}

char *look_head_text(const struct look *look)
{
    const struct weft_trace_source *source = look_source(look);
    g_autofree char *program = look_program_text(source->program);
    g_autofree char *counts = look_counts_text(look);
    if (look->ended)
        return g_strdup_printf("%s (%" G_GUINT64_FORMAT ") %s; when it last did something it had "
                               "%s",
                               program, (guint64)source->pid, weft_live_status(look->live), counts);
    g_autofree char *age = weft_format_duration(look_age_ns(look));
    return g_strdup_printf("%s (%" G_GUINT64_FORMAT "), for %s: %s", program, (guint64)source->pid,
                           age, counts);
}
