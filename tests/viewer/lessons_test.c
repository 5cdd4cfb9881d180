/* lessons_test.c: the lessons in the window under a real X server: what a lesson shows, its trace
 * in the Dispatch view, answers compared with the trace, what is kept of them; lessons that are not
 * whole, and programs that cannot be run. */
#include "app/lessons/learned.h"
#include "app/viewer/lessons/browser.h"
#include "app/viewer/lessons/compare.h"
#include "app/viewer/lessons/question.h"
#include "app/viewer/panels/markup.h"
#include "app/viewer/panels/source-panel.h"
#include "app/viewer/window.h"
#include "tests/remove_all.h"
#include "tests/viewer/widgets.h"
#include <adwaita.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static char *directory; /* the user's, with lessons of their own */

/* ---- The window ---- */

struct classroom {
    WeftWindow *window;
    WeftLessons *lessons;
};

static struct classroom enter(const char *lesson)
{
    struct classroom room = { .window = weft_window_new(NULL) };
    gtk_window_present(GTK_WINDOW(room.window));
    room.lessons = WEFT_LESSONS(widget_of(GTK_WIDGET(room.window), WEFT_TYPE_LESSONS, FALSE));
    gtk_widget_activate_action(GTK_WIDGET(room.window), "win.lessons", NULL);
    while (!weft_lessons_ready(room.lessons))
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(weft_lessons_choose(room.lessons, lesson));
    return room;
}

static void leave(struct classroom *room)
{
    gtk_window_destroy(GTK_WINDOW(room->window));
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

/* A label or a button with these words in it. */
static GtkWidget *find(GtkWidget *from, GType type, const char *text, gboolean seen)
{
    const char *own = GTK_IS_LABEL(from)    ? gtk_label_get_text(GTK_LABEL(from))
                      : GTK_IS_BUTTON(from) ? gtk_button_get_label(GTK_BUTTON(from))
                                            : NULL;
    if (G_TYPE_CHECK_INSTANCE_TYPE(from, type) && own && strstr(own, text) &&
        (!seen || gtk_widget_get_child_visible(from)))
        return from;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        GtkWidget *found = gtk_widget_get_visible(child) ? find(child, type, text, seen) : NULL;
        if (found)
            return found;
    }
    return NULL;
}

static gboolean says(struct classroom *room, const char *text)
{
    return find(GTK_WIDGET(room->window), GTK_TYPE_LABEL, text, FALSE) != NULL;
}

static void wait_for(struct classroom *room, const char *text)
{
    while (!says(room, text))
        g_main_context_iteration(NULL, TRUE);
}

static void press(GtkWidget *from, const char *label)
{
    GtkWidget *button = find(from, GTK_TYPE_BUTTON, label, FALSE);
    g_assert_nonnull(button);
    g_signal_emit_by_name(button, "clicked");
}

static void add_questions(GtkWidget *from, GPtrArray *questions)
{
    if (WEFT_IS_LESSON_QUESTION(from))
        g_ptr_array_add(questions, from);
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child))
        add_questions(child, questions);
}

/* ---- A lesson ---- */

static void test_show(void)
{
    struct classroom room = enter("lock");
    g_assert_true(says(&room, "A lock, and a deadlock of two"));
    GtkWidget *list = widget_of(GTK_WIDGET(room.lessons), GTK_TYPE_LIST_BOX, FALSE);
    GtkListBoxRow *ninth = gtk_list_box_get_row_at_index(GTK_LIST_BOX(list), 8);
    GtkWidget *number = gtk_widget_get_first_child(gtk_list_box_row_get_child(ninth));
    g_assert_cmpstr(gtk_label_get_text(GTK_LABEL(number)), ==, "9");
    g_assert_true(says(&room, "What to watch"));
    g_assert_true(says(&room, "opposite-orders"));
    g_assert_true(says(&room, "Python"));
    g_assert_cmpstr(gtk_window_get_title(GTK_WINDOW(room.window)), ==, "Lessons");
    g_assert_true(weft_lessons_choose(room.lessons, "event"));
    g_assert_false(says(&room, "opposite-orders"));
    g_assert_false(weft_lessons_choose(room.lessons, "nothing-like-that"));
    gtk_widget_activate_action(GTK_WIDGET(room.window), "win.start", NULL);
    g_assert_false(gtk_widget_get_visible(GTK_WIDGET(room.lessons)));
    leave(&room);
}

