/* why.c: why a task was not running at a moment: from the lanes and the state then. */
#include "tracer/model/around.h"
#include "tracer/model/model_private.h"
#include "tracer/model/plan.h"
#include "tracer/model/sentence.h"

enum { CHAIN_MAX = 6, AHEAD_MAX = 64 };
static const gint64 long_ns = 10 * G_GINT64_CONSTANT(1000000); /* without a poll: worth a clause */

struct moment {
    weft_model *model;
    const weft_state *state; /* NULL: the lanes say it all (needs_state) */
    const struct weft_segment_view *segment;
    uint64_t id;
    guint32 ring;
    guint loop; /* its lane; NO_LANE: none */
    gint64 t_ns;
};

/* "fetch-1 has run for 24.0 ms" of whoever runs, "the loop was paused for 2.00 s"; FALSE: nobody
 * runs. */
static gboolean say_holder(struct weft_sentence *s, const struct moment *m)
{
    struct weft_segment_view now;
    if (m->loop == NO_LANE || !weft_model_segment_at(m->model, m->loop, m->t_ns, &now))
        return FALSE;
    if (weft_segment_is_pause(&now)) {
        say(s, "the loop was paused for ");
        say_duration(s, m->t_ns - now.from_ns);
        return TRUE;
    }
    if (now.state != WEFT_SEGMENT_RUNNING && now.state != WEFT_SEGMENT_CALLBACK)
        return FALSE;
    say_entity(s, m->model, now.other);
    say(s, " has run for ");
    say_duration(s, m->t_ns - now.from_ns);
    return TRUE;
}

static void why_ready(struct weft_sentence *s, const struct moment *m)
{
    guint n, position = 0;
    const uint64_t *queue = weft_state_ready(m->state, m->ring, &n);
    while (position < n && queue[position] != m->id)
        position++;
    say(s, "It has been in the ready queue for ");
    say_duration(s, m->t_ns - m->segment->from_ns);
    if (position < n && position == 0) {
        say(s, ", first in line");
    } else if (position < n && position <= AHEAD_MAX) {
        say(s, ", behind ");
        say_entities(s, m->model, queue, position);
    } else if (position < n) {
        say(s, ", behind %u others", position);
    }
    say(s, "; ");
    if (!say_holder(s, m))
        say(s, "the loop is about to take the next");
}

/* Since when the loop has not polled; where the trace begins later, since whoever holds it now
 * runs. FALSE: not for long, or it is not known. */
static gboolean unpolled_since(const struct moment *m, gint64 *since, gboolean *longer)
{
    struct weft_segment_view now;
    if (m->loop == NO_LANE)
        return FALSE;
    *longer = !loop_polled(m->model, m->loop, m->t_ns, since);
    if (*longer) {
        if (!weft_model_segment_at(m->model, m->loop, m->t_ns, &now) ||
            (now.state != WEFT_SEGMENT_RUNNING && now.state != WEFT_SEGMENT_CALLBACK))
            return FALSE;
        *since = now.from_ns;
    }
    return m->t_ns - *since >= long_ns;
}

/* "the loop has not polled for 74.0 ms: fetch-1 has run for …". */
static gboolean say_unpolled(struct weft_sentence *s, const struct moment *m)
{
    gint64 polled;
    gboolean longer;
    struct weft_segment_view held;
    if (!unpolled_since(m, &polled, &longer))
        return FALSE;
    say(s, longer ? "the loop has not polled for at least " : "the loop has not polled for ");
    say_duration(s, m->t_ns - polled);
    say(s, ": ");
    if (!say_holder(s, m) && loop_longest(m->model, m->loop, polled, m->t_ns, &held)) {
        say_entity(s, m->model, held.other);
        say(s, " ran for ");
        say_duration(s, held.to_ns - held.from_ns);
    }
    return TRUE;
}

/* "the loop was paused for 2.00 s". */
static gboolean say_pause(struct weft_sentence *s, const struct moment *m)
{
    struct weft_segment_view now;
    return m->loop != NO_LANE && weft_model_segment_at(m->model, m->loop, m->t_ns, &now) &&
           weft_segment_is_pause(&now) && say_holder(s, m);
}

