/* chip.c: see chip.h. */
#include "app/viewer/panels/chip.h"

enum { PAD = 10, GAP = 6, HEIGHT = 24 };

struct _WeftChip {
    GtkWidget parent_instance;
    GtkWidget *label;
    struct weft_render *render; /* borrowed */
    enum weft_role role;
    enum weft_wait_class wait;
};
G_DEFINE_FINAL_TYPE(WeftChip, weft_chip, GTK_TYPE_WIDGET)

static int lead(WeftChip *chip)
{
    return PAD + (chip->wait < WEFT_WAIT_CLASSES ? WEFT_METRIC_GLYPH + GAP : 0);
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    WeftChip *chip = WEFT_CHIP(widget);
    gtk_widget_measure(chip->label, orientation, -1, minimum, natural, NULL, NULL);
    if (orientation == GTK_ORIENTATION_HORIZONTAL) {
        *minimum += lead(chip) + PAD;
        *natural += lead(chip) + PAD;
    } else {
        *minimum = MAX(*minimum, HEIGHT);
        *natural = MAX(*natural, HEIGHT);
    }
    (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

static void size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    WeftChip *chip = WEFT_CHIP(widget);
    gboolean rtl = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
    GtkAllocation place = { rtl ? PAD : lead(chip), 0, width - lead(chip) - PAD, height };
    gtk_widget_size_allocate(chip->label, &place, baseline);
}

static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    WeftChip *chip = WEFT_CHIP(widget);
    int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
    if (chip->render) {
        GdkRGBA tint = weft_palette_tint(weft_render_palette(chip->render), chip->role, 0.14F);
        graphene_rect_t all = GRAPHENE_RECT_INIT(0, 0, width, height);
        GskRoundedRect round;
        gsk_rounded_rect_init_from_rect(&round, &all, (float)height / 2);
        gtk_snapshot_push_rounded_clip(into, &round);
        gtk_snapshot_append_color(into, &tint, &all);
        gtk_snapshot_pop(into);
        gboolean rtl = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
        if (chip->wait < WEFT_WAIT_CLASSES)
            weft_render_glyph(chip->render, into, chip->wait,
                              rtl ? width - PAD - WEFT_METRIC_GLYPH : PAD,
                              (height - WEFT_METRIC_GLYPH) / 2);
    }
    gtk_widget_snapshot_child(widget, chip->label, into);
}

void weft_chip_show(WeftChip *chip, struct weft_render *render, const char *text,
                    enum weft_role role, enum weft_wait_class wait)
{
    chip->render = render;
    chip->role = role;
    chip->wait = wait;
    gtk_label_set_text(GTK_LABEL(chip->label), text);
    gtk_widget_set_visible(GTK_WIDGET(chip), text[0] != '\0');
    gtk_widget_queue_resize(GTK_WIDGET(chip));
    gtk_widget_queue_draw(GTK_WIDGET(chip));
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_CHIP(object)->label, gtk_widget_unparent);
    G_OBJECT_CLASS(weft_chip_parent_class)->dispose(object);
}

static void weft_chip_class_init(WeftChipClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    widget->measure = measure;
    widget->size_allocate = size_allocate;
    widget->snapshot = snapshot;
    gtk_widget_class_set_css_name(widget, "chip");
}

static void weft_chip_init(WeftChip *chip)
{
    chip->wait = WEFT_WAIT_CLASSES;
    chip->label = gtk_label_new("");
    gtk_widget_add_css_class(chip->label, "strong");
    gtk_widget_set_parent(chip->label, GTK_WIDGET(chip));
}
