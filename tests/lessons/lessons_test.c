/* lessons_test.c: every lesson, and every variant of one, runs for real, says what its Python twin
 * says, and is told as it was; a lesson is whole, and its trace says what its answers say. The
 * steps of each task, and whose steps they come after, are in asyncio those of the recorded run
 * (steps.py); where neither sockets nor processes, threads or clocks decide who is next, the order
 * of all steps is. Lessons mostly wait, so some run at once: the first test that asks starts them,
 * in their order. */
#include "tracer/model/replay.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

enum {
    AT_ONCE = 8, /* more would keep each other from being in time */
    RUNS_MOST = 5,
};

struct run {
    GSubprocess *process;
    char *said; /* once it has ended */
    char *told; /* on stderr, likewise: steps.py */
};

struct lesson {
    const char *directory, *variant; /* NULL: the lesson itself */
    gboolean raced; /* who is next depends on sockets, processes, threads or clocks, too */
    struct run program, twin;
};
static struct lesson lessons[] = {
    { .directory = "01-hello-world" },
    { .directory = "02-two-tasks" },
    { .directory = "03-gather-or-not" },
    { .directory = "04-create-task" },
    { .directory = "05-blocking", .raced = TRUE },
    { .directory = "06-timeout" },
    { .directory = "07-cancel" },
    { .directory = "08-first-completed" },
    { .directory = "09-lock" },
    { .directory = "10-semaphore", .raced = TRUE }, /* five timers of one moment */
    { .directory = "11-queue" },
    { .directory = "12-event" },
    { .directory = "13-tcp-echo", .raced = TRUE },
    { .directory = "14-fetch-three", .raced = TRUE },
    { .directory = "15-wget", .raced = TRUE },
    { .directory = "16-subprocess", .raced = TRUE },
    { .directory = "17-generator" },
    { .directory = "18-file", .raced = TRUE },
    { .directory = "19-starvation", .raced = TRUE },
    { .directory = "20-debug-mode", .raced = TRUE },
    { "03-gather-or-not", "one-after-another" },
    { "03-gather-or-not", "gather" },
    { "05-blocking", "in-the-loop", .raced = TRUE },
    { "05-blocking", "in-a-thread", .raced = TRUE },
    { "09-lock", "same-order" },
    { "09-lock", "opposite-orders" },
};

static const char *name_of(const struct lesson *lesson)
{
    return lesson->directory + strlen("NN-");
}

/* NAME, or NAME.VARIANT. g_free it. */
static char *program_of(const struct lesson *lesson)
{
    return g_strjoin(lesson->variant ? "." : NULL, name_of(lesson), lesson->variant, NULL);
}

/* One of its files, as it lies in the source tree. g_free it. */
static char *file_of(const struct lesson *lesson, const char *otherwise, const char *ending)
{
    g_autofree char *base = g_strconcat(lesson->variant ? lesson->variant : otherwise, ending,
                                        NULL);
    return g_build_filename(LESSONS_SOURCE, lesson->directory, base, NULL);
}

static void ended(GObject *process, GAsyncResult *result, gpointer data);

/* script: NULL: it is a program. */
static void start(struct run *run, const char *program, const char *script)
{
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | (script ? G_SUBPROCESS_FLAGS_STDERR_PIPE : 0));
    g_subprocess_launcher_setenv(launcher, "WEFT_TRACE", "off", TRUE);
    g_autoptr(GError) error = NULL;
    run->process = g_subprocess_launcher_spawn(launcher, &error, program, script ? STEPS : NULL,
                                               script, NULL);
    g_assert_no_error(error);
    g_subprocess_communicate_utf8_async(run->process, NULL, NULL, ended, run);
}

static void start_program(struct lesson *lesson)
{
    g_autofree char *name = program_of(lesson);
    g_autofree char *program = g_build_filename(LESSONS_BUILD, name, NULL);
    start(&lesson->program, program, NULL);
}

static void start_twin(struct lesson *lesson)
{
    g_autofree char *twin = file_of(lesson, "lesson", ".py");
    start(&lesson->twin, "/usr/bin/python3", twin);
}

