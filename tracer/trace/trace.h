/* trace.h: a trace, opened: what everybody above this layer reads, whether it comes from a file,
 * from a running program, or from a test.
 *
 *      trace -> chunks (one ring's events each, compressed) -> decoded on demand into struct
 * weft_record
 *            -> strings, sites, rings, losses, clock: small, in memory
 *
 * A decoded record is the probe's (event.h), with one difference: `time` is nanoseconds since the
 * trace's start, not ticks. An EXT follows its record as one more slot, as in the ring.
 * Times never go back within a ring. Chunks of one ring are in order; chunks of several rings are
 * ordered by the time they were written. Ids of strings and sites are the traced process's own.
 *
 * Thread: a weft_trace may be read from any one thread at a time, except that weft_trace_decode()
 * and weft_trace_state_before() may be called from several threads at once while nobody advances
 * it.
 */
#ifndef WEFT_TRACE_TRACE_H
#define WEFT_TRACE_TRACE_H

#include "tracer/probe/event.h"
#include <glib.h>

G_BEGIN_DECLS

typedef struct weft_trace weft_trace;

/* ---- Errors ---- */

#define WEFT_TRACE_ERROR weft_trace_error_quark()
GQuark weft_trace_error_quark(void);

enum weft_trace_error {
    WEFT_TRACE_ERROR_NOT_A_TRACE, /* exit 3: something else */
    WEFT_TRACE_ERROR_VERSION, /* exit 3: a newer major version: which, and which this reads     */
    WEFT_TRACE_ERROR_CORRUPT, /* exit 3: nothing readable, at which byte                        */
    WEFT_TRACE_ERROR_IO,      /* exit 4: the system refused: errno's text and the path          */
    WEFT_TRACE_ERROR_NO_PROCESS, /* exit 4: the pid is gone, or not traced */
    WEFT_TRACE_ERROR_FAILED,     /* exit 4 */
    WEFT_TRACE_ERROR_CONFLICT,   /* exit 3: traces that cannot be together in one */
    WEFT_TRACE_ERROR_NO_ANSWER,  /* exit 4: its loops are held: none polls */
};

/* ---- Opening ---- */

/* Opens a trace file. A cut or damaged file opens with what is whole: see weft_trace_damage().
 * Keeps the file open; it may be still growing, or be cut by somebody. Returns NULL and sets error.
 */
weft_trace *weft_trace_open(const char *path, GError **error);

/* Whether somebody is writing the file now: then weft_trace_refresh() may find more. */
gboolean weft_trace_growing(const weft_trace *trace);

enum weft_trace_growth {
    WEFT_GROWTH_NONE,     /* nothing new, yet */
    WEFT_GROWTH_MORE,     /* chunks were appended */
    WEFT_GROWTH_ENDED,    /* what there is was read: nobody writes it any more */
    WEFT_GROWTH_REPLACED, /* it was cut, or it is another file by now: open it anew */
};

/* Reads what was appended to the file since; as an append, for who looks at the trace. Never waits.
 */
enum weft_trace_growth weft_trace_refresh(weft_trace *trace);

/* An empty trace in memory, to append to: tests, live views. */
weft_trace *weft_trace_new(void);

/* Appends records (EXT slots included, n counts slots) of one ring as one chunk; `time` in them
 * already is nanoseconds since the start. At most WEFT_TRACE_CHUNK_SLOTS. Only to a trace from
 * weft_trace_new(). */
void weft_trace_append(weft_trace *trace, uint32_t ring, const struct weft_record *records,
                       size_t n);

/* The same, and says who the ring's actor is when the chunk begins: known again after a loss. */
void weft_trace_append_chunk(weft_trace *trace, uint32_t ring, const struct weft_record *records,
                             size_t n, uint64_t current_task);

/* Says that `lost` slots of a ring are missing between the chunks before and after this call. */
void weft_trace_append_loss(weft_trace *trace, uint32_t ring, uint64_t lost);

/* Says that from the ring's last chunk to its next nothing is known, though nothing was lost: its
 * events were not recorded. */
void weft_trace_append_gap(weft_trace *trace, uint32_t ring);

/* Says that the ring had emitted so many slots before this trace begins: no loss of this trace.
 * Before anything of the ring is appended. */
void weft_trace_begin_ring(weft_trace *trace, uint32_t ring, uint64_t ordinal);

struct weft_state; /* tracer/trace/state.h */

