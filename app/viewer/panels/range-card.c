/* range-card.c: sums at a resolution of a 256th of the range: what is merged counts with the share
 * of it that lies inside, so that a range over millions of events is summed as quickly as a short
 * one. Then figures are rounded, and said to be about right. */
#include "app/viewer/panels/range-card.h"

#include "app/viewer/panels/markup.h"

enum { TOP = 4, LANES_MAX = 4000, RESOLUTION = 256, CHUNKS_A_LANE = 4 };

struct sum {
    guint lane;
    double running_ns; /* tasks: slices; loops: tasks and callbacks */
    gboolean about;    /* some of it was merged: the sum is about right */
};

struct _WeftRangeCard {
    GtkWidget parent_instance;
    GtkWidget *box, *length, *words;
    WeftSession *session;
};
G_DEFINE_FINAL_TYPE(WeftRangeCard, weft_range_card, GTK_TYPE_WIDGET)

static double running_in(const struct weft_segment_view *segment, gint64 from, gint64 to)
{
    double length = (double)MAX(segment->to_ns - segment->from_ns, 1);
    double inside = (double)(MIN(segment->to_ns, to) - MAX(segment->from_ns, from));
    if (inside <= 0)
        return 0;
    if (segment->flags & WEFT_SEGMENT_MERGED)
        return (double)segment->running_ns * inside / length;
    gboolean runs = segment->state == WEFT_SEGMENT_RUNNING ||
                    segment->state == WEFT_SEGMENT_CALLBACK;
    return runs ? inside : 0;
}

static void sum_lane(weft_model *model, guint lane, gint64 from, gint64 to, GArray *segments,
                     struct sum *sum)
{
    *sum = (struct sum){ .lane = lane };
    g_array_set_size(segments, 0);
    weft_model_segments(model, lane, from, to, MAX((to - from) / RESOLUTION, 1), CHUNKS_A_LANE,
                        segments);
    for (guint i = 0; i < segments->len; i++) {
        const struct weft_segment_view *segment = &g_array_index(segments, struct weft_segment_view,
                                                                 i);
        sum->running_ns += running_in(segment, from, to);
        sum->about |= (segment->flags & WEFT_SEGMENT_MERGED) != 0;
    }
}

static int by_running(gconstpointer a, gconstpointer b)
{
    double x = ((const struct sum *)a)->running_ns, y = ((const struct sum *)b)->running_ns;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void append_line(GString *markup, WeftSession *session, const struct sum *sum, gint64 from,
                        gint64 to)
{
    weft_model *model = weft_session_model(session);
    const struct weft_lane *lane = weft_model_lane(model, sum->lane);
    g_autofree char *name = weft_model_name(model, lane->id);
    g_autofree char *link = weft_markup_link(name, lane->id, from);
    g_autofree char *time = weft_format_duration((gint64)sum->running_ns);
    double percent = 100 * sum->running_ns / (double)(to - from);
    g_string_append_printf(markup, "%s%s %s %s%s", markup->len ? "\n" : "", link,
                           lane->kind == WEFT_LANE_LOOP ? "was busy" : "ran",
                           sum->about ? "about " : "", time);
    if (percent >= 1)
        g_string_append_printf(markup, ", %.0f\302\240%%", percent);
}

static char *describe(WeftSession *session, gint64 from, gint64 to)
{
    weft_model *model = weft_session_model(session);
    g_autoptr(GArray) segments = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    g_autoptr(GArray) tasks = g_array_new(FALSE, FALSE, sizeof(struct sum));
    GString *markup = g_string_new(NULL);
    for (guint i = 0; i < MIN(weft_model_n_lanes(model), LANES_MAX); i++) {
        const struct weft_lane *lane = weft_model_lane(model, i);
        struct sum sum;
        if (lane->last_ns < from || lane->first_ns > to ||
            (lane->kind != WEFT_LANE_TASK && lane->kind != WEFT_LANE_LOOP))
            continue;
        sum_lane(model, i, from, to, segments, &sum);
        if (lane->kind == WEFT_LANE_LOOP)
            append_line(markup, session, &sum, from, to);
        else if (sum.running_ns > 0)
            g_array_append_val(tasks, sum);
    }
    g_array_sort(tasks, by_running);
    for (guint i = 0; i < MIN(tasks->len, TOP); i++)
        append_line(markup, session, &g_array_index(tasks, struct sum, i), from, to);
    if (tasks->len > TOP)
        g_string_append_printf(markup, "\nand %u more tasks", tasks->len - TOP);
    return g_string_free(markup, FALSE);
}

void weft_range_card_show(WeftRangeCard *card, WeftSession *session)
{
    const struct weft_view *view = weft_session_view(session);
    gboolean marked = view->range_to > view->range_from;
    gtk_widget_set_visible(GTK_WIDGET(card), marked);
    g_set_object(&card->session, session);
    if (!marked)
        return;
    g_autofree char *length = weft_format_duration(view->range_to - view->range_from);
    g_autofree char *title = g_strdup_printf("%s marked", length);
    g_autofree char *markup = describe(session, view->range_from, view->range_to);
    gtk_label_set_text(GTK_LABEL(card->length), title);
    gtk_label_set_markup(GTK_LABEL(card->words), markup);
}

static gboolean link_activated(GtkLabel *label, const char *address, WeftRangeCard *card)
{
    uint64_t entity;
    gint64 t;
    if (weft_markup_parse(address, &entity, &t))
        weft_session_jump(card->session, entity, t);
    (void)label;
    return TRUE;
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_RANGE_CARD(object)->box, gtk_widget_unparent);
    g_clear_object(&WEFT_RANGE_CARD(object)->session);
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