static void add_sources(GtkWidget *from, GPtrArray *sources)
{
    if (WEFT_IS_SOURCE_PANEL(from))
        g_ptr_array_add(sources, from);
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child))
        add_sources(child, sources);
}

/* The heights of the lesson's C and its Python, once their lines have theirs. */
static void code_heights(struct classroom *room, const char *lesson, int heights[2])
{
    g_autoptr(GPtrArray) sources = g_ptr_array_new();
    g_assert_true(weft_lessons_choose(room->lessons, lesson));
    add_sources(GTK_WIDGET(room->lessons), sources);
    g_assert_cmpuint(sources->len, ==, 2);
    for (guint i = 0; i < 2; i++) {
        GtkWidget *scrolled = widget_of(sources->pdata[i], GTK_TYPE_SCROLLED_WINDOW, FALSE);
        while (gtk_scrolled_window_get_min_content_height(GTK_SCROLLED_WINDOW(scrolled)) <= 0 ||
               gtk_widget_get_height(scrolled) <= 0)
            g_main_context_iteration(NULL, TRUE);
        heights[i] = gtk_scrolled_window_get_min_content_height(GTK_SCROLLED_WINDOW(scrolled));
    }
}

/* A program is seen whole, but for one that is long. */
static void test_code(void)
{
    struct classroom room = enter("lock");
    int little[2], more[2], most[2];
    code_heights(&room, "hello-world", little);
    code_heights(&room, "semaphore", more);
    code_heights(&room, "fetch-three", most);
    int line = little[0] / 15; /* it has as many */
    g_assert_cmpint(little[0], ==, 15 * line);
    g_assert_cmpint(little[1], ==, 11 * line);
    g_assert_cmpint(more[0], ==, 32 * line);
    g_assert_cmpint(most[0], ==, 32 * line);
    leave(&room);
}

/* The trace opens where the loop is seen; the lessons are there again afterwards. */
static void test_open(void)
{
    struct classroom room = enter("create-task");
    press(GTK_WIDGET(room.lessons), "Open Its Trace");
    while (!weft_window_page(room.window))
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpstr(weft_trace_page_view(weft_window_page(room.window)), ==, "dispatch");
    g_assert_true(learned_load("create-task").told);
    gtk_widget_activate_action(GTK_WIDGET(room.window), "win.lessons", NULL);
    g_assert_null(weft_window_page(room.window));
    wait_for(&room, "seen");
    leave(&room);
}

static void answer(GtkWidget *question, const char *text)
{
    GtkWidget *entry = widget_of(question, GTK_TYPE_ENTRY, FALSE);
    gtk_editable_set_text(GTK_EDITABLE(entry), text);
    g_signal_emit_by_name(entry, "activate");
}

static void test_questions(void)
{
    struct classroom room = enter("gather-or-not");
    g_autoptr(GPtrArray) questions = g_ptr_array_new();
    add_questions(GTK_WIDGET(room.lessons), questions);
    g_assert_cmpuint(questions->len, ==, 4);
    answer(questions->pdata[0], "");
    g_assert_false(says(&room, "The trace says"));
    answer(questions->pdata[0], "one");
    wait_for(&room, "Right. The trace says: 1. One. Awaiting a coroutine does not make a task.");
    answer(questions->pdata[1], "No");
    wait_for(&room, "Right. The trace says: no. No: its task");
    answer(questions->pdata[2], "3 s");
    wait_for(&room, "No. The trace says: 30");
    g_assert_cmpuint(learned_load("gather-or-not").asked, ==, 0);
    press(questions->pdata[3], "Show Answer");
    wait_for(&room, "2 of 4 right");
    g_assert_cmpuint(learned_load("gather-or-not").asked, ==, 4);
    g_assert_cmpuint(learned_load("gather-or-not").right, ==, 2);
    leave(&room);
}

static void put(const char *lesson, const char *name, const char *text, int mode)
{
    g_autofree char *folder = g_build_filename(directory, "weft", "lessons", lesson, NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, (mode_t)mode), ==, 0);
}

static void note_gone(gboolean *gone)
{
    *gone = TRUE;
}

