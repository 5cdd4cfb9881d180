/* inspector.c: follows selection and playhead, a little behind: it tells again at most every
 * REFRESH_MS, and while the playhead moves, when it rests, so that dragging it stays as quick as
 * drawing is.
 *
 * The source shown is where the selected task stands at the playhead: where it suspended, else
 * where it was created. */
#include "app/viewer/panels/inspector.h"

#include "app/viewer/count.h"
#include "app/viewer/panels/account.h"
#include "app/viewer/panels/chip.h"
#include "app/viewer/panels/histogram.h"
#include "app/viewer/panels/markup.h"
#include "app/viewer/panels/range-card.h"
#include "app/viewer/panels/source-panel.h"
#include "app/viewer/panels/story.h"
#include "app/viewer/panels/totals.h"
#include "app/viewer/panels/track-card.h"
#include "app/viewer/task-menu.h"

static const double STACK_FROM = 1.4; /* of the text's scale */

enum {
    REFRESH_MS = 40,
    REST_MS = 80,     /* the playhead has not moved for so long: it rests */
    LATEST_MS = 1000, /* it moves on and on: it is told where it is, nevertheless */
    HISTOGRAM_MAX = 100000,
};

struct _WeftInspector {
    AdwBin parent_instance;
    WeftSession *session;
    struct weft_render *render; /* borrowed */

    GtkWidget *nothing, *lane; /* one of them is seen */
    GtkWidget *content;        /* of the lane */
    GtkLabel *name, *creation, *why_question, *why, *chain, *holds, *steps, *source_place,
        *slices_text;
    GtkWidget *head, *why_card, *story_head, *source_head, *slices_head, *of_ready;
    WeftRangeCard *range;
    WeftTrackCard *track; /* of what is selected and no lane */
    WeftChip *chip;
    WeftTotals *totals;
    WeftStory *story;
    WeftSourcePanel *source;
    WeftHistogram *histogram;

    gboolean large;      /* the text */
    guint fit_source;    /* 0: the story fits */
    guint refresh_timer; /* 0: what is shown is true */
    gint64 untrue_us;    /* since when it is not */
    guint told_lane;     /* whose account is shown */
    guint counted_lane;  /* the histogram's */
    guint64 counted_slices;
    gboolean asking, ask_again; /* an account is under way; another is wanted after it */
};
G_DEFINE_FINAL_TYPE(WeftInspector, weft_inspector, ADW_TYPE_BIN)

static gboolean link_activated(GtkLabel *label, const char *address, WeftInspector *inspector)
{
    weft_markup_follow(GTK_WIDGET(label), inspector->session, address);
    return TRUE;
}

static gboolean source_activated(GtkLabel *label, const char *address, WeftInspector *inspector)
{
    const char *path = weft_source_panel_path(inspector->source);
    g_autofree char *uri = path ? g_filename_to_uri(path, NULL, NULL) : NULL;
    if (uri)
        gtk_show_uri(GTK_WINDOW(gtk_widget_get_root(GTK_WIDGET(inspector))), uri, GDK_CURRENT_TIME);
    (void)label, (void)address;
    return TRUE;
}

/* ---- The state chip ---- */

