/* words.c: a segment in words, as a ladder: the longest that fits is drawn. */
#include "tracer/model/cursor.h"
#include "tracer/model/plan.h"
#include "tracer/model/text.h"
#include <string.h>

enum { MEMBERS_SHOWN = 4 };

static void rung(GPtrArray *rungs, char *text)
{
    if (rungs->len && strcmp(rungs->pdata[rungs->len - 1], text) == 0)
        g_free(text);
    else
        g_ptr_array_add(rungs, text);
}

/* "VERB NAME" when the other party has a name, then "VERB". */
static void verb_and_name(const weft_model *model, const char *verb, uint64_t other,
                          gboolean quoted, GPtrArray *rungs)
{
    if (other && model_is_named(model, other)) {
        g_autofree char *name = weft_model_name(model, other);
        rung(rungs, g_strdup_printf(quoted ? "%s \"%s\"" : "%s %s", verb, name));
    }
    rung(rungs, g_strdup(verb));
}

/* "gather(fetch-1, fetch-2)", "gather of 2", "gather"; or another name, "wait". */
static void group_rungs(const weft_model *model, uint64_t group, GPtrArray *rungs)
{
    guint n, total;
    const uint64_t *members = facts_members(&model->facts, group, &n, &total);
    const char *given = weft_trace_string(model->trace, idmap_get(&model->facts.names, group));
    const char *group_name = given && *given ? given : "gather";
    if (n == total && n > 0 && n <= MEMBERS_SHOWN) {
        GString *text = g_string_new(group_name);
        g_string_append_c(text, '(');
        for (guint i = 0; i < n; i++) {
            g_autofree char *name = weft_model_name(model, members[i]);
            g_string_append_printf(text, "%s%s", i ? ", " : "", name);
        }
        g_string_append_c(text, ')');
        rung(rungs, g_string_free(text, FALSE));
    }
    if (total)
        rung(rungs, g_strdup_printf("%s of %u", group_name, total));
    rung(rungs, g_strdup(group_name));
}

void wait_rungs(const weft_model *model, unsigned await_kind, uint64_t other, gint64 planned_ns,
                GPtrArray *rungs)
{
    static const struct {
        const char *verb;
        gboolean quoted;
    } verbs[WEFT_AWAIT_END] = {
        [WEFT_AWAIT_FUTURE] = { "await", FALSE },
        [WEFT_AWAIT_TASK] = { "await", FALSE },
        [WEFT_AWAIT_LOCK] = { "lock", TRUE },
        [WEFT_AWAIT_EVENT] = { "event", TRUE },
        [WEFT_AWAIT_CONDITION] = { "condition", TRUE },
        [WEFT_AWAIT_SEMAPHORE] = { "semaphore", TRUE },
        [WEFT_AWAIT_BARRIER] = { "barrier", TRUE },
        [WEFT_AWAIT_QUEUE_GET] = { "get from", TRUE },
        [WEFT_AWAIT_QUEUE_PUT] = { "put into", TRUE },
        [WEFT_AWAIT_QUEUE_JOIN] = { "join", TRUE },
        [WEFT_AWAIT_READ] = { "recv", FALSE },
        [WEFT_AWAIT_WRITE] = { "send", FALSE },
        [WEFT_AWAIT_CONNECT] = { "connect", FALSE },
        [WEFT_AWAIT_ACCEPT] = { "accept", FALSE },
        [WEFT_AWAIT_DNS] = { "DNS", FALSE },
        [WEFT_AWAIT_FILE] = { "file", FALSE },
        [WEFT_AWAIT_CHILD] = { "process", FALSE },
        [WEFT_AWAIT_JOB] = { "thread", FALSE },
        [WEFT_AWAIT_SIGNAL] = { "signal", FALSE },
        [WEFT_AWAIT_OTHER] = { "waits", FALSE },
    };
    if (await_kind == WEFT_AWAIT_TIMER) {
        if (planned_ns > 0) {
            g_autofree char *planned = format_planned(planned_ns);
            rung(rungs, g_strdup_printf("sleep %s", planned));
        }
        rung(rungs, g_strdup("sleep"));
    } else if (await_kind == WEFT_AWAIT_GROUP) {
        group_rungs(model, other, rungs);
    } else if (await_kind < WEFT_AWAIT_END && verbs[await_kind].verb) {
        verb_and_name(model, verbs[await_kind].verb, other, verbs[await_kind].quoted, rungs);
    } else {
        rung(rungs, g_strdup("waits"));
    }
}

