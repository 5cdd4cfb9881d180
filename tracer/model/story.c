/* story.c: the story of a task or a loop around a moment.
 *
 *   its segments near t --> the chunks they begin in --> events about it --> sentences
 *                                                        \-> repeated waits become one,
 *                                                            and tasks created in a row
 *
 * Segments say where to look, so that a slow lane's story does not read the chunks between. */
#include "tracer/model/cursor.h"
#include "tracer/model/sentence.h"
#include "tracer/model/tell.h"
#include <string.h>

enum { CHUNKS_MAX = 24, SEGMENTS_PER_SENTENCE = 2, REPEATED = 4 };

struct search {
    weft_model *model;
    uint64_t id;
    weft_replay *replay; /* of the ring: tells its events */
    guint32 ring;
    gint64 from_ns, to_ns; /* of events */
    GArray *chunks;        /* of guint, ascending */
    GArray *events;        /* of struct weft_event_view */
    gboolean whole;        /* nothing about it was left out so far */
};

/* ---- Where to look ---- */

/* The ring's chunk that holds t; FALSE: none. */
static gboolean chunk_of(const weft_model *model, guint32 ring, gint64 t_ns, guint *chunk)
{
    gboolean found = FALSE;
    for (guint c = 0; c < model->n_chunks; c++) {
        const struct weft_trace_chunk *info = weft_trace_chunk(model->trace, c);
        if (info->ring != ring || info->last_ns < t_ns)
            continue;
        if (!found && info->first_ns <= t_ns)
            *chunk = c;
        found = found || info->first_ns <= t_ns;
        if (info->first_ns > t_ns || info->last_ns > t_ns)
            break;
    }
    return found;
}

static void add_chunk(struct search *search, gint64 t_ns)
{
    guint chunk;
    if (search->chunks->len >= CHUNKS_MAX || !chunk_of(search->model, search->ring, t_ns, &chunk))
        return;
    guint at = search->chunks->len;
    while (at > 0 && g_array_index(search->chunks, guint, at - 1) > chunk)
        at--;
    if (at > 0 && g_array_index(search->chunks, guint, at - 1) == chunk)
        return;
    g_array_insert_val(search->chunks, at, chunk);
}

/* Whether the chunks found are all in which the lane lives. */
static gboolean holds_life(const struct search *search, guint lane)
{
    const struct weft_lane *life = &search->model->lanes[lane].pub;
    guint n = 0;
    for (guint c = 0; c < search->model->n_chunks; c++) {
        const struct weft_trace_chunk *info = weft_trace_chunk(search->model->trace, c);
        n += info->ring == search->ring && info->last_ns >= life->first_ns &&
             info->first_ns <= life->last_ns;
    }
    return n == search->chunks->len;
}

/* Goes from t outward, segment by segment, both ways in turn; not farther than CHUNKS_MAX chunks.
 */
static void find_chunks(struct search *search, guint lane, gint64 t_ns, guint segments)
{
    struct weft_segment_view v;
    guint64 middle = 0;
    guint i;
    cursor_seek(search->model, lane, t_ns, &middle);
    search->from_ns = G_MAXINT64;
    search->to_ns = G_MININT64;
    for (i = 0; i < segments && search->chunks->len < CHUNKS_MAX; i++) {
        guint64 ways[2] = { middle + i, middle - 1 - i };
        for (guint way = 0; way < 2; way++) {
            if ((way && i >= middle) || !cursor_read(search->model, lane, ways[way], &v))
                continue;
            add_chunk(search, v.from_ns);
            search->from_ns = MIN(search->from_ns, v.from_ns);
            search->to_ns = MAX(search->to_ns, v.from_ns);
            if (v.flags & (WEFT_SEGMENT_LAST | WEFT_SEGMENT_OPEN)) {
                add_chunk(search, v.to_ns);
                search->to_ns = v.to_ns;
            }
        }
    }
    search->whole = i >= middle && !cursor_read(search->model, lane, middle + i, &v) &&
                    holds_life(search, lane);
}

/* ---- What is about it ---- */

static gboolean about_loop(const struct weft_record *r)
{
    switch (r->kind) {
    case WEFT_RECORD_LOOP_OPEN:
    case WEFT_RECORD_LOOP_CLOSE:
    case WEFT_RECORD_ITERATION:
    case WEFT_RECORD_POLL_BEGIN:
    case WEFT_RECORD_POLL_END:
    case WEFT_RECORD_RESUME:
        return TRUE;
    }
    return FALSE;
}

