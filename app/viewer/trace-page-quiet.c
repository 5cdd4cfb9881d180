/* trace-page-quiet.c: what is said, and done, where little happens: no task lives in the range that
 * is seen, a live program runs nothing, or it has ended. */
#include "app/viewer/trace-page-private.h"

enum { QUIET_AFTER_S = 2 };

/* "12 s", "3 min", "2 h". */
static char *age(gint64 s)
{
    return s < 60     ? g_strdup_printf("%d s", (int)s)
           : s < 3600 ? g_strdup_printf("%d min", (int)(s / 60))
                      : g_strdup_printf("%d h", (int)(s / 3600));
}

/* ---- Nothing happened in this range ---- */

void weft_trace_page_show_nearest(WeftTracePage *page)
{
    gboolean idle = weft_scene_idle(weft_session_scene(page->session));
    if (idle != gtk_widget_get_visible(page->nearest))
        gtk_widget_set_visible(page->nearest, idle);
}

/* The moment of a task's life that is nearest to what is seen. */
void weft_trace_page_go_nearest(WeftTracePage *page)
{
    weft_model *model = weft_session_model(page->session);
    const struct weft_viewport *viewport = &weft_session_view(page->session)->viewport;
    const struct weft_scene *scene = weft_session_scene(page->session);
    gint64 from = viewport->from_ns, to = weft_viewport_to_ns(viewport);
    gint64 nearest = WEFT_NO_TIME, least = G_MAXINT64;
    guint found = WEFT_NO_LANE;
    for (guint i = 0; !scene->rows_late && i < weft_model_n_lanes(model); i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        gint64 before = from - lane->last_ns, after = lane->first_ns - to;
        gint64 distance = MAX(MAX(before, after), 0);
        if (lane->kind != WEFT_LANE_TASK || distance >= least || !weft_scene_matches(scene, i))
            continue;
        least = distance;
        found = i;
        nearest = after > 0 ? lane->first_ns : lane->last_ns;
    }
    if (found == WEFT_NO_LANE || least == 0) {
        gtk_widget_error_bell(GTK_WIDGET(page));
        return;
    }
    weft_session_reveal(page->session, nearest);
    weft_session_scroll_to(page->session, found);
}

/* ---- A live program ---- */

/* How long its tasks have run in all, ns: also the one that runs now. */
static gint64 ran_ns(weft_model *model)
{
    struct weft_totals totals;
    gint64 ns = 0;
    for (guint i = 0; i < weft_model_n_lanes(model); i++) {
        if (weft_model_lane(model, i)->kind != WEFT_LANE_LOOP)
            continue;
        weft_model_totals(model, i, &totals);
        ns += totals.running_ns;
    }
    return ns;
}

/* Its loops poll, be it to answer who asks how it runs: that is nothing that runs. */
void weft_trace_page_show_quiet(WeftTracePage *page)
{
    weft_live *live = weft_session_live(page->session);
    /* While a worker has the session, nobody looks at the program: that is no time of quiet. */
    gint64 now = weft_live_seen_ns(live) / 1000, ran = ran_ns(weft_session_model(page->session));
    if (ran != page->ran_ns || !page->ran_at || page->paused)
        page->ran_at = now;
    page->ran_ns = ran;
    gint64 s = weft_live_is_file(live) || weft_live_ended(live)
                   ? 0
                   : (now - page->ran_at) / G_USEC_PER_SEC;
    g_autofree char *since = age(s);
    g_autofree char *text = s < QUIET_AFTER_S
                                ? g_strdup("")
                                : g_strdup_printf(ran ? "Attached. Nothing has run for %s"
                                                      : "Attached %s ago. Nothing has run since",
                                                  since);
    if (!g_str_equal(gtk_label_get_text(page->quiet), text))
        gtk_label_set_text(page->quiet, text);
}

/* ---- It has ended ---- */

static char *end_text(const WeftTracePage *page)
{
    gint64 s = (g_get_real_time() - page->gone_at) / G_USEC_PER_SEC;
    g_autofree char *since = age(MAX(s, 0));
    g_autofree char *ago = page->gone_at ? g_strdup_printf(", %s ago", since) : g_strdup("");
    return g_strdup_printf("The program is gone: %s%s. What was seen stays here until it is "
                           "closed; Save keeps it as a trace.",
                           weft_live_status(weft_session_live(page->session)), ago);
}

/* Until it is closed. */
static gboolean tell_age(gpointer data)
{
    WeftTracePage *page = data;
    g_autofree char *text = end_text(page);
    if (!gtk_info_bar_get_revealed(page->notice)) {
        page->age_source = 0;
        return G_SOURCE_REMOVE;
    }
    if (!g_str_equal(gtk_label_get_text(page->notice_text), text))
        gtk_label_set_text(page->notice_text, text);
    return G_SOURCE_CONTINUE;
}

/* Nobody knows of one that was dead already when; unless it said so itself. */
static gint64 when_gone(WeftTracePage *page)
{
    const struct weft_trace_source *source = weft_trace_source(weft_session_trace(page->session));
    if (page->seen_alive)
        return g_get_real_time();
    if (!source->ended || source->ended_unseen || !source->start_realtime_ns)
        return 0;
    return (source->start_realtime_ns + source->end_ns) / 1000;
}

void weft_trace_page_say_end(WeftTracePage *page)
{
    weft_live *live = weft_session_live(page->session);
    if (weft_live_is_file(live)) {
        if (!weft_trace_whole(weft_session_trace(page->session)))
            weft_trace_page_notice_of_file(page, weft_live_status(live));
        return;
    }
    page->gone_at = when_gone(page);
    g_autofree char *text = end_text(page);
    weft_trace_page_notice(page, text, FALSE);
    gtk_widget_set_visible(page->notice_save, TRUE);
    if (page->gone_at)
        page->age_source = g_timeout_add_seconds(1, tell_age, page);
}