/* ---- Segments ---- */

static void waiting_rungs(const weft_model *model, const struct weft_segment_view *s,
                          GPtrArray *rungs)
{
    wait_rungs(model, s->detail, s->other, plan_decode(s->note & NOTE_PLAN), rungs);
    if (!(s->note & NOTE_ARMED))
        return;
    g_ptr_array_insert(rungs, 0, g_strdup_printf("%s · timeout armed", (char *)rungs->pdata[0]));
}

static void cancelling_rungs(const weft_model *model, const struct weft_segment_view *s,
                             GPtrArray *rungs)
{
    if (s->detail) {
        g_autoptr(GPtrArray) waits = g_ptr_array_new_with_free_func(g_free);
        wait_rungs(model, s->detail, s->other, plan_decode(s->note & NOTE_PLAN), waits);
        rung(rungs, g_strdup_printf("cleanup: %s", (char *)waits->pdata[0]));
    }
    rung(rungs, g_strdup("cleanup"));
}

static void ready_rungs(const weft_model *model, const struct weft_segment_view *s,
                        GPtrArray *rungs)
{
    g_autofree char *waker = s->other ? weft_model_name(model, s->other) : NULL;
    const char *cause = weft_detail_name(WEFT_RECORD_WAKE, s->detail);
    if (s->note & NOTE_YIELD)
        rung(rungs, g_strdup("ready · sleep(0)"));
    else if (s->detail == WEFT_WAKE_CREATED)
        rung(rungs,
             waker ? g_strdup_printf("ready · created by %s", waker) : g_strdup("ready · created"));
    else if (waker && model_is_named(model, s->other))
        rung(rungs, g_strdup_printf("ready · woken by %s", waker));
    else if (cause && *cause)
        rung(rungs, g_strdup_printf("ready · %s", cause));
    rung(rungs, g_strdup("ready"));
}

static void value_rungs(guint kind, const struct weft_segment_view *s, GPtrArray *rungs)
{
    gboolean ready = kind == WEFT_LANE_READY;
    rung(rungs,
         g_strdup_printf(ready ? "%" G_GUINT64_FORMAT " ready" : "iteration %" G_GUINT64_FORMAT,
                         s->other));
    rung(rungs, g_strdup_printf("%" G_GUINT64_FORMAT, s->other));
}

static void callback_rungs(const weft_model *model, const struct weft_segment_view *s,
                           GPtrArray *rungs)
{
    const struct weft_trace_site *site = weft_trace_site(model->trace, s->site);
    const char *kind = weft_detail_name(WEFT_RECORD_CALLBACK_BEGIN, s->detail);
    kind = kind && *kind ? kind : "callback";
    if (s->other && model_is_named(model, s->other)) {
        g_autofree char *name = weft_model_name(model, s->other);
        rung(rungs, g_strdup_printf("%s %s", kind, name));
    } else if (site && *site->func) {
        rung(rungs, g_strdup_printf("%s %s", kind, site->func));
    }
    rung(rungs, g_strdup(kind));
}

static void running_rungs(weft_model *model, guint lane, const struct weft_segment_view *s,
                          GPtrArray *rungs)
{
    if (model->lanes[lane].pub.kind == WEFT_LANE_LOOP) {
        rung(rungs, weft_model_name(model, s->other));
        return;
    }
    guint32 id = s->site;
    guint64 number;
    if (id == 0)
        cursor_fetch_at(model, lane, s->from_ns);
    turn_lock_take(&model->lock);
    if (id == 0 && cursor_find(model, lane, s->from_ns, &number))
        id = cursor_resumed_site(model, lane, number);
    turn_lock_give(&model->lock);
    const struct weft_trace_site *site = id ? weft_trace_site(model->trace, id) : NULL;
    if (site && *site->func)
        rung(rungs, g_strdup_printf("goes on in %s", site->func));
    rung(rungs, g_strdup("runs"));
}

