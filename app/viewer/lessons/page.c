/* page.c: see page.h. All of it is made anew for another lesson. */
#include "app/viewer/lessons/page.h"

#include "app/lessons/learned.h"
#include "app/lessons/lesson.h"
#include "app/viewer/lessons/compare.h"
#include "app/viewer/lessons/question.h"
#include "app/viewer/lessons/run.h"
#include "app/viewer/panels/markup.h"
#include "app/viewer/panels/source-panel.h"
#include "app/viewer/window-private.h"

enum { CODE_LINES = 32 }; /* of a program; a longer one is scrolled */

struct _WeftLessonPage {
    GtkWidget parent_instance;
    GtkWidget *clamp, *box; /* box: NULL before the first lesson */
    struct lesson *lesson;
    guint settled, right; /* questions */
};
G_DEFINE_FINAL_TYPE(WeftLessonPage, weft_lesson_page, GTK_TYPE_WIDGET)

static GtkWidget *add_text(GtkWidget *box, const char *text, const char *style)
{
    g_autofree char *markup = weft_markup_marked(text);
    GtkWidget *label = gtk_label_new(NULL);
    gtk_label_set_markup(GTK_LABEL(label), markup);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    if (style)
        gtk_widget_add_css_class(label, style);
    gtk_box_append(GTK_BOX(box), label);
    return label;
}

/* A paragraph a label: its own line ends are where its author's editor broke it. */
static void add_paragraphs(GtkWidget *box, const char *text)
{
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
    for (char **paragraph = paragraphs; *paragraph; paragraph++) {
        g_autofree char *line = g_strdelimit(g_strdup(*paragraph), "\n", ' ');
        add_text(box, line, NULL);
    }
}

/* ---- Opening and running ---- */

static WeftWindow *window_of(WeftLessonPage *page)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(page));
    return WEFT_IS_WINDOW(root) ? WEFT_WINDOW(root) : NULL;
}

static void keep(WeftLessonPage *page, const struct learned *learned)
{
    g_autoptr(GError) error = NULL;
    WeftWindow *window = window_of(page);
    if (learned_store(page->lesson->name, learned, &error) || !window)
        return;
    g_autofree char *text = g_strdup_printf("What you have done is not kept: %s", error->message);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    weft_window_toast(window, valid);
}

static const char *variant_of(GtkWidget *button)
{
    return g_object_get_data(G_OBJECT(button), "variant");
}

static void open_clicked(GtkWidget *button, WeftLessonPage *page)
{
    g_autofree char *path = lesson_file(page->lesson, variant_of(button), ".weft");
    g_autoptr(GFile) file = g_file_new_for_path(path);
    struct learned learned = learned_load(page->lesson->name);
    if (!window_of(page))
        return;
    weft_window_open_lesson(window_of(page), file, NULL);
    learned.told = TRUE;
    keep(page, &learned);
}

static void run_clicked(GtkWidget *button, WeftLessonPage *page)
{
    struct learned learned = learned_load(page->lesson->name);
    if (!window_of(page) || !weft_lesson_run(window_of(page), page->lesson, variant_of(button)))
        return;
    learned.ran = TRUE;
    keep(page, &learned);
}

static void compare_clicked(GtkWidget *button, WeftLessonPage *page)
{
    if (window_of(page))
        weft_compare_show(GTK_WINDOW(window_of(page)), page->lesson);
    (void)button;
}

static void add_button(WeftLessonPage *page, GtkWidget *line, const char *label,
                       const char *variant, GCallback clicked)
{
    const char *word = label + (*label == '_');
    GtkWidget *button = word == label ? gtk_button_new_with_label(label)
                                      : gtk_button_new_with_mnemonic(label);
    g_autofree char *name = variant ? g_strdup_printf("%s: %s", word, variant) : g_strdup(word);
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
    g_object_set_data_full(G_OBJECT(button), "variant", g_strdup(variant), g_free);
    g_signal_connect(button, "clicked", clicked, page);
    gtk_box_append(GTK_BOX(line), button);
}

static GtkWidget *add_line(GtkWidget *box)
{
    GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 9);
    gtk_box_append(GTK_BOX(box), line);
    return line;
}

static void add_variants(WeftLessonPage *page)
{
    const struct lesson *lesson = page->lesson;
    if (lesson->variants->len == 0)
        return;
    add_text(page->box, "The same, differently", "title-4");
    add_button(page, add_line(page->box), "_Compare", NULL, G_CALLBACK(compare_clicked));
    for (guint i = 0; i < lesson->variants->len; i++) {
        const struct lesson_variant *variant = lesson->variants->pdata[i];
        g_autofree char *text = g_strdup_printf("%s: %s", variant->name, variant->text);
        GtkWidget *line = add_line(page->box);
        gtk_widget_set_hexpand(add_text(line, text, NULL), TRUE);
        add_button(page, line, "Open", variant->name, G_CALLBACK(open_clicked));
        add_button(page, line, "Run", variant->name, G_CALLBACK(run_clicked));
    }
}

