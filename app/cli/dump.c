/* dump.c: `weft dump`: every event, one per line, in the order of time. As text (dump-text.c) or as
 * JSON (dump-json.c); what was lost is a line too, what somebody noted, and that a process ended
 * badly. */
#include "app/cli/dump.h"
#include "app/cli/dump-filter.h"
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/range.h"

#include <string.h>

#define ALL G_MAXUINT64

struct settings {
    gboolean json;
    char *kinds;
    const char *task, *loop, *grep;
    guint64 ring, head, tail;
    gint64 from_ns, to_ns;
};
static const struct settings defaults = {
    .to_ns = G_MAXINT64, .ring = ALL, .head = ALL, .tail = ALL
};

static const struct option options[] = {
    { "json", 0, OPTION_FLAG, NULL, "one JSON object a line",
      G_STRUCT_OFFSET(struct settings, json) },
    { "task", 't', OPTION_TEXT, "ID|NAME", "only what it did and what was done to it",
      G_STRUCT_OFFSET(struct settings, task) },
    { "kind", 'k', OPTION_LIST, "KIND[,KIND]",
      "only these: RESUME, SUSPEND …, or groups: task, io …",
      G_STRUCT_OFFSET(struct settings, kinds) },
    { "loop", 0, OPTION_TEXT, "ID|NAME", "only what happened on this loop's ring",
      G_STRUCT_OFFSET(struct settings, loop) },
    { "ring", 0, OPTION_COUNT, "N", "only what was written to this ring",
      G_STRUCT_OFFSET(struct settings, ring) },
    { "grep", 0, OPTION_TEXT, "TEXT", "only lines that contain this",
      G_STRUCT_OFFSET(struct settings, grep) },
    { "from", 0, OPTION_MOMENT, "T", "begin there: 1500000 (ns), 1.5ms, 2s since the start",
      G_STRUCT_OFFSET(struct settings, from_ns) },
    { "to", 0, OPTION_MOMENT, "T", "end there", G_STRUCT_OFFSET(struct settings, to_ns) },
    { "head", 0, OPTION_COUNT, "N", "only the first N lines of these",
      G_STRUCT_OFFSET(struct settings, head) },
    { "tail", 0, OPTION_COUNT, "N", "only the last N lines of these",
      G_STRUCT_OFFSET(struct settings, tail) },
    { 0 },
};

struct walk {
    struct dump dump;
    const struct settings *settings;
    struct dump_filter filter;
    const struct weft_loss *losses;
    guint n_losses, next_loss;
    GPtrArray *notes; /* of struct weft_note * */
    guint next_note;
    GPtrArray *ends; /* of struct weft_trace_source * */
    guint next_end;
    guint64 printed;
    GQueue kept; /* of char *, the last lines so far: for --tail */
};

/* ---- Lines ---- */

static gboolean has_enough(const struct walk *walk)
{
    return walk->printed >= walk->settings->head || output_is_broken();
}

/* The line that was made goes out, is kept, or is none that is wanted. */
static void put_line(struct walk *walk)
{
    const GString *line = walk->dump.line;
    if ((walk->settings->grep && !strstr(line->str, walk->settings->grep)) || has_enough(walk))
        return;
    walk->printed++;
    if (walk->settings->tail == ALL) {
        puts(line->str);
        return;
    }
    g_queue_push_tail(&walk->kept, g_strndup(line->str, line->len));
    if (walk->kept.length > walk->settings->tail)
        g_free(g_queue_pop_head(&walk->kept));
}

static void put_kept(struct walk *walk)
{
    for (char *line; (line = g_queue_pop_head(&walk->kept));) {
        puts(line);
        g_free(line);
    }
}

/* ---- The walk ---- */

/* The losses that end at or before `until_ns` and are in the range. */
static void put_losses(struct walk *walk, gint64 until_ns)
{
    for (; walk->next_loss < walk->n_losses; walk->next_loss++) {
        const struct weft_loss *loss = &walk->losses[walk->next_loss];
        if (loss->to_ns > until_ns)
            return;
        if (loss->to_ns < walk->settings->from_ns || loss->from_ns > walk->settings->to_ns ||
            !dump_filter_has_loss(&walk->filter, loss))
            continue;
        if (walk->settings->json)
            dump_json_loss(&walk->dump, loss);
        else
            dump_text_loss(&walk->dump, loss);
        put_line(walk);
    }
}

/* The notes before `until_ns` that are in the range. */
static void put_notes(struct walk *walk, gint64 until_ns)
{
    for (; walk->next_note < walk->notes->len; walk->next_note++) {
        const struct weft_note *note = walk->notes->pdata[walk->next_note];
        if (note->time_ns >= until_ns)
            return;
        if (note->time_ns < walk->settings->from_ns || note->time_ns > walk->settings->to_ns ||
            !dump_filter_has_note(&walk->filter, note))
            continue;
        if (walk->settings->json)
            dump_json_note(&walk->dump, note);
        else
            dump_text_note(&walk->dump, note);
        put_line(walk);
    }
}