gint64 weft_segment_planned_ns(const struct weft_segment_view *s)
{
    return s->state == WEFT_SEGMENT_WAITING ? plan_decode(s->note & NOTE_PLAN) : 0;
}

char **weft_model_segment_words(weft_model *model, guint lane, const struct weft_segment_view *s)
{
    g_return_val_if_fail(lane < model->n_lanes, NULL);
    GPtrArray *rungs = g_ptr_array_new();
    guint kind = model->lanes[lane].pub.kind;
    if (s->flags & WEFT_SEGMENT_MERGED) {
        rung(rungs, g_strdup_printf("%u×", s->count));
        g_ptr_array_add(rungs, NULL);
        return (char **)g_ptr_array_free(rungs, FALSE);
    }
    switch (s->state) {
    case WEFT_SEGMENT_UNKNOWN:
        rung(rungs,
             g_strdup_printf("unknown (%s)",
                             model_missing_words(model_lost_any(model, model->lanes[lane].pub.ring,
                                                                s->from_ns, s->to_ns))));
        rung(rungs, g_strdup("unknown"));
        break;
    case WEFT_SEGMENT_RUNNING:
        running_rungs(model, lane, s, rungs);
        break;
    case WEFT_SEGMENT_READY:
        ready_rungs(model, s, rungs);
        break;
    case WEFT_SEGMENT_WAITING:
        if (kind != WEFT_LANE_HANDLE)
            waiting_rungs(model, s, rungs);
        break;
    case WEFT_SEGMENT_CANCELLING:
        cancelling_rungs(model, s, rungs);
        break;
    case WEFT_SEGMENT_POLL: {
        g_autofree char *duration = weft_format_duration(s->to_ns - s->from_ns);
        const char *word = weft_segment_is_pause(s) ? "paused" : "poll";
        rung(rungs, g_strdup_printf("%s %s", word, duration));
        rung(rungs, g_strdup(word));
        break;
    }
    case WEFT_SEGMENT_CALLBACK:
        callback_rungs(model, s, rungs);
        break;
    case WEFT_SEGMENT_COUNT:
        value_rungs(kind, s, rungs);
        break;
    }
    g_ptr_array_add(rungs, NULL);
    return (char **)g_ptr_array_free(rungs, FALSE);
}

gint64 weft_model_since(const weft_model *model, guint lane,
                        const struct weft_segment_view *segment)
{
    const struct weft_lane *l = weft_model_lane(model, lane);
    if (!l || segment->flags & WEFT_SEGMENT_MERGED ||
        (l->kind != WEFT_LANE_TASK && l->kind != WEFT_LANE_LOOP))
        return segment->from_ns;
    return facts_since(&model->facts, l->id, segment->from_ns);
}

char *weft_model_outcome_words(weft_model *model, guint lane)
{
    const struct weft_lane *l = weft_model_lane(model, lane);
    if (!l || !l->outcome)
        return NULL;
    if (l->outcome == WEFT_OUTCOME_CANCELLED)
        return g_strdup("cancelled");
    if (l->outcome != WEFT_OUTCOME_ERROR)
        return g_strdup("done");
    const struct weft_ext_error *error = facts_failure(&model->facts, l->id);
    const char *name = error ? weft_trace_string(model->trace, error->name) : NULL;
    const char *message = error ? weft_trace_string(model->trace, error->message) : NULL;
    if (!name || !*name)
        return error ? g_strdup_printf("error %d", error->code) : g_strdup("error");
    return message && *message ? g_strdup_printf("%s: %s", name, message) : g_strdup(name);
}