static void start_next(void)
{
    static gsize next;
    gsize i = next++;
    if (i / 2 >= G_N_ELEMENTS(lessons))
        return;
    (i % 2 == 0 ? start_program : start_twin)(&lessons[i / 2]);
}

static void ended(GObject *process, GAsyncResult *result, gpointer data)
{
    struct run *run = data;
    g_autoptr(GError) error = NULL;
    g_subprocess_communicate_utf8_finish(G_SUBPROCESS(process), result, &run->said, &run->told,
                                         &error);
    g_assert_no_error(error);
    start_next();
}

/* What it printed; fails unless it ended with 0. */
static const char *output_of(struct run *run)
{
    while (!run->said)
        g_main_context_iteration(NULL, TRUE);
    g_autoptr(GError) error = NULL;
    g_spawn_check_wait_status(g_subprocess_get_status(run->process), &error);
    g_assert_no_error(error);
    g_clear_object(&run->process);
    return run->said;
}

static void forget(struct run *run)
{
    if (run->process) {
        g_subprocess_force_exit(run->process);
        g_subprocess_wait(run->process, NULL, NULL);
        g_clear_object(&run->process);
    }
    g_clear_pointer(&run->said, g_free);
    g_clear_pointer(&run->told, g_free);
}

/* What "weft WORDS" prints; it ends with 0. */
static char *ask_weft(const char *const *words)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSubprocessLauncher)
        launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    g_autofree char *state = g_dir_make_tmp("weft-lessons-XXXXXX", &error);
    g_assert_no_error(error);
    g_subprocess_launcher_setenv(launcher, "WEFT_LESSONS", LESSONS_SOURCE, TRUE);
    g_subprocess_launcher_setenv(launcher, "XDG_DATA_HOME", state, TRUE);
    g_subprocess_launcher_setenv(launcher, "XDG_STATE_HOME", state, TRUE);
    g_subprocess_launcher_setenv(launcher, "LC_ALL", "C.UTF-8", TRUE);
    g_subprocess_launcher_unsetenv(launcher, "COLUMNS");
    g_autoptr(GSubprocess) weft = g_subprocess_launcher_spawnv(launcher, words, &error);
    g_assert_no_error(error);
    char *said = NULL;
    g_subprocess_communicate_utf8(weft, NULL, NULL, &said, NULL, &error);
    g_assert_no_error(error);
    if (!g_subprocess_get_if_exited(weft) || g_subprocess_get_exit_status(weft) != 0)
        g_error("%s", said);
    g_autofree char *folder = g_build_filename(state, "weft", NULL);
    g_autofree char *kept = g_build_filename(folder, "lessons.ini", NULL);
    g_remove(kept);
    g_rmdir(folder);
    g_rmdir(state);
    return said;
}

/* ---- The same steps ---- */

struct order { /* of the recorded run, as steps.py says that of the twin */
    weft_model *model;
    GString *steps;    /* whom the loop let run, one name a line */
    GHashTable *tasks; /* id → struct task */
};

struct task {
    char *name;
    GString *causes; /* of its steps */
    guint n;         /* as many are said */
    gboolean by_loop;
    uint64_t ready_by; /* the task that made it ready, 0: the loop */
    guint ready_n;     /* in which step of it */
};

static void task_free(gpointer data)
{
    struct task *task = data;
    g_free(task->name);
    g_string_free(task->causes, TRUE);
    g_free(task);
}

/* What reads a child's pipes for weft_communicate() are tasks; asyncio makes some for itself. */
static gboolean is_own(const struct task *task)
{
    return g_str_has_prefix(task->name, "read std");
}

static struct task *task_of(struct order *order, uint64_t id)
{
    struct task *task = g_hash_table_lookup(order->tasks, &id);
    if (task)
        return task;
    g_autoptr(GRegex) port = g_regex_new(" :\\d+$", 0, 0, NULL);
    g_autofree char *name = weft_model_name(order->model, id);
    task = g_new0(struct task, 1);
    task->name = g_regex_replace_literal(port, name, -1, 0, "", 0, NULL);
    task->causes = g_string_new(NULL);
    g_hash_table_insert(order->tasks, g_memdup2(&id, sizeof id), task);
    return task;
}

