/* dump.c: `weft dump`: every event, one per line, in the order of time. As text (dump-text.c) or as
 * JSON (dump-json.c); what was lost is a line too, and what somebody noted. */
#include "app/cli/dump.h"
#include "app/cli/entity.h"
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"

#include <string.h>

struct settings {
    gboolean json;
    const char *task;
    gint64 from_ns, to_ns;
};
static const struct settings defaults = { .to_ns = G_MAXINT64 };

static const struct option options[] = {
    { "json", 0, OPTION_FLAG, NULL, "one JSON object a line",
      G_STRUCT_OFFSET(struct settings, json) },
    { "task", 't', OPTION_TEXT, "ID|NAME", "only what it did and what was done to it",
      G_STRUCT_OFFSET(struct settings, task) },
    { "from", 0, OPTION_MOMENT, "T", "begin there: 1500000 (ns), 1.5ms, 2s since the start",
      G_STRUCT_OFFSET(struct settings, from_ns) },
    { "to", 0, OPTION_MOMENT, "T", "end there", G_STRUCT_OFFSET(struct settings, to_ns) },
    { 0 },
};

struct walk {
    struct dump dump;
    const struct settings *settings;
    GArray *only; /* guint64 ids, sorted; NULL: everybody */
    const struct weft_loss *losses;
    guint n_losses, next_loss;
    GPtrArray *notes; /* of struct weft_note * */
    guint next_note;
};

static gboolean concerns(GArray *only, const struct weft_event_view *event)
{
    const struct weft_event_info *info = weft_event_info(event->record.kind);
    return only == NULL || entity_is_in(only, event->record.subject) ||
           entity_is_in(only, event->actor) ||
           (info && info->object == WEFT_FIELD_ENTITY && entity_is_in(only, event->record.object));
}

/* Prints the losses that end at or before `until_ns` and are in the range. */
static void print_losses(struct walk *walk, gint64 until_ns)
{
    for (; walk->next_loss < walk->n_losses; walk->next_loss++) {
        const struct weft_loss *loss = &walk->losses[walk->next_loss];
        if (loss->to_ns > until_ns)
            return;
        if (loss->to_ns < walk->settings->from_ns || loss->from_ns > walk->settings->to_ns)
            continue;
        if (walk->settings->json)
            dump_json_loss(&walk->dump, loss);
        else
            dump_text_loss(&walk->dump, loss);
    }
}

/* Prints the notes before `until_ns` that are in the range. */
static void print_notes(struct walk *walk, gint64 until_ns)
{
    for (; walk->next_note < walk->notes->len; walk->next_note++) {
        const struct weft_note *note = walk->notes->pdata[walk->next_note];
        if (note->time_ns >= until_ns)
            return;
        if (note->time_ns < walk->settings->from_ns || note->time_ns > walk->settings->to_ns ||
            (walk->only && !entity_is_in(walk->only, note->entity)))
            continue;
        if (walk->settings->json)
            dump_json_note(&walk->dump, note);
        else
            dump_text_note(&walk->dump, note);
    }
}

static gboolean visit(const struct weft_event_view *event, gpointer data)
{
    struct walk *walk = data;
    print_losses(walk, (gint64)event->record.time);
    print_notes(walk, (gint64)event->record.time);
    if (!concerns(walk->only, event))
        return TRUE;
    if (walk->settings->json)
        dump_json_event(&walk->dump, event);
    else
        dump_text_event(&walk->dump, event);
    return !output_is_broken();
}

static int no_such_task(const char *text, char *nearest)
{
    int code = nearest
                   ? failure_usage(&dump_verb,
                                   "--task '%s': the trace has no such task; did you mean '%s'?",
                                   text, nearest)
                   : failure_usage(&dump_verb, "--task '%s': the trace has no such task", text);
    g_free(nearest);
    return code;
}

static int dump(weft_model *model, const struct settings *settings)
{
    struct walk walk = { .settings = settings };
    walk.dump.model = model;
    walk.dump.trace = weft_model_trace(model);
    walk.dump.line = g_string_new(NULL);
    if (settings->task) {
        char *nearest;
        walk.only = entity_find(model, settings->task, &nearest);
        if (walk.only->len == 0) {
            g_array_unref(walk.only);
            g_string_free(walk.dump.line, TRUE);
            return no_such_task(settings->task, nearest);
        }
    }
    char *end = quantity_format_moment(weft_model_end_ns(model));
    walk.dump.time_width = (int)strlen(end);
    g_free(end);
    walk.losses = weft_model_losses(model, &walk.n_losses);
    walk.notes = weft_notes_read(walk.dump.trace);
    weft_model_visit(model, settings->from_ns, settings->to_ns, visit, &walk);
    print_losses(&walk, G_MAXINT64);
    print_notes(&walk, G_MAXINT64);
    g_ptr_array_unref(walk.notes);
    g_string_free(walk.dump.line, TRUE);
    if (walk.only)
        g_array_unref(walk.only);
    return EXIT_DONE;
}

static int run(const void *given, char **operands)
{
    const struct settings *settings = given;
    if (settings->from_ns > settings->to_ns)
        return failure_usage(&dump_verb, "--from is later than --to");
    int code;
    weft_model *model = input_open(operands[0], &code);
    if (!model)
        return code;
    int dumped = dump(model, settings);
    weft_model_free(model);
    return dumped != EXIT_DONE ? dumped : code;
}

const struct verb dump_verb = {
    .name = "dump",
    .usage = "FILE [--json] [--task ID|NAME] [--from T] [--to T]",
    .summary = "Print a trace's events, one per line",
    .details = "Each line says when, what, to whom, with what, by whom, and where in the source.\n"
               "What was lost is a line of its own, and so is a note.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    INPUT_OPERAND,
    .run = run,
};
