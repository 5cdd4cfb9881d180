/* question.c: see question.h. What no trace can say, the user judges. */
#include "app/viewer/lessons/question.h"

#include "app/lessons/fact.h"
#include "app/viewer/panels/markup.h"
#include "app/viewer/widget-work.h"

struct _WeftLessonQuestion {
    GtkWidget parent_instance;
    GtkWidget *box, *line, *entry, *judging;
    GtkLabel *answer;
    char *text, *query, *trace; /* query NULL: nothing can be computed */
    gboolean shown;
};
G_DEFINE_FINAL_TYPE(WeftLessonQuestion, weft_lesson_question, GTK_TYPE_WIDGET)

static guint settled_signal;

/* ---- What the trace says: in a worker ---- */

struct check {
    char *trace, *query, *said;
    char *fact, *problem; /* one of them, in the end */
    gboolean right;
};

static void check_free(gpointer data)
{
    struct check *check = data;
    g_free(check->trace);
    g_free(check->query);
    g_free(check->said);
    g_free(check->fact);
    g_free(check->problem);
    g_free(check);
}

static void compute(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    struct check *check = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = weft_trace_open(check->trace, &error);
    if (trace) {
        struct fact fact;
        weft_model *model = weft_model_new(trace);
        while (weft_model_advance(model, 0))
            ;
        check->problem = fact_compute(model, check->query, &fact);
        if (!check->problem) {
            check->right = check->said && fact_is(&fact, check->said);
            check->fact = g_strdup(fact.text);
            fact_clear(&fact);
        }
        weft_model_free(model);
    } else {
        check->problem = g_utf8_make_valid(error->message, -1);
    }
    g_task_return_boolean(task, TRUE);
    (void)source, (void)cancellable;
}

/* ---- Answering ---- */

/* The keys that went to a part of it, which is about to take no more, go to what comes next. */
static void pass_focus_on(WeftLessonQuestion *question, GtkWidget *from)
{
    GtkRoot *root = gtk_widget_get_root(GTK_WIDGET(question));
    GtkWidget *focus = root ? gtk_root_get_focus(root) : NULL, *next = question->judging;
    if (!focus || !gtk_widget_is_ancestor(focus, from))
        return;
    if (from == next || !gtk_widget_child_focus(next, GTK_DIR_TAB_FORWARD)) {
        next = gtk_widget_get_next_sibling(GTK_WIDGET(question));
        while (next && !gtk_widget_child_focus(next, GTK_DIR_TAB_FORWARD))
            next = gtk_widget_get_next_sibling(next);
        if (!next)
            gtk_root_set_focus(root, NULL);
    }
}

static void settle(WeftLessonQuestion *question, gboolean right)
{
    pass_focus_on(question, question->judging);
    gtk_widget_set_visible(question->judging, FALSE);
    g_signal_emit(question, settled_signal, 0, right);
}

static void say(WeftLessonQuestion *question, const char *before)
{
    g_autofree char *text = g_strconcat(before, question->text, NULL);
    pass_focus_on(question, question->line);
    gtk_widget_set_sensitive(question->line, FALSE);
    g_autofree char *markup = weft_markup_marked(text);
    gtk_label_set_markup(question->answer, markup);
    gtk_widget_set_visible(GTK_WIDGET(question->answer), TRUE);
}

static void computed(GtkWidget *widget, GTask *task)
{
    WeftLessonQuestion *question = WEFT_LESSON_QUESTION(widget);
    const struct check *check = g_task_get_task_data(task);
    g_autofree char *before = NULL;
    if (check->problem)
        before = g_strdup_printf("The trace does not say: %s. ", check->problem);
    else
        before = g_strdup_printf("%sThe trace says: %s. ",
                                 !check->said   ? ""
                                 : check->right ? "Right. "
                                                : "No. ",
                                 check->fact);
    gtk_widget_set_visible(question->judging, check->problem != NULL);
    say(question, before);
    if (!check->problem)
        settle(question, check->right);
}