static void note_ready(struct order *order, uint64_t id, uint64_t by)
{
    struct task *task = task_of(order, id);
    const struct task *waker = weft_id_kind(by) == WEFT_ENTITY_TASK ? task_of(order, by) : NULL;
    gboolean counts = waker && !is_own(waker);
    task->ready_by = counts ? by : 0;
    task->ready_n = counts ? waker->n : 0;
}

/* Of steps that only the loop makes ready, one after the other, one is said. */
static void note_step(struct order *order, uint64_t id)
{
    struct task *task = task_of(order, id);
    g_string_append_printf(order->steps, "%s\n", task->name);
    if (!task->ready_by && task->by_loop)
        return;
    if (task->ready_by)
        g_string_append_printf(task->causes, " %s#%u", task_of(order, task->ready_by)->name,
                               task->ready_n);
    else
        g_string_append(task->causes, " -");
    task->by_loop = !task->ready_by;
    task->n++;
}

static gboolean note_event(const struct weft_event_view *event, gpointer data)
{
    const struct weft_record *r = &event->record;
    if (r->kind == WEFT_RECORD_WAKE || r->kind == WEFT_RECORD_CANCEL_REQUEST)
        note_ready(data, r->subject,
                   weft_id_kind(r->object) == WEFT_ENTITY_TASK ? r->object : event->actor);
    else if (r->kind == WEFT_RECORD_SUSPEND && r->detail == WEFT_AWAIT_YIELD)
        note_ready(data, r->subject, r->subject);
    else if (r->kind == WEFT_RECORD_RESUME)
        note_step(data, r->subject);
    return TRUE;
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *task_lines(const struct order *order)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, order->tasks);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct task *task = value;
        if (!is_own(task))
            g_ptr_array_add(lines, g_strdup_printf("%s:%s\n", task->name, task->causes->str));
    }
    g_ptr_array_sort(lines, by_text);
    g_ptr_array_add(lines, NULL);
    return g_strjoinv("", (char **)lines->pdata);
}

static weft_model *open_trace(const char *path)
{
    g_autoptr(GError) error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    weft_model *model = weft_model_new(trace);
    weft_trace_unref(trace);
    weft_model_advance(model, 0);
    return model;
}

/* The recorded run, as steps.py says its twin's; g_free both. */
static void read_order(const struct lesson *lesson, char **steps, char **tasks)
{
    g_autofree char *path = file_of(lesson, "trace", ".weft");
    struct order order = { .model = open_trace(path),
                           .steps = g_string_new(NULL),
                           .tasks = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                                          task_free) };
    weft_model_visit(order.model, G_MININT64, G_MAXINT64, note_event, &order);
    *tasks = task_lines(&order);
    *steps = g_string_free(order.steps, FALSE);
    g_hash_table_unref(order.tasks);
    weft_model_free(order.model);
}

/* Fails where it is the last run. */
static gboolean is_same(const char *ours, const char *theirs, gboolean last)
{
    if (last)
        g_assert_cmpstr(ours, ==, theirs);
    return g_strcmp0(ours, theirs) == 0;
}

/* Each task's own steps, and what each of them comes after, are those of the twin; and where the
 * loop alone decides who is next, all steps are. */
static gboolean takes_the_same_steps(const struct lesson *lesson, gboolean last)
{
    g_autofree char *steps = NULL, *tasks = NULL;
    g_auto(GStrv) told = g_strsplit(lesson->twin.told, "\n\n", 2);
    g_autofree char *theirs = g_strconcat(told[0], "\n", NULL);
    read_order(lesson, &steps, &tasks);
    return is_same(tasks, told[1], last) && (lesson->raced || is_same(steps, theirs, last));
}

static void run_again(struct lesson *lesson)
{
    forget(&lesson->program);
    forget(&lesson->twin);
    start_program(lesson);
    start_twin(lesson);
}

