/* predict.c: see predict.h. Each event is looked at alone, and most are no question; the scene is
 * made only where one is. */
#include "tracer/model/model_private.h"
#include "tracer/model/predict_private.h"
#include "tracer/model/replay_walk.h"
#include "tracer/model/waitsfor.h"

enum {
    LOOK_MAX = 10000,            /* events that are read for an answer */
    BLOCKS_NS = 5 * 1000 * 1000, /* a timer that is late by as much is worth a question */
};

static gboolean is_task(uint64_t id)
{
    return weft_id_kind(id) == WEFT_ENTITY_TASK;
}

/* Whether the loop itself goes on with this event: who ran has ended its slice. */
static gboolean is_dispatch(unsigned kind)
{
    return kind == WEFT_RECORD_RESUME || kind == WEFT_RECORD_ITERATION ||
           kind == WEFT_RECORD_POLL_BEGIN || kind == WEFT_RECORD_CALLBACK_BEGIN;
}

/* ---- What is at stake after an event ---- */

/* The event after this one; FALSE: there is none, or it is lost. It stays where it is. */
static gboolean peek(weft_replay *replay, struct weft_record *record)
{
    guint64 lost, before;
    const struct weft_event_view *e = replay_next(replay, &lost);
    if (!e)
        return FALSE;
    *record = e->record;
    replay_previous(replay, &before);
    return lost == 0;
}

/* How the slice before ended, if nothing was dispatched since; FALSE: something was. */
static gboolean slice_before(weft_replay *replay, struct weft_replay_place place,
                             struct weft_event_view *ended)
{
    const struct weft_event_view *e;
    guint64 lost = 0;
    replay_seek(replay, place);
    for (guint i = 0; i < LOOK_MAX && !lost && (e = replay_previous(replay, &lost)); i++) {
        unsigned kind = e->record.kind;
        if (kind == WEFT_RECORD_SUSPEND || kind == WEFT_RECORD_TASK_DONE) {
            *ended = *e;
            return TRUE;
        }
        if (is_dispatch(kind) || kind == WEFT_RECORD_POLL_END)
            return FALSE;
    }
    return FALSE;
}

static gboolean wakes(const struct weft_event_view *e, enum weft_stake stake)
{
    if (e->record.kind != WEFT_RECORD_WAKE || !is_task(e->actor) || e->actor == e->record.subject)
        return FALSE;
    switch (stake) {
    case WEFT_STAKE_CREATE:
        return e->record.detail == WEFT_WAKE_CREATED;
    case WEFT_STAKE_WAKE:
        return e->record.detail == WEFT_WAKE_RESOURCE || e->record.detail == WEFT_WAKE_FUTURE;
    case WEFT_STAKE_CANCEL:
        return e->record.detail == WEFT_WAKE_CANCEL;
    default:
        return FALSE;
    }
}

/* The first of its kind in its slice: once is enough. */
static gboolean is_first(weft_replay *replay, struct weft_replay_place place, enum weft_stake stake)
{
    const struct weft_event_view *e;
    guint64 lost = 0;
    guint n = 0;
    replay_seek(replay, place);
    for (guint i = 0; i < LOOK_MAX && n < 2 && !lost && (e = replay_previous(replay, &lost)); i++) {
        if (e->record.kind == WEFT_RECORD_RESUME)
            return n == 1;
        n += wakes(e, stake);
    }
    return FALSE;
}

/* ---- What comes next ---- */

/* What came from outside while nobody was ready is no question. */
static gboolean is_fair(const struct asking *a)
{
    return a->stake == WEFT_STAKE_EMPTY   ? a->next == WEFT_NEXT_POLL
           : a->stake == WEFT_STAKE_WAKER ? a->cause == WEFT_WAKE_TIMER
                                          : TRUE;
}

