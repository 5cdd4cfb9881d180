/* repair.c: `weft repair`: a damaged trace file → a whole one, and what of it could not be saved.
 */
#include "tracer/trace/repair.h"
#include "app/cli/failure.h"
#include "app/cli/jsontext.h"
#include "app/cli/newfile.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"

#include <stdio.h>

struct settings {
    const char *output;
    gboolean json;
};
static const struct settings defaults = { 0 };

static const struct option options[] = {
    { "output", 'o', OPTION_TEXT, "FILE", "the whole trace goes there",
      G_STRUCT_OFFSET(struct settings, output) },
    { "json", 0, OPTION_FLAG, NULL, "say what was saved as one JSON object",
      G_STRUCT_OFFSET(struct settings, json) },
    { 0 },
};

static const char *const kinds[] = { NULL,   "EVENTS", "STRINGS", "SITES",   "CLOCK",  "STATE",
                                     "LOSS", "NOTES",  "INDEX",   "SUMMARY", "PROCESS" };
static const char *const causes[] = { "damaged", "cut", "another trace" };

/* NULL: not known. */
static const char *kind_name(guint kind)
{
    return kind < G_N_ELEMENTS(kinds) ? kinds[kind] : NULL;
}

/* ---- As text ---- */

/* "EVENTS of ring 0 (1,200 events)" */
static char *what_it_held(const struct weft_repair_range *range)
{
    const char *kind = kind_name(range->kind);
    g_autofree char *n = quantity_format_count(range->n);
    if (!kind)
        return g_strdup(range->kind ? "a chunk of a newer Weft" : "what it held is not known");
    if (range->kind == WEFT_CHUNK_EVENTS)
        return g_strdup_printf("EVENTS of ring %u (%s event%s)", range->ring, n,
                               range->n == 1 ? "" : "s");
    if (range->kind == WEFT_CHUNK_LOSS)
        return g_strdup_printf("LOSS of ring %u", range->ring);
    return g_strdup(kind);
}

static void print_range(const struct weft_repair_range *range)
{
    static const char *const texts[] = { "damaged", "the file ends there",
                                         "another trace begins there" };
    g_autofree char *held = what_it_held(range);
    printf("  bytes %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT ": %s%s%s\n", range->from,
           range->to, range->cause == WEFT_REPAIR_OTHER ? "" : held,
           range->cause == WEFT_REPAIR_OTHER ? "" : ": ", texts[range->cause]);
}

static void print_notes(const struct weft_repair_report *report)
{
    if (report->bad_header)
        puts("The file's header was damaged: written anew.");
    if (report->bad_index)
        puts("Its index was missing or damaged: made anew.");
    if (report->restored)
        printf("%u chunk header%s damaged: restored from the index.\n", report->restored,
               report->restored == 1 ? " was" : "s were");
    if (report->no_process)
        puts(
            "The description of its process is gone: its name is not known, and its times are only "
            "roughly right.");
}

static void print_text(const char *path, const char *output,
                       const struct weft_repair_report *report)
{
    g_autofree char *from = output_escape(path), *to = output_escape(output);
    g_autofree char *size = quantity_format_size(report->size);
    g_autofree char *events = quantity_format_count(report->events);
    printf("%s: %s event%s, %u chunk%s of %s (%s)\n", to, events, report->events == 1 ? "" : "s",
           report->chunks, report->chunks == 1 ? "" : "s", from, size);
    print_notes(report);
    if (weft_repair_is_complete(report)) {
        puts("All of it was saved.");
        return;
    }
    if (report->ranges->len)
        puts("Not saved:");
    for (guint i = 0; i < report->ranges->len; i++)
        print_range(&g_array_index(report->ranges, struct weft_repair_range, i));
    g_autofree char *lost = quantity_format_count(report->lost);
    if (report->lost)
        printf("%s event%s count%s as lost in %s.\n", lost, report->lost == 1 ? "" : "s",
               report->lost == 1 ? "s" : "", to);
}

/* ---- As JSON ---- */

static void add_range(GString *json, const struct weft_repair_range *range)
{
    const char *kind = kind_name(range->kind);
    jsontext_open(json, NULL, '{');
    jsontext_number(json, "from", (gint64)range->from);
    jsontext_number(json, "to", (gint64)range->to);
    jsontext_text(json, "cause", causes[range->cause]);
    jsontext_text(json, "kind", kind);
    if (range->kind == WEFT_CHUNK_EVENTS) {
        jsontext_number(json, "ring", range->ring);
        jsontext_number(json, "events", (gint64)range->n);
    }
    jsontext_close(json, '}');
}

static void print_json(const struct weft_repair_report *report)
{
    GString *json = g_string_new(NULL);
    jsontext_open(json, NULL, '{');
    jsontext_number(json, "size", (gint64)report->size);
    jsontext_number(json, "chunks", (gint64)report->chunks);
    jsontext_number(json, "events", (gint64)report->events);
    jsontext_number(json, "lost", (gint64)report->lost);
    jsontext_number(json, "restored", (gint64)report->restored);
    jsontext_flag(json, "bad_header", report->bad_header);
    jsontext_flag(json, "bad_index", report->bad_index);
    jsontext_flag(json, "no_process", report->no_process);
    jsontext_open(json, "not_saved", '[');
    for (guint i = 0; i < report->ranges->len; i++)
        add_range(json, &g_array_index(report->ranges, struct weft_repair_range, i));
    jsontext_close(json, ']');
    jsontext_close(json, '}');
    jsontext_print_indented(json);
}

/* ---- The verb ---- */

static int run(const void *given, char **operands)
{
    const struct settings *settings = given;
    struct weft_repair_report report;
    GError *error = NULL;
    if (!settings->output)
        return failure_usage(&repair_verb, "where to? -o FILE is missing");
    if (newfile_is(settings->output, operands[0]))
        return failure_usage(&repair_verb, "FILE and -o FILE are the same: a damaged file is never "
                                           "changed");
    int code = newfile_check(&repair_verb, settings->output);
    if (code >= 0)
        return code;
    if (!weft_repair(operands[0], settings->output, &report, &error)) {
        weft_repair_report_clear(&report);
        return failure_error(error);
    }
    if (settings->json)
        print_json(&report);
    else
        print_text(operands[0], settings->output, &report);
    code = weft_repair_is_complete(&report) ? EXIT_DONE : EXIT_FOUND;
    weft_repair_report_clear(&report);
    return code;
}

const struct verb repair_verb = {
    .name = "repair",
    .usage = "FILE -o FILE [--json]",
    .summary = "Make a whole trace of a damaged one",
    .details = "Copies all that is whole, and says what is not: at which bytes, and what it held.\n"
               "Events that are gone count as lost in the new trace. FILE itself is only read.\n"
               "Exits with 1 when something could not be saved.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .min_operands = 1,
    .max_operands = 1,
    .missing = "which trace? FILE is missing",
    .run = run,
};
