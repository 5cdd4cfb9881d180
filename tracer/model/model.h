/* model.h: what happened, at any moment and at any size: lanes of segments, their pyramid, edges,
 * state.
 *
 *   trace --one pass--> lanes ---------------------------------------------------------------------
 *     lane:   | leaf | leaf | ... | tail: its last <= 64 segments, packed |
 *     leaf:   a summary of 64 segments (longest, count, time per state, dominant entity) and where
 * in the trace they are: level 0 is not kept, it is decoded on demand through an LRU of chunks
 *     node:   16 leaves, then 16 nodes ...: the base-16 pyramid. A lane of <= 64 segments has none.
 *
 * The pass is incremental: the same code for a file, a live ring (a trace that grows) and a
 * recovered one. All times are nanoseconds since the trace's start. A lane's segments follow each
 * other without gaps from its first to its end: their lengths add up exactly.
 *
 * Thread: one thread advances; queries from that thread, or from others while nobody advances, also
 * at once: each is without the model's lock while it decodes a chunk, so that who draws waits for
 * no other's long question; a replay (state-at, why, stories) does without it altogether. */
#ifndef WEFT_MODEL_MODEL_H
#define WEFT_MODEL_MODEL_H

#include "tracer/trace/state.h"
#include "tracer/trace/trace.h"

G_BEGIN_DECLS

typedef struct weft_model weft_model;

/* Takes a reference to the trace. Reads nothing yet. */
weft_model *weft_model_new(weft_trace *trace);
void weft_model_free(weft_model *model); /* NULL is fine */
weft_trace *weft_model_trace(const weft_model *model);

/* Goes on with the pass over at most max_chunks chunks (0: all there are); returns TRUE while more
 * is left to do. A damaged chunk counts as a loss. Call again when a live trace has grown. Where a
 * file has a SUMMARY of its events, or the cache has, the first calls take what it says instead. */
gboolean weft_model_advance(weft_model *model, guint max_chunks);
double weft_model_progress(const weft_model *model); /* 0 … 1, of the chunks known */

/* Keeps what the pass over a file found, so that the file opens at once the next time: as a SUMMARY
 * at its end, or in the user's cache when it cannot be written. Does nothing, and returns TRUE,
 * where that is not worth it, is kept already, or the file still grows. Any thread, while nobody
 * advances. */
gboolean weft_model_keep(const weft_model *model, GError **error);
gboolean weft_model_worth_keeping(const weft_model *model); /* whether that would do anything */

/* For a live trace: open segments reach to here. Without it they end where the trace does; those of
 * a process that ended before, at its end. */
void weft_model_set_now(weft_model *model, gint64 now_ns);
gint64 weft_model_end_ns(const weft_model *model);
guint64 weft_model_events(const weft_model *model);
guint64 weft_model_lost(const weft_model *model);
/* Of each source: whether events of it are here, or lost. A process that nobody had record stands
 * by, and leaves how its tasks are and since when; how often anything was is not known then. g_free
 * it.
 */
gboolean *weft_model_recorded(const weft_model *model);
/* Bytes held, caches included. */
gsize weft_model_memory(weft_model *model);

/* All that is asked from hold to release is answered in one go: what another thread asks waits. The
 * hold itself waits for moments; what needs a chunk that another decodes just then is merged. For
 * who draws; may be nested. */
void weft_model_hold(weft_model *model);
void weft_model_release(weft_model *model);

/* ---- Lanes ---- */

enum weft_lane_kind {
    WEFT_LANE_LOOP,       /* the dispatch lane: slices of tasks, callbacks, polls            */
    WEFT_LANE_ITERATIONS, /* one segment an iteration; `other` is its number, `count` 1      */
    WEFT_LANE_READY,      /* the length of the ready queue over time: `other` is the length  */
    WEFT_LANE_TASK,
    WEFT_LANE_HANDLE, /* a source without tasks: a handle's callbacks                    */
};

