/* predict_words.c: what a question says, and why its answer is right: the queue's places, the
 * deadlines and causes that the scene has; a clause that it has not is left out. */
#include "tracer/model/predict_private.h"

static char *name_of(const struct asking *a, uint64_t id)
{
    return id ? weft_model_name(a->model, id) : g_strdup("nobody");
}

/* "A, B and 3 more". */
static char *names_of(const struct asking *a, const GArray *ids)
{
    enum { NAMED = 3 };
    GString *text = g_string_new(NULL);
    guint named = ids->len <= NAMED ? ids->len : NAMED - 1;
    for (guint i = 0; i < named; i++) {
        g_autofree char *name = name_of(a, g_array_index(ids, uint64_t, i));
        g_string_append_printf(text, "%s%s",
                               i == 0              ? ""
                               : i + 1 == ids->len ? " and "
                                                   : ", ",
                               name);
    }
    if (ids->len > named)
        g_string_append_printf(text, " and %u more", ids->len - named);
    return g_string_free(text, FALSE);
}

/* "2nd of 3"; "" where it is not in the queue. */
static char *place_in_queue(const struct asking *a, uint64_t id)
{
    static const char *const ends[] = { "th", "st", "nd", "rd" };
    const GArray *ready = a->scene->ready;
    for (guint i = 0; i < ready->len; i++) {
        if (g_array_index(ready, struct weft_token, i).id != id)
            continue;
        guint n = i + 1, last = n / 10 % 10 == 1 || n % 10 > 3 ? 0 : n % 10;
        return g_strdup_printf("%u%s of %u", n, ends[last], ready->len);
    }
    return g_strdup("");
}

/* ---- What happened, and what is asked ---- */

static char *said_of_wake(const struct asking *a, const char *who, const char *other)
{
    if (a->scene->woken.detail == WEFT_WAKE_FUTURE || a->scene->woken.id != a->other)
        return g_strdup_printf("%s sets the result that %s waited for.", who, other);
    g_autofree char *cause = weft_dispatch_cause(a->model, a->scene);
    return g_strdup_printf("%s, by %s. %s waited for that.", cause, who, other);
}

static char *said_by(const struct asking *a, const char *who, const char *other)
{
    switch (a->stake) {
    case WEFT_STAKE_CREATE:
        return g_strdup_printf("%s creates %s.", who, other);
    case WEFT_STAKE_WAKE:
        return said_of_wake(a, who, other);
    case WEFT_STAKE_CANCEL:
        return g_strdup_printf("%s asks to cancel %s.", who, other);
    case WEFT_STAKE_GATHER:
        return g_strdup_printf("One of the %s failed.", other);
    case WEFT_STAKE_QUEUE:
        return a->who == a->other ? g_strdup_printf("%s steps back.", who)
               : a->who ? g_strdup_printf("%s waits. %s has just become ready.", who, other)
                        : g_strdup_printf("%s has just become ready.", other);
    case WEFT_STAKE_EMPTY:
        return g_strdup_printf("%s waits.", who);
    case WEFT_STAKE_WAKER:
        return g_strdup("Nobody is ready: the loop sleeps.");
    case WEFT_STAKE_TIMERS:
        return g_strdup_printf("The loop wakes: %u timers are due.", a->others->len);
    default: {
        g_autofree char *left = weft_format_duration(a->due_ns - a->scene->place.time_ns);
        return g_strdup_printf("%s runs. The time of %s is over in %s.", who, other, left);
    }
    }
}

static const char *const questions[WEFT_STAKES] = {
    [WEFT_STAKE_CREATE] = "What runs next?",   [WEFT_STAKE_WAKE] = "What runs next?",
    [WEFT_STAKE_CANCEL] = "What runs next?",   [WEFT_STAKE_GATHER] = "What runs next?",
    [WEFT_STAKE_QUEUE] = "What runs next?",    [WEFT_STAKE_EMPTY] = "What runs next?",
    [WEFT_STAKE_WAKER] = "Who runs next?",     [WEFT_STAKE_TIMERS] = "Who runs first?",
    [WEFT_STAKE_BLOCKING] = "What runs then?",
};

/* ---- Why ---- */

/* The running task went on, or did not. */
static char *reason_of_wake(const struct asking *a, const char *who, const char *other)
{
    g_autofree char *place = place_in_queue(a, a->other), *next = name_of(a, a->task);
    g_autofree char *where = *place ? g_strdup_printf(" (%s)", place) : g_strdup("");
    static const char *const calls[] = {
        [WEFT_STAKE_CREATE] = "Creating a task does not run it",
        [WEFT_STAKE_WAKE] = "Waking somebody is no switch",
        [WEFT_STAKE_CANCEL] = "To cancel is to ask",
    };
    if (a->next != WEFT_NEXT_SAME)
        return g_strdup_printf("%s is started at once, inside of %s: it runs until it first waits.",
                               next, who);
    return g_strdup_printf(
        "%s: %s goes to the ready queue%s%s, and %s goes on until it waits.", calls[a->stake],
        other, where, a->stake == WEFT_STAKE_CANCEL ? " and hears of it when it runs" : "", who);
}