static void show_answer(WeftLessonQuestion *question, const char *said)
{
    if (question->shown)
        return;
    question->shown = TRUE;
    if (!question->query) {
        gtk_widget_set_visible(question->judging, TRUE);
        say(question, "");
        return;
    }
    struct check *check = g_new0(struct check, 1);
    *check = (struct check){ .trace = g_strdup(question->trace),
                             .query = g_strdup(question->query),
                             .said = g_strdup(said) };
    weft_widget_work(GTK_WIDGET(question), check, check_free, compute, computed);
}

static void answered(WeftLessonQuestion *question)
{
    const char *said = gtk_editable_get_text(GTK_EDITABLE(question->entry));
    if (*said)
        show_answer(question, said);
}

static void given_up(WeftLessonQuestion *question)
{
    show_answer(question, NULL);
}

static void was_right(WeftLessonQuestion *question)
{
    settle(question, TRUE);
}

static void was_wrong(WeftLessonQuestion *question)
{
    settle(question, FALSE);
}

/* ---- The widget ---- */

static GtkLabel *add_text(GtkWidget *box, const char *text)
{
    g_autofree char *markup = weft_markup_marked(text);
    GtkWidget *label = gtk_label_new(NULL);
    gtk_label_set_markup(GTK_LABEL(label), markup);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_box_append(GTK_BOX(box), label);
    return GTK_LABEL(label);
}

static void add_button(WeftLessonQuestion *question, GtkWidget *line, const char *text,
                       GCallback clicked)
{
    GtkWidget *button = gtk_button_new_with_label(text);
    g_signal_connect_swapped(button, "clicked", clicked, question);
    gtk_box_append(GTK_BOX(line), button);
}

WeftLessonQuestion *weft_lesson_question_new(const struct lesson *lesson, guint place)
{
    const struct lesson_question *asked = lesson->questions->pdata[place];
    WeftLessonQuestion *question = g_object_new(WEFT_TYPE_LESSON_QUESTION, NULL);
    g_autofree char *variant = asked->said.query ? fact_variant(asked->said.query) : NULL;
    g_autofree char *text = g_strdup_printf("%u. %s", place + 1, asked->text);
    g_autofree char *name = g_strdup_printf("Answer to question %u", place + 1);
    question->text = g_strdup(asked->answer ? asked->answer : "");
    question->query = g_strdup(asked->said.query);
    question->trace = lesson_file(lesson, variant, ".weft");
    add_text(question->box, text);
    question->line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 9);
    gtk_box_append(GTK_BOX(question->box), question->line);
    question->entry = gtk_entry_new();
    gtk_widget_set_hexpand(question->entry, TRUE);
    gtk_accessible_update_property(GTK_ACCESSIBLE(question->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   name, -1);
    g_signal_connect_swapped(question->entry, "activate", G_CALLBACK(answered), question);
    gtk_box_append(GTK_BOX(question->line), question->entry);
    add_button(question, question->line, "Check", G_CALLBACK(answered));
    add_button(question, question->line, "Show Answer", G_CALLBACK(given_up));
    question->answer = add_text(question->box, "");
    gtk_widget_set_visible(GTK_WIDGET(question->answer), FALSE);
    question->judging = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 9);
    gtk_widget_set_visible(question->judging, FALSE);
    gtk_box_append(GTK_BOX(question->box), question->judging);
    add_button(question, question->judging, "I Was Right", G_CALLBACK(was_right));
    add_button(question, question->judging, "I Was Not", G_CALLBACK(was_wrong));
    return question;
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_LESSON_QUESTION(object)->box, gtk_widget_unparent);
    G_OBJECT_CLASS(weft_lesson_question_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    WeftLessonQuestion *question = WEFT_LESSON_QUESTION(object);
    g_free(question->text);
    g_free(question->query);
    g_free(question->trace);
    G_OBJECT_CLASS(weft_lesson_question_parent_class)->finalize(object);
}

static void weft_lesson_question_class_init(WeftLessonQuestionClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
    gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
    settled_signal = g_signal_new("settled", WEFT_TYPE_LESSON_QUESTION, G_SIGNAL_RUN_FIRST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void weft_lesson_question_init(WeftLessonQuestion *question)
{
    question->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
    gtk_widget_set_parent(question->box, GTK_WIDGET(question));
}
