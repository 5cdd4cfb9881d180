/* lane-header.c: an expander and a name that are buttons, so that they can be reached by keyboard
 * and by name; the connectors of the tree are drawn. */
#include "app/viewer/timeline/lane-header.h"

#include "app/viewer/task-menu.h"

enum {
    INDENT_LEFT = 25,
    INDENT_STEP = WEFT_METRIC_INDENT,
    EXPANDER = 20,
    WORDS_MIN_HEIGHT = 18,
    WORD_MIN_WIDTH = 24, /* less would be dots */
};

struct _WeftLaneHeader {
    GtkWidget parent_instance;
    WeftSession *session;
    GtkWidget *expander, *button, *pin, *name, *word;
    guint lane, through;
    guint8 depth;
    gboolean folded, last_child, has_parent, shown;
    char *words;     /* those of `word`, whole */
    gboolean counts; /* they begin with a number, which says enough where there is no more room */
};
G_DEFINE_FINAL_TYPE(WeftLaneHeader, weft_lane_header, GTK_TYPE_WIDGET)

static int indent(WeftLaneHeader *header)
{
    return INDENT_LEFT + header->depth * INDENT_STEP;
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 60 : 6;
    (void)widget, (void)for_size, (void)minimum_baseline, (void)natural_baseline;
}

/* A child that is smaller than it wants to be is cut by the header, not pushed out of it. */
static void place(GtkWidget *child, int x, int width, int height)
{
    int wide, high;
    gtk_widget_measure(child, GTK_ORIENTATION_HORIZONTAL, -1, &wide, NULL, NULL, NULL);
    wide = MAX(wide, width);
    gtk_widget_measure(child, GTK_ORIENTATION_VERTICAL, wide, &high, NULL, NULL, NULL);
    high = MAX(high, height);
    gtk_widget_size_allocate(child, &(GtkAllocation){ x, (height - high) / 2, wide, high }, -1);
}

static void fit_word(WeftLaneHeader *header)
{
    GtkInscription *word = GTK_INSCRIPTION(header->word);
    int room = gtk_widget_get_width(header->word), width = 0;
    g_autofree char *number = g_strndup(header->words, strcspn(header->words, " "));
    if (header->counts && room > 0) {
        g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(header->word, header->words);
        pango_layout_get_pixel_size(layout, &width, NULL);
    }
    const char *text = width > room ? number : header->words;
    if (g_strcmp0(gtk_inscription_get_text(word), text) != 0)
        gtk_inscription_set_text(word, text);
}

static void size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
    WeftLaneHeader *header = WEFT_LANE_HEADER(widget);
    gboolean rtl = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
    int left = indent(header);
    gtk_widget_set_child_visible(header->name, height >= WORDS_MIN_HEIGHT);
    place(header->button, 0, width, height);
    gtk_widget_set_child_visible(header->word,
                                 height >= WORDS_MIN_HEIGHT &&
                                     gtk_widget_get_width(header->word) >= WORD_MIN_WIDTH);
    fit_word(header);
    int x = rtl ? width - left : left - EXPANDER;
    place(header->expander, x, EXPANDER, height);
    (void)baseline;
}

/* The lines of the tree, left of the name, in a faint tone of the text. */
static void snapshot(GtkWidget *widget, GtkSnapshot *into)
{
    WeftLaneHeader *header = WEFT_LANE_HEADER(widget);
    int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
    gboolean rtl = gtk_widget_get_direction(widget) == GTK_TEXT_DIR_RTL;
    GdkRGBA color;
    GTK_WIDGET_CLASS(weft_lane_header_parent_class)->snapshot(widget, into);
    gtk_style_context_get_color(gtk_widget_get_style_context(widget), &color);
    color.alpha *= 0.25F;
    for (guint depth = 1; depth <= header->depth; depth++) {
        gboolean own = depth == header->depth;
        if (own ? !header->has_parent : !(header->through & 1u << depth))
            continue;
        float x = (float)(INDENT_LEFT + ((int)depth - 1) * INDENT_STEP - EXPANDER / 2 + 1);
        float down = own && header->last_child ? height / 2 : height;
        float across = (float)(indent(header) - 5) - x;
        graphene_rect_t vertical = GRAPHENE_RECT_INIT(rtl ? width - x - 1 : x, 0, 1, down);
        graphene_rect_t elbow = GRAPHENE_RECT_INIT(rtl ? width - x - across : x, height / 2, across,
                                                   1);
        gtk_snapshot_append_color(into, &color, &vertical);
        if (own)
            gtk_snapshot_append_color(into, &color, &elbow);
    }
}