/* The events after the place say what the running task, or the loop, does. FALSE: they do not. */
static gboolean find_next(weft_replay *replay, struct asking *a, struct weft_replay_place place)
{
    const struct weft_event_view *e;
    guint64 lost = 0;
    gboolean runs = a->scene->running.id != 0;
    replay_seek(replay, place);
    for (guint i = 0; i < LOOK_MAX && (e = replay_next(replay, &lost)) && !lost; i++) {
        const struct weft_record *r = &e->record;
        if (r->kind == WEFT_RECORD_RESUME) {
            a->next = WEFT_NEXT_TASK;
            a->task = r->subject;
            return TRUE;
        }
        if (runs && e->actor == a->scene->running.id) {
            a->next = WEFT_NEXT_SAME;
            return TRUE;
        }
        gboolean sleeps = r->kind == WEFT_RECORD_POLL_BEGIN && r->object > 0;
        if (sleeps && a->stake != WEFT_STAKE_WAKER) {
            a->next = WEFT_NEXT_POLL;
            return TRUE;
        }
        if (r->kind == WEFT_RECORD_WAKE && a->stake == WEFT_STAKE_WAKER && !a->cause)
            a->cause = r->detail;
        if (r->kind == WEFT_RECORD_LOOP_CLOSE)
            return FALSE;
    }
    return FALSE;
}

/* ---- Each stake: whether it is asked here ---- */

static gboolean asks_after_wake(struct asking *a, const struct weft_record *r)
{
    a->who = a->scene->running.id;
    a->other = r->subject;
    return a->who && a->who != a->other;
}

/* The gather that a failed task was in, whose other members are not done. */
static void find_gather(weft_replay *replay, struct asking *a, uint64_t failed,
                        struct weft_replay_place place)
{
    weft_state *state = weft_model_state_at(replay->model,
                                            place.time_ns - 1); /* before it failed */
    const struct weft_task_at *task;
    guint at = 0;
    while (!a->other && (task = weft_state_next_task(state, &at))) {
        guint n = 0;
        gboolean all, in_it = FALSE;
        if (task->state != WEFT_STATE_WAITING || task->detail != WEFT_AWAIT_GROUP)
            continue;
        const struct weft_party *parties = weft_state_parties(state, task->other, &n, &all);
        g_array_set_size(a->others, 0);
        for (guint i = 0; parties && i < n; i++) {
            const struct weft_task_at *member = weft_state_task(state, parties[i].id);
            in_it |= parties[i].id == failed;
            if (parties[i].id != failed && member && member->state != WEFT_STATE_DONE)
                g_array_append_val(a->others, parties[i].id);
        }
        g_autofree char *name = weft_model_name(replay->model, task->other);
        if (in_it && a->others->len && g_str_has_prefix(name, "gather"))
            a->other = task->other;
    }
    weft_state_free(state);
}

static guint ready_tasks(const struct weft_dispatch *scene, guint *of_this, uint64_t *first)
{
    guint n = 0;
    *of_this = 0;
    *first = 0;
    for (guint i = 0; i < scene->ready->len; i++) {
        uint64_t id = g_array_index(scene->ready, struct weft_token, i).id;
        if (!is_task(id))
            continue;
        *of_this += i < scene->n_this;
        *first = n++ == 0 ? id : *first;
    }
    return n;
}

static gboolean others_wait(const struct weft_dispatch *scene, uint64_t who)
{
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        for (guint i = 0; i < scene->waiting[row]->len; i++)
            if (g_array_index(scene->waiting[row], struct weft_token, i).id != who)
                return TRUE;
    return FALSE;
}

