/* pieces.c: see pieces.h. */
#include "tracer/trace/pieces.h"
#include "tracer/trace/store.h"
#include <string.h>

#define NEAR_NS 1000000 /* clocks of one process in two files differ by less */

/* ---- Who shares processes ---- */

static const struct weft_trace_source *source_of(const weft_trace *trace, guint span)
{
    return weft_trace_source_at(trace,
                                g_array_index(trace->spans, struct weft_stored_span, span).source);
}

static gboolean is_known(const guint8 id[16])
{
    static const guint8 unknown[16];
    return memcmp(id, unknown, sizeof unknown) != 0;
}

static gboolean have_one_name(const struct weft_trace_source *a, const struct weft_trace_source *b)
{
    return memcmp(a->boot_id, b->boot_id, sizeof a->boot_id) == 0 && a->pid == b->pid &&
           a->start_time == b->start_time && strcmp(a->program, b->program) == 0;
}

static gboolean is_one_process(const struct weft_trace_source *a, const struct weft_trace_source *b)
{
    return is_known(a->boot_id) && have_one_name(a, b);
}

/* Without its boot's id it cannot be told whether it is one process. */
static gboolean may_be_one(const struct weft_trace_source *a, const struct weft_trace_source *b)
{
    return a->pid && !is_known(a->boot_id) && have_one_name(a, b) &&
           a->start_realtime_ns + a->start_ns == b->start_realtime_ns + b->start_ns;
}

static gboolean conflict(const struct weft_piece *a, const struct weft_piece *b,
                         const struct weft_trace_source *process, const char *why, GError **error)
{
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_CONFLICT,
                "%s and %s both hold process %" G_GUINT64_FORMAT " (%s)%s",
                weft_trace_path(a->trace), weft_trace_path(b->trace), (guint64)process->pid,
                process->program, why);
    return FALSE;
}

static gboolean differ(const struct weft_piece *a, const struct weft_piece *b, GError **error)
{
    if (is_known(a->trace->uuid) && memcmp(a->trace->uuid, b->trace->uuid, 16) == 0) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_CONFLICT,
                    "%s and %s are the same trace: its events would be there twice",
                    weft_trace_path(a->trace), weft_trace_path(b->trace));
        return FALSE;
    }
    for (guint i = 0; i < weft_trace_n_sources(a->trace); i++) {
        const struct weft_trace_source *x = weft_trace_source_at(a->trace, i);
        for (guint k = 0; k < weft_trace_n_sources(b->trace); k++)
            if (may_be_one(x, weft_trace_source_at(b->trace, k)))
                return conflict(a, b, x, ": its events would be there twice", error);
    }
    return TRUE;
}

/* A process that both hold; NULL: none. */
static const struct weft_trace_source *shared(const weft_trace *a, const weft_trace *b)
{
    for (guint i = 0; i < weft_trace_n_sources(a); i++)
        for (guint k = 0; k < weft_trace_n_sources(b); k++)
            if (is_one_process(weft_trace_source_at(a, i), weft_trace_source_at(b, k)))
                return weft_trace_source_at(a, i);
    return NULL;
}

/* Rings of the same numbers are the same processes'; one of them may know of more. */
static gboolean are_alike(const weft_trace *a, const weft_trace *b)
{
    for (guint i = 0; i < MIN(a->spans->len, b->spans->len); i++) {
        if (g_array_index(a->spans, struct weft_stored_span, i).ring !=
                g_array_index(b->spans, struct weft_stored_span, i).ring ||
            !is_one_process(source_of(a, i), source_of(b, i)))
            return FALSE;
    }
    return TRUE;
}

/* CLOCK_MONOTONIC, of one boot, where its events begin. */
static guint64 begin_of(const weft_trace *trace)
{
    gint64 ns = weft_trace_n_chunks(trace) ? weft_trace_chunk(trace, 0)->first_ns
                                           : weft_trace_end_ns(trace);
    return trace->clock.start_mono_ns + (guint64)ns;
}

static gboolean find_others(struct weft_piece *pieces, guint n, guint of, GError **error)
{
    struct weft_piece *piece = &pieces[of];
    piece->first = piece->most = of;
    for (guint i = 0; i < n; i++) {
        const struct weft_trace_source *source = i == of ? NULL
                                                         : shared(piece->trace, pieces[i].trace);
        if (!source)
            continue;
        if (!are_alike(piece->trace, pieces[i].trace))
            return conflict(piece, &pieces[i], source,
                            ", but beside others: merge what is of that process alone first",
                            error);
        guint64 theirs = begin_of(pieces[i].trace), ours = begin_of(pieces[piece->first].trace);
        if (theirs < ours || (theirs == ours && i < piece->first))
            piece->first = i;
        guint spans = pieces[i].trace->spans->len, most = pieces[piece->most].trace->spans->len;
        if (spans > most || (spans == most && i < piece->most))
            piece->most = i;
    }
    return TRUE;
}

/* ---- Who holds what of a ring ---- */

/* Slots lost before the first chunk may all have ordinals: what it misses begins with them. A ring
 * without a chunk ends where it began. */