enum weft_segment_state {                           /* what a segment says */
                          WEFT_SEGMENT_UNKNOWN = 0, /* events are missing */
                          WEFT_SEGMENT_RUNNING, /* task: its slice. Loop: `other` is the task that
                                                   runs */
                          WEFT_SEGMENT_READY, /* in the ready queue; `other` woke it, detail is the
                                                 wake cause */
                          WEFT_SEGMENT_WAITING, /* `other` is awaited, detail is the await kind */
                          WEFT_SEGMENT_CANCELLING, /* from CANCEL_DELIVER until it is taken back,
                                                      or the end: cleanup that runs (detail 0), or
                                                      waits (detail, other as above) */
                          WEFT_SEGMENT_POLL,       /* loop: waiting for I/O or a timer; or for the
                                                      controller that paused it (detail
                                                      WEFT_CONTROL_PAUSED) */
                          WEFT_SEGMENT_CALLBACK,   /* loop: `other` is whose callback, detail the
                                                      handle kind */
                          WEFT_SEGMENT_LOOP,       /* loop: its own work between the above */
                          WEFT_SEGMENT_COUNT, /* ready-queue and iteration lanes: `other` is the
                                                 value */
                          WEFT_SEGMENT_STATES
};

/* The five kinds of waiting that the eye tells apart (visual.md's rows). */
enum weft_wait_class {
    WEFT_WAIT_TIMER,
    WEFT_WAIT_IO,
    WEFT_WAIT_SYNC,
    WEFT_WAIT_TASK, /* task, group, future */
    WEFT_WAIT_THREAD,
    WEFT_WAIT_CLASSES
};
enum weft_wait_class weft_wait_class(unsigned await_kind);

enum {
    WEFT_LANE_EAGER = 1, /* its first slice was inside its creator's */
    WEFT_LANE_BORN = 2,  /* a task whose creation is in the trace; else it was met later */
};

struct weft_lane {
    uint64_t id;              /* of the entity: task, loop, handle */
    guint32 parent;           /* index of the parent task's lane; G_MAXUINT32: none */
    guint32 name;             /* string id; 0 = default name */
    guint32 site;             /* where it was created */
    guint32 resumes;          /* slices begun; 2^32 - 1: that, or more */
    gint64 first_ns, last_ns; /* last_ns: its end; while it is not done, its process's, or the
                                 model's */
    guint16 ring;
    guint16 flags;  /* WEFT_LANE_… */
    guint8 kind;    /* enum weft_lane_kind */
    guint8 outcome; /* task: enum weft_outcome when done, else 0 */
};

guint weft_model_n_lanes(const weft_model *model); /* by first appearance; only ever grows */
/* Valid until the next advance; NULL for a number that is no lane's. */
const struct weft_lane *weft_model_lane(const weft_model *model, guint lane);
guint weft_model_lane_of(const weft_model *model,
                         uint64_t id); /* task or loop lane; G_MAXUINT32: none */
guint64 weft_model_lane_segments(const weft_model *model, guint lane); /* how many it has */

/* Time per state, exact, to the model's end. waiting_ns is by class; their sum is the whole
 * waiting. */
struct weft_totals {
    gint64 running_ns, ready_ns, waiting_ns[WEFT_WAIT_CLASSES], cancelling_ns, unknown_ns;
    gint64 poll_ns, callback_ns, loop_ns; /* loop lanes */
    gint64 longest_slice_ns, longest_slice_at_ns;
    guint64 count; /* segments; iterations on an ITERATIONS lane */
};
void weft_model_totals(const weft_model *model, guint lane, struct weft_totals *totals);

/* ---- Segments ---- */

enum {
    WEFT_SEGMENT_MERGED =
        1, /* several segments, drawn as one: count, and state_ns say what is in it */
    WEFT_SEGMENT_OPEN = 2, /* still lasts: to_ns is only the model's end */
    WEFT_SEGMENT_LAST = 4, /* the task is done at to_ns: see the lane's outcome */
};

