/* store.h: what a weft_trace holds, shared by trace.c (looking, appending) and reader.c (opening).
 *
 *      chunks:  info | payload (mapped, or owned), compressed      decoded on demand
 *      states:  before which chunk | payload
 *      strings, sites: by id      rings: ordinals, losses      source, clock */
#ifndef WEFT_TRACE_STORE_H
#define WEFT_TRACE_STORE_H

#include "tracer/trace/state.h"
#include "tracer/trace/trace.h"

struct weft_stored_chunk {
    struct weft_trace_chunk info;
    const guint8 *payload;
    guint32 stored;   /* bytes of payload */
    guint32 checksum; /* of them */
    guint32 events;   /* records, EXTs not counted */
    guint64 offset;   /* of its header in the file */
};

struct weft_stored_state {
    guint chunk; /* the state after all chunks before this one */
    const guint8 *payload;
    guint32 stored, raw, checksum;
};

struct weft_stored_ring {
    guint64 next_ordinal; /* of the slot after the last chunk  */
    guint64 lost;         /* since the last chunk              */
    gint64 last_ns;
    guint64 owner; /* entity id of the loop or thread */
};

struct weft_trace {
    gint references; /* atomic */
    char *path;
    GMappedFile *map;
    GArray *chunks;      /* of struct weft_stored_chunk */
    GArray *states;      /* of struct weft_stored_state */
    GHashTable *strings; /* id -> char *, valid UTF-8 */
    GHashTable *sites;   /* id -> struct weft_trace_site * */
    GPtrArray *owned;    /* payloads of a trace in memory */
    GArray *rings;       /* of struct weft_stored_ring, by ring number */
    struct weft_trace_source source;
    GString *damage;
    guint64 events, lost;
    gint64 end_ns;
    gint64 start_mono_ns;
    weft_state *state;               /* in memory: after the last chunk appended */
    guint64 state_size, events_size; /* of the last STATE; of the chunks since */
    guint chunks_since_state;
};

/* The ring, made when it is missing; ring < WEFT_STATE_RINGS. Valid until the next call. */
struct weft_stored_ring *weft_trace_ring(weft_trace *trace, uint32_t ring);

#endif
