/* range-card.c: the range that is marked, summed up by a worker; until its numbers are there the
 * card says so. When only the trace grew, the numbers stay until there are others. */
#include "app/viewer/panels/range-card.h"

#include "app/viewer/count.h"
#include "app/viewer/panels/markup.h"
#include "app/viewer/panels/range-sums.h"

struct _WeftRangeCard {
    GtkWidget parent_instance;
    GtkWidget *box, *length, *words;
    WeftSession *session;
    GCancellable *going; /* of the worker's; NULL: nothing is under way */
    /* What was asked last. */
    gint64 from_ns, to_ns, end_ns;
    char *filter;
    gboolean again; /* something else is asked since */
};
G_DEFINE_FINAL_TYPE(WeftRangeCard, weft_range_card, GTK_TYPE_WIDGET)

/* ---- Words ---- */

static void append_lane(GString *markup, WeftSession *session, const struct weft_range_lane *of,
                        const weft_range_sums *sums)
{
    weft_model *model = weft_session_model(session);
    const struct weft_lane *lane = weft_model_lane(model, of->lane);
    g_autofree char *name = weft_model_name(model, lane->id);
    g_autofree char *link = weft_markup_link(name, lane->id, sums->from_ns);
    g_autofree char *time = weft_format_duration(of->running_ns);
    double percent = 100 * (double)of->running_ns / (double)(sums->to_ns - sums->from_ns);
    g_string_append_printf(markup, "\n%s %s %s", link,
                           lane->kind == WEFT_LANE_LOOP ? "was busy" : "ran", time);
    if (percent >= 1)
        g_string_append_printf(markup, ", %.0f\302\240%%", percent);
}

static void append_state(GString *markup, const char *word, gint64 ns)
{
    g_autofree char *time = weft_format_duration(ns);
    if (ns > 0)
        g_string_append_printf(markup, "   <b>%s</b>\302\240%s", time, word);
}

/* "12 tasks: 38.2 ms run   2.1 ms ready   330 ms wait". */
static void append_tasks(GString *markup, const weft_range_sums *sums)
{
    g_autofree char *count = weft_count(sums->tasks);
    g_autofree char *filter = sums->filter ? g_markup_escape_text(sums->filter, -1) : NULL;
    g_string_append_printf(markup, "%s %s%s%s%s", count, sums->tasks == 1 ? "task" : "tasks",
                           filter ? " with “" : "", filter ? filter : "", filter ? "”" : "");
    append_state(markup, "run", sums->sum.running_ns);
    append_state(markup, "ready", sums->sum.ready_ns);
    append_state(markup, "wait", sums->sum.rest_ns);
    append_state(markup, "unknown", sums->sum.unknown_ns);
}

/* "1,204 slices: half of them up to 12 µs, 99 % up to 3.1 ms, the longest 24 ms". */
static void append_slices(GString *markup, WeftSession *session, const struct weft_spread *slices)
{
    weft_model *model = weft_session_model(session);
    if (slices->n == 0)
        return;
    g_autofree char *n = weft_count(slices->n);
    g_autofree char *half = weft_format_duration(slices->p50_ns);
    g_autofree char *most = weft_format_duration(slices->p99_ns);
    g_autofree char *longest = weft_format_duration(slices->longest_ns);
    g_autofree char *link = weft_markup_link(
        longest, weft_model_lane(model, slices->longest_lane)->id, slices->longest_at_ns);
    g_string_append_printf(markup, "\n%s %s: half up to %s, 99\302\240%% up to %s, the longest %s",
                           n, slices->n == 1 ? "slice" : "slices", half, most, link);
}

static char *describe(WeftSession *session, const weft_range_sums *sums)
{
    GString *markup = g_string_new(NULL);
    append_tasks(markup, sums);
    if (sums->slices_known)
        append_slices(markup, session, &sums->slices);
    for (guint i = 0; i < sums->loops->len; i++)
        append_lane(markup, session, &g_array_index(sums->loops, struct weft_range_lane, i), sums);
    for (guint i = 0; i < MIN(sums->ran, WEFT_RANGE_TOP); i++)
        append_lane(markup, session, &sums->top[i], sums);
    if (sums->ran > WEFT_RANGE_TOP) {
        g_autofree char *more = weft_count(sums->ran - WEFT_RANGE_TOP);
        g_string_append_printf(markup, "\nand %s more", more);
    }
    return g_string_free(markup, FALSE);
}