/* Says what was known when the trace began, times in nanoseconds since the start (less than 0:
 * before it). Before anything else is appended; copies the state. */
void weft_trace_append_state(weft_trace *trace, const struct weft_state *state);

/* A trace in memory that goes on where this one ends, on the same time axis: it begins with the
 * state of then, and has the same names and sites, and nothing else. */
weft_trace *weft_trace_continue(const weft_trace *trace);

/* For tests and live traces: give a string or a site the id that records use. */
void weft_trace_define_string(weft_trace *trace, uint32_t id, const char *text);
void weft_trace_define_site(weft_trace *trace, uint32_t id, const char *file, const char *func,
                            unsigned line);

weft_trace *weft_trace_ref(weft_trace *trace);
void weft_trace_unref(weft_trace *trace); /* NULL is fine */

/* ---- The whole ---- */

#define WEFT_EXIT_UNKNOWN (-1) /* an exit_code: it has ended, and nobody saw how */

struct weft_trace_source { /* a process it was recorded from */
    uint64_t pid;
    uint64_t start_time; /* with the pid: this process and no other of its machine's boot */
    guint8 boot_id[16];  /* which boot of which machine; zeros: unknown */
    uint32_t first_ring; /* of its rings, the least */
    int64_t start_ns;    /* when its own recording began; 0 but in a trace of several */
    int64_t begin_ns;    /* from when the trace tells of it: start_ns, but for a cut */
    int64_t end_ns; /* until when it was seen: it went on with what it did then; G_MAXINT64: up to
                       the trace's end, or now */
    const char *program;    /* its command line; "" when unknown */
    const char *executable; /* its file, absolute: sources are looked for around it; "" unknown */
    const char *host;
    int64_t start_realtime_ns; /* wall clock at the trace's time 0; 0 = unknown */
    gboolean ended;            /* FALSE: still running, or its end is not in the trace */
    gboolean ended_unseen;     /* not at end_ns, but some time after: nobody saw when */
    gboolean stopped;          /* who recorded it had it end, when its time was over */
    int exit_code;             /* when ended and exit_signal is 0 */
    int exit_signal;           /* when the recorder saw it killed */
};
/* "killed by signal 11 (Segmentation fault)", "ended with 3"; NULL: not at all, or nobody saw how.
 * g_free it. */
char *weft_trace_end_words(const struct weft_trace_source *source);
/* Whether that was by a signal, or with another exit code than 0. */
gboolean weft_trace_ended_badly(const struct weft_trace_source *source);
/* Whether it ended because who recorded it had it end: not by a fault on the way there. */
gboolean weft_trace_was_stopped(const struct weft_trace_source *source);
/* Whether a signal asks a program to end: SIGINT, SIGTERM and their like. */
gboolean weft_signal_asks_to_end(int number);
/* The first, which is the only one mostly; a trace in memory has one without a name at least. */
const struct weft_trace_source *weft_trace_source(const weft_trace *trace);

/* A trace may hold several processes, on one time axis, each with rings of its own. */
guint weft_trace_n_sources(const weft_trace *trace);
const struct weft_trace_source *weft_trace_source_at(const weft_trace *trace, guint index);
/* Whose ring this is: the index of its source. Of an entity: weft_id_ring() says its ring. */
guint weft_trace_source_of(const weft_trace *trace, uint32_t ring);

/* The path it was opened from; NULL for one in memory. Borrowed. */
const char *weft_trace_path(const weft_trace *trace);
guint64 weft_trace_file_size(const weft_trace *trace);
/* The 16 bytes that tell this file from every other; zeros in memory. */
const guint8 *weft_trace_uuid(const weft_trace *trace);
/* Whether it is a file that was finished: nothing will be recorded into it any more. */
gboolean weft_trace_whole(const weft_trace *trace);
/* Time of the last event, or until when a process of it was seen, which may be later; 0: neither.
 */
gint64 weft_trace_end_ns(const weft_trace *trace);
guint64
weft_trace_events(const weft_trace *trace); /* events, an EXT and its record counted as one   */
guint64 weft_trace_lost(const weft_trace *trace); /* slots lost, all rings: exts_before are not */

/* What is wrong with the file, in a sentence ("cut at byte N: shown up to ..."); NULL: nothing.
 * Borrowed. */
const char *weft_trace_damage(const weft_trace *trace);