static const char *waits_for(unsigned await)
{
    static const char *const words[WEFT_AWAIT_END] = {
        [WEFT_AWAIT_YIELD] = "steps back",
        [WEFT_AWAIT_TIMER] = "sleeps",
        [WEFT_AWAIT_FUTURE] = "waits for a future",
        [WEFT_AWAIT_TASK] = "waits for a task",
        [WEFT_AWAIT_GROUP] = "waits for tasks",
        [WEFT_AWAIT_LOCK] = "waits for a lock",
        [WEFT_AWAIT_EVENT] = "waits for an event",
        [WEFT_AWAIT_CONDITION] = "waits for a condition",
        [WEFT_AWAIT_SEMAPHORE] = "waits for a semaphore",
        [WEFT_AWAIT_BARRIER] = "waits at a barrier",
        [WEFT_AWAIT_QUEUE_GET] = "waits for an item",
        [WEFT_AWAIT_QUEUE_PUT] = "waits for room",
        [WEFT_AWAIT_QUEUE_JOIN] = "waits for a queue",
        [WEFT_AWAIT_READ] = "waits for data",
        [WEFT_AWAIT_WRITE] = "waits to write",
        [WEFT_AWAIT_CONNECT] = "connects",
        [WEFT_AWAIT_ACCEPT] = "waits for a client",
        [WEFT_AWAIT_DNS] = "looks up a name",
        [WEFT_AWAIT_FILE] = "waits for a file",
        [WEFT_AWAIT_CHILD] = "waits for a process",
        [WEFT_AWAIT_JOB] = "waits for a thread",
        [WEFT_AWAIT_SIGNAL] = "waits for a signal",
    };
    return await < WEFT_AWAIT_END && words[await] ? words[await] : "waits";
}

static void show_segment_chip(WeftInspector *inspector, const struct weft_segment_view *segment)
{
    static const struct {
        const char *text;
        enum weft_role role;
    } states[WEFT_SEGMENT_STATES] = {
        [WEFT_SEGMENT_UNKNOWN] = { "unknown", WEFT_ROLE_UNKNOWN },
        [WEFT_SEGMENT_RUNNING] = { "runs", WEFT_ROLE_RUNNING },
        [WEFT_SEGMENT_READY] = { "ready", WEFT_ROLE_READY },
        [WEFT_SEGMENT_CANCELLING] = { "cancelling", WEFT_ROLE_CANCELLING },
        [WEFT_SEGMENT_POLL] = { "polls", WEFT_ROLE_WAIT_IO },
        [WEFT_SEGMENT_CALLBACK] = { "calls back", WEFT_ROLE_RUNNING },
        [WEFT_SEGMENT_LOOP] = { "loop", WEFT_ROLE_DIM },
        [WEFT_SEGMENT_COUNT] = { "", WEFT_ROLE_DIM },
    };
    enum weft_wait_class wait = WEFT_WAIT_CLASSES;
    const char *text = states[segment->state].text;
    enum weft_role role = states[segment->state].role;
    if (weft_segment_is_pause(segment))
        text = "paused";
    if (segment->state == WEFT_SEGMENT_WAITING) {
        wait = weft_wait_class(segment->detail);
        role = weft_role_of_wait(wait);
        text = waits_for(segment->detail);
    }
    weft_chip_show(inspector->chip, inspector->render, text, role, wait);
}

static void show_end_chip(WeftInspector *inspector, const struct weft_lane *lane, gint64 t)
{
    static const char *const outcomes[] = { "done", "done", "failed", "cancelled" };
    gboolean failed = lane->outcome == WEFT_OUTCOME_ERROR;
    gboolean born = lane->kind != WEFT_LANE_TASK || lane->flags & WEFT_LANE_BORN;
    const char *text = t < lane->first_ns ? born ? "not yet created" : "unknown"
                       : lane->outcome < G_N_ELEMENTS(outcomes) ? outcomes[lane->outcome]
                                                                : "done";
    weft_chip_show(inspector->chip, inspector->render, text,
                   failed && t >= lane->first_ns ? WEFT_ROLE_ERROR : WEFT_ROLE_DIM,
                   WEFT_WAIT_CLASSES);
}

/* ---- Creation, why, source, slices ---- */

static char *site_text(WeftInspector *inspector, guint32 id)
{
    const struct weft_trace_site *site = weft_trace_site(weft_session_trace(inspector->session),
                                                         id);
    if (!site || !site->file || !site->file[0])
        return NULL;
    g_autofree char *base = g_path_get_basename(site->file);
    return site->line ? g_strdup_printf("%s:%u", base, site->line) : g_strdup(base);
}

static void show_unbroken(GtkLabel *label, const char *markup)
{
    g_autofree char *unbroken = weft_markup_unbroken(markup);
    gtk_label_set_markup(label, unbroken);
}

