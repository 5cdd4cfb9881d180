/* trace-page-pace.c: what is told to the program of a live tab: pause, step, slow motion, cancel.
 *
 *      buttons, keys --> commands --one at a time--> its control socket (probe/command.h)
 *      "pace", twice a second --> how it runs --> the words of the bar, and which buttons there are
 *
 * Nothing here waits: what is sent is answered when the program's loop polls, and looked for each
 * time that the page looks for events. The connection is what holds the program: when it is closed,
 * with the tab or the viewer, however that ends, the program goes on. */
#include "app/viewer/trace-page-private.h"

enum { ASK_EVERY_US = 500000, ANSWER_US = 1000000 };

static const char *const factors[] = { "1", "2", "10", "100",
                                       "1000" }; /* as the drop-down has them */

/* ---- What may be done ---- */

static void enable(WeftTracePage *page, const char *action, gboolean can)
{
    gtk_widget_action_set_enabled(GTK_WIDGET(page), action, can);
}

/* The selected task's lane, if it lives; NULL: none does. */
static const struct weft_lane *selected_task(WeftTracePage *page)
{
    guint selected = weft_session_view(page->session)->selected_lane;
    const struct weft_lane *lane = selected == WEFT_NO_LANE
                                       ? NULL
                                       : weft_model_lane(weft_session_model(page->session),
                                                         selected);
    return lane && lane->kind == WEFT_LANE_TASK && !lane->outcome ? lane : NULL;
}

void weft_trace_page_pace_selected(WeftTracePage *page)
{
    enable(page, "timeline.cancel-task", page->tellable && selected_task(page));
}

static gboolean has_keys(WeftTracePage *page)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(page));
    GtkWidget *focus = root ? gtk_root_get_focus(root) : NULL;
    return focus && gtk_widget_is_ancestor(focus, page->pace);
}

/* The button that has the keys may be one that can do nothing now: they go to its opposite; where
 * none can, to the timeline. */
static void show_paused(WeftTracePage *page, gboolean paused)
{
    gboolean can = page->tellable, had_keys = has_keys(page);
    page->paused = paused;
    enable(page, "timeline.pause", can && !paused);
    enable(page, "timeline.resume", can && paused);
    enable(page, "timeline.step", can && paused);
    enable(page, "timeline.pause-or-resume", can);
    gtk_widget_set_sensitive(GTK_WIDGET(page->pace_factor), can);
    gtk_accessible_update_property(GTK_ACCESSIBLE(page->ruler), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                   paused ? "The program is paused" : "", -1);
    gtk_widget_queue_draw(GTK_WIDGET(page->ruler)); /* its mark */
    weft_trace_page_pace_selected(page);
    if (had_keys && !has_keys(page) && !gtk_widget_child_focus(page->pace, GTK_DIR_TAB_FORWARD))
        gtk_widget_grab_focus(GTK_WIDGET(page->lanes));
}

/* Who tells it elsewhere may have slowed it by another: then none of them is chosen. */
static void show_factor(WeftTracePage *page, const char *factor)
{
    guint at = 0;
    while (at < G_N_ELEMENTS(factors) && !g_str_equal(factors[at], factor))
        at++;
    page->factor_shown = TRUE;
    gtk_drop_down_set_selected(page->pace_factor,
                               at < G_N_ELEMENTS(factors) ? at : GTK_INVALID_LIST_POSITION);
    page->factor_shown = FALSE;
}

/* Each button says why it can do nothing; NULL: it can, and says again what it does. */
static void explain(WeftTracePage *page, const char *why)
{
    static const char own[] = "what-it-does";
    page->tellable = !why;
    for (GtkWidget *child = gtk_widget_get_first_child(page->pace); child;
         child = gtk_widget_get_next_sibling(child)) {
        const char *tip = g_object_get_data(G_OBJECT(child), own);
        if (!tip) {
            char *copy = g_strdup(gtk_widget_get_tooltip_text(child));
            g_object_set_data_full(G_OBJECT(child), own, copy, g_free);
            tip = copy;
        }
        gtk_widget_set_tooltip_text(child, why ? why : tip);
    }
    if (why)
        gtk_label_set_text(GTK_LABEL(page->pace_text), why);
    show_paused(page, page->paused && !why);
}

