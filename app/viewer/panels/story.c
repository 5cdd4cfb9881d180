/* story.c: of the sentences around the playhead, the few that are nearest to the one in force, as
 * many as there is room for: the list moves with the playhead. Rows are kept and given other words.
 */
#include "app/viewer/panels/story.h"

#include "app/viewer/panels/markup.h"
#include "app/viewer/side-by-side.h"
#include <string.h>

enum { ROWS = 8, LEAST = 3, BEFORE = 3, SPACE = 12 };

struct row {
    GtkWidget *row, *time, *text;
    gint64 time_ns;
};

struct _WeftStory {
    GtkWidget parent_instance;
    GtkWidget *list;
    WeftSession *session;
    uint64_t entity;
    struct row rows[ROWS];
    guint n_rows;          /* made so far */
    guint n_told, current; /* how many have words, and which is in force */
    int width;             /* px */
    GtkOrientation across; /* of a row: its time, its sentence */
};
G_DEFINE_FINAL_TYPE(WeftStory, weft_story, GTK_TYPE_WIDGET)

static gboolean link_activated(GtkLabel *label, const char *address, WeftStory *story)
{
    weft_markup_follow(GTK_WIDGET(label), story->session, address);
    return TRUE;
}

static void row_activated(GtkListBox *list, GtkListBoxRow *row, WeftStory *story)
{
    int index = gtk_list_box_row_get_index(row);
    if (index >= 0 && (guint)index < story->n_rows)
        weft_session_jump(story->session, story->entity, story->rows[index].time_ns);
    (void)list;
}

/* The time right-aligned beside the sentence; or above it, without a line where it is not said. */
static void lay_out(WeftStory *story, const struct row *row)
{
    gboolean beside = story->across == GTK_ORIENTATION_HORIZONTAL;
    GtkWidget *grid = gtk_list_box_row_get_child(GTK_LIST_BOX_ROW(row->row));
    GtkGridLayoutChild *text = GTK_GRID_LAYOUT_CHILD(
        gtk_layout_manager_get_layout_child(gtk_widget_get_layout_manager(grid), row->text));
    gtk_grid_layout_child_set_column(text, beside ? 1 : 0);
    gtk_grid_layout_child_set_row(text, beside ? 0 : 1);
    gtk_label_set_xalign(GTK_LABEL(row->time), beside ? 1 : 0);
    gtk_widget_set_visible(row->time, beside || *gtk_label_get_text(GTK_LABEL(row->time)));
}

static void make_row(WeftStory *story)
{
    struct row *row = &story->rows[story->n_rows++];
    row->time = gtk_label_new("");
    row->text = gtk_label_new("");
    gtk_label_set_yalign(GTK_LABEL(row->time), 0);
    gtk_label_set_width_chars(GTK_LABEL(row->time), 8);
    gtk_widget_add_css_class(row->time, "numeric");
    gtk_widget_add_css_class(row->time, "secondary");
    gtk_label_set_xalign(GTK_LABEL(row->text), 0);
    gtk_label_set_wrap(GTK_LABEL(row->text), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(row->text), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_width_chars(GTK_LABEL(row->text), 12); /* or GTK tries a letter a line */
    gtk_widget_set_hexpand(row->text, TRUE);
    g_signal_connect(row->text, "activate-link", G_CALLBACK(link_activated), story);
    row->row = gtk_list_box_row_new();
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row->row),
                               weft_side_by_side(SPACE, row->time, row->text, NULL));
    lay_out(story, row);
    gtk_list_box_append(GTK_LIST_BOX(story->list), row->row);
}

/* "306.0" where all times are shown in one unit would need a legend; the unit stays with it. */
static void fill_row(struct row *row, const struct weft_view *view,
                     const struct weft_sentence *sentence, uint64_t self, gboolean current)
{
    g_autofree char *time = weft_view_time(view, sentence->time_ns);
    g_autofree char *breaking = weft_markup_sentence(sentence, self);
    g_autofree char *markup = weft_markup_unbroken(breaking);
    g_autofree char *text = weft_sentence_text(sentence);
    g_autofree char *name = g_strdup_printf("%s: %s", time, text);
    row->time_ns = sentence->time_ns;
    gtk_label_set_markup(GTK_LABEL(row->text), markup);
    gtk_accessible_update_property(GTK_ACCESSIBLE(row->row), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                   -1);
    if (current)
        gtk_widget_add_css_class(row->row, "current");
    else
        gtk_widget_remove_css_class(row->row, "current");
}