static void why_timer(struct weft_sentence *s, const struct moment *m, gint64 planned)
{
    gint64 due = m->segment->from_ns + planned;
    if (planned && m->t_ns > due) {
        say(s, "Its sleep was over ");
        say_duration(s, m->t_ns - due);
        say(s, " ago");
        say(s, ", but ");
        if (!say_pause(s, m) && !say_unpolled(s, m))
            say(s, "the loop has not looked at its timers since");
        return;
    }
    say(s, "It sleeps");
    if (planned) {
        say(s, ": due in ");
        say_duration(s, due - m->t_ns);
    }
}

/* The members of a group that are not done, in the state. */
static guint pending_members(const struct moment *m, uint64_t group, uint64_t *first)
{
    guint n, total, pending = 0;
    const uint64_t *members = facts_members(&m->model->facts, group, &n, &total);
    for (guint i = 0; i < n; i++) {
        const struct weft_task_at *task = weft_state_task(m->state, members[i]);
        if (!task || task->state == WEFT_STATE_DONE)
            continue;
        if (pending++ == 0)
            *first = members[i];
    }
    return pending;
}

/* Whom a wait is really for: the task, a lock's holder, a group's first pending member; 0: nobody.
 */
static uint64_t say_behind(struct weft_sentence *s, const struct moment *m, unsigned kind,
                           uint64_t other)
{
    if (weft_id_kind(other) == WEFT_ENTITY_TASK)
        return other;
    if (kind == WEFT_AWAIT_GROUP) {
        uint64_t first = 0;
        guint pending = pending_members(m, other, &first);
        if (pending > 1)
            say(s, ", of which %u are not done", pending);
        else if (pending == 1)
            say(s, ", of which one is not done");
        return first;
    }
    const struct weft_object_at *object = kind == WEFT_AWAIT_LOCK
                                              ? weft_state_object(m->state, other)
                                              : NULL;
    if (!object || !object->owner)
        return 0;
    say(s, ", which ");
    say_entity(s, m->model, object->owner);
    say(s, " holds");
    return object->owner;
}

static void say_state_of(struct weft_sentence *s, const struct moment *m,
                         const struct weft_task_at *task)
{
    switch (task->state) {
    case WEFT_STATE_RUNNING:
        say(s, " runs");
        break;
    case WEFT_STATE_READY:
    case WEFT_STATE_NEW:
        say(s, " is ready");
        break;
    case WEFT_STATE_DONE:
        say(s, " is done");
        break;
    case WEFT_STATE_UNKNOWN:
        say(s, " does something unknown (%s)",
            model_missing_words(
                model_lost_any(m->model, weft_id_ring(task->id), task->since_ns, m->t_ns)));
        break;
    default:
        if (!task->detail) {
            say(s, " runs, being cancelled");
            break;
        }
        say(s, " waits for ");
        say_wait(s, m->model, m->state, task, task->other);
    }
}

/* ": a circle" when the chain comes back to whom it is asked of; to another of it, who are in it.
 */
static gboolean say_circle(struct weft_sentence *s, const struct moment *m, const uint64_t *chain,
                           guint n, uint64_t next)
{
    guint first = 0;
    while (first < n && chain[first] != next)
        first++;
    if (first == n)
        return FALSE;
    say(s, ": ");
    if (first == 0) {
        say(s, "a circle");
    } else if (first == n - 1) {
        say_entity(s, m->model, next);
        say(s, " waits for itself");
    } else {
        say_entities(s, m->model, chain + first, n - first);
        say(s, n - first == 2 ? " wait for each other" : " wait in a circle");
    }
    return TRUE;
}

static void why_waiting(struct weft_sentence *s, const struct moment *m)
{
    unsigned kind = m->segment->detail;
    uint64_t other = m->segment->other;
    gint64 planned = plan_decode(m->segment->note & NOTE_PLAN);
    if (kind == WEFT_AWAIT_TIMER) {
        why_timer(s, m, planned);
        return;
    }
    say(s,
        m->segment->state == WEFT_SEGMENT_CANCELLING ? "Its cleanup waits for " : "It waits for ");
    say_awaited(s, m->model, kind, other, planned);
    uint64_t chain[CHAIN_MAX + 1] = { m->id };
    for (guint depth = 1; depth <= CHAIN_MAX; depth++) {
        uint64_t next = say_behind(s, m, kind, other);
        const struct weft_task_at *task = next ? weft_state_task(m->state, next) : NULL;
        if (!task || say_circle(s, m, chain, depth, next))
            break;
        chain[depth] = next;
        say(s, "; ");
        say_entity(s, m->model, next);
        say_state_of(s, m, task);
        kind = task->detail;
        other = task->other;
        if (task->state != WEFT_STATE_WAITING && task->state != WEFT_STATE_CANCELLING)
            break;
    }
    if (weft_wait_class(kind) != WEFT_WAIT_IO)
        return;
    gint64 polled;
    gboolean longer;
    if (!unpolled_since(m, &polled, &longer))
        return;
    say(s, ". Whether it has come is not known: ");
    say_unpolled(s, m);
}

