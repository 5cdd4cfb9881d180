/* export-main.c: `weft-viewer --export`: the command line of export.h. */
#include "app/viewer/export.h"

#include <stdio.h>
#include <string.h>

enum { USAGE = 2, BAD_INPUT = 3, REFUSED = 4 };
enum { WIDTH_MIN = 480, WIDTH_MAX = 16000 };

static int usage(const char *what)
{
    if (what)
        fprintf(stderr, "weft-viewer: %s\n", what);
    fprintf(stderr,
            "usage: weft-viewer --export png|svg|pdf FILE OUT [--from NS] [--to NS]\n"
            "           [--palette light|dark|presenter|print|contrast-light|contrast-dark]\n"
            "           [--width PX] [--all-lanes] [--playhead NS] [--select TASK]\n");
    return USAGE;
}

static int exit_code(const GError *error)
{
    gboolean bad = error->domain == WEFT_TRACE_ERROR &&
                   (error->code == WEFT_TRACE_ERROR_NOT_A_TRACE ||
                    error->code == WEFT_TRACE_ERROR_VERSION ||
                    error->code == WEFT_TRACE_ERROR_CORRUPT);
    return bad ? BAD_INPUT : REFUSED;
}

/* The options after OUT; 0 or USAGE. */
static int parse(int argc, char **argv, struct weft_picture *picture, char **selected_task,
                 gboolean *to_given)
{
    g_autofree char *palette = NULL, *selected = NULL;
    gint64 from = 0, to = 0, playhead = WEFT_NO_TIME;
    int width = (int)picture->width;
    gboolean all_lanes = FALSE;
    const GOptionEntry options[] = {
        { "from", 0, 0, G_OPTION_ARG_INT64, &from, NULL, NULL },
        { "to", 0, 0, G_OPTION_ARG_INT64, &to, NULL, NULL },
        { "palette", 0, 0, G_OPTION_ARG_STRING, &palette, NULL, NULL },
        { "width", 0, 0, G_OPTION_ARG_INT, &width, NULL, NULL },
        { "all-lanes", 0, 0, G_OPTION_ARG_NONE, &all_lanes, NULL, NULL },
        { "playhead", 0, 0, G_OPTION_ARG_INT64, &playhead, NULL, NULL },
        { "select", 0, 0, G_OPTION_ARG_STRING, &selected, NULL, NULL },
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    g_option_context_add_main_entries(context, options, NULL);
    g_option_context_set_help_enabled(context, FALSE);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        return usage(error->message);
    if (argc > 1)
        return usage("one FILE and one OUT are enough");
    if (palette && !(picture->palette = weft_palette_named(palette)))
        return usage("no palette of that name");
    if (width < WIDTH_MIN || width > WIDTH_MAX)
        return usage("--width takes 480 … 16000");
    if (from < 0 || to < 0 || (to && to <= from))
        return usage("--from and --to take nanoseconds since the start, --to the greater");
    if (selected && playhead == WEFT_NO_TIME)
        return usage("--select needs --playhead: what the task does then is selected");
    picture->from_ns = from;
    picture->to_ns = to;
    picture->width = (guint)width;
    picture->all_lanes = all_lanes;
    picture->playhead_ns = playhead;
    picture->select = *selected_task = g_steal_pointer(&selected);
    *to_given = to != 0;
    return 0;
}

int weft_viewer_export_main(int argc, char **argv)
{
    struct weft_picture picture;
    gboolean to_given = FALSE;
    guint left = 0;
    g_autoptr(GError) error = NULL;
    weft_picture_init(&picture);
    if (argc < 5)
        return usage(NULL);
    if (!weft_picture_format_named(argv[2], &picture.format))
        return usage("the format is png, svg or pdf");
    const char *file = argv[3], *out = argv[4];
    g_autofree char *selected = NULL;
    int code = parse(argc - 4, argv + 4, &picture, &selected, &to_given);
    if (code != 0)
        return code;

    gtk_init_check(); /* without a display this fails, and drawing works all the same */
    g_autoptr(weft_trace) trace = weft_trace_open(file, &error);
    if (!trace) {
        fprintf(stderr, "weft-viewer: %s\n", error->message);
        return exit_code(error);
    }
    weft_model *model = weft_model_new(trace);
    weft_model_advance(model, 0);
    if (!to_given && picture.from_ns)
        picture.to_ns = MAX(weft_model_end_ns(model), picture.from_ns + 1);
    gboolean done = weft_viewer_export(model, &picture, out, &left, &error);
    weft_model_free(model);
    if (!done) {
        fprintf(stderr, "weft-viewer: %s\n", error->message);
        return exit_code(error);
    }
    if (left > 0)
        fprintf(stderr, "weft-viewer: %s: %u lanes found no room in the picture%s\n", out, left,
                picture.all_lanes ? "" : ": --all-lanes");
    return 0;
}
