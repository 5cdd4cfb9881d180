#include "tests/viewer/golden.h"
#include "app/viewer/render/render.h"
#include <string.h>

static gboolean have_font(PangoContext *context)
{
    PangoFontFamily *family = pango_font_map_get_family(pango_context_get_font_map(context),
                                                        "Cantarell");
    return family != NULL && strcmp(pango_font_family_get_name(family), "Cantarell") == 0;
}

/* The first line that differs says more than two long texts. */
static void assert_same(const char *name, const char *expected, const char *drawn)
{
    g_auto(GStrv) wanted = g_strsplit(expected, "\n", -1);
    g_auto(GStrv) got = g_strsplit(drawn, "\n", -1);
    for (guint i = 0; wanted[i] || got[i]; i++)
        if (g_strcmp0(wanted[i], got[i]) != 0) {
            g_test_message("%s, line %u: expected \"%s\", drawn \"%s\"", name, i + 1,
                           wanted[i] ? wanted[i] : "(the end)", got[i] ? got[i] : "(the end)");
            g_test_fail();
            return;
        }
}

void golden_check(const char *name, golden_draw *draw, gconstpointer data)
{
    PangoContext *context = weft_render_context_new();
    g_autofree char *file = g_strdup_printf("%s.txt", name);
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", file, NULL);
    g_autofree char *expected = NULL;
    g_autoptr(GError) error = NULL;
    if (!have_font(context)) {
        g_object_unref(context);
        g_test_skip("the font Cantarell is not installed (./dev deps): words have other widths");
        return;
    }
    g_autofree char *drawn = draw(data, context);
    g_object_unref(context);
    if (g_getenv("WEFT_UPDATE_GOLDEN")) {
        g_file_set_contents(path, drawn, -1, &error);
        g_assert_no_error(error);
        return;
    }
    g_file_get_contents(path, &expected, NULL, &error);
    g_assert_no_error(error);
    assert_same(name, expected, drawn);
}