/* ---- Asking ---- */

static void ask(WeftRangeCard *card);

static void summed_up(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftRangeCard *card = data;
    g_autoptr(weft_range_sums) sums = weft_range_sums_finish(result);
    g_clear_object(&card->going);
    if (card->box && sums && card->session == WEFT_SESSION(session)) {
        g_autofree char *markup = describe(card->session, sums);
        gtk_label_set_markup(GTK_LABEL(card->words), markup);
    }
    if (card->box && card->again)
        ask(card);
    g_object_unref(card);
}

static void ask(WeftRangeCard *card)
{
    const struct weft_view *view = weft_session_view(card->session);
    card->again = card->going != NULL;
    if (card->going || !weft_session_loaded(card->session) || view->range_to <= view->range_from)
        return;
    card->going = g_cancellable_new();
    weft_range_sums_ask(card->session, card->going, summed_up, g_object_ref(card));
}

/* Whether it was asked already; from now on it was. */
static gboolean asked(WeftRangeCard *card)
{
    const struct weft_view *view = weft_session_view(card->session);
    gint64 end_ns = MIN(weft_model_end_ns(weft_session_model(card->session)), view->range_to);
    gboolean same = card->from_ns == view->range_from && card->to_ns == view->range_to &&
                    card->end_ns == end_ns && g_strcmp0(card->filter, view->filter) == 0;
    card->from_ns = view->range_from;
    card->to_ns = view->range_to;
    card->end_ns = end_ns;
    g_free(card->filter);
    card->filter = g_strdup(view->filter);
    return same;
}

void weft_range_card_show(WeftRangeCard *card, WeftSession *session)
{
    const struct weft_view *view = weft_session_view(session);
    gboolean marked = view->range_to > view->range_from;
    gboolean other = g_set_object(&card->session, session);
    gboolean same_range = card->from_ns == view->range_from && card->to_ns == view->range_to &&
                          g_strcmp0(card->filter, view->filter) == 0;
    gtk_widget_set_visible(GTK_WIDGET(card), marked);
    if (!marked || other || card->to_ns == 0) /* of no range that is marked */
        gtk_label_set_text(GTK_LABEL(card->words), "");
    if (!weft_session_loaded(session) || (asked(card) && !other) || !marked)
        return;
    g_autofree char *length = weft_format_duration(view->range_to - view->range_from);
    g_autofree char *title = g_strdup_printf("%s marked", length);
    gtk_label_set_text(GTK_LABEL(card->length), title);
    if (other || !same_range)
        gtk_label_set_text(GTK_LABEL(card->words), "Adding up…");
    if (card->going)
        g_cancellable_cancel(card->going);
    ask(card);
}

static gboolean link_activated(GtkLabel *label, const char *address, WeftRangeCard *card)
{
    weft_markup_follow(GTK_WIDGET(label), card->session, address);
    return TRUE;
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_RANGE_CARD(object)->box, gtk_widget_unparent);
    g_clear_object(&WEFT_RANGE_CARD(object)->session);
    g_clear_pointer(&WEFT_RANGE_CARD(object)->filter, g_free);
    if (WEFT_RANGE_CARD(object)->going)
        g_cancellable_cancel(WEFT_RANGE_CARD(object)->going);
    G_OBJECT_CLASS(weft_range_card_parent_class)->dispose(object);
}

static void weft_range_card_class_init(WeftRangeCardClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "rangecard");
}

static void weft_range_card_init(WeftRangeCard *card)
{
    card->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
    card->length = gtk_label_new("");
    card->words = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(card->length), 0);
    gtk_label_set_xalign(GTK_LABEL(card->words), 0);
    gtk_label_set_wrap(GTK_LABEL(card->words), TRUE);
    gtk_widget_add_css_class(card->length, "strong");
    gtk_widget_add_css_class(card->words, "numeric");
    gtk_widget_add_css_class(card->box, "card");
    gtk_widget_add_css_class(card->box, "why");
    g_signal_connect(card->words, "activate-link", G_CALLBACK(link_activated), card);
    gtk_box_append(GTK_BOX(card->box), card->length);
    gtk_box_append(GTK_BOX(card->box), card->words);
    gtk_widget_set_parent(card->box, GTK_WIDGET(card));
}