/* A slice has ended, and nothing is dispatched yet. */
static gboolean asks_after_slice(weft_replay *replay, struct asking *a,
                                 struct weft_replay_place place)
{
    struct weft_event_view ended;
    guint of_this;
    uint64_t first;
    if (a->scene->running.id || !slice_before(replay, place, &ended))
        return FALSE;
    a->who = ended.record.kind == WEFT_RECORD_SUSPEND ? ended.record.subject : 0;
    if (ended.record.kind == WEFT_RECORD_TASK_DONE && ended.record.detail == WEFT_OUTCOME_ERROR) {
        struct weft_replay_place before = { (gint64)ended.record.time, WEFT_WHOLE_MOMENT };
        find_gather(replay, a, ended.record.subject, before);
        a->stake = WEFT_STAKE_GATHER;
        if (a->other)
            return TRUE;
    }
    guint n = ready_tasks(a->scene, &of_this, &first);
    a->stake = WEFT_STAKE_EMPTY;
    if (a->scene->ready->len == 0)
        return a->who != 0 && others_wait(a->scene, a->who);
    a->stake = WEFT_STAKE_QUEUE;
    a->other = n > 0
                   ? g_array_index(a->scene->ready, struct weft_token, a->scene->ready->len - 1).id
                   : 0;
    gboolean yields = ended.record.kind == WEFT_RECORD_SUSPEND &&
                      ended.record.detail == WEFT_AWAIT_YIELD;
    return a->scene->split && n > 1 && is_task(a->other) && a->other != first &&
           (yields || (a->scene->woken.id && a->scene->woken.id != a->who)) && of_this < n;
}

/* The loop sleeps until a timer is due, and it is not that of who has slept longest. What comes
 * from outside nobody can foretell: it is not asked where somebody waits for that. */
static gboolean asks_at_poll(struct asking *a)
{
    const struct weft_dispatch *scene = a->scene;
    const GArray *timers = scene->waiting[WEFT_WAIT_TIMER];
    if (scene->ready->len || scene->running.id || timers->len < 2 ||
        scene->waiting[WEFT_WAIT_IO]->len || scene->waiting[WEFT_WAIT_THREAD]->len)
        return FALSE;
    const struct weft_token *first = &g_array_index(timers, struct weft_token, 0);
    for (guint i = 1; i < timers->len; i++)
        if (g_array_index(timers, struct weft_token, i).since_ns < first->since_ns)
            return TRUE;
    return FALSE;
}

/* Two timers or more that fire after one poll, each for a task. */
static gboolean asks_after_poll(weft_replay *replay, struct asking *a,
                                struct weft_replay_place place)
{
    const struct weft_event_view *e;
    guint64 lost = 0;
    replay_seek(replay, place);
    for (guint i = 0; i < LOOK_MAX && (e = replay_next(replay, &lost)) && !lost; i++) {
        if (e->record.kind == WEFT_RECORD_RESUME || e->record.kind == WEFT_RECORD_POLL_BEGIN)
            break;
        if (e->record.kind == WEFT_RECORD_WAKE && e->record.detail == WEFT_WAKE_TIMER &&
            is_task(e->record.subject))
            g_array_append_val(a->others, e->record.subject);
    }
    return a->others->len > 1;
}

/* When the slice that has begun ends; -1: that is not recorded. */
static gint64 end_of_slice(weft_replay *replay, struct weft_replay_place place, uint64_t task)
{
    const struct weft_event_view *e;
    guint64 lost = 0;
    replay_seek(replay, place);
    for (guint i = 0; i < LOOK_MAX && (e = replay_next(replay, &lost)) && !lost; i++)
        if ((e->record.kind == WEFT_RECORD_SUSPEND || e->record.kind == WEFT_RECORD_TASK_DONE) &&
            e->record.subject == task)
            return (gint64)e->record.time;
    return -1;
}

/* A timer is due while this slice lasts. */
static gboolean asks_in_slice(struct asking *a)
{
    a->who = a->scene->running.id;
    a->due_ns = a->end_ns - BLOCKS_NS;
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        for (guint i = 0; i < a->scene->waiting[row]->len; i++) {
            const struct weft_token *t = &g_array_index(a->scene->waiting[row], struct weft_token,
                                                        i);
            if (t->deadline_ns > a->scene->place.time_ns && t->deadline_ns < a->due_ns) {
                a->other = t->id;
                a->due_ns = t->deadline_ns;
            }
        }
    return a->other != 0;
}

/* ---- A question ---- */

