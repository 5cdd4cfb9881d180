/* look.c: see look.h. */
#include "tracer/model/look.h"
#include "tracer/model/model.h"

static const gint64 held_ns = 100 * G_GINT64_CONSTANT(1000000);

gboolean weft_look_at(guint64 pid, struct weft_look *look, GError **error)
{
    *look = (struct weft_look){ .live = weft_live_look(pid, error) };
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

void weft_look_clear(struct weft_look *look)
{
    weft_moment_clear(&look->moment);
    weft_live_free(look->live);
    *look = (struct weft_look){ 0 };
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

enum weft_standing weft_look_standing(const struct weft_look *look, char **why)
{
    gboolean busy;
    *why = NULL;
    if (look->ended) {
        *why = g_strdup(weft_live_status(look->live));
        return WEFT_STANDS_DEAD;
    }
    *why = find_holder(&look->moment, &busy);
    if (weft_live_stopped(look->live)) {
        *why = *why ? *why : find_deadlock(&look->moment);
        return WEFT_STANDS_STOPPED;
    }
    if (!*why && weft_live_paused(look->live)) {
        *why = g_strdup("a controller pauses it: weft ctl PID resume lets it go on");
        return WEFT_STANDS_PAUSED;
    }
    if (*why)
        return WEFT_STANDS_HELD;
    if ((*why = find_deadlock(&look->moment)))
        return WEFT_STANDS_DEADLOCK;
    return busy ? WEFT_STANDS_RUNNING : WEFT_STANDS_WAITING;
}

const char *weft_standing_word(enum weft_standing standing)
{
    static const char *const words[] = {
        [WEFT_STANDS_WAITING] = "waiting", [WEFT_STANDS_RUNNING] = "running",
        [WEFT_STANDS_HELD] = "held",       [WEFT_STANDS_DEADLOCK] = "deadlock",
        [WEFT_STANDS_STOPPED] = "stopped", [WEFT_STANDS_PAUSED] = "paused",
        [WEFT_STANDS_DEAD] = "dead",
    };
    return words[standing];
}