static void fold_clicked(GtkButton *button, WeftLaneHeader *header)
{
    weft_session_fold(header->session, header->lane, !header->folded);
    (void)button;
}

static void name_clicked(GtkButton *button, WeftLaneHeader *header)
{
    gint64 playhead = weft_session_view(header->session)->playhead_ns;
    /* The click has flipped the button; the selection decides how it stands. */
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(button), !weft_is_crowd_lane(header->lane));
    if (weft_is_crowd_lane(header->lane)) /* there is nothing to select */
        weft_session_fold(header->session, header->lane, !header->folded);
    else
        weft_session_select(header->session, header->lane, playhead);
}

static gboolean select_own(GtkWidget *widget, double *x, double *y, gpointer data)
{
    WeftLaneHeader *header = WEFT_LANE_HEADER(widget);
    if (!weft_is_model_lane(header->lane))
        return FALSE;
    weft_session_select(header->session, header->lane,
                        weft_session_view(header->session)->playhead_ns);
    (void)x, (void)y, (void)data;
    return TRUE;
}

/* Return whether it was another. */
static gboolean set_name(GtkWidget *label, const char *text)
{
    if (strcmp(gtk_label_get_text(GTK_LABEL(label)), text) == 0)
        return FALSE;
    gtk_label_set_text(GTK_LABEL(label), text);
    return TRUE;
}

static gboolean set_word(WeftLaneHeader *header, const char *text, gboolean counts)
{
    gboolean other = strcmp(header->words, text) != 0;
    header->counts = counts;
    if (other) {
        g_free(header->words);
        header->words = g_strdup(text);
        fit_word(header);
    }
    return other;
}

static void show_expander(WeftLaneHeader *header, const struct weft_row *row, const char *name,
                          gboolean renamed)
{
    const char *icon = row->folded ? "pan-end-symbolic" : "pan-down-symbolic";
    GtkButton *expander = GTK_BUTTON(header->expander);
    gtk_widget_set_visible(header->expander, row->has_children);
    /* The same icon again would have the window measured anew. */
    if (!row->has_children ||
        (!renamed && g_strcmp0(gtk_button_get_icon_name(expander), icon) == 0))
        return;
    g_autofree char *label = g_strdup_printf(row->folded ? "Unfold %s" : "Fold %s", name);
    gtk_button_set_icon_name(expander, icon);
    gtk_accessible_update_property(GTK_ACCESSIBLE(header->expander), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   label, -1);
    gtk_accessible_update_state(GTK_ACCESSIBLE(header->expander), GTK_ACCESSIBLE_STATE_EXPANDED,
                                !row->folded, -1);
}

guint weft_lane_header_lane(WeftLaneHeader *header)
{
    return header->lane;
}

void weft_lane_header_show(WeftLaneHeader *header, const struct weft_row *row,
                           const struct weft_visible_row *words, guint through, gboolean selected)
{
    gboolean moved = row->depth != header->depth,
             redrawn = through != header->through || row->last_child != header->last_child || moved;
    header->lane = row->lane;
    header->depth = row->depth;
    header->folded = row->folded;
    header->last_child = row->last_child;
    header->has_parent = row->depth > 0;
    header->through = through;
    gboolean hides = row->folded && row->hidden;
    /* The column is narrow: how many are folded is a figure here, a word in the tooltip. */
    g_autofree char *name = hides ? g_strdup_printf("%s  +%u", words->name, row->hidden)
                                  : g_strdup(words->name);
    g_autofree char *tooltip = hides ? g_strdup_printf("%s (%u folded)", words->name, row->hidden)
                                     : g_strdup(words->name);
    gboolean renamed = set_name(header->name, name) || !header->shown;
    /* A tooltip becomes the description: what describes a lane is its state. */
    if (renamed)
        gtk_widget_set_tooltip_text(header->button, tooltip);
    if (set_word(header, words->word ? words->word : "", row->kind == WEFT_ROW_READY) || renamed)
        gtk_accessible_update_property(GTK_ACCESSIBLE(header->button),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, words->name,
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words->word, -1);
    header->shown = TRUE;
    show_expander(header, row, words->name, renamed);
    gtk_widget_set_visible(header->pin, row->pinned);
    gtk_widget_set_margin_start(header->name, indent(header));
    if (row->kind == WEFT_ROW_LOOP || selected)
        gtk_widget_add_css_class(header->name, "strong");
    else
        gtk_widget_remove_css_class(header->name, "strong");
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(header->button), selected);
    if (moved)
        gtk_widget_queue_allocate(GTK_WIDGET(header));
    if (redrawn)
        gtk_widget_queue_draw(GTK_WIDGET(header));
}

