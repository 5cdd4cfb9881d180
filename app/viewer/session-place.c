/* session-place.c: where somebody is in a trace, as a dictionary that the settings can keep, and
 * back there when the trace is opened again.
 *
 * Thread: main. */
#include "app/viewer/session-private.h"

static void put(GVariantBuilder *place, const char *key, GVariant *value)
{
    g_variant_builder_add(place, "{sv}", key, value);
}

static void put_set(GVariantBuilder *place, const char *key, GHashTable *ids)
{
    GVariantBuilder of;
    GHashTableIter at;
    gpointer id;
    g_variant_builder_init(&of, G_VARIANT_TYPE("at"));
    for (g_hash_table_iter_init(&at, ids); g_hash_table_iter_next(&at, &id, NULL);)
        g_variant_builder_add(&of, "t", *(guint64 *)id);
    put(place, key, g_variant_builder_end(&of));
}

/* 0: nothing is. */
static guint64 selected_id(WeftSession *session)
{
    const struct weft_view *view = &session->view;
    struct weft_track track;
    if (view->selected_track != WEFT_NO_LANE)
        return weft_tracks_get(view->tracks, view->selected_track - WEFT_TRACK_LANE, &track)
                   ? track.id
                   : 0;
    return view->selected_lane == WEFT_NO_LANE
               ? session->select_awaited
               : weft_model_lane(session->model, view->selected_lane)->id;
}

GVariant *weft_session_place(WeftSession *session)
{
    const struct weft_view *view = &session->view;
    GVariantBuilder place;
    g_variant_builder_init(&place, G_VARIANT_TYPE_VARDICT);
    put(&place, "range",
        g_variant_new("(xx)", view->viewport.from_ns, weft_viewport_to_ns(&view->viewport)));
    put(&place, "playhead", g_variant_new_int64(view->playhead_ns));
    put(&place, "selected", g_variant_new_uint64(selected_id(session)));
    put(&place, "origin", g_variant_new_int64(view->origin_ns));
    put(&place, "of-day", g_variant_new_boolean(view->of_day));
    put(&place, "by-site", g_variant_new_boolean(view->by_site));
    put(&place, "compact", g_variant_new_boolean(session->compact));
    put_set(&place, "folded", session->folded);
    put_set(&place, "unfolded", session->unfolded);
    put_set(&place, "pinned", session->pinned);
    return g_variant_builder_end(&place);
}

static void take_set(GVariant *place, const char *key, GHashTable *ids)
{
    g_autoptr(GVariantIter) at = NULL;
    guint64 id;
    if (!g_variant_lookup(place, key, "at", &at))
        return;
    g_hash_table_remove_all(ids);
    while (g_variant_iter_next(at, "t", &id))
        g_hash_table_add(ids, g_memdup2(&id, sizeof id));
}

static void return_to_rows(WeftSession *session, GVariant *place)
{
    gboolean by_site = session->view.by_site, compact = session->compact;
    take_set(place, "folded", session->folded);
    take_set(place, "unfolded", session->unfolded);
    take_set(place, "pinned", session->pinned);
    g_variant_lookup(place, "by-site", "b", &by_site);
    g_variant_lookup(place, "compact", "b", &compact);
    weft_scene_forget_rows(session->scene);
    weft_session_group(session, by_site);
    weft_session_set_compact(session, compact); /* tells */
}

static void return_to_origin(WeftSession *session, GVariant *place)
{
    gint64 origin;
    gboolean of_day;
    if (g_variant_lookup(place, "of-day", "b", &of_day) && of_day &&
        weft_session_count_of_day(session))
        return;
    if (g_variant_lookup(place, "origin", "x", &origin))
        weft_session_set_origin(session, origin);
}

void weft_session_return_to(WeftSession *session, GVariant *place)
{
    gint64 from, to, playhead = WEFT_NO_TIME;
    guint64 selected = 0;
    return_to_rows(session, place);
    return_to_origin(session, place);
    if (g_variant_lookup(place, "range", "(xx)", &from, &to))
        weft_session_show(session, from, to, WEFT_MOVE_JUMP);
    if (g_variant_lookup(place, "playhead", "x", &playhead) && playhead != WEFT_NO_TIME)
        weft_session_set_playhead(session, playhead);
    if (!g_variant_lookup(place, "selected", "t", &selected))
        return;
    guint lane = selected ? weft_model_lane_of(session->model, selected) : G_MAXUINT32;
    weft_session_select(session, lane == G_MAXUINT32 ? WEFT_NO_LANE : lane, playhead);
    session->select_awaited = lane == G_MAXUINT32 ? selected : 0;
    weft_session_select_awaited(session);
}

void weft_session_select_awaited(WeftSession *session)
{
    guint track = session->select_awaited && session->view.tracks
                      ? weft_tracks_of(session->view.tracks, session->select_awaited)
                      : G_MAXUINT32;
    if (track != G_MAXUINT32)
        weft_session_select(session, WEFT_TRACK_LANE + track, session->view.playhead_ns);
}
