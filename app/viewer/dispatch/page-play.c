/* page-play.c: the Dispatch view plays, and what its actions and keys do. */
#include "app/viewer/dispatch/page-private.h"

/* ---- Playing ---- */

gboolean weft_dispatch_page_playing(WeftDispatchPage *page)
{
    return page->timer != 0 || page->tick != 0;
}

void dispatch_page_stop(WeftDispatchPage *page)
{
    g_clear_handle_id(&page->timer, g_source_remove);
    if (page->tick)
        gtk_widget_remove_tick_callback(GTK_WIDGET(page), page->tick);
    page->tick = 0;
    if (page->transport)
        weft_transport_show_playing(page->transport, FALSE);
}

static void ask_steps(WeftDispatchPage *page, enum weft_replay_unit unit, int steps)
{
    dispatch_page_ask(page, (struct wish){ .asked = ASKED_STEPS, .unit = unit, .steps = steps });
}

static void act_next(WeftDispatchPage *page)
{
    if (page->predicting)
        dispatch_page_go_on(page);
    else
        ask_steps(page, WEFT_REPLAY_STEP, 1);
}

static gboolean play_step(gpointer data)
{
    WeftDispatchPage *page = data;
    if (dispatch_page_waits_for_answer(page)) {
        page->timer = 0;
        dispatch_page_stop(page);
        return G_SOURCE_REMOVE;
    }
    if (!page->going)
        act_next(page);
    return G_SOURCE_CONTINUE;
}

static gboolean play_time(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    WeftDispatchPage *page = WEFT_DISPATCH_PAGE(widget);
    gint64 now = gdk_frame_clock_get_frame_time(clock);
    gint64 end = weft_session_end_ns(page->session),
           t = weft_session_view(page->session)->playhead_ns;
    double passed = page->last_frame ? (double)(now - page->last_frame) * 1000 : 0;
    page->last_frame = now;
    t = MIN(end, t + (gint64)(passed * weft_transport_speed(page->transport)));
    weft_session_set_playhead(page->session, t);
    weft_session_reveal(page->session, t);
    if (t == end) {
        dispatch_page_stop(page);
        return G_SOURCE_REMOVE;
    }
    (void)data;
    return G_SOURCE_CONTINUE;
}

static void play(WeftDispatchPage *page)
{
    if (page->predicting || weft_transport_by_steps(page->transport)) {
        page->timer = g_timeout_add((guint)(1000 / weft_transport_speed(page->transport)),
                                    play_step, page);
        act_next(page);
    } else {
        page->last_frame = 0;
        page->tick = gtk_widget_add_tick_callback(GTK_WIDGET(page), play_time, NULL, NULL);
    }
    weft_transport_show_playing(page->transport, TRUE);
}

/* Speed or unit are others: it plays on with them. */
void dispatch_page_pace_changed(WeftDispatchPage *page)
{
    if (weft_dispatch_page_playing(page)) {
        dispatch_page_stop(page);
        play(page);
    }
}

/* ---- Actions ---- */

static void act_play(WeftDispatchPage *page)
{
    if (weft_dispatch_page_playing(page))
        dispatch_page_stop(page);
    else if (page->view)
        play(page);
    else
        gtk_widget_error_bell(GTK_WIDGET(page)); /* there is no loop, or it is not read yet */
}

static void act_previous(WeftDispatchPage *page)
{
    ask_steps(page, WEFT_REPLAY_STEP, -1);
}

static void act_next_event(WeftDispatchPage *page)
{
    ask_steps(page, WEFT_REPLAY_EVENT, 1);
}

static void act_previous_event(WeftDispatchPage *page)
{
    ask_steps(page, WEFT_REPLAY_EVENT, -1);
}

static void act_start(WeftDispatchPage *page)
{
    dispatch_page_seek(page, 0);
}

static void act_end(WeftDispatchPage *page)
{
    dispatch_page_seek(page, weft_session_end_ns(page->session));
}

static void act_next_of_task(WeftDispatchPage *page)
{
    dispatch_page_find_of_task(page, 1);
}

static void act_previous_of_task(WeftDispatchPage *page)
{
    dispatch_page_find_of_task(page, -1);
}

static void act_next_of_kind(WeftDispatchPage *page)
{
    dispatch_page_find_of_kind(page, 1);
}

static void act_previous_of_kind(WeftDispatchPage *page)
{
    dispatch_page_find_of_kind(page, -1);
}