static gint by_end(gconstpointer a, gconstpointer b)
{
    const struct weft_trace_source *x = *(gpointer *)a, *y = *(gpointer *)b;
    return (x->end_ns > y->end_ns) - (x->end_ns < y->end_ns);
}

/* The processes that ended badly, and were not told to, in the order of their ends in the range. */
static GPtrArray *find_ends(const struct walk *walk)
{
    const weft_trace *trace = walk->dump.trace;
    GPtrArray *ends = g_ptr_array_new();
    guint n = dump_filter_has_end(&walk->filter) ? weft_trace_n_sources(trace) : 0;
    for (guint i = 0; i < n; i++) {
        const struct weft_trace_source *source = weft_trace_source_at(trace, i);
        if (weft_trace_ended_badly(source) && !weft_trace_was_stopped(source) &&
            source->end_ns >= walk->settings->from_ns && source->end_ns <= walk->settings->to_ns)
            g_ptr_array_add(ends, (gpointer)source);
    }
    g_ptr_array_sort(ends, by_end);
    return ends;
}

/* How processes ended before `until_ns`, and what was lost and noted until then. */
static void put_between(struct walk *walk, gint64 until_ns)
{
    for (; walk->next_end < walk->ends->len; walk->next_end++) {
        const struct weft_trace_source *source = walk->ends->pdata[walk->next_end];
        if (source->end_ns >= until_ns)
            break;
        put_losses(walk, source->end_ns);
        put_notes(walk, source->end_ns);
        if (walk->settings->json)
            dump_json_end(&walk->dump, source);
        else
            dump_text_end(&walk->dump, source);
        put_line(walk);
    }
    put_losses(walk, until_ns);
    put_notes(walk, until_ns);
}

static gboolean visit(const struct weft_event_view *event, gpointer data)
{
    struct walk *walk = data;
    put_between(walk, (gint64)event->record.time);
    if (!dump_filter_has_event(&walk->filter, event))
        return TRUE;
    if (walk->settings->json)
        dump_json_event(&walk->dump, event);
    else
        dump_text_event(&walk->dump, event);
    put_line(walk);
    return !has_enough(walk);
}

static void dump(struct walk *walk)
{
    weft_model *model = walk->dump.model;
    g_autofree char *end = quantity_format_moment(weft_model_end_ns(model));
    walk->dump.line = g_string_new(NULL);
    walk->dump.time_width = (int)strlen(end);
    walk->losses = weft_model_losses(model, &walk->n_losses);
    walk->notes = weft_notes_read(walk->dump.trace);
    walk->ends = find_ends(walk);
    weft_model_visit(model, walk->settings->from_ns, walk->settings->to_ns, visit, walk);
    put_between(walk, G_MAXINT64);
    put_kept(walk);
    g_ptr_array_unref(walk->ends);
    g_ptr_array_unref(walk->notes);
    g_string_free(walk->dump.line, TRUE);
}

/* -1: there is what is asked for. */
static int narrow(struct walk *walk)
{
    const struct settings *settings = walk->settings;
    weft_model *model = walk->dump.model;
    int code = range_check(&dump_verb, walk->dump.trace, settings->from_ns, settings->to_ns,
                           "--to");
    if (code < 0 && settings->kinds)
        code = dump_filter_kinds(&walk->filter, settings->kinds);
    if (code < 0 && settings->ring != ALL)
        code = dump_filter_ring(&walk->filter, model, settings->ring);
    if (code < 0 && settings->loop)
        code = dump_filter_loop(&walk->filter, model, settings->loop);
    if (code < 0 && settings->task)
        code = dump_filter_task(&walk->filter, model, settings->task);
    return code;
}

static int run(const void *given, char **operands)
{
    const struct settings *settings = given;
    if (settings->from_ns > settings->to_ns)
        return failure_usage(&dump_verb, "--from is later than --to");
    if (settings->head != ALL && settings->tail != ALL)
        return failure_usage(&dump_verb, "--head or --tail, not both");
    int code;
    weft_model *model = input_open(operands[0], &code);
    if (!model)
        return code;
    struct walk walk = { .settings = settings };
    walk.dump.model = model;
    walk.dump.trace = weft_model_trace(model);
    int narrowed = narrow(&walk);
    if (narrowed < 0)
        dump(&walk);
    dump_filter_finish(&walk.filter);
    weft_model_free(model);
    return narrowed < 0 ? code : narrowed;
}

const struct verb dump_verb = {
    .name = "dump",
    .usage = "FILE [--json] [--task ID|NAME] [--kind KIND,…] [--from T] [--to T] …",
    .summary = "Print a trace's events, one per line",
    .details = "Each line says when, what, to whom, with what, by whom, and where in the source.\n"
               "What was lost is a line of its own, and so is a note, or a crash.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    INPUT_OPERAND,
    .run = run,
};
