/* taskline.h: what a task does, in words, from a state: one place for all that list tasks as they
 * are at one moment: ps, tree and top.
 *
 *      state (who waits for what) + trace (names, sites) + now --> "lock \"db\", held by writer"
 *
 * No model is needed: so it answers from live tables at once. */
#ifndef WEFT_MODEL_TASKLINE_H
#define WEFT_MODEL_TASKLINE_H

#include "tracer/model/awaitchain.h"
#include "tracer/trace/trace.h"

G_BEGIN_DECLS

struct weft_moment {
    const weft_trace *trace; /* borrowed */
    const weft_state *state; /* borrowed */
    gint64 now_ns;
    GHashTable *timeouts; /* task -> when the first of its timeouts is over, in ns */
};

/* Of the state as it is now: not after the next apply. Clear it with weft_moment_clear(). */
struct weft_moment weft_moment_new(const weft_trace *trace, const weft_state *state, gint64 now_ns);
void weft_moment_clear(struct weft_moment *moment);

/* "running", "ready", "waiting", "cancelling", "done", "new", "unknown": of WEFT_STATES. */
const char *weft_task_state_name(unsigned state);

/* "fetch-1", "Task-7"; of an object what it is, too, as a label (model.h): "lock \"db\"",
 * "semaphore 3", "gather of 3", "queue \"jobs\"". g_free it. */
char *weft_moment_name(const struct weft_moment *moment, uint64_t id);

/* What it awaits and who holds that: "lock \"db\", held by writer", "sleep, due in 2.00 s",
 * "gather of 3: waits for older and younger", "put into queue \"jobs\" (2 of 2)"; of a ready one
 * who woke it; "" of one that runs. g_free it. */
char *weft_moment_awaited(const struct weft_moment *moment, const struct weft_task_at *task);

/* When it is due: of a sleep, its timer's. FALSE: it waits for no timer. */
gboolean weft_moment_due(const struct weft_moment *moment, const struct weft_task_at *task,
                         gint64 *ns);
/* When the first of the timeouts that it is in is over. FALSE: it is in none. */
gboolean weft_moment_timeout(const struct weft_moment *moment, uint64_t task, gint64 *ns);

/* "reader waits for lock \"db\", held by writer, which waits for task fetch-1, which runs". */
char *weft_moment_chain(const struct weft_moment *moment, const struct weft_await_chain *chain);
/* "reader waits for lock \"b\", held by writer, which waits for lock \"a\", held by reader". */
char *weft_moment_circle(const struct weft_moment *moment, const struct weft_waits_circle *circle);

/* Where it waits, or went on from; before that, where it was created. NULL: unknown. Borrowed. */
const struct weft_trace_site *weft_moment_site(const struct weft_moment *moment,
                                               const struct weft_task_at *task);
/* "src/server.c:12 (main)"; "" when unknown. g_free it. */
char *weft_site_text(const struct weft_trace_site *site);
/* "server.c:12 (main)". */
char *weft_site_short(const struct weft_trace_site *site);
/* "server.c". Borrowed. */
const char *weft_site_file_name(const struct weft_trace_site *site);

/* Who holds a loop (ring), how it is, in a sentence without its end: "main holds its loop, which
 * has not polled for 12.3 s; it went on from server.c:12 (main); 41 tasks are ready behind it": at
 * least for so long where events are recorded, and in standby true to the iteration. NULL: nobody
 * does: it polls. g_free it. */
char *weft_moment_loop(const struct weft_moment *moment, uint32_t ring);

G_END_DECLS

#endif
