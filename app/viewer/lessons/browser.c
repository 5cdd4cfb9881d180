/* browser.c: see browser.h. */
#include "app/viewer/lessons/browser.h"

#include "app/lessons/catalogue.h"
#include "app/lessons/learned.h"
#include "app/viewer/lessons/page.h"
#include "app/viewer/widget-work.h"

struct _WeftLessons {
    GtkWidget parent_instance;
    GtkWidget *box, *scrolled;
    GtkListBox *list;
    WeftLessonPage *page;
    GPtrArray *lessons; /* of struct lesson *; NULL: none are read yet */
    char *chosen;       /* the name of the one that is shown; NULL: none */
    gboolean reading;
};
G_DEFINE_FINAL_TYPE(WeftLessons, weft_lessons, GTK_TYPE_WIDGET)

/* ---- The list ---- */

static char *done_text(const struct lesson *lesson)
{
    struct learned learned = learned_load(lesson->name);
    char *done = learned_text(&learned);
    if (!lesson->problems->len)
        return done;
    char *text = g_strconcat("not whole", *done ? " · " : "", done, NULL);
    g_free(done);
    return text;
}

static GtkWidget *new_number(const struct lesson *lesson)
{
    g_autofree char *number = lesson->number ? g_strdup_printf("%u", lesson->number) : NULL;
    GtkWidget *label = gtk_label_new(number);
    gtk_label_set_width_chars(GTK_LABEL(label), 2);
    gtk_label_set_xalign(GTK_LABEL(label), 1);
    gtk_widget_add_css_class(label, "numeric");
    gtk_widget_add_css_class(label, "dim-label");
    return label;
}

/* Its number, as "weft lessons tell 9" takes it, its title, and below what was done of it. */
static GtkWidget *new_row(const struct lesson *lesson)
{
    GtkWidget *row = gtk_list_box_row_new(), *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);
    GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 9);
    g_autofree char *done = done_text(lesson);
    const char *const texts[] = { lesson->title, done };
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        GtkWidget *label = gtk_label_new(texts[i]);
        gtk_label_set_xalign(GTK_LABEL(label), 0);
        gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
        if (i > 0)
            gtk_widget_add_css_class(label, "secondary");
        gtk_widget_set_visible(label, *texts[i] != '\0');
        gtk_box_append(GTK_BOX(words), label);
    }
    gtk_widget_set_valign(words, GTK_ALIGN_CENTER);
    gtk_box_append(GTK_BOX(line), new_number(lesson));
    gtk_box_append(GTK_BOX(line), words);
    gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), line);
    gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   lesson->title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, done, -1);
    return row;
}

static int place_of(WeftLessons *lessons, const char *name)
{
    for (guint i = 0; name && lessons->lessons && i < lessons->lessons->len; i++)
        if (g_str_equal(((struct lesson *)lessons->lessons->pdata[i])->name, name))
            return (int)i;
    return -1;
}

static void row_selected(GtkListBox *list, GtkListBoxRow *row, WeftLessons *lessons)
{
    if (!row)
        return;
    const struct lesson *lesson = lessons->lessons->pdata[gtk_list_box_row_get_index(row)];
    if (g_strcmp0(lessons->chosen, lesson->name) == 0)
        return; /* it is there, with the answers given so far */
    g_free(lessons->chosen);
    lessons->chosen = g_strdup(lesson->name);
    weft_lesson_page_set(lessons->page, lesson->folder);
    gtk_adjustment_set_value(
        gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(lessons->scrolled)), 0);
    (void)list;
}

static void choose_place(WeftLessons *lessons, int place)
{
    gtk_list_box_select_row(lessons->list, gtk_list_box_get_row_at_index(lessons->list, place));
}

gboolean weft_lessons_choose(WeftLessons *lessons, const char *name)
{
    int place = place_of(lessons, name);
    if (place >= 0)
        choose_place(lessons, place);
    return place >= 0;
}

/* ---- Reading ---- */

static void read_lessons(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    g_task_return_pointer(task, catalogue_lessons(), (GDestroyNotify)g_ptr_array_unref);
    (void)source, (void)data, (void)cancellable;
}