/* Who is first in the queue, or that nobody is. */
static char *reason_of_queue(const struct asking *a)
{
    g_autofree char *next = name_of(a, a->task);
    g_autofree char *place = place_in_queue(a, a->task), *last = place_in_queue(a, a->other);
    g_autofree char *other = name_of(a, a->other);
    if (a->next == WEFT_NEXT_POLL)
        return g_strdup("Nobody is ready: the loop polls.");
    if (!*place)
        return g_strdup_printf("%s becomes ready by a callback before it.", next);
    if (a->stake != WEFT_STAKE_QUEUE)
        return g_strdup_printf("%s is first in the ready queue.", next);
    return g_strdup_printf(
        "The queue is first in, first out: %s is the first task in it; %s is %s%s.", next, other,
        last, a->scene->n_this > 0 ? ", and runs in the next iteration" : "");
}

static char *reason_of_poll(const struct asking *a)
{
    const GArray *timers = a->scene->waiting[WEFT_WAIT_TIMER];
    const struct weft_token *first = timers->len ? &g_array_index(timers, struct weft_token, 0)
                                                 : NULL;
    if (a->next != WEFT_NEXT_POLL)
        return reason_of_queue(a);
    if (!first || first->deadline_ns == WEFT_NO_DEADLINE)
        return g_strdup("The ready queue is empty: the loop sleeps until something happens.");
    g_autofree char *name = name_of(a, first->id);
    g_autofree char *left = weft_format_duration(
        MAX(first->deadline_ns - a->scene->place.time_ns, 0));
    return g_strdup_printf(
        "The ready queue is empty: the loop sleeps until I/O, or the first timer, "
        "that of %s, in %s.",
        name, left);
}

static char *reason_of_waker(const struct asking *a)
{
    g_autofree char *next = name_of(a, a->task);
    return g_strdup_printf("The timer of %s is due first, whoever began to wait before it.", next);
}

static gint64 deadline_of(const struct asking *a, uint64_t id)
{
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        for (guint i = 0; i < a->scene->waiting[row]->len; i++) {
            const struct weft_token *t = &g_array_index(a->scene->waiting[row], struct weft_token,
                                                        i);
            if (t->id == id)
                return t->deadline_ns;
        }
    return WEFT_NO_DEADLINE;
}

static char *reason_of_timers(const struct asking *a)
{
    g_autofree char *next = name_of(a, a->task);
    gint64 first = deadline_of(a, a->task), second = WEFT_NO_DEADLINE;
    for (guint i = 0; i < a->others->len; i++) {
        uint64_t id = g_array_index(a->others, uint64_t, i);
        second = id == a->task ? second : MIN(second, deadline_of(a, id));
    }
    if (first == WEFT_NO_DEADLINE || second == WEFT_NO_DEADLINE || second < first)
        return g_strdup_printf("Both become ready in this iteration: %s first.", next);
    if (first == second)
        return g_strdup_printf("The deadlines are the same: %s was set first.", next);
    g_autofree char *apart = weft_format_duration(second - first);
    return g_strdup_printf("They become ready in the order of their deadlines: that of %s was %s "
                           "earlier.",
                           next, apart);
}

static char *reason_of_gather(const struct asking *a)
{
    g_autofree char *others = names_of(a, a->others), *queue = reason_of_queue(a);
    return g_strdup_printf("A gather cancels nobody: %s %s on. %s", others,
                           a->others->len == 1 ? "goes" : "go", queue);
}

static char *reason_of_blocking(const struct asking *a, const char *who, const char *other)
{
    g_autofree char *whole = weft_format_duration(a->end_ns - a->scene->place.time_ns);
    g_autofree char *late = weft_format_duration(a->end_ns - a->due_ns);
    return g_strdup_printf("%s holds the loop for %s: nobody looks at timers until it waits, so %s "
                           "is late by %s.",
                           who, whole, other, late);
}

static char *reason_for(const struct asking *a, const char *who, const char *other)
{
    switch (a->stake) {
    case WEFT_STAKE_CREATE:
    case WEFT_STAKE_WAKE:
    case WEFT_STAKE_CANCEL:
        return reason_of_wake(a, who, other);
    case WEFT_STAKE_GATHER:
        return reason_of_gather(a);
    case WEFT_STAKE_QUEUE:
        return reason_of_queue(a);
    case WEFT_STAKE_EMPTY:
        return reason_of_poll(a);
    case WEFT_STAKE_WAKER:
        return reason_of_waker(a);
    case WEFT_STAKE_TIMERS:
        return reason_of_timers(a);
    default:
        return reason_of_blocking(a, who, other);
    }
}

void predict_say(const struct asking *a, struct weft_prediction *p)
{
    g_autofree char *who = name_of(a, a->who), *other = name_of(a, a->other);
    for (guint i = 0; i < p->n; i++) {
        struct weft_choice *choice = &p->choices[i];
        g_autofree char *name = name_of(a, choice->task);
        choice->text = choice->next == WEFT_NEXT_POLL   ? g_strdup("nothing: poll")
                       : choice->next == WEFT_NEXT_SAME ? g_strdup_printf("%s goes on", name)
                                                        : g_strdup(name);
    }
    p->said = said_by(a, who, other);
    p->question = g_strdup(questions[a->stake]);
    p->reason = reason_for(a, who, other);
}