/* ---- Code ---- */

static void add_code(WeftLessonPage *page)
{
    static const char *const endings[] = { ".c", ".py" }, *const names[] = { "C", "Python" };
    GtkWidget *line = add_line(page->box);
    gtk_box_set_homogeneous(GTK_BOX(line), TRUE);
    for (guint i = 0; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = lesson_file(page->lesson, NULL, endings[i]);
        GtkWidget *column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
        WeftSourcePanel *source = g_object_new(WEFT_TYPE_SOURCE_PANEL, NULL);
        weft_source_panel_set_most_lines(source, CODE_LINES);
        gtk_box_append(GTK_BOX(line), column);
        add_text(column, names[i], "heading");
        gtk_box_append(GTK_BOX(column), GTK_WIDGET(source));
        if (!weft_source_panel_show_file(source, path, 0))
            add_text(column, "There is no such file, or it is no text.", "dim-label");
    }
}

/* ---- Questions ---- */

/* The last of them: the score is kept. */
static void question_settled(WeftLessonQuestion *question, gboolean right, WeftLessonPage *page)
{
    if (!page->box || !gtk_widget_is_ancestor(GTK_WIDGET(question), page->box))
        return; /* of the lesson before: its trace was still being read */
    page->right += right;
    if (++page->settled < page->lesson->questions->len)
        return;
    struct learned learned = learned_load(page->lesson->name);
    learned.right = page->right;
    learned.asked = page->settled;
    keep(page, &learned);
    g_autofree char *score = g_strdup_printf("%u of %u right", page->right, page->settled);
    add_text(page->box, score, "heading");
}

static void add_questions(WeftLessonPage *page)
{
    GPtrArray *questions = page->lesson->questions;
    if (questions->len == 0)
        return;
    add_text(page->box, "Questions", "title-4");
    for (guint i = 0; i < questions->len; i++) {
        WeftLessonQuestion *question = weft_lesson_question_new(page->lesson, i);
        g_signal_connect_object(question, "settled", G_CALLBACK(question_settled), page, 0);
        gtk_box_append(GTK_BOX(page->box), GTK_WIDGET(question));
    }
}

static void add_problems(WeftLessonPage *page)
{
    GPtrArray *problems = page->lesson->problems;
    if (problems->len == 0)
        return;
    add_text(page->box, "This lesson is not whole", "heading");
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *valid = g_utf8_make_valid(problems->pdata[i], -1);
        add_text(page->box, valid, "dim-label");
    }
}

/* ---- The widget ---- */

void weft_lesson_page_set(WeftLessonPage *page, const char *folder)
{
    lesson_free(page->lesson);
    page->lesson = lesson_read(folder);
    page->settled = page->right = 0;
    page->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
    gtk_widget_add_css_class(page->box, "lesson");
    add_text(page->box, page->lesson->title, "title-1");
    add_problems(page);
    add_paragraphs(page->box, page->lesson->text);
    GtkWidget *line = add_line(page->box);
    add_button(page, line, "Open Its Trace", NULL, G_CALLBACK(open_clicked));
    add_button(page, line, "Run It Now", NULL, G_CALLBACK(run_clicked));
    if (page->lesson->watch->len)
        add_text(page->box, "What to watch", "title-4");
    for (guint i = 0; i < page->lesson->watch->len; i++) {
        g_autofree char *text = g_strdup_printf("• %s", (char *)page->lesson->watch->pdata[i]);
        add_text(page->box, text, NULL);
    }
    add_code(page);
    add_variants(page);
    add_questions(page);
    adw_clamp_set_child(ADW_CLAMP(page->clamp), page->box);
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_LESSON_PAGE(object)->clamp, gtk_widget_unparent);
    WEFT_LESSON_PAGE(object)->box = NULL;
    G_OBJECT_CLASS(weft_lesson_page_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    lesson_free(WEFT_LESSON_PAGE(object)->lesson);
    G_OBJECT_CLASS(weft_lesson_page_parent_class)->finalize(object);
}

static void weft_lesson_page_class_init(WeftLessonPageClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
    gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
}

static void weft_lesson_page_init(WeftLessonPage *page)
{
    page->clamp = g_object_new(ADW_TYPE_CLAMP, "maximum-size", 1000, NULL);
    gtk_widget_set_parent(page->clamp, GTK_WIDGET(page));
}
