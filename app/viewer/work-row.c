/* work-row.c: see work-row.h. */
#include "app/viewer/work-row.h"

enum { SHOW_AFTER_MS = 500, PULSE_MS = 100 };

struct _WeftWorkRow {
    GtkBox parent_instance;
    GtkProgressBar *bar;
    guint timer; /* until it is shown, then of the bar's moves; 0: none */
    gboolean known;
};

G_DEFINE_FINAL_TYPE(WeftWorkRow, weft_work_row, GTK_TYPE_BOX)

static guint cancelled_signal;

static gboolean pulse(gpointer data)
{
    gtk_progress_bar_pulse(WEFT_WORK_ROW(data)->bar);
    return G_SOURCE_CONTINUE;
}

static gboolean show(gpointer data)
{
    WeftWorkRow *row = data;
    row->timer = row->known ? 0 : g_timeout_add(PULSE_MS, pulse, row);
    gtk_widget_set_visible(GTK_WIDGET(row), TRUE);
    return G_SOURCE_REMOVE;
}

static void cancel_clicked(GtkWidget *button, WeftWorkRow *row)
{
    gtk_widget_set_sensitive(button, FALSE);
    g_signal_emit(row, cancelled_signal, 0);
}

static void dispose(GObject *object)
{
    g_clear_handle_id(&WEFT_WORK_ROW(object)->timer, g_source_remove);
    G_OBJECT_CLASS(weft_work_row_parent_class)->dispose(object);
}

static void weft_work_row_class_init(WeftWorkRowClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    cancelled_signal = g_signal_new("cancelled", WEFT_TYPE_WORK_ROW, G_SIGNAL_RUN_FIRST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
}

static void weft_work_row_init(WeftWorkRow *row)
{
    gtk_widget_add_css_class(GTK_WIDGET(row), "work");
    gtk_box_set_spacing(GTK_BOX(row), 12);
    gtk_widget_set_visible(GTK_WIDGET(row), FALSE);
    row->timer = g_timeout_add(SHOW_AFTER_MS, show, row);
}

WeftWorkRow *weft_work_row_new(const char *what)
{
    WeftWorkRow *row = g_object_new(WEFT_TYPE_WORK_ROW, NULL);
    GtkWidget *label = gtk_label_new(what), *bar = gtk_progress_bar_new();
    GtkWidget *cancel = gtk_button_new_with_label("Cancel");
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
    gtk_widget_set_hexpand(bar, TRUE);
    gtk_widget_set_valign(bar, GTK_ALIGN_CENTER);
    gtk_accessible_update_property(GTK_ACCESSIBLE(bar), GTK_ACCESSIBLE_PROPERTY_LABEL, what, -1);
    g_signal_connect(cancel, "clicked", G_CALLBACK(cancel_clicked), row);
    gtk_box_append(GTK_BOX(row), label);
    gtk_box_append(GTK_BOX(row), bar);
    gtk_box_append(GTK_BOX(row), cancel);
    row->bar = GTK_PROGRESS_BAR(bar);
    return row;
}

void weft_work_row_set(WeftWorkRow *row, double fraction)
{
    if (!row->known && gtk_widget_get_visible(GTK_WIDGET(row)))
        g_clear_handle_id(&row->timer, g_source_remove);
    row->known = TRUE;
    gtk_progress_bar_set_fraction(row->bar, fraction);
}

void weft_work_row_end(WeftWorkRow *row)
{
    GtkWidget *box = row ? gtk_widget_get_parent(GTK_WIDGET(row)) : NULL;
    if (box)
        gtk_box_remove(GTK_BOX(box), GTK_WIDGET(row));
}