static void show_creation(WeftInspector *inspector, const struct weft_lane *lane)
{
    weft_model *model = weft_session_model(inspector->session);
    gint64 begin_ns = weft_trace_begin_ns(weft_session_trace(inspector->session));
    g_autofree char *seen = weft_view_time(weft_session_view(inspector->session), lane->first_ns);
    g_autofree char *when = lane->flags & WEFT_LANE_BORN ? g_strdup_printf("at %s", seen)
                            : lane->first_ns <= begin_ns ? g_strdup("before the trace begins")
                                                         : g_strdup_printf("before %s", seen);
    g_autofree char *site = site_text(inspector, lane->site);
    GString *markup = g_string_new(NULL);
    if (lane->parent != G_MAXUINT32) {
        uint64_t parent = weft_model_lane(model, lane->parent)->id;
        g_autofree char *name = weft_model_name(model, parent);
        g_autofree char *link = weft_markup_link(name, parent, lane->first_ns);
        g_string_append_printf(markup, "%s created it %s", link, when);
    } else {
        g_string_append_printf(markup,
                               lane->kind == WEFT_LANE_TASK ? "Created %s" : "Open from %s on",
                               lane->kind == WEFT_LANE_TASK ? when : seen);
    }
    if (site) {
        g_autofree char *escaped = g_markup_escape_text(site, -1);
        g_string_append_printf(markup, ", %s", escaped);
    }
    show_unbroken(inspector->creation, markup->str);
    g_string_free(markup, TRUE);
}

static void show_why(WeftInspector *inspector, const struct weft_lane *lane,
                     const struct weft_account *account)
{
    const struct weft_sentence *why = account->why;
    gtk_widget_set_visible(inspector->why_card, why != NULL);
    if (!why)
        return;
    g_autofree char *when = weft_view_time(weft_session_view(inspector->session), account->t_ns);
    g_autofree char *question = g_strdup_printf("Why is it not running at %s?", when);
    g_autofree char *answer = weft_markup_sentence(why, lane->id);
    show_unbroken(inspector->why_question, question);
    show_unbroken(inspector->why, answer);
    show_unbroken(inspector->chain, account->chain ? account->chain : "");
    gtk_widget_set_visible(GTK_WIDGET(inspector->chain), account->chain != NULL);
}

char *weft_inspector_why(WeftInspector *inspector)
{
    if (!gtk_widget_get_visible(inspector->why_card))
        return NULL;
    GString *text = g_string_new(gtk_label_get_text(inspector->why_question));
    g_string_append_printf(text, " %s", gtk_label_get_text(inspector->why));
    g_string_replace(text, "\302\240", " ", 0); /* they are for the label's lines */
    g_string_replace(text, "\342\201\240", "", 0);
    return g_string_free(text, FALSE);
}

static void show_source(WeftInspector *inspector, guint32 site_id)
{
    weft_trace *trace = weft_session_trace(inspector->session);
    const struct weft_trace_site *site = site_id ? weft_trace_site(trace, site_id) : NULL;
    gboolean found = weft_source_panel_show(inspector->source, site, trace);
    g_autofree char *text = site ? site_text(inspector, site_id) : NULL;
    gtk_widget_set_visible(inspector->source_head, text != NULL);
    if (!text)
        return;
    gboolean changed = found &&
                       weft_source_changed(weft_source_panel_path(inspector->source), trace);
    g_autofree char *markup = found ? g_markup_printf_escaped("<a href=\"source\">%s</a>%s", text,
                                                              changed ? " (changed since)" : "")
                                    : g_markup_printf_escaped("%s (not found here)", text);
    gtk_label_set_markup(inspector->source_place, markup);
}

static void refresh_soon(WeftInspector *inspector);

/* Whether their lengths are worth counting one by one: there are some, and not too many. */
static gboolean few_slices(WeftInspector *inspector, guint index)
{
    weft_model *model = weft_session_model(inspector->session);
    return weft_model_lane(model, index)->resumes > 0 &&
           weft_model_lane_segments(model, index) <= HISTOGRAM_MAX;
}

