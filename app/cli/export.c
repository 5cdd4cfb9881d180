/* export.c: `weft export`: the timeline as text, made here, or as a picture, drawn by weft-viewer
 * without a window. */
#include "tracer/export/export.h"
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/newfile.h"
#include "app/cli/output.h"
#include "app/cli/range.h"
#include "app/cli/viewer.h"
#include "tracer/trace/freshfile.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct settings {
    const char *format;
    const char *output;
    gint64 from_ns, until_ns;
    guint64 width;
    const char *palette;
};
static const struct settings defaults = { .until_ns = G_MAXINT64 };

static const struct option options[] = {
    { "to", 0, OPTION_CHOICE, "text|png|svg", "the format",
      G_STRUCT_OFFSET(struct settings, format) },
    { "output", 'o', OPTION_TEXT, "OUT",
      "the file to write; text also to '-', and by default, stdout",
      G_STRUCT_OFFSET(struct settings, output) },
    { "from", 0, OPTION_MOMENT, "T", "begin there: 1500000 (ns), 1.5ms, 2s since the start",
      G_STRUCT_OFFSET(struct settings, from_ns) },
    { "until", 0, OPTION_MOMENT, "T", "end there", G_STRUCT_OFFSET(struct settings, until_ns) },
    { "width", 0, OPTION_COUNT, "N", "columns of text (default: the terminal's) or pixels",
      G_STRUCT_OFFSET(struct settings, width), TRUE },
    { "palette", 0, OPTION_CHOICE, "light|dark|presenter|print|contrast-light|contrast-dark",
      "a picture's colours", G_STRUCT_OFFSET(struct settings, palette) },
    { 0 },
};

enum { NARROWEST_TEXT = 40, WIDEST_TEXT = 2000, NARROWEST_PICTURE = 480, WIDEST_PICTURE = 16000 };

static gboolean is_text(const struct settings *settings)
{
    return strcmp(settings->format, "text") == 0;
}

static gboolean to_stdout(const struct settings *settings)
{
    return !settings->output || strcmp(settings->output, "-") == 0;
}

/* -1: the options go together. */
static int check(const struct settings *settings)
{
    if (!settings->format)
        return failure_usage(&export_verb, "--to is missing: text, png or svg");
    gboolean text = is_text(settings);
    guint64 least = text ? NARROWEST_TEXT : NARROWEST_PICTURE;
    guint64 most = text ? WIDEST_TEXT : WIDEST_PICTURE;
    if (!text && to_stdout(settings))
        return failure_usage(&export_verb, "where to? A picture needs -o FILE");
    if (text && settings->palette)
        return failure_usage(&export_verb, "--palette is for pictures: text has no colours");
    if (settings->width != 0 && (settings->width < least || settings->width > most))
        return failure_usage(&export_verb,
                             "--width %" G_GUINT64_FORMAT ": %s can be %" G_GUINT64_FORMAT
                             " to %" G_GUINT64_FORMAT " wide",
                             settings->width, text ? "text" : "a picture", least, most);
    if (settings->from_ns >= settings->until_ns)
        return failure_usage(&export_verb, "--from is not before --until");
    return -1;
}

/* ---- Text ---- */

static guint text_width(const struct settings *settings)
{
    struct winsize size;
    if (settings->width != 0)
        return (guint)settings->width;
    if (to_stdout(settings) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0)
        return CLAMP(size.ws_col, NARROWEST_TEXT, WIDEST_TEXT);
    return 120;
}

static int export_text(weft_model *model, const struct settings *settings)
{
    gint64 until = MIN(settings->until_ns, weft_model_end_ns(model));
    char *text = weft_export_text(model, settings->from_ns, until, text_width(settings));
    int code = EXIT_DONE;
    GError *error = NULL;
    if (to_stdout(settings))
        fputs(text, stdout);
    else if (!weft_freshfile_write(settings->output, text, strlen(text), &error))
        code = failure_error(error);
    g_free(text);
    return code;
}

/* ---- Pictures ---- */

static void add_number(GPtrArray *arguments, const char *option, gint64 value)
{
    g_ptr_array_add(arguments, g_strdup(option));
    g_ptr_array_add(arguments, g_strdup_printf("%" G_GINT64_FORMAT, value));
}

/* A name that begins with '-' must not be taken for an option. */
static void add_path(GPtrArray *arguments, const char *path)
{
    g_ptr_array_add(arguments, path[0] == '-' ? g_strconcat("./", path, NULL) : g_strdup(path));
}

static int export_picture(const char *path, const struct settings *settings)
{
    GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(arguments, g_strdup("--export"));
    g_ptr_array_add(arguments, g_strdup(settings->format));
    add_path(arguments, path);
    add_path(arguments, settings->output);
    if (settings->from_ns != defaults.from_ns)
        add_number(arguments, "--from", settings->from_ns);
    if (settings->until_ns != defaults.until_ns)
        add_number(arguments, "--to", settings->until_ns);
    if (settings->width != 0)
        add_number(arguments, "--width", (gint64)settings->width);
    if (settings->palette) {
        g_ptr_array_add(arguments, g_strdup("--palette"));
        g_ptr_array_add(arguments, g_strdup(settings->palette));
    }
    g_ptr_array_add(arguments, NULL);
    int code = viewer_run((const char *const *)arguments->pdata);
    g_ptr_array_free(arguments, TRUE);
    return code;
}

static int run(const void *given, char **operands)
{
    const struct settings *settings = given;
    int code = check(settings);
    if (code >= 0)
        return code;
    if (!to_stdout(settings) && newfile_is(settings->output, operands[0]))
        return failure_usage(&export_verb, "-o '%s' is the trace itself", settings->output);
    weft_model *model = input_open(operands[0], &code);
    if (!model)
        return code;
    int exported = range_check(&export_verb, weft_model_trace(model), settings->from_ns,
                               settings->until_ns, "--until");
    if (exported < 0)
        exported = is_text(settings) ? export_text(model, settings)
                                     : export_picture(operands[0], settings);
    weft_model_free(model);
    return exported != EXIT_DONE ? exported : code;
}

const struct verb export_verb = {
    .name = "export",
    .usage = "FILE --to FORMAT -o OUT",
    .summary = "Write a trace's timeline as text or as a picture",
    .details = "png and svg are drawn by weft-viewer, which needs no display for it.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    INPUT_OPERAND,
    .run = run,
};