/* "running", "pausing", "paused", "slowed 10". */
static void show_pace(WeftTracePage *page, const char *pace)
{
    if (!page->tellable)
        explain(page, NULL);
    gboolean slowed = g_str_has_prefix(pace, "slowed ");
    gboolean paused = g_str_has_prefix(pace, "paus");
    g_autofree char *slow = slowed ? g_strconcat("Slowed ×", pace + strlen("slowed "), NULL) : NULL;
    gtk_label_set_text(GTK_LABEL(page->pace_text), slowed                        ? slow
                                                   : g_str_equal(pace, "paused") ? "Paused"
                                                   : paused ? "Pausing: a task still runs"
                                                            : "Running");
    if (slowed || !paused) /* what it is slowed by is not known while it is paused */
        show_factor(page, slowed ? pace + strlen("slowed ") : "1");
    show_paused(page, paused);
}

/* ---- Telling ---- */

static void tell(WeftTracePage *page, const char *command)
{
    if (page->tellable)
        g_queue_push_tail(&page->commands, g_strdup(command));
    weft_trace_page_pace_poll(page);
}

static void let_go(WeftTracePage *page, const char *why)
{
    g_clear_pointer(&page->controller, weft_controller_close);
    g_queue_clear_full(&page->commands, g_free);
    page->asked = FALSE;
    explain(page, why);
}

static const char *why_silent(WeftTracePage *page)
{
    return weft_live_stopped(weft_session_live(page->session))
               ? "Stopped by a signal: it does as it is told when it goes on"
               : "Does not answer: a task holds its loop; it does as it is told when that lets go";
}

/* The answer to the first of the commands. FALSE: it is not there yet. */
static gboolean take_answer(WeftTracePage *page)
{
    g_autofree char *answer = NULL;
    g_autoptr(GError) error = NULL;
    gboolean done = weft_controller_receive(page->controller, 0, &answer, &error);
    if (g_error_matches(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_ANSWER)) {
        if (g_get_monotonic_time() > page->pace_at + ANSWER_US)
            gtk_label_set_text(GTK_LABEL(page->pace_text), why_silent(page));
        return FALSE;
    }
    g_autofree char *command = g_queue_pop_head(&page->commands);
    page->asked = FALSE;
    gboolean old = !g_queue_is_empty(&page->commands); /* more was asked for since */
    if (done && g_str_equal(command, "pace") && !old)
        show_pace(page, answer);
    else if (!done && g_error_matches(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED) &&
             g_str_equal(command, "pace"))
        explain(page, error->message); /* it has no loop, perhaps just now */
    else if (!done && g_error_matches(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED))
        gtk_widget_activate_action(GTK_WIDGET(page), "win.say", "s", error->message);
    else if (!done)
        let_go(page, "The program is gone");
    if (done && !g_str_equal(command, "pace"))
        page->pace_at = 0; /* and how does it run now? */
    return TRUE;
}

static void send_next(WeftTracePage *page)
{
    g_autoptr(GError) error = NULL;
    gint64 now = g_get_monotonic_time();
    if (g_queue_is_empty(&page->commands) && now >= page->pace_at)
        g_queue_push_tail(&page->commands, g_strdup("pace"));
    if (g_queue_is_empty(&page->commands))
        return;
    page->pace_at = now + ASK_EVERY_US;
    page->asked = weft_controller_send(page->controller, g_queue_peek_head(&page->commands),
                                       &error);
    if (!page->asked)
        let_go(page, "The program is gone");
}

void weft_trace_page_pace_poll(WeftTracePage *page)
{
    while (page->controller && page->asked && take_answer(page))
        continue;
    if (page->controller && !page->asked)
        send_next(page);
}

/* ---- From buttons, keys and the box of commands ---- */

void weft_trace_page_pause(WeftTracePage *page)
{
    tell(page, "pause");
}

void weft_trace_page_resume(WeftTracePage *page)
{
    tell(page, "resume");
}

