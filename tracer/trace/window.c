/* window.c: see window.h. */
#include "tracer/trace/window.h"
#include "tracer/trace/chunk.h"
#include "tracer/trace/codec.h"
#include <string.h>

enum { GROUPS = 8 }; /* about so many in a window */

struct kept_chunk {
    struct weft_chunk_header header;
    GBytes *payload;
};

struct group {
    GArray *chunks; /* of struct kept_chunk */
    guint64 since;  /* CLOCK_MONOTONIC */
    guint64 bytes, slots, events, lost;
};

struct weft_tracewindow {
    struct weft_tracewindow_limits limits;
    GPtrArray *groups; /* of struct group *, oldest first */
    guint64 bytes;
    guint64 evicted_slots, evicted_events, evicted_lost;
};

struct weft_tracepicture {
    GArray *chunks; /* of struct kept_chunk */
    struct weft_definitions definitions;
    uint64_t begin;
    guint64 events;
};

static void clear_chunk(gpointer data)
{
    g_bytes_unref(((struct kept_chunk *)data)->payload);
}

static GArray *new_chunks(void)
{
    GArray *chunks = g_array_new(FALSE, FALSE, sizeof(struct kept_chunk));
    g_array_set_clear_func(chunks, clear_chunk);
    return chunks;
}

static void free_group(gpointer data)
{
    struct group *group = data;
    g_array_unref(group->chunks);
    g_free(group);
}

weft_tracewindow *weft_tracewindow_new(const struct weft_tracewindow_limits *limits)
{
    weft_tracewindow *window = g_new0(weft_tracewindow, 1);
    window->limits = *limits;
    window->groups = g_ptr_array_new_with_free_func(free_group);
    return window;
}

void weft_tracewindow_free(weft_tracewindow *window)
{
    if (!window)
        return;
    g_ptr_array_unref(window->groups);
    g_free(window);
}

static struct group *oldest(const weft_tracewindow *window)
{
    return window->groups->len ? window->groups->pdata[0] : NULL;
}

static struct group *newest(const weft_tracewindow *window)
{
    return window->groups->len ? window->groups->pdata[window->groups->len - 1] : NULL;
}

/* ---- Coming and going ---- */

static struct group *begin_group(weft_tracewindow *window, guint64 now)
{
    struct group *group = g_new0(struct group, 1);
    group->chunks = new_chunks();
    group->since = now;
    g_ptr_array_add(window->groups, group);
    return group;
}

static void count_chunk(struct group *group, const struct weft_chunk_header *header,
                        const guint8 *payload)
{
    struct weft_events_prefix events;
    struct weft_loss_payload loss;
    if (header->kind == WEFT_CHUNK_EVENTS) {
        memcpy(&events, payload, sizeof events);
        group->slots += events.slots;
        group->events += header->n;
    } else if (header->kind == WEFT_CHUNK_LOSS) {
        memcpy(&loss, payload, sizeof loss);
        group->lost += loss.unread + loss.dropped;
    }
}

/* Whether what comes behind the oldest group is enough. */
static gboolean may_evict(const weft_tracewindow *window, guint64 now)
{
    const struct weft_tracewindow_limits *limits = &window->limits;
    if (window->groups->len < 2)
        return FALSE;
    const struct group *second = window->groups->pdata[1];
    return (limits->bytes && window->bytes > limits->bytes) ||
           (limits->ns && now - second->since >= limits->ns);
}

static void evict(weft_tracewindow *window)
{
    const struct group *group = oldest(window);
    window->bytes -= group->bytes;
    window->evicted_slots += group->slots;
    window->evicted_events += group->events;
    window->evicted_lost += group->lost;
    g_ptr_array_remove_index(window->groups, 0);
}

void weft_tracewindow_add(weft_tracewindow *window, const struct weft_chunk_header *header,
                          const guint8 *payload, guint64 now)
{
    struct group *group = newest(window);
    if (!group || header->kind == WEFT_CHUNK_STATE)
        group = begin_group(window, now);
    struct kept_chunk chunk = { *header, g_bytes_new(payload, header->stored) };
    g_array_append_val(group->chunks, chunk);
    count_chunk(group, header, payload);
    guint64 size = weft_chunk_size(header->stored);
    group->bytes += size;
    window->bytes += size;
    while (may_evict(window, now))
        evict(window);
}