static gboolean is_about(const struct weft_event_view *e, uint64_t id)
{
    const struct weft_record *r = &e->record;
    if (weft_id_kind(id) == WEFT_ENTITY_LOOP)
        return about_loop(r);
    if (r->subject == id)
        return r->kind != WEFT_RECORD_TASK_NAME && r->kind != WEFT_RECORD_TASK_FREE;
    switch (r->kind) {
    case WEFT_RECORD_TIMEOUT_EXPIRE:
    case WEFT_RECORD_TIMEOUT_EXIT:
        return r->object == id;
    case WEFT_RECORD_TASK_NEW:
    case WEFT_RECORD_CANCEL_REQUEST:
    case WEFT_RECORD_TIMEOUT_ENTER:
    case WEFT_RECORD_TIMEOUT_RESCHEDULE:
    case WEFT_RECORD_RESOURCE:
    case WEFT_RECORD_FUTURE_DONE:
    case WEFT_RECORD_WORK_SUBMIT:
    case WEFT_RECORD_WORK_END:
    case WEFT_RECORD_MARK:
    case WEFT_RECORD_SPAN_BEGIN:
    case WEFT_RECORD_SPAN_END:
    case WEFT_RECORD_COUNTER:
        return e->actor == id;
    }
    return FALSE;
}

static gboolean keep_if_about(const struct weft_event_view *event, gpointer data)
{
    struct search *search = data;
    gint64 t = (gint64)event->record.time;
    if (t >= search->from_ns && t <= search->to_ns && is_about(event, search->id))
        g_array_append_vals(search->events, event, 1);
    return TRUE;
}

/* ---- Many waits for one thing ---- */

static gboolean same_wait(const struct weft_event_view *a, const struct weft_event_view *b)
{
    return a->record.kind == WEFT_RECORD_SUSPEND && b->record.kind == WEFT_RECORD_SUSPEND &&
           a->record.subject == b->record.subject && a->record.detail == b->record.detail &&
           (a->record.object == b->record.object || a->record.detail == WEFT_AWAIT_TIMER);
}

static gboolean is_turn(const struct weft_event_view *e)
{
    return e->record.kind == WEFT_RECORD_WAKE || e->record.kind == WEFT_RECORD_RESUME;
}

/* How many waits like events[first] follow each other, with nothing but wakes and slices between;
 * *last is where the last of them is. */
static guint count_waits(const GArray *events, guint first, guint *last)
{
    const struct weft_event_view *all = (const void *)events->data;
    guint n = 1;
    *last = first;
    for (guint i = first + 1; i < events->len; i++) {
        if (same_wait(&all[first], &all[i])) {
            n++;
            *last = i;
        } else if (!is_turn(&all[i])) {
            break;
        }
    }
    return n;
}

static struct weft_sentence *tell_waits(weft_model *model, const struct weft_event_view *first,
                                        const struct weft_event_view *last, guint n)
{
    struct weft_sentence *s = sentence_new((gint64)first->record.time, first->record.subject);
    say_subject(s, model, first->record.subject);
    if (first->record.detail == WEFT_AWAIT_YIELD) {
        say(s, " steps back %u times in ", n);
    } else {
        say(s, " awaits ");
        if (first->record.detail == WEFT_AWAIT_TIMER)
            say(s, "sleep");
        else
            say_awaited(s, model, first->record.detail, first->record.object, 0);
        say(s, " %u times in ", n);
    }
    say_duration(s, (gint64)(last->record.time - first->record.time));
    say(s, ".");
    s->merged = n;
    return s;
}

/* ---- Many tasks created in a row ---- */

static gboolean is_creation(const struct search *search, const struct weft_event_view *e)
{
    const struct weft_record *r = &e->record;
    guint lane = weft_model_lane_of(search->model, r->subject);
    return r->kind == WEFT_RECORD_TASK_NEW && (r->object ? r->object : e->actor) == search->id &&
           lane != NO_LANE && !(search->model->lanes[lane].pub.flags & WEFT_LANE_EAGER);
}

static guint count_creations(const struct search *search, guint first, guint *last)
{
    const struct weft_event_view *all = (const void *)search->events->data;
    *last = first;
    while (*last + 1 < search->events->len && is_creation(search, &all[*last + 1]))
        ++*last;
    return *last - first + 1;
}

static struct weft_sentence *tell_creations(const struct search *search,
                                            const struct weft_event_view *first, guint n)
{
    struct weft_sentence *s = sentence_new((gint64)first->record.time, search->id);
    g_autofree uint64_t *created = g_new(uint64_t, n);
    gboolean one_site = TRUE;
    for (guint i = 0; i < n; i++) {
        created[i] = first[i].record.subject;
        one_site = one_site && first[i].record.site == first->record.site;
    }
    say_subject(s, search->model, search->id);
    say_text(s, " creates ");
    say_entities(s, search->model, created, n);
    say_site(s, search->model, " at ", one_site ? first->record.site : 0);
    say_text(s, ": they go to the end of the ready queue; ");
    say_entity(s, search->model, search->id);
    say_text(s, " goes on.");
    s->merged = n;
    return s;
}