/* A machine that is busy wakes a loop between two timers that were set in the same moment, and lets
 * a timeout of half a second be over: then both are asked again. */
static void says_what_its_twin_says(gconstpointer data)
{
    static gboolean started;
    for (int i = 0; i < AT_ONCE && !started; i++)
        start_next();
    started = TRUE;
    struct lesson *lesson = (struct lesson *)data;
    for (guint run = 1;; run++) {
        gboolean last = run == RUNS_MOST;
        const char *ours = output_of(&lesson->program), *theirs = output_of(&lesson->twin);
        g_assert_cmpstr(ours, !=, "");
        if (is_same(ours, theirs, last) && takes_the_same_steps(lesson, last))
            break;
        run_again(lesson);
    }
    forget(&lesson->program);
    forget(&lesson->twin);
}

/* A loop that only looks for I/O does not sleep: what a trace says of a poll is so. */
static void only_looks_where_it_says_so(const char *path)
{
    const char *const words[] = { WEFT_EXE, "dump", "-k", "POLL_BEGIN,POLL_END", path, NULL };
    g_autofree char *said = ask_weft(words);
    g_auto(GStrv) lines = g_strsplit(said, "\n", -1);
    double looked = -1;
    for (char **line = lines; *line; line++) {
        double t = g_ascii_strtod(*line, NULL);
        if (strstr(*line, " POLL_BEGIN "))
            looked = strstr(*line, " for 0.000000000s") ? t : -1;
        else if (looked >= 0)
            g_assert_cmpfloat(t - looked, <, 0.005);
    }
}

/* Recorded from this program, whole, and nothing in it tells where. */
static void has_a_trace(gconstpointer data)
{
    const struct lesson *lesson = data;
    g_autofree char *path = file_of(lesson, "trace", ".weft");
    g_autofree char *name = program_of(lesson);
    g_autofree char *program = g_strconcat(name, "\n", NULL);
    const char *const words[] = { WEFT_EXE, "report", path, NULL };
    g_autofree char *said = ask_weft(words);
    g_assert_true(g_str_has_prefix(said, program));
    g_assert_nonnull(strstr(said, " on classroom, "));
    g_assert_nonnull(strstr(said, " none lost\n"));
    g_autofree char *site = g_strconcat("data/lessons/", lesson->directory, "/",
                                        lesson->variant ? lesson->variant : "lesson", ".c:", NULL);
    g_assert_nonnull(strstr(said, site));
    only_looks_where_it_says_so(path);
}

/* Whole, and its trace says what each of its answers says. */
static void has_its_parts(gconstpointer data)
{
    const struct lesson *lesson = data;
    g_autofree char *folder = g_build_filename(LESSONS_SOURCE, lesson->directory, NULL);
    const char *const words[] = { WEFT_EXE, "lessons", "check", folder, NULL };
    g_autofree char *said = ask_weft(words);
    g_autofree char *whole = g_strconcat(folder, ": whole; ", NULL);
    g_assert_true(g_str_has_prefix(said, whole));
    guint variants, questions, answered;
    g_assert_cmpint(sscanf(said + strlen(whole),
                           "%u variants, %u questions, %u of them answered by the trace", &variants,
                           &questions, &answered),
                    ==, 3);
    g_assert_cmpuint(questions, >=, 2);
    g_assert_cmpuint(answered, ==, questions);
}

/* The recorded run, told: golden/NAME.txt, written anew with WEFT_UPDATE_GOLDEN=1. */
static void tells(gconstpointer data)
{
    const struct lesson *lesson = data;
    const char *const words[] = {
        WEFT_EXE,        "lessons", "tell", name_of(lesson), lesson->variant ? "--variant" : NULL,
        lesson->variant, NULL
    };
    g_autofree char *said = ask_weft(words);
    g_autofree char *name = program_of(lesson);
    g_autofree char *file = g_strconcat(name, ".txt", NULL);
    g_autofree char *path = g_build_filename(LESSONS_GOLDEN, file, NULL);
    g_autofree char *golden = NULL;
    if (g_getenv("WEFT_UPDATE_GOLDEN"))
        g_assert_true(g_file_set_contents(path, said, -1, NULL));
    g_assert_true(g_file_get_contents(path, &golden, NULL, NULL));
    g_assert_cmpstr(said, ==, golden);
}

