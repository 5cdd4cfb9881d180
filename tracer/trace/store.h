/* store.h: what a weft_trace holds, shared by trace.c (looking), append.c (in memory) and reader.c
 * (a file's).
 *
 *      chunks:  info | payload (owned, or in the file), compressed      decoded on demand
 *      states:  before which chunk | payload
 *      strings, sites: by id      rings: ordinals, losses      source, clock
 *
 * Decoders are kept in a pool under a mutex: weft_trace_decode() may be called by several threads
 * at once. */
#ifndef WEFT_TRACE_STORE_H
#define WEFT_TRACE_STORE_H

#include "tracer/trace/clockmap.h"
#include "tracer/trace/codec.h"
#include "tracer/trace/state.h"
#include "tracer/trace/trace.h"
#include "tracer/trace/tracefile.h"
#include <pthread.h>

enum { WEFT_TRACE_RINGS = 1 << WEFT_ID_RING_BITS };

struct weft_stored_chunk {
    struct weft_trace_chunk info;
    const guint8 *payload; /* NULL: in the file */
    guint32 stored, raw;   /* bytes of it; of its columns unpacked */
    guint32 checksum;
    guint32 events;      /* records, EXTs not counted */
    uint64_t first_time; /* in ticks */
    guint64 offset;      /* of its header in the file */
};

struct weft_stored_state {
    guint chunk;           /* the state after all chunks before this one */
    const guint8 *payload; /* NULL: in the file */
    guint32 stored, raw, checksum;
    guint codec;
    guint64 offset; /* of its header in the file */
};

struct weft_stored_ring {
    guint64 begin_ordinal; /* of the first slot that is this trace's */
    guint64 next_ordinal;  /* of the slot after the last chunk  */
    guint64 lost;          /* since the last chunk              */
    guint64 between;       /* of them, those in no trace of which this one was merged */
    guint64 exts;          /* missing besides, and no loss */
    gboolean gap;          /* was not recorded since the last chunk */
    guint64 unread;        /* while a file is opened: lost slots that have ordinals */
    gint64 last_ns;
};

struct weft_stored_span { /* from this ring to the next span's, rings are this source's */
    guint32 ring;
    guint source;
};

struct weft_trace_pool {  /* idle decoders, and room for a payload each */
    pthread_mutex_t lock; /* not a GMutex: ThreadSanitizer sees this one */
    GPtrArray *idle;
};

struct weft_trace {
    gint references;                  /* atomic */
    GPtrArray *sources;               /* of struct weft_trace_source *, one at least */
    struct weft_trace_source *source; /* the first */
    GArray *spans;                    /* of struct weft_stored_span, by ring; the first is ring 0 */
    GArray *chunks;                   /* of struct weft_stored_chunk */
    GArray *states;                   /* of struct weft_stored_state */
    GArray *rings;                    /* of struct weft_stored_ring, by number */
    GHashTable *strings;              /* id -> char *, valid UTF-8 */
    GHashTable *sites;                /* id -> struct weft_trace_site * */
    GPtrArray *owned;                 /* memory that lives as long as the trace */
    GString *damage;
    gboolean begins_with_state; /* the first of `states` is what was known at the beginning */
    struct weft_clockmap clock;
    guint64 events, lost;
    gint64 end_ns;

    struct weft_trace_pool *decoders;

    /* Of a file. */
    char *path;
    struct weft_tracefile file; /* fd -1: in memory */
    guint8 uuid[16];
    struct weft_reading *reading; /* reading.h; NULL: the file is whole */
    gboolean whole;               /* it has INDEX and trailer, unharmed */
    GArray *additions;            /* SUMMARY and NOTES: of struct weft_index_entry */

    /* In memory. */
    weft_encoder *encoder;
    weft_state *state; /* after the last chunk appended */
    guint chunks_since_state;
    guint64 state_bytes, bytes_since_state;
};

/* A trace with nothing in it and no clock yet. */
weft_trace *weft_trace_alloc(void);

/* The ring, made when it is missing; ring < WEFT_TRACE_RINGS. Valid until the next call. */
struct weft_stored_ring *weft_trace_ring(weft_trace *trace, uint32_t ring);

/* One more process, of which nothing is known yet. */
struct weft_trace_source *weft_trace_add_source(weft_trace *trace);

/* Says that from `ring` to where the next span begins, rings are this source's. */
void weft_trace_add_span(weft_trace *trace, guint32 ring, guint source);

/* Text that lives as long as the trace: takes `text`. */
const char *weft_trace_own(weft_trace *trace, char *text);

/* Bytes of a text, not NUL-terminated, any encoding. */
void weft_trace_add_string(weft_trace *trace, uint32_t id, const char *text, gsize size);

/* A chunk's payload unpacked; free with g_free. NULL when it is damaged, or claims to be absurdly
 * large. */
guint8 *weft_trace_unpack(const guint8 *payload, guint32 stored, guint32 raw, guint codec);

#endif