static WeftCompare *compare(const char *lesson)
{
    g_autofree char *folder = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), lesson, NULL);
    struct lesson *read = lesson_read(g_path_is_absolute(lesson) ? lesson : folder);
    WeftCompare *shown = weft_compare_show(NULL, read);
    lesson_free(read);
    while (weft_compare_moment(shown) < 0)
        g_main_context_iteration(NULL, TRUE);
    return shown;
}

static void step(WeftCompare *shown, const char *action)
{
    gtk_widget_activate_action(GTK_WIDGET(shown), action, NULL);
    while (g_main_context_iteration(NULL, FALSE)) /* drawn, too */
        continue;
}

/* One time axis: a step is that of either, and n back is where one was. */
static void test_compare(void)
{
    WeftCompare *shown = compare("03-gather-or-not");
    g_assert_cmpstr(weft_compare_said(shown, 0), ==, "It has not begun.");
    gint64 before = weft_compare_moment(shown);
    guint n = 0;
    g_autofree char *first = NULL;
    while (!strstr(weft_compare_said(shown, 1), "Over at")) { /* gather is over first */
        step(shown, "compare.next");
        g_assert_cmpint(weft_compare_moment(shown), >, before);
        before = weft_compare_moment(shown);
        if (n++ == 2)
            first = g_strdup(weft_compare_said(shown, 0));
    }
    g_assert_null(strstr(weft_compare_said(shown, 0), "Over at"));
    while (n-- > 3)
        step(shown, "compare.previous");
    g_assert_cmpstr(weft_compare_said(shown, 0), ==, first);
    g_assert_null(weft_compare_said(shown, 2));
    gtk_window_destroy(GTK_WINDOW(shown));
}

/* What a key does in the window, wherever the focus is. */
static void press_key(GtkWidget *window, guint key)
{
    g_autoptr(GListModel) controllers = gtk_widget_observe_controllers(window);
    for (guint i = 0; i < g_list_model_get_n_items(controllers); i++) {
        g_autoptr(GtkEventController) controller = g_list_model_get_item(controllers, i);
        if (!GTK_IS_SHORTCUT_CONTROLLER(controller) ||
            gtk_event_controller_get_propagation_phase(controller) != GTK_PHASE_CAPTURE)
            continue;
        for (guint j = 0; j < g_list_model_get_n_items(G_LIST_MODEL(controller)); j++) {
            g_autoptr(GtkShortcut) shortcut = g_list_model_get_item(G_LIST_MODEL(controller), j);
            GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger(shortcut);
            if (GTK_IS_KEYVAL_TRIGGER(trigger) &&
                gtk_keyval_trigger_get_keyval(GTK_KEYVAL_TRIGGER(trigger)) == key)
                g_assert_true(gtk_shortcut_action_activate(gtk_shortcut_get_action(shortcut), 0,
                                                           window, NULL));
        }
    }
}

/* The arrows step; Escape closes. */
static void test_compare_keys(void)
{
    WeftCompare *shown = compare("03-gather-or-not");
    gpointer open = shown;
    gint64 before = weft_compare_moment(shown);
    g_object_add_weak_pointer(G_OBJECT(shown), &open);
    press_key(GTK_WIDGET(shown), GDK_KEY_Right);
    gint64 there = weft_compare_moment(shown);
    g_assert_cmpint(there, >, before);
    press_key(GTK_WIDGET(shown), GDK_KEY_Page_Down);
    g_assert_cmpint(weft_compare_moment(shown), >, there);
    press_key(GTK_WIDGET(shown), GDK_KEY_Left);
    g_assert_cmpint(weft_compare_moment(shown), ==, there);
    press_key(GTK_WIDGET(shown), GDK_KEY_Escape);
    while (open)
        g_main_context_iteration(NULL, TRUE);
}

/* Where the trace cannot say, the user judges. */
static void test_no_trace(void)
{
    put("94-lost", "lesson.md",
        "# Lost\nText.\n\n## Questions\n1. How many tasks are there?\n"
        "   *One.*\n   `most tasks` = 1\n2. Is that many?\n   *No.*\n   given `most tasks` = 1\n",
        0600);
    struct classroom room = enter("lost");
    g_autoptr(GPtrArray) questions = g_ptr_array_new();
    add_questions(GTK_WIDGET(room.lessons), questions);
    g_assert_cmpuint(questions->len, ==, 2);
    answer(questions->pdata[0], "1");
    wait_for(&room, "The trace does not say");
    press(questions->pdata[0], "I Was Right");
    answer(questions->pdata[1], "no"); /* no trace would */
    press(questions->pdata[1], "I Was Right");
    g_assert_true(says(&room, "2 of 2 right"));
    leave(&room);
}

