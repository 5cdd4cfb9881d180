/* export.c: `weft export`: the timeline as text, made here, or as a picture, drawn by weft-viewer
 * without a window; what is in the trace as tables, for other programs. */
#include "tracer/export/export.h"
#include "app/cli/failure.h"
#include "app/cli/input.h"
#include "app/cli/newfile.h"
#include "app/cli/output.h"
#include "app/cli/range.h"
#include "app/cli/viewer.h"
#include "tracer/trace/freshfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct settings {
    const char *format, *what;
    const char *output;
    gint64 from_ns, until_ns;
    guint64 width;
    const char *palette;
    gboolean all_lanes;
};
static const struct settings defaults = { .until_ns = G_MAXINT64 };

static const struct option options[] = {
    { "to", 0, OPTION_CHOICE, "text|png|svg|pdf|csv|sqlite", "the format",
      G_STRUCT_OFFSET(struct settings, format) },
    { "output", 'o', OPTION_TEXT, "OUT",
      "the file to write; text and csv also to '-', and by default, stdout",
      G_STRUCT_OFFSET(struct settings, output) },
    { "what", 0, OPTION_CHOICE, "tasks|segments|events", "csv: the rows (default: segments)",
      G_STRUCT_OFFSET(struct settings, what) },
    { "from", 0, OPTION_MOMENT, "T", "begin there: 1500000 (ns), 1.5ms, 2s since the start",
      G_STRUCT_OFFSET(struct settings, from_ns) },
    { "until", 0, OPTION_MOMENT, "T", "end there", G_STRUCT_OFFSET(struct settings, until_ns) },
    { "width", 0, OPTION_COUNT, "N", "columns of text (default: the terminal's) or pixels",
      G_STRUCT_OFFSET(struct settings, width), TRUE },
    { "palette", 0, OPTION_CHOICE, "light|dark|presenter|print|contrast-light|contrast-dark",
      "a picture's colours", G_STRUCT_OFFSET(struct settings, palette) },
    { "all-lanes", 0, OPTION_FLAG, NULL, "a picture of every lane, not of those a slide holds",
      G_STRUCT_OFFSET(struct settings, all_lanes) },
    { 0 },
};

enum { NARROWEST_TEXT = 40, WIDEST_TEXT = 2000, NARROWEST_PICTURE = 480, WIDEST_PICTURE = 16000 };

static gboolean is(const struct settings *settings, const char *format)
{
    return strcmp(settings->format, format) == 0;
}

static gboolean is_picture(const struct settings *settings)
{
    return is(settings, "png") || is(settings, "svg") || is(settings, "pdf");
}

static gboolean to_stdout(const struct settings *settings)
{
    return !settings->output || strcmp(settings->output, "-") == 0;
}

static int check_width(const struct settings *settings)
{
    gboolean text = is(settings, "text");
    guint64 least = text ? NARROWEST_TEXT : NARROWEST_PICTURE;
    guint64 most = text ? WIDEST_TEXT : WIDEST_PICTURE;
    if (!text && !is_picture(settings))
        return failure_usage(&export_verb, "--width is for text and pictures");
    if (settings->width >= least && settings->width <= most)
        return -1;
    return failure_usage(&export_verb,
                         "--width %" G_GUINT64_FORMAT ": %s can be %" G_GUINT64_FORMAT
                         " to %" G_GUINT64_FORMAT " wide",
                         settings->width, text ? "text" : "a picture", least, most);
}

/* -1: the options go together. */
static int check(const struct settings *settings)
{
    if (!settings->format)
        return failure_usage(&export_verb, "--to is missing: text, png, svg, pdf, csv or sqlite");
    if (to_stdout(settings) && is_picture(settings))
        return failure_usage(&export_verb, "where to? A picture needs -o FILE");
    if (to_stdout(settings) && is(settings, "sqlite"))
        return failure_usage(&export_verb, "where to? A database needs -o FILE");
    if (settings->palette && !is_picture(settings))
        return failure_usage(&export_verb, "--palette is for pictures: %s has no colours",
                             settings->format);
    if (settings->all_lanes && !is_picture(settings))
        return failure_usage(&export_verb, "--all-lanes is for pictures");
    if (settings->what && !is(settings, "csv"))
        return failure_usage(&export_verb, "--what is for csv");
    if (settings->from_ns >= settings->until_ns)
        return failure_usage(&export_verb, "--from is not before --until");
    return settings->width == 0 ? -1 : check_width(settings);
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

/* ---- Tables ---- */

static enum weft_export_table table_of(const struct settings *settings)
{
    if (g_strcmp0(settings->what, "tasks") == 0)
        return WEFT_EXPORT_TASKS;
    return g_strcmp0(settings->what, "events") == 0 ? WEFT_EXPORT_EVENTS : WEFT_EXPORT_SEGMENTS;
}

static int cannot_write(const char *path, int error)
{
    output_message("cannot write '%s': %s", path, g_strerror(error));
    return EXIT_SYSTEM;
}

static int export_csv(weft_model *model, const struct settings *settings)
{
    enum weft_export_table table = table_of(settings);
    if (to_stdout(settings)) {
        fflush(stdout);
        if (weft_export_csv(model, table, settings->from_ns, settings->until_ns, STDOUT_FILENO) ||
            errno == EPIPE) /* whoever reads it wanted no more */
            return EXIT_DONE;
        output_message("cannot write the output: %s", g_strerror(errno));
        return EXIT_SYSTEM;
    }
    struct weft_freshfile file;
    int error = 0;
    int fd = weft_freshfile_open(&file, settings->output);
    if (fd < 0 || !weft_export_csv(model, table, settings->from_ns, settings->until_ns, fd))
        error = errno;
    if (fd >= 0 && close(fd) < 0 && error == 0)
        error = errno;
    if (error == 0 && weft_freshfile_commit(&file) < 0)
        error = errno;
    weft_freshfile_clear(&file);
    return error ? cannot_write(settings->output, error) : EXIT_DONE;
}

static int export_sqlite(weft_model *model, const struct settings *settings)
{
    GError *error = NULL;
    if (!weft_export_sqlite(model, settings->from_ns, settings->until_ns, settings->output, &error))
        return failure_error(error);
    return EXIT_DONE;
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
    if (settings->all_lanes)
        g_ptr_array_add(arguments, g_strdup("--all-lanes"));
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
        exported = is(settings, "text")     ? export_text(model, settings)
                   : is(settings, "csv")    ? export_csv(model, settings)
                   : is(settings, "sqlite") ? export_sqlite(model, settings)
                                            : export_picture(operands[0], settings);
    weft_model_free(model);
    return exported != EXIT_DONE ? exported : code;
}

const struct verb export_verb = {
    .name = "export",
    .usage = "FILE --to FORMAT -o OUT",
    .summary = "Write a trace as text, as a picture, or as tables",
    .details =
        "text, png, svg and pdf show the timeline; the last three are drawn by weft-viewer, which\n"
        "needs no display for it. csv is a table of tasks, segments or events, sqlite a database "
        "with\n"
        "all of them: man weft-export says what is in their columns.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    INPUT_OPERAND,
    .run = run,
};