static void add_losses(struct search *search, GPtrArray *story)
{
    for (guint i = 0; i < search->model->losses->len; i++) {
        const struct weft_loss *loss = &g_array_index(search->model->losses, struct weft_loss, i);
        if (loss->ring != search->ring || loss->from_ns < search->from_ns ||
            loss->from_ns > search->to_ns)
            continue;
        struct weft_sentence *s = sentence_new(loss->from_ns, search->id);
        g_autofree char *number = weft_format_count(loss->slots);
        say(s, "%s events are lost here: what happened until each task is next seen is unknown.",
            number);
        guint at = story->len;
        while (at > 0 && ((struct weft_sentence *)story->pdata[at - 1])->time_ns > s->time_ns)
            at--;
        g_ptr_array_insert(story, (gint)at, s);
    }
}

/* An event, a stretch of waits for one thing, or of creations. */
struct item {
    guint first, last, n;
};

/* A stretch of waits is one item only when the moment asked about is not in it: there each is told.
 */
static GArray *group_events(const struct search *search, gint64 t_ns, guint *current)
{
    GArray *items = g_array_new(FALSE, FALSE, sizeof(struct item));
    const struct weft_event_view *all = (const void *)search->events->data;
    *current = 0;
    for (guint i = 0; i < search->events->len; i++) {
        struct item item = { i, i, 1 };
        if (all[i].record.kind == WEFT_RECORD_SUSPEND)
            item.n = count_waits(search->events, i, &item.last);
        gboolean here = (gint64)all[i].record.time <= t_ns &&
                        (gint64)all[item.last].record.time >= t_ns;
        if (item.n < REPEATED || here)
            item = (struct item){ i, i, 1 };
        if (is_creation(search, &all[i]))
            item.n = count_creations(search, i, &item.last);
        if ((gint64)all[i].record.time <= t_ns)
            *current = items->len;
        g_array_append_val(items, item);
        i = item.last;
    }
    return items;
}

static struct weft_sentence *tell_item(const struct search *search, const struct item *item)
{
    const struct weft_event_view *all = (const void *)search->events->data;
    if (item->n == 1)
        return tell(replay_narrator(search->replay), &all[item->first]);
    if (all[item->first].record.kind == WEFT_RECORD_TASK_NEW)
        return tell_creations(search, &all[item->first], item->n);
    return tell_waits(search->model, &all[item->first], &all[item->last], item->n);
}

/* Tells what lies at most `max` items from t. */
static GPtrArray *tell_events(struct search *search, gint64 t_ns, guint max)
{
    GPtrArray *story = g_ptr_array_new_with_free_func((GDestroyNotify)weft_sentence_free);
    guint current;
    g_autoptr(GArray) items = group_events(search, t_ns, &current);
    guint from = current > max ? current - max : 0, to = MIN(items->len, current + max + 1);
    search->whole = search->whole && from == 0 && to == items->len;
    for (guint i = from; i < to; i++) {
        const struct item *item = &g_array_index(items, struct item, i);
        struct weft_sentence *s = tell_item(search, item);
        if (s)
            g_ptr_array_add(story, s);
    }
    add_losses(search, story);
    return story;
}

/* The last sentence at or before t; and only the `max` nearest to it stay. */
static guint choose(GPtrArray *story, gint64 t_ns, guint max)
{
    guint current = 0;
    while (current + 1 < story->len &&
           ((struct weft_sentence *)story->pdata[current + 1])->time_ns <= t_ns)
        current++;
    if (story->len <= max)
        return current;
    guint first = current > max / 2 ? MIN(current - max / 2, story->len - max) : 0;
    g_ptr_array_remove_range(story, first + max, story->len - first - max);
    if (first > 0)
        g_ptr_array_remove_range(story, 0, first);
    return current - first;
}

GPtrArray *weft_model_story(weft_model *model, uint64_t id, gint64 t_ns, guint max, guint *current,
                            gboolean *whole)
{
    guint lane = weft_model_lane_of(model, id);
    *current = 0;
    *whole = FALSE;
    if (lane == NO_LANE || max == 0)
        return g_ptr_array_new_with_free_func((GDestroyNotify)weft_sentence_free);
    struct search search = { .model = model,
                             .id = id,
                             .ring = model->lanes[lane].pub.ring,
                             .replay = replay_new_of_ring(model, model->lanes[lane].pub.ring),
                             .chunks = g_array_new(FALSE, FALSE, sizeof(guint)),
                             .events = g_array_new(FALSE, FALSE, sizeof(struct weft_event_view)) };
    find_chunks(&search, lane, t_ns, max * SEGMENTS_PER_SENTENCE);
    for (guint i = 0; i < search.chunks->len; i++)
        model_visit_chunk(model, g_array_index(search.chunks, guint, i), keep_if_about, &search);
    GPtrArray *story = tell_events(&search, t_ns, max);
    *whole = search.whole && story->len <= max;
    *current = choose(story, t_ns, max);
    weft_replay_free(search.replay);
    g_array_unref(search.chunks);
    g_array_unref(search.events);
    return story;
}