/* A task that ended where nothing is known of it: neither how nor when. */
static gboolean ended_unseen(const struct moment *m)
{
    return (m->segment->flags & WEFT_SEGMENT_LAST) && m->segment->state == WEFT_SEGMENT_UNKNOWN &&
           !weft_model_lane(m->model, weft_model_lane_of(m->model, m->id))->outcome;
}

static gboolean lost_any(const struct moment *m)
{
    return model_lost_any(m->model, m->ring, m->segment->from_ns, m->segment->to_ns);
}

static void why_unknown(struct weft_sentence *s, const struct moment *m)
{
    gboolean lost = lost_any(m);
    say(s, "What it did is unknown: %s", lost ? "events were lost" : "nothing was recorded");
    if (ended_unseen(m))
        say(s, "; it ended meanwhile");
}

static void answer(struct weft_sentence *s, const struct moment *m)
{
    switch (m->segment->state) {
    case WEFT_SEGMENT_READY:
        why_ready(s, m);
        break;
    case WEFT_SEGMENT_WAITING:
    case WEFT_SEGMENT_CANCELLING:
        why_waiting(s, m);
        break;
    default:
        why_unknown(s, m);
    }
    say(s, ".");
}

/* Whether others than it and its loop matter: the queue it is in, who holds what it waits for. What
 * waits for time or for I/O costs no replay. */
static gboolean needs_state(const struct weft_segment_view *segment)
{
    return segment->state == WEFT_SEGMENT_READY ||
           ((segment->state == WEFT_SEGMENT_WAITING || segment->state == WEFT_SEGMENT_CANCELLING) &&
            (segment->detail == WEFT_AWAIT_LOCK || segment->detail == WEFT_AWAIT_GROUP ||
             weft_id_kind(segment->other) == WEFT_ENTITY_TASK));
}

struct weft_sentence *weft_model_why(weft_model *model, uint64_t id, gint64 t_ns)
{
    guint lane = weft_model_lane_of(model, id);
    if (lane == NO_LANE || model->lanes[lane].pub.kind != WEFT_LANE_TASK)
        return NULL;
    const struct weft_lane *l = &model->lanes[lane].pub;
    struct weft_segment_view segment;
    if (!weft_model_segment_at(model, lane, t_ns, &segment)) {
        struct weft_sentence *s = sentence_new(t_ns, id);
        struct moment m = { .model = model, .segment = &segment, .id = id, .ring = l->ring };
        if (t_ns < l->first_ns)
            say(s, l->flags & WEFT_LANE_BORN ? "It did not exist yet."
                                             : "What it did is unknown: it was met only later.");
        else if (weft_model_segment_at(model, lane, l->last_ns - 1, &segment) && ended_unseen(&m))
            say(s, lost_any(&m) ? "It had ended, while events were lost."
                                : "It had ended, while nothing was recorded.");
        else
            say(s, "It had ended.");
        return s;
    }
    if (segment.state == WEFT_SEGMENT_RUNNING ||
        (segment.state == WEFT_SEGMENT_CANCELLING && !segment.detail))
        return NULL;
    g_autoptr(weft_state) state = needs_state(&segment) ? weft_model_state_at(model, t_ns) : NULL;
    struct moment m = { .model = model,
                        .state = state,
                        .segment = &segment,
                        .id = id,
                        .ring = l->ring,
                        .loop = loop_lane_of(model, l->ring),
                        .t_ns = t_ns };
    struct weft_sentence *s = sentence_new(t_ns, id);
    answer(s, &m);
    return s;
}