static void add_choice(struct weft_prediction *p, enum weft_next next, uint64_t task)
{
    for (guint i = 0; i < p->n; i++)
        if (p->choices[i].next == next && p->choices[i].task == task)
            return;
    if (p->n < WEFT_CHOICES_MAX)
        p->choices[p->n++] = (struct weft_choice){ .next = next, .task = task };
}

static gint by_id(gconstpointer a, gconstpointer b)
{
    const struct weft_choice *x = a, *y = b;
    if (x->next != y->next)
        return x->next < y->next ? -1 : 1;
    return x->task < y->task ? -1 : x->task > y->task;
}

/* Tasks while there is room for them. */
static void add_tasks(struct weft_prediction *p, const struct asking *a, const GArray *tokens)
{
    for (guint i = 0; i < tokens->len && p->n < WEFT_CHOICES_MAX; i++) {
        uint64_t id = g_array_index(tokens, struct weft_token, i).id;
        if (is_task(id) && id != a->who)
            add_choice(p, WEFT_NEXT_TASK, id);
    }
}

/* The right one, what is believed, and others that could be. */
static void add_choices(struct weft_prediction *p, const struct asking *a)
{
    gboolean wakers = a->stake == WEFT_STAKE_WAKER || a->stake == WEFT_STAKE_TIMERS;
    add_choice(p, a->next, a->next == WEFT_NEXT_SAME ? a->who : a->task);
    if (a->who)
        add_choice(p, WEFT_NEXT_SAME, a->who);
    if (!wakers)
        add_choice(p, WEFT_NEXT_POLL, 0);
    if (is_task(a->other) && a->other != a->who)
        add_choice(p, WEFT_NEXT_TASK, a->other);
    for (guint i = 0; i < a->others->len; i++)
        add_choice(p, WEFT_NEXT_TASK, g_array_index(a->others, uint64_t, i));
    if (a->stake != WEFT_STAKE_TIMERS) {
        add_tasks(p, a, a->scene->ready);
        add_tasks(p, a, a->scene->waiting[WEFT_WAIT_TIMER]);
        add_tasks(p, a, a->scene->waiting[WEFT_WAIT_IO]);
    }
    struct weft_choice right = p->choices[0];
    qsort(p->choices, p->n, sizeof(p->choices[0]), (int (*)(const void *, const void *))by_id);
    while (p->choices[p->right].next != right.next || p->choices[p->right].task != right.task)
        p->right++;
}

/* What could be asked after this event; WEFT_STAKES: nothing. WEFT_STAKE_QUEUE stands for all that
 * is asked when a slice has ended. */
static enum weft_stake stake_after(weft_replay *replay, const struct weft_event_view *e)
{
    struct weft_record next;
    for (enum weft_stake stake = 0; stake <= WEFT_STAKE_CANCEL; stake++)
        if (wakes(e, stake))
            return stake;
    switch (e->record.kind) {
    case WEFT_RECORD_POLL_BEGIN:
        return e->record.object > 0 ? WEFT_STAKE_WAKER : WEFT_STAKES;
    case WEFT_RECORD_POLL_END:
        return WEFT_STAKE_TIMERS;
    case WEFT_RECORD_RESUME:
        return WEFT_STAKE_BLOCKING;
    case WEFT_RECORD_ITERATION:
    case WEFT_RECORD_CALLBACK_BEGIN:
    case WEFT_RECORD_CALLBACK_END:
        return WEFT_STAKES;
    }
    return peek(replay, &next) && is_dispatch(next.kind) ? WEFT_STAKE_QUEUE : WEFT_STAKES;
}

static gboolean asks(weft_replay *replay, struct asking *a, const struct weft_record *r,
                     struct weft_replay_place place)
{
    switch (a->stake) {
    case WEFT_STAKE_CREATE:
    case WEFT_STAKE_WAKE:
    case WEFT_STAKE_CANCEL:
        return asks_after_wake(a, r);
    case WEFT_STAKE_WAKER:
        return asks_at_poll(a);
    case WEFT_STAKE_TIMERS:
        return asks_after_poll(replay, a, place);
    case WEFT_STAKE_BLOCKING:
        return asks_in_slice(a);
    default:
        return asks_after_slice(replay, a, place);
    }
}

