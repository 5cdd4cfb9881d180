/* run.c: a scenario from its text to its log, as asyncio.run would: main, then Runner's end. */
#include "ledger.h"
#include "runtime/error.h"
#include "runtime/task.h"
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Time ---- */

double duration(struct run *run, const char *word)
{
    if (strcmp(word, "none") == 0)
        return INFINITY;
    return strtod(word, NULL) * (run->scenario->real ? TICK : 1);
}

double moment(struct run *run, const char *word)
{
    return run->start + duration(run, word);
}

void write_moment(struct run *run, GString *to, double when)
{
    if (isinf(when))
        g_string_append(to, "none");
    else
        g_string_append_printf(to, "%g", when - run->start);
}

/* ---- The log ---- */

void run_log(struct run *run, const char *who, const char *format, ...)
{
    if (run->over)
        return;
    va_list args;
    va_start(args, format);
    char *what = g_strdup_vprintf(format, args);
    va_end(args);
    if (run->scenario->real)
        g_ptr_array_add(run->lines, g_strdup_printf("%s: %s", who, what));
    else
        g_ptr_array_add(
            run->lines,
            g_strdup_printf("%llu %s: %s", (unsigned long long)run->loop->iteration, who, what));
    g_free(what);
}

/* What libweft reports, in one word. */
static const struct {
    const char *phrase, *word;
} reports[] = {
    { "never retrieved", "unretrieved" },
    { "destroyed", "pending" },
    { "shutdown", "shutdown" },
};

static void on_report(weft_loop *loop, const char *message, const weft_error *error,
                      weft_future *future, void *arg)
{
    (void)loop, (void)future;
    struct run *run = arg;
    const char *word = message;
    for (size_t i = 0; i < G_N_ELEMENTS(reports); i++)
        if (strstr(message, reports[i].phrase))
            word = reports[i].word;
    GString *line = g_string_new("report ");
    g_string_append(line, word);
    if (error) {
        g_string_append_c(line, ' ');
        write_failure(line, weft_error_code(error), error);
    }
    g_ptr_array_add(run->reports, g_string_free(line, FALSE));
}

static void log_states(struct run *run)
{
    for (guint i = 0; i < run->objects->len; i++) {
        struct object *object = run->objects->pdata[i];
        if (object->kind != FUTURE || object->gone)
            continue;
        GString *line = g_string_new(NULL);
        g_string_append_printf(line, "%s is ", object->name);
        write_state(line, object->future);
        g_ptr_array_add(run->lines, g_string_free(line, FALSE));
    }
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *take_log(struct run *run)
{
    GString *log = g_string_new(NULL);
    g_ptr_array_sort(run->reports, compare_lines);
    for (guint i = 0; i < run->lines->len; i++)
        g_string_append_printf(log, "%s\n", (char *)run->lines->pdata[i]);
    for (guint i = 0; i < run->reports->len; i++)
        g_string_append_printf(log, "%s\n", (char *)run->reports->pdata[i]);
    return g_string_free(log, FALSE);
}

/* ---- The run ---- */

static void free_body(void *pointer)
{
    struct body *body = pointer;
    g_free(body->label);
    g_free(body);
}

static void run_init(struct run *run, struct scenario *scenario)
{
    *run = (struct run){ .scenario = scenario };
    run->objects = g_ptr_array_new_with_free_func(free_object);
    run->lines = g_ptr_array_new_with_free_func(g_free);
    run->reports = g_ptr_array_new_with_free_func(g_free);
    run->bodies = g_ptr_array_new_with_free_func(free_body);
    run->labels = g_hash_table_new(NULL, NULL);
    run->loop = weft_loop_new((weft_run_options){ 0 });
    g_assert_nonnull(run->loop);
    run->loop->strict = true;
    if (!scenario->real)
        run->loop->virtual_time = (uint64_t)(START * 1e9);
    run->start = weft_time();
    weft_loop_set_exception_handler(run->loop, on_report, run);
}

static void run_finish(struct run *run)
{
    g_ptr_array_free(run->objects, TRUE);
    g_ptr_array_free(run->lines, TRUE);
    g_ptr_array_free(run->reports, TRUE);
    g_ptr_array_free(run->bodies, TRUE);
    g_hash_table_destroy(run->labels);
}

/* Nothing was left to run, nor any deadline. */
static void stopped(struct run *run)
{
    g_ptr_array_add(run->lines, g_strdup("stopped"));
    ledger_stuck(run);
}

char *run_scenario(struct scenario *scenario)
{
    struct run run;
    run_init(&run, scenario);
    struct body *body = body_new(&run, "main", scenario->main.body);
    weft_task *main_task = weft_create_task(run_body(body));
    int rc = weft_loop_run_until_complete(run.loop, main_task);
    if (rc == WEFT_EINVALSTATE && !weft_done(main_task))
        stopped(&run);
    weft_loop_shutdown(run.loop);
    ledger_close(&run);
    run.over = true;
    log_states(&run);
    weft_unref(main_task);
    weft_loop_close(run.loop);
    g_ptr_array_set_size(run.objects, 0);
    char *log = take_log(&run);
    run_finish(&run);
    return log;
}