void weft_trace_page_pause_or_resume(WeftTracePage *page)
{
    tell(page, page->paused ? "resume" : "pause");
}

void weft_trace_page_step(WeftTracePage *page)
{
    tell(page, "step");
}

struct cancelling {
    WeftTracePage *page;
    uint64_t task;
};

static void cancel_answered(GtkWidget *dialog, const char *response, struct cancelling *cancelling)
{
    WeftTracePage *page = cancelling->page;
    if (page->tellable && g_str_equal(response, "task")) {
        char id[48];
        weft_format_id(cancelling->task, id);
        g_autofree char *command = g_strconcat("cancel ", id, NULL);
        g_autofree char *name = weft_model_name(weft_session_model(page->session),
                                                cancelling->task);
        g_autofree char *said = g_strdup_printf("%s is asked to end", name);
        tell(page, command);
        gtk_widget_activate_action(GTK_WIDGET(page), "win.say", "s", said);
    }
    g_object_unref(page);
    g_free(cancelling);
    (void)dialog;
}

/* One who hangs is selected unasked, and the program may be one that others need: it is asked. */
void weft_trace_page_cancel_task(WeftTracePage *page)
{
    const struct weft_lane *task = selected_task(page);
    if (!task || !page->tellable)
        return;
    struct cancelling *cancelling = g_new(struct cancelling, 1);
    *cancelling = (struct cancelling){ g_object_ref(page), task->id };
    g_autofree char *name = weft_model_name(weft_session_model(page->session), task->id);
    g_autofree char *question = g_strdup_printf("Cancel %s?", name);
    GtkRoot *window = gtk_widget_get_root(GTK_WIDGET(page));
    GtkWidget *widget = adw_message_dialog_new(
        GTK_WINDOW(window), question,
        "The running program is told to cancel this task, where it waits next. It cannot be taken "
        "back.");
    AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG(widget);
    adw_message_dialog_add_responses(dialog, "none", "_Leave It", "task", "_Cancel Task", NULL);
    adw_message_dialog_set_response_appearance(dialog, "task", ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_default_response(dialog, "task");
    adw_message_dialog_set_close_response(dialog, "none");
    g_signal_connect(dialog, "response", G_CALLBACK(cancel_answered), cancelling);
    gtk_window_present(GTK_WINDOW(dialog));
}

void weft_trace_page_factor_chosen(GtkDropDown *drop_down, GParamSpec *what, WeftTracePage *page)
{
    guint chosen = gtk_drop_down_get_selected(drop_down);
    if (page->factor_shown || !page->session || chosen >= G_N_ELEMENTS(factors))
        return;
    g_autofree char *command = g_strconcat("slow ", factors[chosen], NULL);
    tell(page, command);
    (void)what;
}

/* ---- Beginning and ending ---- */

/* Of a file that is being written: who writes it may be told nothing from here. */
static void show_recording(WeftTracePage *page)
{
    for (GtkWidget *child = gtk_widget_get_first_child(page->pace); child;
         child = gtk_widget_get_next_sibling(child))
        gtk_widget_set_visible(child, child == page->pace_text);
    gtk_label_set_text(GTK_LABEL(page->pace_text),
                       "Being recorded: what is written is shown as it comes");
    gtk_widget_set_visible(page->pace, TRUE);
}

void weft_trace_page_pace_begin(WeftTracePage *page)
{
    g_autoptr(GError) error = NULL;
    weft_live *live = weft_session_live(page->session);
    show_paused(page, FALSE);
    if (live && weft_live_is_file(live))
        show_recording(page);
    if (!live || weft_live_is_file(live))
        return;
    guint64 pid = weft_trace_source(weft_session_trace(page->session))->pid;
    gtk_widget_set_visible(page->pace, TRUE);
    page->controller = weft_controller_open(pid, &error);
    if (page->controller)
        show_pace(page, "running");
    else
        let_go(page, error->message);
}

/* There is nothing left to tell: what has ended is a trace like others. */
void weft_trace_page_pace_end(WeftTracePage *page)
{
    let_go(page, "The program is gone");
    gtk_widget_set_visible(page->pace, FALSE);
}