struct weft_segment_view {
    gint64 from_ns, to_ns;
    guint8 state; /* merged: the one that takes most of the time */
    guint8 detail;
    guint16 flags;
    guint32 site;  /* waiting: where it suspended. Running, from weft_model_segment_at(): where it
                      goes on from, 0 for a first slice */
    guint64 other; /* merged: the dominant entity */
    guint32 count; /* segments in it: 1 unless merged */
    guint32 value_max; /* READY lanes: the greatest length in it */
    gint64 running_ns, ready_ns, unknown_ns,
        longest_ns; /* merged: the share of each, the longest slice */
    guint16 note;   /* for weft_model_segment_words() */
};

/* Of a loop's segment: a controller had it stand still. */
static inline gboolean weft_segment_is_pause(const struct weft_segment_view *segment)
{
    return segment->state == WEFT_SEGMENT_POLL && segment->detail == WEFT_CONTROL_PAUSED;
}

/* Appends to `out` (of struct weft_segment_view) what lane `lane` shows from from_ns to to_ns when
 * min_ns (≥ 1) is one pixel: in order, without gaps, first and last not clipped; what is shorter
 * than min_ns is merged with its neighbours (64 of them or more up to 8 pixels wide), what is
 * longer stands alone. With min_ns 1 every segment is exact. *chunks bounds the decoding and goes
 * down by what it took (NULL: no bound); lanes drawn together share one. Where it would take more,
 * leaves stay merged and FALSE is returned: draw, and ask again, also for the others: a chunk is
 * decoded for all lanes that are known to need it. */
gboolean weft_model_segments(weft_model *model, guint lane, gint64 from_ns, gint64 to_ns,
                             gint64 min_ns, guint *chunks, GArray *out);

/* The segment at t, exact. FALSE: the lane has none there. */
gboolean weft_model_segment_at(weft_model *model, guint lane, gint64 t_ns,
                               struct weft_segment_view *out);
/* The same but for a slice's site, for who cannot wait: decodes one chunk at most. *late: that did
 * not suffice (and FALSE is returned): ask again, it goes on. */
gboolean weft_model_segment_soon(weft_model *model, guint lane, gint64 t_ns, gboolean *late,
                                 struct weft_segment_view *out);
/* The next (direction +1) or previous (-1) segment in state RUNNING (or any, when only_running is
 * FALSE) that begins after (before) t. */
gboolean weft_model_segment_step(weft_model *model, guint lane, gint64 t_ns, int direction,
                                 gboolean only_running, struct weft_segment_view *out);

/* Since when it is as this segment of lane `lane` shows it: its from_ns; or earlier, where
 * recording began, or went on, amid it. Merged: its from_ns. */
gint64 weft_model_since(const weft_model *model, guint lane,
                        const struct weft_segment_view *segment);

/* Walks all segments of all lanes that are in the range from from_ns to to_ns, each once, in the
 * order of their ends (those that still last come last), exact and not clipped: in one pass over
 * the events, however many lanes there are. Stops when `visit` returns FALSE. */
typedef gboolean weft_segment_visitor(guint lane, const struct weft_segment_view *segment,
                                      gpointer data);
void weft_model_visit_segments(weft_model *model, gint64 from_ns, gint64 to_ns,
                               weft_segment_visitor *visit, gpointer data);

/* Density for the minimap: fills `busy` with n values 0 … 1: the share of each column's time in
 * which any loop was running tasks or callbacks; a column with lost events gets lost[i] = TRUE. */
void weft_model_density(weft_model *model, gint64 from_ns, gint64 to_ns, guint n, float *busy,
                        gboolean *lost);

/* Losses, in order of time. */
struct weft_loss {
    guint32 ring;
    guint64 slots;         /* of a damaged chunk, of which it is known, how many events */
    gint64 from_ns, to_ns; /* last event before, first after */
};
const struct weft_loss *weft_model_losses(const weft_model *model, guint *n);

/* ---- Edges ---- */