static void dispose(GObject *object)
{
    WeftLaneHeader *header = WEFT_LANE_HEADER(object);
    g_clear_pointer(&header->expander, gtk_widget_unparent);
    g_clear_pointer(&header->button, gtk_widget_unparent);
    g_clear_object(&header->session);
    G_OBJECT_CLASS(weft_lane_header_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    g_free(WEFT_LANE_HEADER(object)->words);
    G_OBJECT_CLASS(weft_lane_header_parent_class)->finalize(object);
}

static void weft_lane_header_class_init(WeftLaneHeaderClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
    widget->measure = measure;
    widget->size_allocate = size_allocate;
    widget->snapshot = snapshot;
    gtk_widget_class_set_css_name(widget, "laneheader");
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void weft_lane_header_init(WeftLaneHeader *header)
{
    GtkWidget *widget = GTK_WIDGET(header), *box;
    header->lane = WEFT_NO_LANE;
    header->words = g_strdup("");
    header->button = gtk_toggle_button_new();
    header->expander = gtk_button_new();
    header->name = gtk_label_new("");
    /* It changes with every move of the playhead: its place does not depend on it. */
    header->word = gtk_inscription_new("");
    gtk_label_set_ellipsize(GTK_LABEL(header->name), PANGO_ELLIPSIZE_MIDDLE);
    gtk_label_set_single_line_mode(GTK_LABEL(header->name), TRUE);
    gtk_label_set_xalign(GTK_LABEL(header->name), 0);
    gtk_inscription_set_text_overflow(GTK_INSCRIPTION(header->word),
                                      GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
    gtk_inscription_set_xalign(GTK_INSCRIPTION(header->word), 1);
    gtk_inscription_set_min_chars(GTK_INSCRIPTION(header->word), 0); /* the name comes first */
    gtk_inscription_set_min_lines(GTK_INSCRIPTION(header->word), 1);
    gtk_inscription_set_nat_lines(GTK_INSCRIPTION(header->word), 1);
    gtk_widget_set_valign(header->word, GTK_ALIGN_CENTER);
    gtk_widget_set_hexpand(header->word, TRUE);
    gtk_widget_add_css_class(header->word, "word");
    gtk_widget_add_css_class(header->name, "name");
    header->pin = gtk_image_new_from_icon_name("view-pin-symbolic");
    gtk_accessible_update_property(GTK_ACCESSIBLE(header->pin), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "pinned", -1);
    box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    gtk_box_append(GTK_BOX(box), header->name);
    gtk_box_append(GTK_BOX(box), header->pin);
    gtk_box_append(GTK_BOX(box), header->word);
    gtk_button_set_child(GTK_BUTTON(header->button), box);
    gtk_widget_add_css_class(header->expander, "flat");
    gtk_widget_set_parent(header->button, widget);
    gtk_widget_set_parent(header->expander, widget);
    gtk_widget_set_overflow(widget, GTK_OVERFLOW_HIDDEN);
    g_signal_connect(header->expander, "clicked", G_CALLBACK(fold_clicked), header);
    g_signal_connect(header->button, "clicked", G_CALLBACK(name_clicked), header);
    weft_task_menu_add(widget, select_own, NULL);
}

GtkWidget *weft_lane_header_new(WeftSession *session)
{
    WeftLaneHeader *header = g_object_new(WEFT_TYPE_LANE_HEADER, NULL);
    header->session = g_object_ref(session);
    return GTK_WIDGET(header);
}
