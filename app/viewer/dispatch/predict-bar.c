/* predict-bar.c: see predict-bar.h. Right and wrong are said in words, not in colours. */
#include "app/viewer/dispatch/predict-bar.h"

#include "app/viewer/dispatch/view.h"

struct _WeftPredictBar {
    GtkWidget parent_instance;
    GtkWidget *box;
    GtkLabel *question, *score, *reason;
    GtkWidget *buttons[WEFT_CHOICES_MAX];
    GtkLabel *choices[WEFT_CHOICES_MAX];
    gboolean timeless;
};
G_DEFINE_FINAL_TYPE(WeftPredictBar, weft_predict_bar, GTK_TYPE_WIDGET)

static void show_choices(WeftPredictBar *bar, const struct weft_prediction *asked, gboolean open,
                         guint choice)
{
    for (guint i = 0; i < WEFT_CHOICES_MAX; i++) {
        gboolean used = asked && i < asked->n;
        gtk_widget_set_visible(bar->buttons[i], used);
        gtk_widget_set_sensitive(bar->buttons[i], open);
        gtk_widget_remove_css_class(bar->buttons[i], "chosen");
        if (!used)
            continue;
        g_autofree char *text = g_strdup_printf("%s%s", asked->choices[i].text,
                                                !open && i == asked->right ? " ✓" : "");
        g_autofree char *name = g_strdup_printf("%u: %s", i + 1, text);
        gtk_label_set_text(bar->choices[i], text);
        gtk_accessible_update_property(GTK_ACCESSIBLE(bar->buttons[i]),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
        if (!open && i == choice)
            gtk_widget_add_css_class(bar->buttons[i], "chosen");
    }
}

void weft_predict_bar_ask(WeftPredictBar *bar, const struct weft_prediction *asked)
{
    gtk_label_set_text(bar->question, asked ? asked->question : "What runs next?");
    show_choices(bar, asked, TRUE, 0);
    if (!asked) {
        gtk_label_set_text(bar->reason, "Step on: you are asked where many are wrong.");
        return;
    }
    g_autofree char *keys = g_strdup_printf("1–%u answer · R reveals", asked->n);
    gtk_label_set_text(bar->reason, keys);
}

void weft_predict_bar_explain(WeftPredictBar *bar, const struct weft_prediction *asked,
                              guint choice)
{
    g_autofree char *text = g_strdup_printf("%s%s",
                                            choice >= asked->n       ? ""
                                            : choice == asked->right ? "Right. "
                                                                     : "No. ",
                                            asked->reason);
    g_autofree char *timeless = weft_without_times(text);
    show_choices(bar, asked, FALSE, choice);
    gtk_label_set_text(bar->reason, bar->timeless ? timeless : text);
}

void weft_predict_bar_hide_times(WeftPredictBar *bar, gboolean hide)
{
    bar->timeless = hide;
}

void weft_predict_bar_show_score(WeftPredictBar *bar, const struct weft_score *score)
{
    g_autofree char *text = score->asked
                                ? g_strdup_printf("%u of %u right", score->right, score->asked)
                                : g_strdup("");
    gtk_label_set_text(bar->score, text);
}

const char *weft_predict_bar_reason(WeftPredictBar *bar)
{
    return gtk_label_get_text(bar->reason);
}

/* ---- The widget ---- */

static GtkLabel *add_label(GtkWidget *box, const char *style)
{
    GtkWidget *label = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_widget_add_css_class(label, style);
    gtk_box_append(GTK_BOX(box), label);
    return GTK_LABEL(label);
}

static void add_choice(WeftPredictBar *bar, GtkWidget *line, guint i)
{
    GtkWidget *inside = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 9);
    g_autofree char *number = g_strdup_printf("%u", i + 1);
    bar->buttons[i] = gtk_button_new();
    gtk_actionable_set_action_name(GTK_ACTIONABLE(bar->buttons[i]), "dispatch.answer");
    gtk_actionable_set_action_target(GTK_ACTIONABLE(bar->buttons[i]), "u", i);
    gtk_widget_set_focus_on_click(bar->buttons[i], FALSE); /* the keys stay the page's */
    gtk_widget_set_valign(bar->buttons[i], GTK_ALIGN_CENTER);
    gtk_label_set_text(add_label(inside, "key"), number);
    bar->choices[i] = add_label(inside, "choice");
    gtk_label_set_ellipsize(bar->choices[i], PANGO_ELLIPSIZE_MIDDLE);
    gtk_button_set_child(GTK_BUTTON(bar->buttons[i]), inside);
    gtk_box_append(GTK_BOX(line), bar->buttons[i]);
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_PREDICT_BAR(object)->box, gtk_widget_unparent);
    G_OBJECT_CLASS(weft_predict_bar_parent_class)->dispose(object);
}

static void weft_predict_bar_class_init(WeftPredictBarClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "predict");
}

static void weft_predict_bar_init(WeftPredictBar *bar)
{
    GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    bar->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    gtk_widget_set_parent(bar->box, GTK_WIDGET(bar));
    gtk_widget_add_css_class(line, "line");
    gtk_box_append(GTK_BOX(bar->box), line);
    bar->question = add_label(line, "question");
    for (guint i = 0; i < WEFT_CHOICES_MAX; i++)
        add_choice(bar, line, i);
    bar->score = add_label(line, "score");
    gtk_label_set_xalign(bar->score, 1);
    gtk_widget_set_hexpand(GTK_WIDGET(bar->score), TRUE);
    bar->reason = add_label(bar->box, "reason");
    gtk_label_set_wrap(bar->reason, TRUE);
    gtk_label_set_lines(bar->reason, 2);
    gtk_label_set_yalign(bar->reason, 0);
    gtk_label_set_ellipsize(bar->reason, PANGO_ELLIPSIZE_END);
    weft_predict_bar_ask(bar, NULL);
}