/* A variant without a trace is said to be that; there is nothing to step to. */
static void test_compare_nothing(void)
{
    put("93-half", "lesson.md", "# Half\nText.\n\n## Variants\n- `one`: it.\n", 0600);
    g_autofree char *folder = g_build_filename(directory, "weft", "lessons", "93-half", NULL);
    WeftCompare *shown = compare(folder);
    g_assert_true(g_str_has_prefix(weft_compare_said(shown, 0), "It cannot be shown: "));
    step(shown, "compare.next");
    g_assert_cmpint(weft_compare_moment(shown), ==, 0);
    gtk_window_destroy(GTK_WINDOW(shown));
}

/* What a worker still reads keeps nothing alive, and nobody who is gone hears of it. */
static void test_closed_meanwhile(void)
{
    struct classroom room = enter("gather-or-not");
    GtkWidget *question = widget_of(GTK_WIDGET(room.lessons), WEFT_TYPE_LESSON_QUESTION, FALSE);
    g_autofree char *folder = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), "03-gather-or-not",
                                               NULL);
    struct lesson *read = lesson_read(folder);
    WeftCompare *shown = weft_compare_show(NULL, read);
    WeftLessons *lessons = room.lessons;
    lesson_free(read);
    press(question, "Show Answer");
    gtk_widget_activate_action(GTK_WIDGET(room.window), "win.start", NULL);
    gtk_widget_activate_action(GTK_WIDGET(room.window), "win.lessons", NULL); /* read anew */
    g_object_add_weak_pointer(G_OBJECT(question), (gpointer *)&question);
    g_object_add_weak_pointer(G_OBJECT(shown), (gpointer *)&shown);
    g_object_add_weak_pointer(G_OBJECT(lessons), (gpointer *)&lessons);
    gtk_window_destroy(GTK_WINDOW(shown));
    gtk_window_destroy(GTK_WINDOW(room.window));
    g_assert_null(question);
    g_assert_null(shown);
    g_assert_null(lessons);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

/* The trace is still being read when another lesson is chosen: it does not count there. */
static void test_late_answer(void)
{
    struct classroom room = enter("create-task");
    g_autoptr(GPtrArray) late = g_ptr_array_new(), questions = g_ptr_array_new();
    add_questions(GTK_WIDGET(room.lessons), late);
    GtkWidget *last = late->pdata[late->len - 1];
    gboolean gone = FALSE;
    g_signal_connect_swapped(last, "destroy", G_CALLBACK(note_gone), &gone);
    answer(last, "Task-1, egg, tea, ham");
    g_assert_true(weft_lessons_choose(room.lessons, "event"));
    while (!gone)
        g_main_context_iteration(NULL, TRUE);
    add_questions(GTK_WIDGET(room.lessons), questions);
    for (guint i = 0; i < questions->len; i++) {
        press(questions->pdata[i], "Show Answer");
        if (gtk_widget_get_visible(gtk_widget_get_last_child(
                gtk_widget_get_first_child(GTK_WIDGET(questions->pdata[i])))))
            press(questions->pdata[i], "I Was Not");
    }
    g_autofree char *score = g_strdup_printf("0 of %u right", questions->len);
    wait_for(&room, score);
    leave(&room);
}

/* Closed while a worker reads for it. */
static void test_closed_while_reading(void)
{
    struct lesson *lesson = NULL;
    g_autofree char *folder = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), "03-gather-or-not",
                                               NULL);
    gpointer compare = NULL;
    WeftWindow *window = weft_window_new(NULL);
    gpointer closed = window;
    gtk_window_present(GTK_WINDOW(window));
    gtk_widget_activate_action(GTK_WIDGET(window), "win.lessons", NULL);
    lesson = lesson_read(folder);
    compare = weft_compare_show(NULL, lesson);
    lesson_free(lesson);
    g_object_add_weak_pointer(compare, &compare);
    g_object_add_weak_pointer(closed, &closed);
    gtk_window_destroy(compare);
    gtk_window_destroy(GTK_WINDOW(window));
    while (compare || closed)
        g_main_context_iteration(NULL, TRUE);
}