static void look_at_rings(struct weft_piece *piece)
{
    const weft_trace *trace = piece->trace;
    for (guint i = 0; i < WEFT_TRACE_RINGS; i++)
        piece->rings[i].before = WEFT_NO_PIECE;
    for (guint i = 0; i < trace->rings->len; i++)
        piece->rings[i].begin = piece->rings[i].end =
            g_array_index(trace->rings, struct weft_stored_ring, i).begin_ordinal;
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, i);
        struct weft_piece_ring *ring = &piece->rings[chunk->ring];
        if (ring->chunks++ == 0 && weft_trace_begins_with_state(trace))
            ring->begin = chunk->first_ordinal -
                          MIN(weft_chunk_missing(chunk), chunk->first_ordinal);
        ring->end = MAX(ring->end, weft_chunk_end(chunk));
    }
}

/* A chunk of the ring that holds this slot; NULL: it is lost there. */
static const struct weft_trace_chunk *chunk_with(const weft_trace *trace, guint32 ring,
                                                 guint64 ordinal)
{
    for (guint i = 0; i < weft_trace_n_chunks(trace); i++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(trace, i);
        if (chunk->ring == ring && chunk->first_ordinal <= ordinal &&
            ordinal < weft_chunk_end(chunk))
            return chunk;
    }
    return NULL;
}

/* Whether slots that both hold have the same times. */
static gboolean agree(const weft_trace *a, const weft_trace *b, guint32 ring)
{
    gint64 apart = (gint64)(b->clock.start_mono_ns - a->clock.start_mono_ns);
    for (guint i = 0; i < weft_trace_n_chunks(b); i++) {
        const struct weft_trace_chunk *chunk = weft_trace_chunk(b, i), *same;
        if (chunk->ring != ring || !(same = chunk_with(a, ring, chunk->first_ordinal)))
            continue;
        gint64 time = chunk->first_ns + apart;
        return time >= same->first_ns - NEAR_NS && time <= same->last_ns + NEAR_NS;
    }
    return TRUE;
}

/* The piece that goes on behind slot `from`: of those that begin first, the longest. */
static guint next_piece(const struct weft_piece *pieces, guint n, guint first, guint32 ring,
                        guint64 from)
{
    guint found = WEFT_NO_PIECE;
    for (guint i = 0; i < n; i++) {
        const struct weft_piece_ring *at = &pieces[i].rings[ring];
        if (pieces[i].first != first || at->end <= from)
            continue;
        const struct weft_piece_ring *best = found == WEFT_NO_PIECE ? NULL
                                                                    : &pieces[found].rings[ring];
        guint64 begin = MAX(at->begin, from), least = best ? MAX(best->begin, from) : 0;
        if (!best || begin < least || (begin == least && at->end > best->end))
            found = i;
    }
    return found;
}

static gboolean has_chunks(const struct weft_piece *pieces, guint n, guint first, guint32 ring)
{
    for (guint i = 0; i < n; i++)
        if (pieces[i].first == first && pieces[i].rings[ring].chunks > 0)
            return TRUE;
    return FALSE;
}

static gboolean share_out(struct weft_piece *pieces, guint n, guint first, guint32 ring,
                          GError **error)
{
    guint before = WEFT_NO_PIECE, next;
    if (!has_chunks(pieces, n, first, ring))
        return TRUE;
    for (guint64 end = 0; (next = next_piece(pieces, n, first, ring, end)) != WEFT_NO_PIECE;) {
        struct weft_piece_ring *at = &pieces[next].rings[ring];
        at->taken = TRUE;
        at->from = MAX(at->begin, end);
        at->before = before;
        if (before != WEFT_NO_PIECE && at->begin < end &&
            !agree(pieces[before].trace, pieces[next].trace, ring))
            return conflict(&pieces[before], &pieces[next],
                            weft_trace_source_at(pieces[next].trace,
                                                 weft_trace_source_of(pieces[next].trace, ring)),
                            ", but their events contradict each other", error);
        if (before != WEFT_NO_PIECE)
            pieces[before].rings[ring].until = TRUE;
        before = next;
        end = at->end;
    }
    for (guint i = 0; i < n; i++)
        if (pieces[i].first == first && !pieces[i].rings[ring].taken)
            pieces[i].rings[ring].before = before;
    return TRUE;
}

/* ---- All ---- */

gboolean weft_pieces_order(struct weft_piece *pieces, guint n, GError **error)
{
    for (guint i = 0; i < n; i++)
        for (guint k = i + 1; k < n; k++)
            if (!differ(&pieces[i], &pieces[k], error))
                return FALSE;
    for (guint i = 0; i < n; i++)
        if (!find_others(pieces, n, i, error))
            return FALSE;
    for (guint i = 0; i < n; i++) {
        pieces[i].rings = g_new0(struct weft_piece_ring, WEFT_TRACE_RINGS);
        look_at_rings(&pieces[i]);
    }
    for (guint i = 0; i < n; i++)
        for (guint32 ring = 0; pieces[i].first == i && ring < WEFT_TRACE_RINGS; ring++)
            if (!share_out(pieces, n, i, ring, error))
                return FALSE;
    return TRUE;
}

void weft_pieces_clear(struct weft_piece *pieces, guint n)
{
    for (guint i = 0; i < n; i++)
        g_clear_pointer(&pieces[i].rings, g_free);
}
