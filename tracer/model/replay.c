/* replay.c: see replay.h. A chunk is decoded whole, with who acted in each event, and stays until
 * another is needed: going on to the next place costs nothing. */
#include "tracer/model/model_private.h"
#include "tracer/model/replay_walk.h"
#include "tracer/model/sentence.h"
#include "tracer/model/tell.h"
#include "tracer/model/tell_around.h"

enum { CANCEL_EVERY = 4096 };

weft_replay *replay_new_of_ring(weft_model *model, guint32 ring)
{
    weft_replay *replay = g_new0(weft_replay, 1);
    replay->model = model;
    replay->loop = NO_LANE;
    replay->ring = ring;
    replay->chunks = g_array_new(FALSE, FALSE, sizeof(guint));
    replay->events = g_array_new(FALSE, FALSE, sizeof(struct weft_event_view));
    return replay;
}

weft_replay *weft_replay_new(weft_model *model, guint loop)
{
    const struct weft_lane *lane = weft_model_lane(model, loop);
    if (!lane || lane->kind != WEFT_LANE_LOOP)
        return NULL;
    weft_replay *replay = replay_new_of_ring(model, lane->ring);
    replay->loop = loop;
    return replay;
}

void weft_replay_free(weft_replay *replay)
{
    if (!replay)
        return;
    narrator_free(replay->narrator);
    g_array_unref(replay->chunks);
    g_array_unref(replay->events);
    g_free(replay);
}

/* ---- Chunks ---- */

/* The ring may have had another loop before, or after: what that did is left out. What was before
 * the first, where the process begins, and after the last is that one's; between two, the second's.
 */
static void find_reach(weft_replay *replay)
{
    const GArray *loops = replay->model->loops;
    replay->from_ns = G_MININT64;
    replay->to_ns = G_MAXINT64;
    for (guint i = 0; i < loops->len && replay->loop != NO_LANE; i++) {
        guint loop = g_array_index(loops, guint, i);
        const struct weft_lane *lane = weft_model_lane(replay->model, loop);
        if (lane->ring != replay->ring)
            continue;
        if (loop < replay->loop)
            replay->from_ns = lane->last_ns + 1;
        else if (loop > replay->loop)
            replay->to_ns = weft_model_lane(replay->model, replay->loop)->last_ns;
    }
}

static gboolean is_ours(const weft_replay *replay, gint64 from_ns, gint64 to_ns)
{
    return to_ns >= replay->from_ns && from_ns <= replay->to_ns;
}

/* A live trace has grown since. */
static void list_chunks(weft_replay *replay)
{
    if (replay->n_known < replay->model->n_chunks)
        find_reach(replay);
    for (; replay->n_known < replay->model->n_chunks; replay->n_known++) {
        const struct weft_trace_chunk *info = weft_trace_chunk(replay->model->trace,
                                                               replay->n_known);
        if (info->ring == replay->ring && is_ours(replay, info->first_ns, info->last_ns))
            g_array_append_val(replay->chunks, replay->n_known);
    }
}

static const struct weft_trace_chunk *chunk_info(const weft_replay *replay, guint place)
{
    return weft_trace_chunk(replay->model->trace, g_array_index(replay->chunks, guint, place));
}

static gboolean keep_ours(const struct weft_event_view *event, gpointer data)
{
    weft_replay *replay = data;
    gint64 t = (gint64)event->record.time;
    if (is_ours(replay, t, t))
        g_array_append_vals(replay->events, event, 1);
    return TRUE;
}

static void load(weft_replay *replay, guint place)
{
    if (replay->loaded && replay->chunk == place)
        return;
    g_array_set_size(replay->events, 0);
    model_visit_chunk(replay->model, g_array_index(replay->chunks, guint, place), keep_ours,
                      replay);
    replay->chunk = place;
    replay->loaded = TRUE;
}

/* ---- Going on, event by event ---- */