static void marked(const char *text, const char *expected)
{
    g_autofree char *markup = weft_markup_marked(text);
    g_assert_cmpstr(markup, ==, expected);
}

static void test_marked(void)
{
    marked("a `b<c` and *d*", "a <tt>b&lt;c</tt> and <i>d</i>");
    marked("2 * 3 * 4, `open & *", "2 * 3 * 4, `open &amp; *");
    marked("", "");
    marked("``**", "``**");
}

/* A name of two lines makes no two lines of a sentence. */
static void test_sentence(void)
{
    struct weft_text_run two_lines = { (char *)"a\n<b>", 0, TRUE };
    struct weft_sentence sentence = { .runs = g_ptr_array_new() };
    g_ptr_array_add(sentence.runs, &two_lines);
    g_autofree char *markup = weft_markup_sentence(&sentence, 0);
    g_assert_cmpstr(markup, ==, "<b>a &lt;b&gt;</b>");
    g_ptr_array_unref(sentence.runs);
}

static void linked(const char *name, const char *expected)
{
    g_autofree char *markup = weft_markup_link(name, 1, 2);
    g_autofree char *whole = g_strdup_printf("<a href=\"weft:1@2\">%s</a>", expected);
    g_assert_cmpstr(markup, ==, whole);
}

/* In words a very long name is cut amid it; one that is written from right to left is kept apart
 * from the numbers beside it. */
static void test_names_in_words(void)
{
    g_autofree char *longest = g_strnfill(100, 'x'), *longer = g_strnfill(3000, 'x');
    g_autofree char *begin = g_strnfill(60, 'x'), *end = g_strnfill(30, 'x');
    g_autofree char *cut = g_strconcat(begin, "…", end, NULL);
    linked("a&b", "a&amp;b");
    linked("two\nlines", "two lines");
    linked(longest, longest);
    linked(longer, cut);
    linked("שלום", "\342\201\250שלום\342\201\251");
}

/* ---- What is not as it should be ---- */

/* Without a trace, without Python, with a C that is no text. */
static void test_broken(void)
{
    put("90-broken", "lesson.md", "# Broken\nText with \"<b>\" and `x.\n\n## Elsewhere\n", 0600);
    put("90-broken", "lesson.c", "int \xff;\n", 0600);
    struct classroom room = enter("broken");
    g_assert_true(says(&room, "This lesson is not whole"));
    g_assert_true(says(&room, "there is no part 'Elsewhere'"));
    g_assert_true(says(&room, "There is no such file, or it is no text."));
    press(GTK_WIDGET(room.lessons), "Open Its Trace");
    wait_for(&room, "Cannot Open");
    gtk_widget_activate_action(GTK_WIDGET(room.window), "win.lessons", NULL);
    leave(&room);
}

static void test_no_program(void)
{
    put("91-no-program", "lesson.md", "# No program\nText.\n", 0600);
    struct classroom room = enter("no-program");
    press(GTK_WIDGET(room.lessons), "Run It Now");
    wait_for(&room, "It cannot be run: it has no program, and no source");
    g_assert_false(learned_load("no-program").ran);
    leave(&room);
}

/* It prints megabytes, and fails: nothing hangs, and that is said. */
static void test_failing_program(void)
{
    put("92-failing", "lesson.md", "# Failing\nText.\n", 0600);
    put("92-failing", "lesson", "#!/bin/sh\nhead -c 8000000 /dev/zero\nexit 3\n", 0700);
    struct classroom room = enter("failing");
    press(GTK_WIDGET(room.lessons), "Run It Now");
    while (!says(&room, "The program failed") && !says(&room, "Cannot Open"))
        g_main_context_iteration(NULL, TRUE);
    leave(&room);
}

