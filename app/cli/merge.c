/* merge.c: `weft merge`: several traces as one, on one time axis. */
#include "tracer/trace/merge.h"
#include "app/cli/failure.h"
#include "app/cli/newfile.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"

struct settings {
    const char *output;
    gboolean quiet;
};
static const struct settings defaults = { 0 };

static const struct option options[] = {
    { "output", 'o', OPTION_TEXT, "FILE", "the trace to write",
      G_STRUCT_OFFSET(struct settings, output) },
    { "quiet", 'q', OPTION_FLAG, NULL, "say nothing unless something is wrong",
      G_STRUCT_OFFSET(struct settings, quiet) },
    { 0 },
};

/* "1,234 events of 3 processes, none lost: 't.weft', 5.63 KiB" */
static void say_summary(const struct weft_merge_result *result, const char *path)
{
    char *events = quantity_format_count(result->events);
    char *lost = quantity_format_count(result->lost);
    char *size = quantity_format_size(result->bytes);
    output_message("%s events of %u process%s, %s lost: '%s', %s", events, result->processes,
                   result->processes == 1 ? "" : "es", result->lost ? lost : "none", path, size);
    g_free(size);
    g_free(lost);
    g_free(events);
}

static int merge(const struct settings *settings, char **operands)
{
    struct weft_merge_result result;
    GError *error = NULL;
    if (!weft_merge((const char *const *)operands, g_strv_length(operands), settings->output,
                    &result, &error))
        return failure_error(error);
    for (guint i = 0; i < result.notes->len; i++)
        output_message("%s", (const char *)result.notes->pdata[i]);
    if (!settings->quiet)
        say_summary(&result, settings->output);
    int code = result.damaged ? EXIT_INPUT : EXIT_DONE;
    weft_merge_result_clear(&result);
    return code;
}

static int run(const void *given, char **operands)
{
    const struct settings *settings = given;
    if (!settings->output)
        return failure_usage(&merge_verb, "where to? -o FILE is missing");
    for (char **path = operands; *path; path++)
        if (newfile_is(settings->output, *path))
            return failure_usage(&merge_verb, "-o '%s' is one of the traces", settings->output);
    int code = newfile_check(&merge_verb, settings->output);
    if (code >= 0)
        return code;
    return merge(settings, operands);
}

const struct verb merge_verb = {
    .name = "merge",
    .usage = "[OPTION…] FILE FILE… -o FILE",
    .summary = "Put several traces into one, on one time axis",
    .details = "Traces of one boot of a machine are placed exactly, others by their wall clocks.\n"
               "Parts of one process are put together: what two of them hold is there once.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .min_operands = 2,
    .max_operands = G_MAXUINT,
    .missing = "which traces? Two FILEs at least",
    .run = run,
};