gboolean weft_tracewindow_wants_state(const weft_tracewindow *window, guint64 now)
{
    const struct group *group = newest(window);
    const struct weft_tracewindow_limits *limits = &window->limits;
    return group && group->slots + group->lost > 0 &&
           ((limits->bytes && group->bytes >= limits->bytes / GROUPS) ||
            (limits->ns && now - group->since >= limits->ns / GROUPS));
}

/* ---- Looking ---- */

static uint64_t first_tick(const GArray *chunks, uint64_t least)
{
    for (guint i = 0; i < chunks->len; i++) {
        const struct weft_chunk_header *h = &g_array_index(chunks, struct kept_chunk, i).header;
        if (h->kind == WEFT_CHUNK_EVENTS)
            least = MIN(least, h->first_time);
    }
    return least;
}

/* A ring's events come a moment after another's: the first of the second group may be older than
 * those of the first, no later one is. */
uint64_t weft_tracewindow_begin(const weft_tracewindow *window)
{
    uint64_t least = UINT64_MAX;
    if (window->evicted_slots + window->evicted_lost == 0)
        return 0;
    for (guint i = 0; i < MIN(window->groups->len, 2); i++) {
        const struct group *group = window->groups->pdata[i];
        least = first_tick(group->chunks, least);
    }
    return least == UINT64_MAX ? 0 : least;
}

struct weft_tracewindow_stats weft_tracewindow_stats(const weft_tracewindow *window, guint64 now)
{
    const struct group *first = oldest(window);
    return (struct weft_tracewindow_stats){ .bytes = window->bytes,
                                            .ns = first ? now - first->since : 0,
                                            .evicted_slots = window->evicted_slots,
                                            .evicted_events = window->evicted_events,
                                            .evicted_lost = window->evicted_lost };
}

/* ---- Pictures ---- */

weft_tracepicture *weft_tracepicture_new(const weft_tracewindow *window,
                                         const struct weft_definitions *with)
{
    weft_tracepicture *picture = g_new0(weft_tracepicture, 1);
    picture->chunks = new_chunks();
    for (guint g = 0; g < window->groups->len; g++) {
        const struct group *group = window->groups->pdata[g];
        for (guint i = 0; i < group->chunks->len; i++) {
            struct kept_chunk chunk = g_array_index(group->chunks, struct kept_chunk, i);
            g_bytes_ref(chunk.payload);
            g_array_append_val(picture->chunks, chunk);
        }
        picture->events += group->events;
    }
    picture->begin = weft_tracewindow_begin(window);
    weft_definitions_copy(&picture->definitions, with);
    return picture;
}

void weft_tracepicture_free(weft_tracepicture *picture)
{
    if (!picture)
        return;
    g_array_unref(picture->chunks);
    weft_definitions_finish(&picture->definitions);
    g_free(picture);
}

guint64 weft_tracepicture_events(const weft_tracepicture *picture)
{
    return picture->events;
}

static gboolean write_chunks(const weft_tracepicture *picture, weft_chunkfile *file, GError **error)
{
    gboolean begun = FALSE; /* events or losses are in it */
    for (guint i = 0; i < picture->chunks->len; i++) {
        const struct kept_chunk *chunk = &g_array_index(picture->chunks, struct kept_chunk, i);
        struct weft_chunk_header header = chunk->header;
        if (header.kind == WEFT_CHUNK_STATE)
            header.n = begun; /* 0: what was known when the trace began */
        else
            begun = TRUE;
        if (!weft_chunkfile_add(file, &header, g_bytes_get_data(chunk->payload, NULL), error))
            return FALSE;
    }
    return TRUE;
}

gboolean weft_tracepicture_write(weft_tracepicture *picture, const char *path, gint64 sync_ns,
                                 guint64 *size, GError **error)
{
    g_autoptr(weft_chunkfile) file = weft_chunkfile_new(path, WEFT_CHUNKFILE_WHOLE, error);
    struct weft_definitions *definitions = &picture->definitions;
    if (!file)
        return FALSE;
    weft_definitions_begin_file(definitions);
    gboolean written = weft_definitions_write_processes(definitions, file, picture->begin, 0,
                                                        error) &&
                       weft_definitions_write(definitions, file, error) &&
                       write_chunks(picture, file, error) &&
                       weft_chunkfile_finish(file, sync_ns, error);
    *size = weft_chunkfile_size(file);
    return written;
}