static void act_faster(WeftDispatchPage *page)
{
    weft_transport_change_speed(page->transport, 1);
}

static void act_slower(WeftDispatchPage *page)
{
    weft_transport_change_speed(page->transport, -1);
}

static void act_predict(WeftDispatchPage *page)
{
    dispatch_page_predict(page, !page->predicting);
}

static void act_code(WeftDispatchPage *page)
{
    gtk_widget_set_visible(GTK_WIDGET(page->code), !gtk_widget_get_visible(GTK_WIDGET(page->code)));
    dispatch_page_show_code(page);
}

static void act_times(WeftDispatchPage *page)
{
    dispatch_page_hide_times(page, !page->timeless);
}

static const struct {
    const char *action;
    void (*act)(WeftDispatchPage *page);
    struct {
        guint key;
        GdkModifierType modifiers;
    } keys[3];
} actions[] = {
    { "dispatch.play", act_play, { { GDK_KEY_space, 0 } } },
    { "dispatch.next", act_next, { { GDK_KEY_Right, 0 }, { GDK_KEY_Page_Down, 0 } } },
    { "dispatch.previous", act_previous, { { GDK_KEY_Left, 0 }, { GDK_KEY_Page_Up, 0 } } },
    { "dispatch.next-event", act_next_event, { { GDK_KEY_Right, GDK_SHIFT_MASK } } },
    { "dispatch.previous-event", act_previous_event, { { GDK_KEY_Left, GDK_SHIFT_MASK } } },
    { "dispatch.start", act_start, { { GDK_KEY_Home, 0 } } },
    { "dispatch.end", act_end, { { GDK_KEY_End, 0 } } },
    { "dispatch.next-of-task", act_next_of_task, { { GDK_KEY_period, 0 } } },
    { "dispatch.previous-of-task", act_previous_of_task, { { GDK_KEY_comma, 0 } } },
    { "dispatch.next-of-kind", act_next_of_kind, { { GDK_KEY_n, 0 } } },
    { "dispatch.previous-of-kind",
      act_previous_of_kind,
      { { GDK_KEY_n, GDK_SHIFT_MASK }, { GDK_KEY_N, GDK_SHIFT_MASK } } },
    { "dispatch.faster", act_faster, { { GDK_KEY_plus, 0 }, { GDK_KEY_equal, 0 } } },
    { "dispatch.slower", act_slower, { { GDK_KEY_minus, 0 } } },
    { "dispatch.predict", act_predict, { { GDK_KEY_p, 0 } } },
    { "dispatch.code", act_code, { { GDK_KEY_c, 0 } } },
    { "dispatch.times", act_times, { { GDK_KEY_t, 0 } } },
    { "dispatch.reveal", dispatch_page_reveal, { { GDK_KEY_r, 0 } } },
};

void weft_dispatch_page_act(WeftDispatchPage *page, const char *action, GVariant *parameter)
{
    if (!page->session)
        return;
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++)
        if (g_str_equal(actions[i].action, action))
            actions[i].act(page);
    if (g_str_equal(action, "dispatch.answer"))
        dispatch_page_answer(page, g_variant_get_uint32(parameter));
    else if (g_str_equal(action, "dispatch.of-kind"))
        dispatch_page_find_kind(page, g_variant_get_string(parameter, NULL));
}

void weft_dispatch_page_install_actions(GtkWidgetClass *class, GtkWidgetActionActivateFunc activate)
{
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++)
        gtk_widget_class_install_action(class, actions[i].action, NULL, activate);
    gtk_widget_class_install_action(class, "dispatch.answer", "u", activate);
    gtk_widget_class_install_action(class, "dispatch.of-kind", "s", activate);
}

void dispatch_page_bind_keys(GtkWidgetClass *class)
{
    for (guint i = 0; i < G_N_ELEMENTS(actions); i++)
        for (guint k = 0; k < G_N_ELEMENTS(actions[i].keys) && actions[i].keys[k].key; k++)
            gtk_widget_class_add_binding_action(class, actions[i].keys[k].key,
                                                actions[i].keys[k].modifiers, actions[i].action,
                                                NULL);
    for (guint i = 0; i < WEFT_CHOICES_MAX; i++) {
        gtk_widget_class_add_binding_action(class, GDK_KEY_1 + i, 0, "dispatch.answer", "u", i);
        gtk_widget_class_add_binding_action(class, GDK_KEY_KP_1 + i, 0, "dispatch.answer", "u", i);
    }
}
