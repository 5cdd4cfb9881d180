/* totals.c: see totals.h. The numbers share one unit, said once behind them. */
#include "app/viewer/panels/totals.h"

#include "app/viewer/count.h"

enum { BAR_HEIGHT = 11, GAP = 6, PARTS_MAX = 12 };

struct part {
    const char *word; /* "runs" */
    enum weft_role role;
    gint64 ns;
};

struct _WeftTotals {
    GtkWidget parent_instance;
    GtkWidget *words;
    struct weft_render *render; /* borrowed */
    struct part parts[PARTS_MAX];
    guint n_parts;
    gint64 sum_ns;
};
G_DEFINE_FINAL_TYPE(WeftTotals, weft_totals, GTK_TYPE_WIDGET)

static void add(WeftTotals *totals, const char *word, enum weft_role role, gint64 ns)
{
    if (ns <= 0 || totals->n_parts == PARTS_MAX)
        return;
    totals->parts[totals->n_parts++] = (struct part){ word, role, ns };
    totals->sum_ns += ns;
}

/* 3 significant digits, in the given unit; "1,602". */
static char *number(gint64 ns, double unit)
{
    double value = (double)ns / unit;
    if (value > 0 && value < 0.01)
        return g_strdup("&lt;\302\2400.01");
    if (value >= 999.5)
        return weft_count((guint64)(value + 0.5));
    return g_strdup_printf(value >= 99.95 ? "%.0f" : value >= 9.995 ? "%.1f" : "%.2f", value);
}

static void write_words(WeftTotals *totals)
{
    static const struct {
        double ns;
        const char *name;
    } units[] = { { 1e9, "s" }, { 1e6, "ms" }, { 1e3, "µs" }, { 1, "ns" } };
    guint u = 0;
    while (u < G_N_ELEMENTS(units) - 1 && (double)totals->sum_ns < units[u].ns * 10)
        u++;
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < totals->n_parts; i++) {
        g_autofree char *value = number(totals->parts[i].ns, units[u].ns);
        /* A number stays beside its word where the line breaks, and behind it: "801 tasks" would be
         * how many. */
        g_string_append_printf(text, "%s%s\302\240<b>%s</b>", i ? "   " : "", totals->parts[i].word,
                               value);
    }
    if (totals->n_parts)
        g_string_append_printf(text, "\302\240\302\240in\302\240%s", units[u].name);
    gtk_label_set_markup(GTK_LABEL(totals->words), text->str);
    g_string_free(text, TRUE);
}

void weft_totals_show(WeftTotals *widget, struct weft_render *render,
                      const struct weft_totals *totals, gboolean loop)
{
    static const char *const waits[WEFT_WAIT_CLASSES] = {
        [WEFT_WAIT_TIMER] = "timer",
        [WEFT_WAIT_IO] = "I/O",
        [WEFT_WAIT_SYNC] = "lock/\342\201\240queue", /* one word */
        [WEFT_WAIT_TASK] = "tasks",
        [WEFT_WAIT_THREAD] = "threads"
    };
    widget->render = render;
    widget->n_parts = 0;
    widget->sum_ns = 0;
    add(widget, loop ? "tasks" : "runs", WEFT_ROLE_RUNNING, totals->running_ns);
    add(widget, "callbacks", WEFT_ROLE_ACCENT, totals->callback_ns);
    add(widget, "loop", WEFT_ROLE_DIM, totals->loop_ns);
    add(widget, "poll", WEFT_ROLE_WAIT_IO, totals->poll_ns);
    add(widget, "ready", WEFT_ROLE_READY, totals->ready_ns);
    add(widget, "cancelling", WEFT_ROLE_CANCELLING, totals->cancelling_ns);
    static const enum weft_wait_class order[] = { WEFT_WAIT_IO, WEFT_WAIT_TIMER, WEFT_WAIT_TASK,
                                                  WEFT_WAIT_THREAD, WEFT_WAIT_SYNC };
    for (guint i = 0; i < G_N_ELEMENTS(order); i++)
        add(widget, waits[order[i]], weft_role_of_wait(order[i]), totals->waiting_ns[order[i]]);
    add(widget, "unknown", WEFT_ROLE_UNKNOWN, totals->unknown_ns);
    write_words(widget);
    gtk_widget_set_visible(GTK_WIDGET(widget), widget->n_parts > 0);
    gtk_widget_queue_draw(GTK_WIDGET(widget));
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    gboolean high = orientation == GTK_ORIENTATION_VERTICAL;
    gtk_widget_measure(WEFT_TOTALS(widget)->words, orientation, for_size, minimum, natural, NULL,
                       NULL);
    *minimum += high ? BAR_HEIGHT + GAP : 0;
    *natural += high ? BAR_HEIGHT + GAP : 0;
    (void)minimum_baseline, (void)natural_baseline;
}

static void size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    GtkAllocation words = { 0, BAR_HEIGHT + GAP, width, height - BAR_HEIGHT - GAP };
    gtk_widget_size_allocate(WEFT_TOTALS(widget)->words, &words, -1);
    (void)baseline;
}

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    WeftTotals *totals = WEFT_TOTALS(widget);
    gint64 before = 0;
    int width = gtk_widget_get_width(widget);
    for (guint i = 0; totals->render && i < totals->n_parts; i++) {
        const struct part *part = &totals->parts[i];
        double from = (double)before / (double)totals->sum_ns * width;
        double to = (double)(before + part->ns) / (double)totals->sum_ns * width;
        gtk_snapshot_append_color(
            into, &weft_render_palette(totals->render)->color[part->role],
            &GRAPHENE_RECT_INIT((float)from, 0, (float)MAX(to - from, 1), BAR_HEIGHT));
        before += part->ns;
    }
    gtk_widget_snapshot_child(widget, totals->words, into);
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_TOTALS(object)->words, gtk_widget_unparent);
    G_OBJECT_CLASS(weft_totals_parent_class)->dispose(object);
}

static GtkSizeRequestMode request_mode(GtkWidget *widget)
{
    (void)widget;
    return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void weft_totals_class_init(WeftTotalsClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    widget->measure = measure;
    widget->size_allocate = size_allocate;
    widget->snapshot = snapshot;
    widget->get_request_mode = request_mode;
    gtk_widget_class_set_css_name(widget, "totals");
}

static void weft_totals_init(WeftTotals *totals)
{
    totals->words = gtk_label_new("");
    gtk_label_set_wrap(GTK_LABEL(totals->words), TRUE);
    gtk_label_set_xalign(GTK_LABEL(totals->words), 0);
    gtk_widget_add_css_class(totals->words, "numeric");
    gtk_widget_add_css_class(totals->words, "secondary");
    gtk_widget_set_parent(totals->words, GTK_WIDGET(totals));
}