/* What has no sentence of its own, and why. */
static const char *untold(const struct weft_record *r)
{
    switch (r->kind) {
    case WEFT_RECORD_WORK_BEGIN: /* of a thread's ring */
    case WEFT_RECORD_WORK_END:
        return "told where the loop learns of it: its task is woken";
    case WEFT_RECORD_THREAD:
    case WEFT_RECORD_THREAD_EXIT:
    case WEFT_RECORD_POST:
        return "another thread's: no step of the loop";
    case WEFT_RECORD_WAKE:
        return r->detail == WEFT_WAKE_CREATED ? "told with TASK_NEW" : NULL;
    case WEFT_RECORD_TASK_FREE:
        return "told only of a task that was not done";
    }
    return NULL;
}

struct told {
    guint8 present[WEFT_RECORD_KIND_END];
    guint8 told[WEFT_RECORD_KIND_END];
};

static gboolean note_present(const struct weft_event_view *event, gpointer data)
{
    struct told *kinds = data;
    if (!untold(&event->record))
        kinds->present[event->record.kind] = TRUE;
    return TRUE;
}

/* Of each kind, one event that says something as it happens. */
static void note_told(weft_model *model, guint loop, struct told *kinds)
{
    for (unsigned kind = 1; kind < WEFT_RECORD_KIND_END; kind++) {
        g_autoptr(weft_replay) replay = weft_replay_new(model, loop);
        const struct weft_replay_wanted wanted = { .kinds = UINT64_C(1) << kind };
        struct weft_replay_place place = { G_MININT64, WEFT_WHOLE_MOMENT };
        while (!kinds->told[kind] && weft_replay_find(replay, place, &wanted, 1, NULL, &place)) {
            struct weft_replay_telling *telling = weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE,
                                                                   0);
            kinds->told[kind] = telling->headline && telling->headline->time_ns == place.time_ns;
            weft_replay_telling_free(telling);
        }
    }
}

/* Every kind of event that a lesson has is told in it. */
static void has_a_sentence_for_each_kind(gconstpointer data)
{
    g_autofree char *path = file_of(data, "trace", ".weft");
    weft_model *model = open_trace(path);
    struct told kinds = { 0 };
    weft_model_visit(model, G_MININT64, G_MAXINT64, note_present, &kinds);
    for (guint i = 0; i < weft_model_n_lanes(model); i++)
        if (weft_model_lane(model, i)->kind == WEFT_LANE_LOOP)
            note_told(model, i, &kinds);
    for (unsigned kind = 1; kind < WEFT_RECORD_KIND_END; kind++)
        if (kinds.present[kind] && !kinds.told[kind])
            g_error("nothing is told of %s", weft_event_info(kind)->name);
    weft_model_free(model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(lessons); i++) {
        static const struct {
            const char *what;
            GTestDataFunc test;
        } tests[] = { { "runs", says_what_its_twin_says },
                      { "trace", has_a_trace },
                      { "told", tells },
                      { "kinds", has_a_sentence_for_each_kind },
                      { "parts", has_its_parts } };
        /* With its number: GLib leaves out what has "/subprocess" in its path. */
        g_autofree char *name = g_strjoin(lessons[i].variant ? "." : NULL, lessons[i].directory,
                                          lessons[i].variant, NULL);
        for (gsize j = 0; j < G_N_ELEMENTS(tests) - (lessons[i].variant != NULL); j++) {
            g_autofree char *path = g_strdup_printf("/lessons/%s/%s", name, tests[j].what);
            g_test_add_data_func(path, &lessons[i], tests[j].test);
        }
    }
    int rc = g_test_run();
    for (gsize i = 0; i < G_N_ELEMENTS(lessons); i++) { /* of tests that were not asked for */
        forget(&lessons[i].program);
        forget(&lessons[i].twin);
    }
    return rc;
}