/* The playhead; where there is none, the lane's beginning. */
static gint64 moment(WeftInspector *inspector, guint index)
{
    gint64 t = weft_session_view(inspector->session)->playhead_ns;
    return t == WEFT_NO_TIME
               ? weft_model_lane(weft_session_model(inspector->session), index)->first_ns
               : t;
}

static void show_slices(WeftInspector *inspector, guint index, const struct weft_lane *lane,
                        const struct weft_totals *totals)
{
    gboolean counted = few_slices(inspector, index), ready;
    gtk_widget_set_visible(inspector->slices_head, lane->resumes > 0);
    gtk_widget_set_visible(inspector->of_ready, counted);
    gtk_widget_set_visible(GTK_WIDGET(inspector->histogram), counted);
    ready = counted && weft_histogram_of_ready(inspector->histogram);
    gint64 least_ns, most_ns, longest_ns = totals->longest_slice_ns;
    guint chosen, n = lane->resumes;
    if (ready)
        n = weft_histogram_counted(inspector->histogram, &longest_ns);
    g_autofree char *count = weft_count(n);
    g_autofree char *longest = weft_format_duration(longest_ns);
    g_autofree char *text = g_strdup_printf("%s, longest %s", count, longest);
    if (weft_histogram_chosen(inspector->histogram, &least_ns, &most_ns, &chosen)) {
        g_autofree char *some = weft_count(chosen), *least = weft_format_duration(least_ns);
        g_autofree char *most = weft_format_duration(most_ns);
        g_free(text);
        text = least_ns == 0 && most_ns == G_MAXINT64
                   ? g_strdup_printf("%s of %s, of all lengths", some, count)
               : least_ns == 0 ? g_strdup_printf("%s of %s, below %s", some, count, most)
               : most_ns == G_MAXINT64
                   ? g_strdup_printf("%s of %s, from %s on", some, count, least)
                   : g_strdup_printf("%s of %s, %s – %s", some, count, least, most);
    }
    gtk_label_set_text(inspector->slices_text, text);
}

static void slices_chosen(WeftInspector *inspector)
{
    gint64 least_ns, most_ns;
    guint chosen;
    if (!inspector->session)
        return;
    gboolean some = weft_histogram_chosen(inspector->histogram, &least_ns, &most_ns, &chosen);
    weft_session_choose_slices(inspector->session,
                               weft_histogram_of_ready(inspector->histogram) ? WEFT_SEGMENT_READY
                                                                             : WEFT_SEGMENT_RUNNING,
                               some ? least_ns : 0, some ? most_ns : 0);
    refresh_soon(inspector);
}

static void ready_toggled(GtkToggleButton *of_ready, GParamSpec *what, WeftInspector *inspector)
{
    weft_histogram_set_of_ready(inspector->histogram, gtk_toggle_button_get_active(of_ready));
    if (inspector->session)
        refresh_soon(inspector);
    (void)what;
}

/* ---- What takes its time ---- */

static int height_of(GtkWidget *widget, int width)
{
    int height;
    gtk_widget_measure(widget, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);
    return height;
}

