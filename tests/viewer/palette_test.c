/* palette_test.c: kinds stand out from the canvas and from each other; words can be read. */
#include "app/viewer/render/palette.h"
#include <math.h>

static double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4);
}

static double luminance(const GdkRGBA *color)
{
    return 0.2126 * linear((double)color->red) + 0.7152 * linear((double)color->green) +
           0.0722 * linear((double)color->blue);
}

static double contrast(const struct weft_palette *palette, enum weft_role a, enum weft_role b)
{
    double x = luminance(&palette->color[a]), y = luminance(&palette->color[b]);
    return (MAX(x, y) + 0.05) / (MIN(x, y) + 0.05);
}

static void assert_contrast(const struct weft_palette *palette, enum weft_role role,
                            enum weft_role ground, double least)
{
    double found = contrast(palette, role, ground);
    if (found < least)
        g_test_message("%s: %s on %s: %.2f", palette->name, weft_role_name(role),
                       weft_role_name(ground), found);
    g_assert_cmpfloat(found, >=, least);
}

static void test_kinds(gconstpointer data)
{
    for (enum weft_role role = WEFT_ROLE_RUNNING; role < WEFT_ROLE_UNKNOWN; role++)
        assert_contrast(data, role, WEFT_ROLE_CANVAS, 3.0);
    assert_contrast(data, WEFT_ROLE_ACCENT, WEFT_ROLE_CANVAS, 3.0);
    assert_contrast(data, WEFT_ROLE_ERROR, WEFT_ROLE_CANVAS, 3.0);
}

static void test_words(gconstpointer data)
{
    assert_contrast(data, WEFT_ROLE_TEXT, WEFT_ROLE_CANVAS, 7.0);
    assert_contrast(data, WEFT_ROLE_TEXT, WEFT_ROLE_SIDEBAR, 7.0);
    assert_contrast(data, WEFT_ROLE_DIM, WEFT_ROLE_CANVAS, 4.5);
    assert_contrast(data, WEFT_ROLE_DIM, WEFT_ROLE_SIDEBAR, 4.5);
    assert_contrast(data, WEFT_ROLE_DIM, WEFT_ROLE_BAND, 3.0);
    assert_contrast(data, WEFT_ROLE_ON_RUNNING, WEFT_ROLE_RUNNING, 4.5);
    assert_contrast(data, WEFT_ROLE_ON_ACCENT, WEFT_ROLE_ACCENT, 3.0); /* bold */
}

/* No two kinds are nearly the same, in plain RGB: what visual.md measured must not be mistyped. */
static void test_apart(gconstpointer data)
{
    const struct weft_palette *palette = data;
    for (guint a = WEFT_ROLE_RUNNING; a < WEFT_ROLE_UNKNOWN; a++)
        for (guint b = a + 1; b <= WEFT_ROLE_UNKNOWN; b++) {
            const GdkRGBA *x = &palette->color[a], *y = &palette->color[b];
            double apart = hypot(hypot((double)(x->red - y->red), (double)(x->green - y->green)),
                                 (double)(x->blue - y->blue));
            g_assert_cmpfloat(apart, >, 0.12);
        }
}

static void test_names(void)
{
    for (guint i = 0; i < WEFT_PALETTES; i++)
        g_assert_true(weft_palette_named(weft_palette(i)->name) == weft_palette(i));
    g_assert_null(weft_palette_named("mauve"));
    g_assert_cmpstr(weft_palette_for(TRUE, FALSE)->name, ==, "dark");
    g_assert_cmpstr(weft_palette_for(FALSE, TRUE)->name, ==, "contrast-light");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    static const struct {
        const char *name;
        void (*test)(gconstpointer);
    } tests[] = { { "kinds", test_kinds }, { "words", test_words }, { "apart", test_apart } };
    for (guint i = 0; i < WEFT_PALETTES; i++)
        for (guint j = 0; j < G_N_ELEMENTS(tests); j++) {
            g_autofree char *path = g_strdup_printf("/palette/%s/%s", weft_palette(i)->name,
                                                    tests[j].name);
            g_test_add_data_func(path, weft_palette(i), tests[j].test);
        }
    g_test_add_func("/palette/names", test_names);
    return g_test_run();
}
