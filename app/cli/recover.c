/* recover.c: `weft recover`: the segment that a killed program left behind, as a trace file.
 *
 *      PID -> the newest segment of it in the runtime directory \
 *      RING: a path ---------------------------------------------> weft_recover() -> summary */
#include "tracer/trace/recover.h"
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/newfile.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "tracer/probe/stale.h"

struct settings {
    const char *output;
    gboolean recorded, remove, quiet;
};
static const struct settings defaults = { 0 };

static const struct option options[] = {
    { "output", 'o', OPTION_TEXT, "FILE", "the trace to write",
      G_STRUCT_OFFSET(struct settings, output) },
    { "recorded", 0, OPTION_FLAG, NULL, "what it had recorded before it stood by, not how it ended",
      G_STRUCT_OFFSET(struct settings, recorded) },
    { "remove", 0, OPTION_FLAG, NULL, "remove the ring file once the trace is written",
      G_STRUCT_OFFSET(struct settings, remove) },
    { "quiet", 'q', OPTION_FLAG, NULL, "say nothing unless something is wrong",
      G_STRUCT_OFFSET(struct settings, quiet) },
    { 0 },
};

/* "it stood by when it died: how its tasks were is in 't.weft', 1.20 KiB; ..." */
static void say_state(const struct weft_recovered *recovered, const char *path)
{
    g_autofree char *left_out = quantity_format_count(recovered->left_out);
    g_autofree char *size = quantity_format_size(recovered->bytes);
    output_message("it stood by when it died: how its tasks were is in '%s', %s; what it had "
                   "recorded before, %s events, is not: --recorded writes that",
                   path, size, left_out);
}

/* "1,234 events, 56 lost, those before overwritten: 't.weft', 5.63 KiB" */
static void say_summary(const struct weft_recovered *recovered, const char *path)
{
    if (recovered->left_out) {
        say_state(recovered, path);
        return;
    }
    char *events = quantity_format_count(recovered->events);
    char *lost = quantity_format_count(recovered->lost - recovered->before);
    char *size = quantity_format_size(recovered->bytes);
    output_message("%s events, %s lost%s: '%s', %s", events,
                   recovered->lost > recovered->before ? lost : "none",
                   recovered->before ? ", those before overwritten" : "", path, size);
    g_free(size);
    g_free(lost);
    g_free(events);
}

static int recover(const struct settings *settings, const char *segment)
{
    struct weft_recovered recovered;
    GError *error = NULL;
    gboolean done = (settings->recorded ? weft_recover_recorded : weft_recover)(
        segment, settings->output, &recovered, &error);
    if (!done)
        return failure_error(error);
    int code = recovered.damage ? EXIT_INPUT : EXIT_DONE;
    if (recovered.damage)
        output_message("%s: %s", segment, recovered.damage);
    if (!settings->quiet)
        say_summary(&recovered, settings->output);
    weft_recovered_clear(&recovered);
    if (settings->remove && code == EXIT_INPUT)
        output_message("%s is not removed: perhaps somebody can make more of it", segment);
    else if (settings->remove)
        weft_segment_remove(segment);
    if (settings->remove && code == EXIT_DONE && g_file_test(segment, G_FILE_TEST_EXISTS)) {
        output_message("cannot remove %s", segment);
        return EXIT_SYSTEM;
    }
    return code;
}

static int run(const void *given, char **operands)
{
    const struct settings *settings = given;
    if (!settings->output)
        return failure_usage(&recover_verb, "where to? -o FILE is missing");
    int code = newfile_check(&recover_verb, settings->output);
    if (code >= 0)
        return code;
    guint64 pid;
    if (!input_is_pid(operands[0], &pid))
        return recover(settings, operands[0]);
    GError *error = NULL;
    char *segment = weft_recover_find(pid, &error);
    code = segment ? recover(settings, segment) : failure_error(error);
    g_free(segment);
    return code;
}

const struct verb recover_verb = {
    .name = "recover",
    .usage = "[OPTION…] PID|RING -o FILE",
    .summary = "Turn what a killed program left behind into a trace",
    .details =
        "PID: of the program that was killed. RING: its ring file, or a copy of one.\n"
        "The trace holds everything up to the last event before its death that was\n"
        "not overwritten; of one that stood by, how its tasks were. The ring file stays where\n"
        "it is.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .min_operands = 1,
    .max_operands = 1,
    .missing = "what to recover? PID or RING is missing",
    .run = run,
};