/* Shows rows from `first` to just before `end`. A time is said once, and again of the sentence in
 * force. */
static void show_rows(WeftStory *story, guint first, guint end)
{
    g_autofree char *before = NULL;
    for (guint i = 0; i < story->n_rows; i++) {
        const struct row *row = &story->rows[i];
        gtk_widget_set_visible(row->row, i >= first && i < end);
        if (i < first || i >= end)
            continue;
        char *time = weft_view_time(weft_session_view(story->session), row->time_ns);
        gboolean said = g_strcmp0(time, before) == 0 && i != story->current;
        gtk_label_set_text(GTK_LABEL(row->time), said ? "" : time);
        lay_out(story, row);
        g_free(before);
        before = time;
    }
}

static int height_of(WeftStory *story, guint row)
{
    int height;
    gtk_widget_measure(story->rows[row].row, GTK_ORIENTATION_VERTICAL, story->width, &height, NULL,
                       NULL, NULL);
    return height;
}

void weft_story_fit(WeftStory *story, int width, int room)
{
    guint first = story->current, end = first + 1, before = 0;
    story->width = width;
    if (story->n_told == 0)
        return;
    show_rows(story, 0, story->n_told); /* what is hidden has no height */
    for (room -= height_of(story, first); end - first != before;) {
        before = end - first;
        if (first > 0 && (height_of(story, first - 1) <= room || end - first < LEAST))
            room -= height_of(story, --first);
        if (end < story->n_told && (height_of(story, end) <= room || end - first < LEAST))
            room -= height_of(story, end++);
    }
    show_rows(story, first, end);
}

/* A story is whole, or the part that is near. */
static char *extent(guint steps, gboolean whole)
{
    if (steps == 0)
        return g_strdup("");
    if (steps == 1)
        return g_strdup(whole ? "1 step" : "1 step nearby");
    return g_strdup_printf(whole ? "all %u steps" : "%u steps nearby", steps);
}

char *weft_story_tell(WeftStory *story, WeftSession *session, uint64_t entity,
                      const struct weft_account *account)
{
    const GPtrArray *sentences = account->story;
    guint current = account->current;
    guint n = MIN(sentences->len, ROWS);
    guint first = MIN(current > BEFORE ? current - BEFORE : 0, sentences->len - n);
    g_set_object(&story->session, session);
    story->entity = entity;
    while (story->n_rows < n)
        make_row(story);
    for (guint i = 0; i < n; i++)
        fill_row(&story->rows[i], weft_session_view(session), sentences->pdata[first + i], entity,
                 first + i == current);
    story->n_told = n;
    story->current = current - first;
    show_rows(story, 0, n);
    return extent(sentences->len, account->whole);
}

void weft_story_set_orientation(WeftStory *story, GtkOrientation across)
{
    story->across = across;
    for (guint i = 0; i < story->n_rows; i++)
        lay_out(story, &story->rows[i]);
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_STORY(object)->list, gtk_widget_unparent);
    g_clear_object(&WEFT_STORY(object)->session);
    G_OBJECT_CLASS(weft_story_parent_class)->dispose(object);
}

static void weft_story_class_init(WeftStoryClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "story");
}

static void weft_story_init(WeftStory *story)
{
    story->width = -1;
    story->list = gtk_list_box_new();
    gtk_list_box_set_selection_mode(GTK_LIST_BOX(story->list), GTK_SELECTION_NONE);
    gtk_accessible_update_property(GTK_ACCESSIBLE(story->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "Story", -1);
    g_signal_connect(story->list, "row-activated", G_CALLBACK(row_activated), story);
    gtk_widget_set_parent(story->list, GTK_WIDGET(story));
}