static const struct weft_event_view *event_at(const weft_replay *replay, guint i)
{
    return &g_array_index(replay->events, struct weft_event_view, i);
}

static gint64 time_of(const struct weft_event_view *e)
{
    return (gint64)e->record.time;
}

static guint64 lost_before(const weft_replay *replay, guint i)
{
    return i == 0 ? chunk_info(replay, replay->chunk)->lost_before : 0;
}

/* Goes on to the nearest chunk that has events. FALSE: there is none, and it stays. */
static gboolean turn(weft_replay *replay, int direction)
{
    guint before = replay->chunk, at = replay->at;
    if (replay->chunks->len == 0)
        return FALSE;
    for (guint chunk = before; direction > 0 ? chunk + 1 < replay->chunks->len : chunk > 0;) {
        chunk = direction > 0 ? chunk + 1 : chunk - 1;
        load(replay, chunk);
        replay->at = direction > 0 ? 0 : replay->events->len;
        if (replay->events->len)
            return TRUE;
    }
    load(replay, before);
    replay->at = at;
    return FALSE;
}

const struct weft_event_view *replay_next(weft_replay *replay, guint64 *lost)
{
    if (replay->at == replay->events->len && !turn(replay, 1))
        return NULL;
    *lost = lost_before(replay, replay->at);
    return event_at(replay, replay->at++);
}

const struct weft_event_view *replay_previous(weft_replay *replay, guint64 *lost)
{
    if (replay->at == 0 && !turn(replay, -1))
        return NULL;
    replay->at--;
    *lost = lost_before(replay, replay->at);
    return event_at(replay, replay->at);
}