/* CLOCK_MONOTONIC ns (a DEADLINE) → ns since the start. */
gint64 weft_trace_from_monotonic(const weft_trace *trace, uint64_t mono_ns);

/* Borrowed for the trace's life; "" for 0, NULL when the trace does not hold it. Valid UTF-8
 * always. */
const char *weft_trace_string(const weft_trace *trace, uint32_t id);

struct weft_trace_site {
    const char *file, *func;
    unsigned line; /* 0: unknown */
};
/* NULL when unknown. Borrowed for the trace's life. */
const struct weft_trace_site *weft_trace_site(const weft_trace *trace, uint32_t id);

/* ---- Chunks ---- */

enum { WEFT_TRACE_CHUNK_SLOTS = 16384 };

struct weft_trace_chunk {
    uint32_t ring;
    uint32_t slots; /* records and EXTs */
    gint64 first_ns, last_ns;
    guint64 first_ordinal; /* of its first slot in its ring */
    guint64 lost_before;   /* slots of this ring lost between the chunk before and this one */
    guint64 between;       /* of them, those in no trace of which this one was merged */
    guint64 exts_before;   /* missing there besides: known to be EXTs, which are no events */
    gboolean gap;          /* the ring was not recorded between the chunk before and this one */
    uint64_t current_task; /* the ring's actor when it begins; 0: the loop */
};
guint weft_trace_n_chunks(const weft_trace *trace);
const struct weft_trace_chunk *weft_trace_chunk(const weft_trace *trace, guint index);

/* Decodes chunk `index` into `records` (room for WEFT_TRACE_CHUNK_SLOTS) and returns how many
 * slots, 0 and an error when its payload is damaged. */
guint weft_trace_decode(const weft_trace *trace, guint index, struct weft_record *records,
                        GError **error);

/* Rings of this index or above are not in it. One below may have no chunk: all of it was lost. */
uint32_t weft_trace_n_rings(const weft_trace *trace);
/* Slots of `ring` lost after its last chunk. */
guint64 weft_trace_lost_at_end(const weft_trace *trace, uint32_t ring);
/* Of them, those in no trace of which this one was merged. */
guint64 weft_trace_between_at_end(const weft_trace *trace, uint32_t ring);
/* As a chunk's exts_before. */
guint64 weft_trace_exts_at_end(const weft_trace *trace, uint32_t ring);
/* Whether it is unknown what `ring` did after its last chunk: slots are lost, or were not recorded.
 */
gboolean weft_trace_unknown_at_end(const weft_trace *trace, uint32_t ring);

/* How many events it has, EXTs not counted, whether its payload can be read or not; one at least.
 * So many are lost where it cannot. */
guint weft_trace_chunk_events(const weft_trace *trace, guint index);

/* Whether its payload has the bytes that were written. Cheaper than to decode it. */
gboolean weft_trace_chunk_intact(const weft_trace *trace, guint index);

/* A number that is another when the first n_chunks chunks are others, or at other times: what was
 * gathered from the same events in the same order holds for both. */
guint64 weft_trace_digest(const weft_trace *trace, guint n_chunks);

/* ---- SUMMARY and NOTES: what others keep in the file (extend.h) ---- */

guint weft_trace_n_additions(const weft_trace *trace); /* in the order of the file */
/* The bytes of one; NULL: it is of another kind (enum weft_chunk_kind), or damaged. */
GBytes *weft_trace_addition(const weft_trace *trace, guint index, guint kind);

/* ---- STATE: where a replay may begin ---- */

/* The last stored state at or before the beginning of chunk `index` (any ring): returns a new state
 * to replay from and in *from_chunk the chunk to go on with, or an empty state and 0. Never NULL.
 */
struct weft_state *weft_trace_state_before(const weft_trace *trace, guint index, guint *from_chunk);
/* *from_chunk alone, at once; of a damaged state, too. */
guint weft_trace_state_chunk(const weft_trace *trace, guint index);

/* TRUE for a trace that begins amid its program's run, with a state: weft_trace_state_before(0).
 * Its rings do not begin at ordinal 0, and nothing is lost before their first chunks. */
gboolean weft_trace_begins_with_state(const weft_trace *trace);

/* Where it begins: where the first of its processes does. What a state tells that it begins with
 * may lie before. */
gint64 weft_trace_begin_ns(const weft_trace *trace);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_trace, weft_trace_unref)

G_END_DECLS

#endif