enum weft_edge_kind {
    WEFT_EDGE_WAKE,   /* from who woke it, to it */
    WEFT_EDGE_AWAIT,  /* from it, to what it awaits */
    WEFT_EDGE_CANCEL, /* from who asked, to it */
    WEFT_EDGE_PARENT, /* from the creator, to its birth */
};
struct weft_edge {
    guint8 kind, detail;        /* detail: the wake cause or await kind */
    guint32 from_lane, to_lane; /* G_MAXUINT32: the entity has no lane: see from, to */
    guint64 from, to;           /* entity ids */
    gint64 from_ns, to_ns;
};
/* The direct edges of lane's segment at t: who woke it (of a group, its member that was done last;
 * the group itself where one of several failed), what it awaits (of a group, its members that are
 * not done then), who cancelled it, its parent. Of a group of more than 4,096 it is always the
 * group itself. At most 4. */
guint weft_model_edges(weft_model *model, guint lane, gint64 t_ns, struct weft_edge edges[4]);

/* ---- State and words ---- */

/* Everything, at t: all events with time ≤ t applied. Owned by the caller. With very many tasks it
 * takes long; queries from other threads do not wait for it. */
weft_state *weft_model_state_at(weft_model *model, gint64 t_ns);

/* Names: "fetch-1", "Task-7" (default), ":9082", "loop", "timer 12", … g_free it. Never NULL.
 *
 * One rule for what the program calls an object (a task's name stands alone anywhere). In a label,
 * plain text like a segment's words, a row's name, a tag, a line of `weft ps`, it is quoted behind
 * what the object is: lock "cache". In a sentence (narrative.h) it is not: there it is a run of its
 * own, which shows where it begins and ends, and leads there: lock cache. */
char *weft_model_name(const weft_model *model, uint64_t id);

/* The words of a segment, longest first, as a ladder: "connect :9083 · timeout armed", "connect
 * :9083", "connect". NULL-terminated, g_strfreev. Words of other kinds: "sleep 1.0 s", "await
 * fetch-2", "gather of 3", "recv :9082". */
char **weft_model_segment_words(weft_model *model, guint lane,
                                const struct weft_segment_view *segment);

/* How a lane's task ended: "done", "cancelled", "ETIMEDOUT: no answer". NULL while it is not done.
 * g_free it. */
char *weft_model_outcome_words(weft_model *model, guint lane);

/* How long a wait for a timer was planned to last (3 significant digits); 0: no timer, or unknown.
 */
gint64 weft_segment_planned_ns(const struct weft_segment_view *segment);

/* An id as text, "task:0:17": kind:ring:counter; a kind that this build does not know is its
 * number. */
void weft_format_id(uint64_t id, char text[48]);

/* A duration in 3 significant digits: "548 ms", "1.25 s", "25.2 ms", "840 ns". */
char *weft_format_duration(gint64 ns);
/* "1,234,567". */
char *weft_format_count(guint64 count);
/* A moment: "315.0 ms", "1.2500 s", as the ruler and the story write it. */
char *weft_format_time(gint64 ns);
/* The same of what may have begun before the trace does: "26.3 s before the trace". */
char *weft_format_since(gint64 ns, gint64 begin_ns);

/* ---- Events, one by one (dump, story, stepping) ---- */

struct weft_event_view {
    struct weft_record record;
    struct weft_record ext; /* meaningful when record.flags has WEFT_RECORD_EXT */
    guint32 ring;
    guint32 chunk, index; /* where it is */
    uint64_t actor;       /* the ring's current task, or its loop's id, 0 unknown */
};
/* Walks all events in display order (time, ring, ordinal) from from_ns to to_ns; stops when `visit`
 * returns FALSE. */
typedef gboolean weft_event_visitor(const struct weft_event_view *event, gpointer data);
void weft_model_visit(weft_model *model, gint64 from_ns, gint64 to_ns, weft_event_visitor *visit,
                      gpointer data);

/* ---- Story: narrative.h ---- */

G_END_DECLS

#endif
