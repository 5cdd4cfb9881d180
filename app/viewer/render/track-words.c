/* track-words.c: see track.h, and weft_scene_track_word() in scene.h. */
#include "app/viewer/render/track.h"

/* "3 items", "1 item". */
static char *amount(gint64 n, const char *one, const char *more)
{
    return g_strdup_printf("%" G_GINT64_FORMAT " %s", n, n == 1 ? one : more);
}

/* What the value says, by kind of resource: NULL, where only who holds it counts. */
static char *value_words(const struct weft_track *track, const struct weft_track_step *step)
{
    gint64 value = step->value_max;
    gint64 capacity = (gint64)MIN(track->capacity, (guint64)G_MAXINT64);
    if (step->flags & WEFT_TRACK_VALUE_UNKNOWN || step->value_min > value)
        return NULL;
    switch (weft_id_kind(track->id)) {
    case WEFT_ENTITY_SEMAPHORE:
        return capacity >= value
                   ? g_strdup_printf("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " taken",
                                     capacity - value, capacity)
                   : g_strdup_printf("%" G_GINT64_FORMAT " free", value);
    case WEFT_ENTITY_QUEUE:
        return amount(value, "item", "items");
    case WEFT_ENTITY_BARRIER:
        return amount(value, "is there", "are there");
    case WEFT_ENTITY_EVENT:
        return value ? g_strdup("set") : NULL;
    case WEFT_ENTITY_LOCK:
        return value ? g_strdup("held") : NULL;
    default:
        return NULL;
    }
}

/* The job that a thread does: the function that asked for it, and the task. */
static char *job_words(weft_model *model, weft_tracks *tracks, const struct weft_track *track,
                       const struct weft_track_step *step, gboolean with_task)
{
    const struct weft_operation_filter filter = { .kind = WEFT_ENTITY_JOB, .on = track->id };
    g_autoptr(GArray) jobs = g_array_new(FALSE, FALSE, sizeof(struct weft_operation));
    weft_tracks_operations(tracks, step->from_ns, step->from_ns + 1, &filter, 8, NULL, jobs);
    for (guint i = 0; i < jobs->len; i++) {
        const struct weft_operation *job = &g_array_index(jobs, struct weft_operation, i);
        const struct weft_trace_site *site = weft_trace_site(weft_model_trace(model), job->site);
        if (job->id != step->owner)
            continue;
        g_autofree char *task = job->task ? weft_model_name(model, job->task) : NULL;
        if (!site || !site->func || !*site->func)
            return g_steal_pointer(&task);
        return task && with_task ? g_strdup_printf("%s · %s", site->func, task)
                                 : g_strdup(site->func);
    }
    return NULL;
}

static void add(GPtrArray *rungs, char *words)
{
    if (words && *words)
        g_ptr_array_add(rungs, words);
    else
        g_free(words);
}

static void add_resource(GPtrArray *rungs, weft_model *model, const struct weft_track *track,
                         const struct weft_track_step *step)
{
    g_autofree char *owner = step->owner ? weft_model_name(model, step->owner) : NULL;
    g_autofree char *first = owner ? g_strdup_printf("held by %s", owner)
                                   : value_words(track, step);
    const char *more = step->flags & WEFT_TRACK_WAITERS_UNKNOWN ? "at least " : "";
    if (step->waiters_max > 0) {
        g_autofree char *wait = g_strdup_printf("%s%u %s", more, step->waiters_max,
                                                step->waiters_max == 1 ? "waits" : "wait");
        add(rungs, first ? g_strdup_printf("%s · %s", first, wait) : g_strdup(wait));
    }
    add(rungs, g_strdup(first));
    add(rungs, g_strdup(owner));
}

char **weft_track_step_words(weft_model *model, weft_tracks *tracks, guint track,
                             const struct weft_track_step *step)
{
    GPtrArray *rungs = g_ptr_array_new();
    struct weft_track what;
    weft_tracks_get(tracks, track, &what);
    if (what.kind == WEFT_TRACK_RESOURCE) {
        add_resource(rungs, model, &what, step);
    } else if (what.kind == WEFT_TRACK_THREAD && step->owner) {
        add(rungs, job_words(model, tracks, &what, step, TRUE));
        add(rungs, job_words(model, tracks, &what, step, FALSE));
    } else if (what.kind == WEFT_TRACK_COUNTER && !(step->flags & WEFT_TRACK_VALUE_UNKNOWN)) {
        add(rungs, g_strdup_printf("%" G_GINT64_FORMAT, step->value_max));
    }
    g_ptr_array_add(rungs, NULL);
    return (char **)g_ptr_array_free(rungs, FALSE);
}

char *weft_scene_track_word(weft_model *model, weft_tracks *tracks, guint track, gint64 t_ns)
{
    struct weft_track_step step;
    struct weft_track what;
    if (t_ns == WEFT_NO_TIME || !weft_tracks_get(tracks, track, &what) ||
        !weft_tracks_at(tracks, track, t_ns, &step))
        return g_strdup("");
    if (what.kind == WEFT_TRACK_RESOURCE && step.owner) {
        g_autofree char *owner = weft_model_name(model, step.owner);
        return g_strdup_printf("%s holds", owner);
    }
    if (step.flags & (WEFT_TRACK_VALUE_UNKNOWN | WEFT_TRACK_OWNER_UNKNOWN))
        return g_strdup("unknown");
    step.waiters_max = 0; /* the lane shows them */
    g_auto(GStrv) ladder = weft_track_step_words(model, tracks, track, &step);
    if (ladder[0])
        return g_strdup(what.kind == WEFT_TRACK_THREAD && ladder[1] ? ladder[1] : ladder[0]);
    return g_strdup(what.kind == WEFT_TRACK_THREAD               ? step.owner ? "busy" : "idle"
                    : weft_id_kind(what.id) == WEFT_ENTITY_LOCK  ? "free"
                    : weft_id_kind(what.id) == WEFT_ENTITY_EVENT ? "not set"
                                                                 : "");
}

static char *how_long(const struct weft_track *what, const struct weft_track_step *step)
{
    gint64 since_ns = step->flags & WEFT_TRACK_MERGED ? step->from_ns
                                                      : weft_track_since(what, step);
    g_autofree char *seen = weft_format_duration(step->to_ns - step->from_ns);
    return since_ns == G_MININT64 ? g_strdup_printf("over %s", seen)
                                  : weft_format_duration(step->to_ns - since_ns);
}

char *weft_scene_step_text(weft_model *model, weft_tracks *tracks, guint track,
                           const struct weft_track_step *step)
{
    struct weft_track what;
    if (!weft_tracks_get(tracks, track, &what))
        return g_strdup("");
    g_autofree char *lasts = how_long(&what, step);
    const char *still = step->flags & WEFT_TRACK_OPEN ? ", still" : "";
    if (step->flags & WEFT_TRACK_MERGED) {
        g_autofree char *held = weft_format_duration(step->held_ns);
        return g_strdup_printf("%u changes · held %s of %s", step->count, held, lasts);
    }
    g_auto(GStrv) ladder = weft_track_step_words(model, tracks, track, step);
    const char *words = ladder[0];
    if (!words)
        words = step->flags & WEFT_TRACK_UNKNOWN             ? "unknown"
                : what.kind == WEFT_TRACK_THREAD             ? (step->owner ? "busy" : "idle")
                : weft_id_kind(what.id) == WEFT_ENTITY_LOCK  ? "free"
                : weft_id_kind(what.id) == WEFT_ENTITY_EVENT ? "not set"
                                                             : "unchanged";
    return g_strdup_printf("%s · %s%s", words ? words : "", lasts, still);
}