static int width_of(gpointer widget)
{
    int width;
    gtk_widget_measure(widget, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
    return width;
}

/* The state stands beside the name, or below one that is long, or large. */
static void fit_head(WeftInspector *inspector)
{
    int spacing = gtk_box_get_spacing(GTK_BOX(inspector->head));
    int width = gtk_widget_get_width(inspector->content);
    int wanted = width_of(inspector->name) + spacing + width_of(inspector->chip);
    gboolean below = inspector->large || (width > 0 && wanted > width);
    gtk_orientable_set_orientation(GTK_ORIENTABLE(inspector->head),
                                   below ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}

void weft_inspector_set_text_scale(WeftInspector *inspector, double scale)
{
    inspector->large = scale >= STACK_FROM;
    fit_head(inspector);
    weft_story_set_orientation(inspector->story, inspector->large ? GTK_ORIENTATION_VERTICAL
                                                                  : GTK_ORIENTATION_HORIZONTAL);
}

/* The story gives way, so that source and slices are seen below it. */
static void fit_story(WeftInspector *inspector)
{
    int width = gtk_widget_get_width(inspector->content); /* the story's, which may be hidden */
    int others = height_of(inspector->content, gtk_widget_get_width(inspector->lane)) -
                 height_of(GTK_WIDGET(inspector->story), width);
    if (width > 0)
        weft_story_fit(inspector->story, width, gtk_widget_get_height(inspector->lane) - others);
}

static gboolean fit_again(gpointer data)
{
    WEFT_INSPECTOR(data)->fit_source = 0;
    fit_head(data);
    fit_story(data);
    return G_SOURCE_REMOVE;
}

/* The window, or what is beside the story, has another height. */
static void height_changed(WeftInspector *inspector)
{
    if (!inspector->fit_source)
        inspector->fit_source = g_idle_add(fit_again, inspector);
}

static void show_account(WeftInspector *inspector, const struct weft_account *account)
{
    const struct weft_lane *lane = weft_model_lane(weft_session_model(inspector->session),
                                                   account->lane);
    inspector->told_lane = account->lane;
    show_why(inspector, lane, account);
    show_unbroken(inspector->holds, account->holds ? account->holds : "");
    gtk_widget_set_visible(GTK_WIDGET(inspector->holds), account->holds != NULL);
    g_autofree char *steps = weft_story_tell(inspector->story, inspector->session, lane->id,
                                             account);
    gtk_label_set_text(inspector->steps, steps);
    gtk_widget_set_visible(GTK_WIDGET(inspector->story), steps[0] != '\0');
    gtk_widget_set_visible(inspector->story_head, steps[0] != '\0');
    fit_story(inspector);
    if (!account->segments)
        return;
    weft_histogram_show(inspector->histogram, inspector->render, account->segments);
    if (weft_histogram_of_ready(inspector->histogram)) /* how many there are is known now */
        refresh_soon(inspector);
    inspector->counted_lane = account->lane;
    inspector->counted_slices = account->segments->len;
}

/* It is shown if it is still about what is selected. */
static void told(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftInspector *inspector = data;
    g_autoptr(weft_account) account = weft_account_finish(result);
    inspector->asking = FALSE;
    if (inspector->session && inspector->render) {
        guint lane = weft_session_view(inspector->session)->selected_lane;
        if (inspector->session == WEFT_SESSION(session) && lane == account->lane)
            show_account(inspector, account);
        if (inspector->ask_again)
            refresh_soon(inspector); /* not at once: a live process is read meanwhile */
    }
    g_object_unref(inspector);
}

/* One account at a time; what is shown meanwhile is the one before, if it is the same lane's. */
static void ask(WeftInspector *inspector, guint index, gint64 t)
{
    if (!weft_session_loaded(inspector->session))
        return;
    inspector->ask_again = inspector->asking;
    if (inspector->asking)
        return;
    guint64 n = weft_model_lane_segments(weft_session_model(inspector->session), index);
    gboolean counted = inspector->counted_lane == index && inspector->counted_slices == n;
    inspector->asking = TRUE;
    weft_account_ask(inspector->session, index, t, few_slices(inspector, index) && !counted, told,
                     g_object_ref(inspector));
}

static void show_no_histogram(WeftInspector *inspector)
{
    g_autoptr(GArray) none = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    weft_histogram_choose(inspector->histogram, 0, 0); /* of another lane */
    weft_histogram_show(inspector->histogram, inspector->render, none);
    inspector->counted_lane = WEFT_NO_LANE;
}

/* Another lane's why, story and slices are no answer. */
static void forget_account(WeftInspector *inspector)
{
    inspector->told_lane = WEFT_NO_LANE;
    show_no_histogram(inspector);
    gtk_widget_set_visible(inspector->why_card, FALSE);
    gtk_widget_set_visible(GTK_WIDGET(inspector->holds), FALSE);
    gtk_widget_set_visible(GTK_WIDGET(inspector->story), FALSE);
    gtk_label_set_text(inspector->steps, "");
}

static void tell_lane(WeftInspector *inspector, guint index)
{
    weft_model *model = weft_session_model(inspector->session);
    const struct weft_lane *lane = weft_model_lane(model, index);
    gint64 t = moment(inspector, index);
    g_autofree char *name = lane->kind == WEFT_LANE_READY ? g_strdup("ready queue")
                                                          : weft_model_name(model, lane->id);
    if (inspector->told_lane != index)
        forget_account(inspector);
    gtk_label_set_text(inspector->name, name);

    struct weft_segment_view segment;
    gboolean alive = weft_model_segment_at(model, index, t, &segment);
    if (alive)
        show_segment_chip(inspector, &segment);
    else
        show_end_chip(inspector, lane, t);
    fit_head(inspector);
    show_creation(inspector, lane);
    struct weft_totals totals;
    weft_model_totals(model, index, &totals);
    weft_totals_show(inspector->totals, inspector->render, &totals, lane->kind != WEFT_LANE_TASK);
    show_source(inspector, alive && segment.site ? segment.site : lane->site);
    show_slices(inspector, index, lane, &totals);
    fit_story(inspector);
    ask(inspector, index, t);
}

/* ---- Following the session ---- */

static gboolean refresh(gpointer data)
{
    WeftInspector *inspector = data;
    guint lane = weft_session_view(inspector->session)->selected_lane;
    inspector->refresh_timer = 0;
    weft_range_card_show(inspector->range, inspector->session);
    if (inspector->render && lane != WEFT_NO_LANE)
        tell_lane(inspector, lane);
    weft_track_card_show(inspector->track, inspector->session);
    gtk_widget_set_visible(inspector->nothing,
                           lane == WEFT_NO_LANE &&
                               !gtk_widget_get_visible(GTK_WIDGET(inspector->track)));
    gtk_widget_set_visible(inspector->lane, lane != WEFT_NO_LANE);
    return G_SOURCE_REMOVE;
}

static void refresh_soon(WeftInspector *inspector)
{
    if (inspector->refresh_timer)
        return;
    inspector->untrue_us = g_get_monotonic_time();
    inspector->refresh_timer = g_timeout_add(REFRESH_MS, refresh, inspector);
}

static void refresh_at_rest(WeftInspector *inspector)
{
    gint64 now = g_get_monotonic_time();
    if (!inspector->refresh_timer)
        inspector->untrue_us = now;
    else if (now - inspector->untrue_us > LATEST_MS * 1000)
        return;
    g_clear_handle_id(&inspector->refresh_timer, g_source_remove);
    inspector->refresh_timer = g_timeout_add(REST_MS, refresh, inspector);
}

static void session_changed(WeftSession *session, guint what, WeftInspector *inspector)
{
    const guint shown = WEFT_CHANGE_SELECTION | WEFT_CHANGE_PLAYHEAD | WEFT_CHANGE_MODEL |
                        WEFT_CHANGE_MARKED | WEFT_CHANGE_ROWS | WEFT_CHANGE_ORIGIN;
    if ((what & shown) == WEFT_CHANGE_PLAYHEAD)
        refresh_at_rest(inspector);
    else if (what & shown)
        refresh_soon(inspector);
    (void)session;
}

static void drop_session(WeftInspector *inspector)
{
    g_clear_handle_id(&inspector->refresh_timer, g_source_remove);
    if (inspector->session)
        g_signal_handlers_disconnect_by_func(inspector->session, session_changed, inspector);
    g_clear_object(&inspector->session);
}

void weft_inspector_set(WeftInspector *inspector, WeftSession *session, struct weft_render *render)
{
    inspector->render = render;
    inspector->told_lane = WEFT_NO_LANE;
    /* What was drawn with the render before must not be drawn with it again. */
    weft_chip_show(inspector->chip, render, "", WEFT_ROLE_DIM, WEFT_WAIT_CLASSES);
    weft_totals_show(inspector->totals, render, &(struct weft_totals){ 0 }, FALSE);
    show_no_histogram(inspector);
    if (session != inspector->session) {
        drop_session(inspector);
        if (session) {
            inspector->session = g_object_ref(session);
            g_signal_connect(session, "changed", G_CALLBACK(session_changed), inspector);
        }
    }
    if (session)
        session_changed(session, WEFT_CHANGE_ALL, inspector);
}

static void dispose(GObject *object)
{
    WeftInspector *inspector = WEFT_INSPECTOR(object);
    drop_session(inspector);
    if (inspector->lane)
        g_signal_handlers_disconnect_by_func(
            gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(inspector->lane)),
            height_changed, inspector);
    g_clear_handle_id(&inspector->fit_source, g_source_remove);
    G_OBJECT_CLASS(weft_inspector_parent_class)->dispose(object);
}

static void weft_inspector_class_init(WeftInspectorClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    g_type_ensure(WEFT_TYPE_RANGE_CARD);
    g_type_ensure(WEFT_TYPE_TRACK_CARD);
    g_type_ensure(WEFT_TYPE_CHIP);
    g_type_ensure(WEFT_TYPE_TOTALS);
    g_type_ensure(WEFT_TYPE_STORY);
    g_type_ensure(WEFT_TYPE_SOURCE_PANEL);
    g_type_ensure(WEFT_TYPE_HISTOGRAM);
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_template_from_resource(widget, "/org/weft/Weft/inspector.ui");
    gtk_widget_class_bind_template_child(widget, WeftInspector, nothing);
    gtk_widget_class_bind_template_child(widget, WeftInspector, lane);
    gtk_widget_class_bind_template_child(widget, WeftInspector, range);
    gtk_widget_class_bind_template_child(widget, WeftInspector, head);
    gtk_widget_class_bind_template_child(widget, WeftInspector, track);
    gtk_widget_class_bind_template_child(widget, WeftInspector, name);
    gtk_widget_class_bind_template_child(widget, WeftInspector, creation);
    gtk_widget_class_bind_template_child(widget, WeftInspector, chip);
    gtk_widget_class_bind_template_child(widget, WeftInspector, totals);
    gtk_widget_class_bind_template_child(widget, WeftInspector, why_card);
    gtk_widget_class_bind_template_child(widget, WeftInspector, why_question);
    gtk_widget_class_bind_template_child(widget, WeftInspector, why);
    gtk_widget_class_bind_template_child(widget, WeftInspector, chain);
    gtk_widget_class_bind_template_child(widget, WeftInspector, holds);
    gtk_widget_class_bind_template_child(widget, WeftInspector, content);
    gtk_widget_class_bind_template_child(widget, WeftInspector, steps);
    gtk_widget_class_bind_template_child(widget, WeftInspector, story_head);
    gtk_widget_class_bind_template_child(widget, WeftInspector, story);
    gtk_widget_class_bind_template_child(widget, WeftInspector, source_head);
    gtk_widget_class_bind_template_child(widget, WeftInspector, source_place);
    gtk_widget_class_bind_template_child(widget, WeftInspector, source);
    gtk_widget_class_bind_template_child(widget, WeftInspector, slices_head);
    gtk_widget_class_bind_template_child(widget, WeftInspector, of_ready);
    gtk_widget_class_bind_template_child(widget, WeftInspector, slices_text);
    gtk_widget_class_bind_template_child(widget, WeftInspector, histogram);
    gtk_widget_class_bind_template_callback(widget, link_activated);
    gtk_widget_class_bind_template_callback(widget, source_activated);
    gtk_widget_class_bind_template_callback(widget, ready_toggled);
}

static void weft_inspector_init(WeftInspector *inspector)
{
    inspector->counted_lane = inspector->told_lane = WEFT_NO_LANE;
    gtk_widget_init_template(GTK_WIDGET(inspector));
    g_signal_connect_swapped(inspector->histogram, "chosen", G_CALLBACK(slices_chosen), inspector);
    weft_task_menu_add(inspector->head, NULL, NULL);
    g_signal_connect_swapped(
        gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(inspector->lane)), "changed",
        G_CALLBACK(height_changed), inspector);
}
