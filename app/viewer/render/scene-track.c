/* scene-track.c: a row of a track: what it is called, and its steps in the window. See track.h. */
#include "app/viewer/render/track.h"
#include <math.h>

/* "lock "cache"": what it is, where it has a name of its own; "pool 1". */
char *weft_scene_track_name(weft_model *model, const struct weft_track *track)
{
    g_autofree char *name = weft_model_name(model, track->id);
    const char *kind = weft_entity_name(weft_id_kind(track->id));
    if (track->kind != WEFT_TRACK_RESOURCE || !kind || g_str_has_prefix(name, kind))
        return g_steal_pointer(&name);
    return g_strdup_printf("%s \"%s\"", kind, name);
}

guint weft_scene_thread_of(weft_tracks *tracks, uint64_t job, gint64 *t_ns)
{
    const struct weft_operation_filter jobs = { .kind = WEFT_ENTITY_JOB };
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct weft_operation));
    weft_tracks_operations(tracks, *t_ns, *t_ns + 1, &jobs, 0, NULL, found);
    for (guint i = 0; i < found->len; i++) {
        const struct weft_operation *op = &g_array_index(found, struct weft_operation, i);
        guint thread = op->id == job && op->on ? weft_tracks_of(tracks, op->on) : G_MAXUINT32;
        if (thread == G_MAXUINT32)
            continue;
        *t_ns = MAX(*t_ns, op->started_ns);
        return WEFT_TRACK_LANE + thread;
    }
    return G_MAXUINT32;
}

gboolean weft_track_has_row(const struct weft_track *track)
{
    return track->used && weft_id_kind(track->id) != WEFT_ENTITY_GROUP;
}

/* Whether it has an owner or is set, and its share of time is what is seen of it from far; else its
 * value. */
gboolean weft_track_is_held(const struct weft_track *track)
{
    guint kind = weft_id_kind(track->id);
    return track->kind == WEFT_TRACK_THREAD || kind == WEFT_ENTITY_LOCK ||
           kind == WEFT_ENTITY_EVENT;
}

/* Merged neighbours that begin in the same cell are one: as segments are joined. */
static void join_steps(GArray *steps, gint64 cell_ns)
{
    struct weft_track_step *all = (struct weft_track_step *)(void *)steps->data;
    guint kept = 0;
    for (guint i = 0; i < steps->len; i++) {
        struct weft_track_step *last = kept ? &all[kept - 1] : NULL;
        if (!last || !(last->flags & all[i].flags & WEFT_TRACK_MERGED) ||
            last->from_ns / cell_ns != all[i].from_ns / cell_ns) {
            all[kept++] = all[i];
            continue;
        }
        last->to_ns = all[i].to_ns;
        last->value_min = MIN(last->value_min, all[i].value_min);
        last->value_max = MAX(last->value_max, all[i].value_max);
        last->waiters_min = MIN(last->waiters_min, all[i].waiters_min);
        last->waiters_max = MAX(last->waiters_max, all[i].waiters_max);
        last->count += all[i].count;
        last->flags |= all[i].flags;
        last->held_ns += all[i].held_ns;
        last->unknown_ns += all[i].unknown_ns;
    }
    g_array_set_size(steps, kept);
}

/* Between what its value ever was, and 0. */
static void find_range(weft_tracks *tracks, guint track, struct weft_visible_row *visible)
{
    gint64 from = visible->track.first_ns, to = visible->track.last_ns;
    visible->least = visible->most = 0;
    g_array_set_size(visible->steps, 0);
    weft_tracks_view(tracks, track, from, to, MAX(to - from, 1), visible->steps);
    for (guint i = 0; i < visible->steps->len; i++) {
        const struct weft_track_step *step = &g_array_index(visible->steps, struct weft_track_step,
                                                            i);
        if (step->value_min > step->value_max)
            continue;
        visible->least = MIN(visible->least, step->value_min);
        visible->most = MAX(visible->most, step->value_max);
    }
}

static GArray *emptied(GArray *array, gsize size)
{
    if (!array)
        return g_array_new(FALSE, FALSE, (guint)size);
    g_array_set_size(array, 0);
    return array;
}

void weft_track_show(const struct weft_scene *scene, const struct weft_row *row,
                     struct weft_visible_row *visible)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    weft_tracks *tracks = scene->view.tracks;
    guint track = row->lane - WEFT_TRACK_LANE;
    weft_tracks_get(tracks, track, &visible->track);
    g_free(visible->name);
    visible->name = weft_scene_track_name(scene->model, &visible->track);
    g_clear_pointer(&visible->iterations, g_array_unref);
    visible->segments = emptied(visible->segments, sizeof(struct weft_segment_view));
    visible->steps = emptied(visible->steps, sizeof(struct weft_track_step));
    if (row->kind == WEFT_ROW_COUNTER)
        find_range(tracks, track, visible);
    g_array_set_size(visible->steps, 0);
    weft_tracks_view(tracks, track, viewport->from_ns, weft_viewport_to_ns(viewport),
                     MAX(1, (gint64)ceil(viewport->ns_per_px * WEFT_METRIC_SLICE_MIN)),
                     visible->steps);
    if (weft_track_is_held(&visible->track))
        join_steps(visible->steps, MAX(1, (gint64)ceil(viewport->ns_per_px * WEFT_MERGED_CELL)));
}
