/* feed.c: see feed.h. The taker is woken once there is a NOW, an END or a heap of events, not for
 * each of them: waking costs more than a small read of a ring. */
#include "tracer/trace/feed.h"
#include <pthread.h>
#include <string.h>

enum { HEAP = 1 << 20 };

struct weft_feed {
    pthread_mutex_t lock; /* not a GMutex: ThreadSanitizer sees this one */
    pthread_cond_t worth_it;
    struct weft_feed_item *first, *last;
    gsize capacity;
    gsize bytes;  /* of events put and not done with yet */
    gsize heaped; /* of those, not taken yet */
    gboolean urgent, closed;
    guint64 left_out;
    GHashTable *gaps; /* rings of which the last events put were left out; the putting thread's */
};

weft_feed *weft_feed_new(gsize capacity)
{
    weft_feed *feed = g_new0(weft_feed, 1);
    pthread_mutex_init(&feed->lock, NULL);
    pthread_cond_init(&feed->worth_it, NULL);
    feed->capacity = capacity;
    feed->gaps = g_hash_table_new(NULL, NULL);
    return feed;
}

static void free_item(struct weft_feed_item *item)
{
    weft_state_free(item->state);
    g_free(item);
}

void weft_feed_free(weft_feed *feed)
{
    if (!feed)
        return;
    for (struct weft_feed_item *item = feed->first, *next; item; item = next) {
        next = item->next;
        free_item(item);
    }
    g_hash_table_unref(feed->gaps);
    pthread_cond_destroy(&feed->worth_it);
    pthread_mutex_destroy(&feed->lock);
    g_free(feed);
}

/* ---- Putting ---- */

static gsize weight(const struct weft_feed_item *item)
{
    return item->kind == WEFT_FEED_EVENTS ? item->size : 0;
}

static void put(weft_feed *feed, const struct weft_feed_item *given, const void *payload)
{
    struct weft_feed_item *item = g_malloc(sizeof *item + given->size);
    *item = *given;
    item->payload = payload ? memcpy(item + 1, payload, item->size) : NULL;
    pthread_mutex_lock(&feed->lock);
    *(feed->last ? &feed->last->next : &feed->first) = item;
    feed->last = item;
    feed->bytes += weight(item);
    feed->heaped += weight(item);
    feed->urgent |= item->kind == WEFT_FEED_NOW || item->kind == WEFT_FEED_END;
    if (feed->urgent || feed->heaped >= HEAP)
        pthread_cond_signal(&feed->worth_it);
    pthread_mutex_unlock(&feed->lock);
}

#define PUT(feed, payload, ...)                                                                    \
    do {                                                                                           \
        struct weft_feed_item item__ = { __VA_ARGS__ };                                            \
        if (feed)                                                                                  \
            put(feed, &item__, payload);                                                           \
    } while (0)

void weft_feed_process(weft_feed *feed, guint process, enum weft_clock_kind file_clock,
                       const struct weft_clock_anchor *start)
{
    PUT(feed, NULL, .kind = WEFT_FEED_PROCESS, .process = process, .clock_kind = file_clock,
        .anchor = *start);
}

void weft_feed_string(weft_feed *feed, guint process, guint32 id, const char *text, gsize size)
{
    PUT(feed, text, .kind = WEFT_FEED_STRING, .process = process, .id = id, .size = size);
}

void weft_feed_site(weft_feed *feed, guint process, guint32 id, guint32 line, guint32 file,
                    guint32 func)
{
    PUT(feed, NULL, .kind = WEFT_FEED_SITE, .process = process, .id = id, .line = line,
        .file = file, .func = func);
}

void weft_feed_anchor(weft_feed *feed, const struct weft_clock_anchor *anchor)
{
    PUT(feed, NULL, .kind = WEFT_FEED_ANCHOR, .anchor = *anchor);
}

void weft_feed_state(weft_feed *feed, guint process, const weft_state *state)
{
    PUT(feed, NULL, .kind = WEFT_FEED_STATE, .process = process,
        .state = feed ? weft_state_copy(state) : NULL);
}

void weft_feed_hole(weft_feed *feed, guint process, guint32 ring, guint64 lost)
{
    PUT(feed, NULL, .kind = lost ? WEFT_FEED_LOSS : WEFT_FEED_GAP, .process = process, .ring = ring,
        .lost = lost);
}

void weft_feed_now(weft_feed *feed, uint64_t time)
{
    PUT(feed, NULL, .kind = WEFT_FEED_NOW, .time = time);
}

void weft_feed_end(weft_feed *feed, guint process, gboolean ended, uint64_t seen)
{
    PUT(feed, NULL, .kind = WEFT_FEED_END, .process = process, .ended = ended, .time = seen);
}

static gboolean has_room(weft_feed *feed, gsize size, guint slots)
{
    pthread_mutex_lock(&feed->lock);
    gboolean room = feed->bytes + size <= feed->capacity;
    feed->left_out += room ? 0 : slots;
    pthread_mutex_unlock(&feed->lock);
    return room;
}

void weft_feed_events(weft_feed *feed, guint process, guint32 ring, const uint64_t *actor,
                      const struct weft_record *records, guint n)
{
    gsize size = n * sizeof *records;
    if (!feed || n == 0)
        return;
    if (!has_room(feed, size, n)) {
        g_hash_table_add(feed->gaps, GUINT_TO_POINTER(ring));
        return;
    }
    if (g_hash_table_remove(feed->gaps, GUINT_TO_POINTER(ring)))
        weft_feed_hole(feed, process, ring, 0);
    PUT(feed, records, .kind = WEFT_FEED_EVENTS, .process = process, .ring = ring, .n = n,
        .actor_known = actor != NULL, .actor = actor ? *actor : 0, .size = size);
}

void weft_feed_close(weft_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    feed->closed = TRUE;
    pthread_cond_signal(&feed->worth_it);
    pthread_mutex_unlock(&feed->lock);
}

/* ---- Taking ---- */

struct weft_feed_item *weft_feed_take(weft_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    while (!feed->closed && !feed->urgent && feed->heaped < HEAP)
        pthread_cond_wait(&feed->worth_it, &feed->lock);
    struct weft_feed_item *item = feed->first;
    if (item) {
        feed->first = item->next;
        feed->heaped -= weight(item);
    }
    if (!feed->first) {
        feed->last = NULL;
        feed->urgent = FALSE;
    }
    pthread_mutex_unlock(&feed->lock);
    return item;
}

void weft_feed_done(weft_feed *feed, struct weft_feed_item *item)
{
    pthread_mutex_lock(&feed->lock);
    feed->bytes -= weight(item);
    pthread_mutex_unlock(&feed->lock);
    free_item(item);
}

guint64 weft_feed_left_out(weft_feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    guint64 left_out = feed->left_out;
    pthread_mutex_unlock(&feed->lock);
    return left_out;
}