/* What it failed at is said: at finding a compiler, at compiling, at recording. */
static void test_not_run(void)
{
    static const struct {
        const char *name, *tool, *does, *says;
    } at[] = {
        { "no-compiler", "pkg-config", "exit 1", "cc and pkg-config weft are needed" },
        { "no-c", "pkg-config", "exit 0", "Its C does not compile" },
        { "no-record", "cc", "for last; do :; done; echo exit >$last", "could not be recorded" },
    };
    g_autofree char *tools = g_build_filename(directory, "weft", "lessons", "tools", NULL);
    g_autofree char *before = g_strdup(g_getenv("PATH"));
    g_autofree char *path = g_strconcat(tools, ":", before, NULL);
    g_setenv("PATH", path, TRUE);
    put("tools", "cc", "#!/bin/sh\nexit 1\n", 0700);
    for (guint i = 0; i < G_N_ELEMENTS(at); i++) {
        g_autofree char *folder = g_strdup_printf("9%u-%s", i + 5, at[i].name);
        g_autofree char *tool = g_strdup_printf("#!/bin/sh\n%s\n", at[i].does);
        put(folder, "lesson.md", "# Not run\nText.\n", 0600);
        put(folder, "lesson.c", "no C\n", 0600);
        put("tools", at[i].tool, tool, 0700);
        struct classroom room = enter(at[i].name);
        press(GTK_WIDGET(room.lessons), "Run It Now");
        wait_for(&room, at[i].says);
        leave(&room);
    }
    g_setenv("PATH", before, TRUE);
}

/* It never ends: who closes the window ends it. */
static void test_endless_program(void)
{
    g_autofree char *folder = g_build_filename(directory, "weft", "lessons", "95-endless", NULL);
    g_autofree char *pid_file = g_build_filename(folder, "pid", NULL), *pid = NULL;
    put("95-endless", "lesson.md", "# Endless\nText.\n", 0600);
    put("95-endless", "lesson",
        "#!/bin/sh\necho $$ >\"${0%/*}/new\"\nmv \"${0%/*}/new\" \"${0%/*}/pid\"\n"
        "while :; do sleep 0.1; done\n",
        0700);
    struct classroom room = enter("endless");
    press(GTK_WIDGET(room.lessons), "Run It Now");
    while (!g_file_get_contents(pid_file, &pid, NULL, NULL)) {
        g_main_context_iteration(NULL, FALSE);
        g_thread_yield();
    }
    leave(&room);
    while (kill(atoi(pid), 0) == 0) {
        g_main_context_iteration(NULL, FALSE);
        g_thread_yield();
    }
}

int main(int argc, char **argv)
{
    static const char *const homes[] = { "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME" };
    g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(own);
    g_autofree char *command = g_canonicalize_filename("../../app", folder);
    g_autofree char *path = g_strconcat(command, ":", g_getenv("PATH"), NULL);
    g_setenv("PATH", path, TRUE);
    directory = g_dir_make_tmp("weft-lessons-XXXXXX", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(homes); i++)
        g_setenv(homes[i], directory, TRUE);
    g_setenv("WEFT_LESSONS", g_getenv("WEFT_TEST_LESSONS"), TRUE);
    g_test_init(&argc, &argv, NULL);
    adw_init();
    g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
    g_test_add_func("/lessons/show", test_show);
    g_test_add_func("/lessons/code", test_code);
    g_test_add_func("/lessons/open", test_open);
    g_test_add_func("/lessons/questions", test_questions);
    g_test_add_func("/lessons/no-trace", test_no_trace);
    g_test_add_func("/lessons/compare", test_compare);
    g_test_add_func("/lessons/compare-keys", test_compare_keys);
    g_test_add_func("/lessons/compare-nothing", test_compare_nothing);
    g_test_add_func("/lessons/late-answer", test_late_answer);
    g_test_add_func("/lessons/closed-while-reading", test_closed_while_reading);
    g_test_add_func("/lessons/closed-meanwhile", test_closed_meanwhile);
    g_test_add_func("/lessons/marked", test_marked);
    g_test_add_func("/lessons/sentence", test_sentence);
    g_test_add_func("/lessons/names-in-words", test_names_in_words);
    g_test_add_func("/lessons/broken", test_broken);
    g_test_add_func("/lessons/no-program", test_no_program);
    g_test_add_func("/lessons/failing-program", test_failing_program);
    g_test_add_func("/lessons/endless-program", test_endless_program);
    g_test_add_func("/lessons/not-run", test_not_run);
    int result = g_test_run();
    remove_all(directory);
    g_free(directory);
    return result;
}