/* What can be seen without a scene: most events are no question. */
static gboolean could_ask(weft_replay *replay, struct asking *a, const struct weft_record *r,
                          struct weft_replay_place place)
{
    struct weft_event_view ended;
    switch (a->stake) {
    case WEFT_STAKE_CREATE:
    case WEFT_STAKE_WAKE:
    case WEFT_STAKE_CANCEL:
        return is_first(replay, place, a->stake);
    case WEFT_STAKE_WAKER:
        return TRUE;
    case WEFT_STAKE_TIMERS:
        return asks_after_poll(replay, a, place);
    case WEFT_STAKE_BLOCKING:
        a->end_ns = end_of_slice(replay, place, r->subject);
        return a->end_ns - place.time_ns > BLOCKS_NS;
    default:
        return slice_before(replay, place, &ended);
    }
}

/* Whether all that could be asked is known. WEFT_STAKE_QUEUE stands for three. */
static gboolean is_known(enum weft_stake stake, guint left_out)
{
    guint could = stake == WEFT_STAKE_QUEUE
                      ? 1 << WEFT_STAKE_QUEUE | 1 << WEFT_STAKE_EMPTY | 1 << WEFT_STAKE_GATHER
                      : 1u << stake;
    return (left_out & could) == could;
}

static struct weft_prediction *ask(weft_replay *replay, enum weft_stake stake,
                                   const struct weft_record *r, struct weft_replay_place place,
                                   guint left_out)
{
    struct asking a = { .model = replay->model,
                        .stake = stake,
                        .others = g_array_new(FALSE, FALSE, sizeof(uint64_t)) };
    struct weft_prediction *p = NULL;
    if (!is_known(stake, left_out) && could_ask(replay, &a, r, place)) {
        g_array_set_size(a.others, 0);
        struct weft_dispatch *scene = weft_replay_scene(replay, place);
        a.scene = scene;
        if (scene->n_unknown == 0 && asks(replay, &a, r, place) && !(left_out >> a.stake & 1) &&
            find_next(replay, &a, place) && is_fair(&a)) {
            p = g_new0(struct weft_prediction, 1);
            p->stake = a.stake;
            p->place = place;
            add_choices(p, &a);
            predict_say(&a, p);
        }
        weft_dispatch_free(scene);
    }
    g_array_unref(a.others);
    return p;
}

gboolean weft_replay_step_to_question(weft_replay *replay, struct weft_replay_place from,
                                      guint left_out, struct weft_replay_place *found,
                                      struct weft_prediction **asked)
{
    const struct weft_event_view *e;
    guint64 lost;
    gboolean any = FALSE, ended = FALSE;
    *asked = NULL;
    if (!replay_seek(replay, from))
        return FALSE;
    while ((e = replay_next(replay, &lost)) &&
           !(ended && (gint64)e->record.time > found->time_ns)) {
        struct weft_record record = e->record;
        ended |= replay_ends_step(e);
        enum weft_stake stake = stake_after(replay, e);
        any = TRUE;
        *found = (struct weft_replay_place){ (gint64)record.time, WEFT_WHOLE_MOMENT };
        if (stake == WEFT_STAKES)
            continue;
        struct weft_replay_place place = replay_place_here(replay, (gint64)record.time);
        *asked = ask(replay, stake, &record, place, left_out);
        if (*asked) {
            *found = place;
            return TRUE;
        }
        replay_seek(replay, place);
    }
    return any;
}

void weft_prediction_free(struct weft_prediction *p)
{
    if (!p)
        return;
    for (guint i = 0; i < p->n; i++)
        g_free(p->choices[i].text);
    g_free(p->said);
    g_free(p->question);
    g_free(p->reason);
    g_free(p);
}