/* How many of the chunk's events are not later than t. */
static guint until(const weft_replay *replay, gint64 t_ns)
{
    guint low = 0, high = replay->events->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (time_of(event_at(replay, middle)) <= t_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Goes back over all events at t, and returns how many they were. */
static int leave_moment(weft_replay *replay, gint64 t_ns)
{
    guint64 lost;
    const struct weft_event_view *e;
    int n = 0;
    while ((e = replay_previous(replay, &lost)) && time_of(e) == t_ns)
        n++;
    if (e)
        replay_next(replay, &lost);
    return n;
}

gboolean replay_seek(weft_replay *replay, struct weft_replay_place place)
{
    list_chunks(replay);
    guint low = 0, high = replay->chunks->len;
    if (high == 0)
        return FALSE;
    while (low < high) { /* the last chunk that has begun */
        guint middle = low + (high - low) / 2;
        if (chunk_info(replay, middle)->first_ns <= place.time_ns)
            low = middle + 1;
        else
            high = middle;
    }
    load(replay, low ? low - 1 : 0);
    replay->at = until(replay, place.time_ns);
    if (place.after == WEFT_WHOLE_MOMENT)
        return TRUE;
    int n = MIN(leave_moment(replay, place.time_ns), place.after);
    guint64 lost;
    while (n-- > 0)
        replay_next(replay, &lost);
    return TRUE;
}

const struct weft_event_view *replay_before(const weft_replay *replay, unsigned kind,
                                            uint64_t subject)
{
    for (guint i = MAX(replay->at, 1) - 1; i > 0; i--) {
        const struct weft_event_view *e = event_at(replay, i - 1);
        if (e->record.kind == kind && e->record.subject == subject)
            return e;
    }
    return NULL;
}

/* The place of a chunk among the ring's. */
static guint place_of(const weft_replay *replay, guint chunk)
{
    guint low = 0, high = replay->chunks->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(replay->chunks, guint, middle) < chunk)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void replay_stand_before(weft_replay *replay, const struct weft_event_view *event)
{
    list_chunks(replay);
    load(replay, place_of(replay, event->chunk));
    guint low = 0, high = replay->events->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (event_at(replay, middle)->index < event->index)
            low = middle + 1;
        else
            high = middle;
    }
    replay->at = low;
}

int replay_chunks_between(weft_replay *replay, guint chunk, const struct weft_event_view *event)
{
    list_chunks(replay);
    return (int)place_of(replay, event->chunk) - (int)place_of(replay, chunk);
}

struct weft_replay_place replay_place_here(weft_replay *replay, gint64 t_ns)
{
    guint64 lost;
    struct weft_replay_place place = { t_ns, WEFT_WHOLE_MOMENT };
    const struct weft_event_view *next = replay_next(replay, &lost);
    if (!next || time_of(next) != t_ns)
        return place;
    replay_previous(replay, &lost);
    place.after = leave_moment(replay, t_ns);
    return place;
}

/* ---- Steps ---- */

/* To the end of the next step; after the last, to the last event. */
static gboolean next_step(weft_replay *replay, struct weft_replay_place *found)
{
    guint64 lost;
    const struct weft_event_view *e;
    gboolean any = FALSE;
    while ((e = replay_next(replay, &lost))) {
        any = TRUE;
        *found = (struct weft_replay_place){ time_of(e), WEFT_WHOLE_MOMENT };
        if (replay_ends_step(e))
            break;
    }
    return any;
}

/* To the end of a step at an earlier time; before the first, to the first event. */
static gboolean previous_step(weft_replay *replay, gint64 before_ns,
                              struct weft_replay_place *found)
{
    guint64 lost;
    const struct weft_event_view *e;
    gboolean any = FALSE;
    while ((e = replay_previous(replay, &lost))) {
        if (time_of(e) >= before_ns)
            continue;
        any = TRUE;
        *found = (struct weft_replay_place){ time_of(e), WEFT_WHOLE_MOMENT };
        if (replay_ends_step(e))
            break;
    }
    return any;
}

/* Before the event that it stands after, and after the one before that. */
static const struct weft_event_view *go_back(weft_replay *replay)
{
    guint64 lost;
    if (!replay_previous(replay, &lost) || !replay_previous(replay, &lost))
        return NULL;
    return replay_next(replay, &lost);
}

gboolean weft_replay_step(weft_replay *replay, struct weft_replay_place from,
                          enum weft_replay_unit unit, int direction,
                          struct weft_replay_place *found)
{
    guint64 lost;
    if (!replay_seek(replay, from))
        return FALSE;
    if (unit == WEFT_REPLAY_STEP)
        return direction > 0 ? next_step(replay, found)
                             : previous_step(replay, from.time_ns, found);
    const struct weft_event_view *e = direction > 0 ? replay_next(replay, &lost) : go_back(replay);
    if (e)
        *found = replay_place_here(replay, time_of(e));
    return e != NULL;
}

_Static_assert(WEFT_RECORD_KIND_END <= 64, "a bit a kind");

static gboolean is_wanted(const struct weft_event_view *e, const struct weft_replay_wanted *wanted)
{
    const struct weft_record *r = &e->record;
    const struct weft_event_info *info = weft_event_info(r->kind);
    if (wanted->kinds && (!info || !(wanted->kinds & UINT64_C(1) << r->kind)))
        return FALSE;
    if (wanted->detail && r->detail != wanted->detail)
        return FALSE;
    return !wanted->id || r->subject == wanted->id || e->actor == wanted->id ||
           (info && info->object == WEFT_FIELD_ENTITY && r->object == wanted->id);
}

gboolean weft_replay_find(weft_replay *replay, struct weft_replay_place from,
                          const struct weft_replay_wanted *wanted, int direction,
                          GCancellable *cancellable, struct weft_replay_place *found)
{
    guint64 lost;
    guint seen = 0;
    if (!replay_seek(replay, from))
        return FALSE;
    for (;;) {
        const struct weft_event_view *e = direction > 0 ? replay_next(replay, &lost)
                                                        : go_back(replay);
        if (!e || (seen++ % CANCEL_EVERY == 0 && g_cancellable_is_cancelled(cancellable)))
            return FALSE;
        if (is_wanted(e, wanted)) {
            *found = replay_place_here(replay, time_of(e));
            return TRUE;
        }
    }
}

/* ---- What a step says ---- */

struct narrator *replay_narrator(weft_replay *replay)
{
    if (!replay->narrator)
        replay->narrator = narrator_new(replay);
    return replay->narrator;
}

static struct weft_sentence *tell_loss(weft_replay *replay, guint64 lost, gint64 t_ns)
{
    struct weft_sentence *s = sentence_new(t_ns, weft_model_lane(replay->model, replay->loop)->id);
    g_autofree char *number = weft_format_count(lost);
    say(s, lost == 1 ? "%s event is lost here" : "%s events are lost here", number);
    say(s, ": what happened until each task is next seen is unknown.");
    return s;
}

/* Goes back over the step's events from where it stands, to after the step before. The newest
 * first. A whole moment that ends a step may have begun the next one: that is left out; and it may
 * end several, which are one. */
static GArray *events_of_step(weft_replay *replay, gboolean whole, GArray *losses)
{
    GArray *events = g_array_new(FALSE, FALSE, sizeof(struct weft_event_view));
    guint64 lost;
    const struct weft_event_view *e;
    gint64 newest = G_MININT64;
    gboolean ended = FALSE;
    while ((e = replay_previous(replay, &lost))) {
        newest = newest == G_MININT64 ? time_of(e) : newest;
        if (replay_ends_step(e)) {
            if (whole ? time_of(e) != newest : events->len > 0)
                break;
            if (!ended) {
                g_array_set_size(events, 0);
                g_array_set_size(losses, 0);
            }
            ended = TRUE;
        }
        g_array_append_val(events, *e);
        g_array_append_val(losses, lost);
    }
    return events;
}

/* What a step says, and what of it is said by others of its events. */
struct telling_step {
    weft_replay *replay;
    enum weft_replay_detail detail;
    const GArray *events; /* of struct weft_event_view: the newest first */
    GHashTable *woke;     /* GIST: the timers and timeouts whose end is told by what they did */
};

enum { NEAR_EVENTS = 64 };

static const struct weft_event_view *step_event(const struct telling_step *step, guint i)
{
    return &g_array_index(step->events, struct weft_event_view, i);
}

static void note_woke(struct telling_step *step)
{
    step->woke = g_hash_table_new(g_int64_hash, g_int64_equal);
    for (guint i = 0; step->detail == WEFT_REPLAY_GIST && i < step->events->len; i++) {
        const struct weft_record *r = &step_event(step, i)->record;
        if (r->kind == WEFT_RECORD_WAKE && r->detail == WEFT_WAKE_TIMER)
            g_hash_table_add(step->woke, (gpointer)&r->object);
        else if (r->kind == WEFT_RECORD_TIMEOUT_EXPIRE)
            g_hash_table_add(step->woke, (gpointer)&r->subject);
    }
}

/* The last before the i-th, near it, that began what is now so. */
static const struct weft_record *began(const struct telling_step *step, guint i, guint64 kinds)
{
    uint64_t subject = step_event(step, i)->record.subject;
    for (guint j = i + 1; j < step->events->len && j < i + NEAR_EVENTS; j++) {
        const struct weft_record *r = &step_event(step, j)->record;
        if (r->subject == subject && r->kind < WEFT_RECORD_KIND_END && (kinds >> r->kind & 1))
            return r;
    }
    return NULL;
}

/* A timer's way to whom it wakes; but not when that took long. */
static gboolean leads_to_wake(const struct telling_step *step, guint i)
{
    const struct weft_record *r = &step_event(step, i)->record;
    const struct weft_record *begin = r->kind == WEFT_RECORD_CALLBACK_END
                                          ? began(step, i, WEFT_REPLAY_KIND(CALLBACK_BEGIN))
                                          : NULL;
    return g_hash_table_contains(step->woke, &r->subject) &&
           (!begin || (gint64)(r->time - begin->time) < WEFT_CALLBACK_LONG_NS);
}

static gboolean is_told_by_another(const struct telling_step *step, guint i)
{
    const struct weft_record *r = &step_event(step, i)->record;
    const struct weft_record *next = i > 0 ? &step_event(step, i - 1)->record : NULL;
    if (!next) /* where it stands */
        return FALSE;
    switch (r->kind) {
    case WEFT_RECORD_GROUP_DONE:
        return next->kind == WEFT_RECORD_WAKE && next->detail == WEFT_WAKE_GROUP &&
               next->object == r->subject;
    case WEFT_RECORD_OBJECT_NAME:
    case WEFT_RECORD_TASK_NAME:
        return began(step, i,
                     WEFT_REPLAY_KIND(OBJECT_NEW) | WEFT_REPLAY_KIND(TASK_NEW) |
                         WEFT_REPLAY_KIND(WORK_SUBMIT) |
                         (step->detail == WEFT_REPLAY_GIST ? WEFT_REPLAY_KIND(RESUME) : 0)) != NULL;
    case WEFT_RECORD_TIMER_SET:
        return step->detail == WEFT_REPLAY_GIST && next->kind == WEFT_RECORD_SUSPEND &&
               next->object == r->subject;
    case WEFT_RECORD_TIMER_FIRE:
    case WEFT_RECORD_READY:
    case WEFT_RECORD_CALLBACK_BEGIN:
    case WEFT_RECORD_CALLBACK_END:
        return leads_to_wake(step, i);
    }
    return FALSE;
}

static gboolean is_told(const struct telling_step *step, guint i)
{
    return tells(step->replay->model, step_event(step, i)) && !is_told_by_another(step, i);
}

/* How many of them, the newest first, are needed for a headline and `max` lines. */
static guint events_needed(const struct telling_step *step, guint max)
{
    guint n = 0, told = 0;
    for (; n < step->events->len && told <= max; n++)
        told += is_told(step, n);
    return n;
}

struct weft_replay_telling *weft_replay_tell(weft_replay *replay, struct weft_replay_place place,
                                             enum weft_replay_detail detail, guint max)
{
    struct weft_replay_telling *telling = g_new0(struct weft_replay_telling, 1);
    telling->lines = g_ptr_array_new_with_free_func((GDestroyNotify)weft_sentence_free);
    if (!replay_seek(replay, place))
        return telling;
    g_autoptr(GArray) losses = g_array_new(FALSE, FALSE, sizeof(guint64));
    g_autoptr(GArray) events = events_of_step(replay, place.after == WEFT_WHOLE_MOMENT, losses);
    struct telling_step step = { .replay = replay, .detail = detail, .events = events };
    note_woke(&step);
    guint needed = events_needed(&step, max), headline = G_MAXUINT;
    telling->left_out = events->len - needed;
    for (guint i = events->len; i > 0; i--) {
        const struct weft_event_view *e = step_event(&step, i - 1);
        guint64 lost = g_array_index(losses, guint64, i - 1);
        telling->lost += lost;
        if (lost)
            g_ptr_array_add(telling->lines, tell_loss(replay, lost, time_of(e)));
        gboolean told = i <= needed && !is_told_by_another(&step, i - 1);
        struct weft_sentence *s = told ? tell(replay_narrator(replay), e) : NULL;
        if (!s)
            continue;
        headline = telling->lines->len;
        g_ptr_array_add(telling->lines, s);
    }
    g_hash_table_unref(step.woke);
    if (headline != G_MAXUINT)
        telling->headline = g_ptr_array_steal_index(telling->lines, headline);
    return telling;
}

void weft_replay_telling_free(struct weft_replay_telling *telling)
{
    if (!telling)
        return;
    weft_sentence_free(telling->headline);
    g_ptr_array_unref(telling->lines);
    g_free(telling);
}