static void take_lessons(GtkWidget *widget, GTask *task)
{
    WeftLessons *lessons = WEFT_LESSONS(widget);
    GPtrArray *read = g_task_propagate_pointer(task, NULL);
    GtkWidget *row;
    lessons->reading = FALSE;
    g_autofree char *chosen = g_strdup(lessons->chosen);
    while ((row = gtk_widget_get_first_child(GTK_WIDGET(lessons->list))) &&
           GTK_IS_LIST_BOX_ROW(row))
        gtk_list_box_remove(lessons->list, row);
    g_clear_pointer(&lessons->lessons, g_ptr_array_unref);
    lessons->lessons = read;
    for (guint i = 0; i < read->len; i++)
        gtk_list_box_append(lessons->list, new_row(read->pdata[i]));
    if (read->len > 0)
        choose_place(lessons, MAX(place_of(lessons, chosen), 0));
    if (read->len > 0 && gtk_widget_get_mapped(GTK_WIDGET(lessons)))
        gtk_widget_grab_focus(GTK_WIDGET(gtk_list_box_get_selected_row(lessons->list)));
}

gboolean weft_lessons_ready(WeftLessons *lessons)
{
    return lessons->lessons && !lessons->reading;
}

/* ---- The widget ---- */

static void map(GtkWidget *widget)
{
    WeftLessons *lessons = WEFT_LESSONS(widget);
    GTK_WIDGET_CLASS(weft_lessons_parent_class)->map(widget);
    if (lessons->reading)
        return;
    lessons->reading = TRUE;
    weft_widget_work(widget, NULL, NULL, read_lessons, take_lessons);
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_LESSONS(object)->box, gtk_widget_unparent);
    G_OBJECT_CLASS(weft_lessons_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    g_clear_pointer(&WEFT_LESSONS(object)->lessons, g_ptr_array_unref);
    g_free(WEFT_LESSONS(object)->chosen);
    G_OBJECT_CLASS(weft_lessons_parent_class)->finalize(object);
}

static void weft_lessons_class_init(WeftLessonsClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
    widget->map = map;
    gtk_widget_class_set_layout_manager_type(widget, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(widget, "lessons");
}

/* From the list to what is chosen there, not along all its rows, which would choose each. */
static gboolean leave_list(GtkWidget *widget, GVariant *arguments, gpointer lessons)
{
    (void)widget, (void)arguments;
    return gtk_widget_child_focus(GTK_WIDGET(WEFT_LESSONS(lessons)->page), GTK_DIR_TAB_FORWARD);
}

static void add_keys(WeftLessons *lessons)
{
    GtkEventController *keys = gtk_shortcut_controller_new();
    GtkShortcut *tab = gtk_shortcut_new(gtk_keyval_trigger_new(GDK_KEY_Tab, 0),
                                        gtk_callback_action_new(leave_list, lessons, NULL));
    gtk_shortcut_controller_add_shortcut(GTK_SHORTCUT_CONTROLLER(keys), tab);
    gtk_widget_add_controller(GTK_WIDGET(lessons->list), keys);
}

static GtkWidget *scrolled(GtkWidget *child)
{
    GtkWidget *window = gtk_scrolled_window_new();
    gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(window), child);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(window), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    return window;
}

static void weft_lessons_init(WeftLessons *lessons)
{
    lessons->box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
    gtk_widget_set_parent(lessons->box, GTK_WIDGET(lessons));
    lessons->list = GTK_LIST_BOX(gtk_list_box_new());
    gtk_list_box_set_selection_mode(lessons->list, GTK_SELECTION_BROWSE);
    gtk_list_box_set_placeholder(lessons->list, gtk_label_new("No lessons are installed"));
    gtk_widget_add_css_class(GTK_WIDGET(lessons->list), "navigation-sidebar");
    gtk_accessible_update_property(GTK_ACCESSIBLE(lessons->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   "Lessons", -1);
    g_signal_connect(lessons->list, "row-selected", G_CALLBACK(row_selected), lessons);
    add_keys(lessons);
    GtkWidget *side = scrolled(GTK_WIDGET(lessons->list));
    gtk_widget_set_size_request(side, 280, -1);
    lessons->page = g_object_new(WEFT_TYPE_LESSON_PAGE, NULL);
    lessons->scrolled = scrolled(GTK_WIDGET(lessons->page));
    gtk_widget_set_hexpand(lessons->scrolled, TRUE);
    gtk_box_append(GTK_BOX(lessons->box), side);
    gtk_box_append(GTK_BOX(lessons->box), gtk_separator_new(GTK_ORIENTATION_VERTICAL));
    gtk_box_append(GTK_BOX(lessons->box), lessons->scrolled);
}
