/* palette_test.c: kinds stand out from the canvas and, for every kind of colour vision, from each
 * other; words can be read. That they differ without any colour, too, is forms_test.c's. */
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

/* ---- Kinds are told apart, by every kind of colour vision ---- */

enum vision { NORMAL, DEUTERANOPIA, PROTANOPIA, TRITANOPIA, VISIONS };

/* What a dichromat sees, in linear RGB (Machado, Oliveira and Fernandes 2009, severity 1). */
static const double visions[VISIONS][3][3] = {
    [NORMAL] = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
    [DEUTERANOPIA] = { { 0.367322, 0.860646, -0.227968 },
                       { 0.280085, 0.672501, 0.047413 },
                       { -0.011820, 0.042940, 0.968881 } },
    [PROTANOPIA] = { { 0.152286, 1.052583, -0.204868 },
                     { 0.114503, 0.786281, 0.099216 },
                     { -0.003882, -0.048116, 1.051998 } },
    [TRITANOPIA] = { { 1.255528, -0.076749, -0.178779 },
                     { -0.078411, 0.930809, 0.147602 },
                     { 0.004733, 0.691367, 0.303900 } },
};
static const char *const vision_names[VISIONS] = { "normal", "deuteranopia", "protanopia",
                                                   "tritanopia" };

struct lab {
    double l, a, b;
};

static void multiply(const double matrix[3][3], const double in[3], double out[3])
{
    for (guint i = 0; i < 3; i++)
        out[i] = matrix[i][0] * in[0] + matrix[i][1] * in[1] + matrix[i][2] * in[2];
}

static double lab_curve(double t)
{
    return t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
}

static struct lab seen_by(enum vision vision, const GdkRGBA *color)
{
    static const double to_xyz[3][3] = { { 0.4124564, 0.3575761, 0.1804375 },
                                         { 0.2126729, 0.7151522, 0.0721750 },
                                         { 0.0193339, 0.1191920, 0.9503041 } };
    double rgb[3] = { linear((double)color->red), linear((double)color->green),
                      linear((double)color->blue) };
    double seen[3], xyz[3];
    multiply(visions[vision], rgb, seen);
    for (guint i = 0; i < 3; i++)
        seen[i] = CLAMP(seen[i], 0, 1);
    multiply(to_xyz, seen, xyz);
    double x = lab_curve(xyz[0] / 0.95047), y = lab_curve(xyz[1]), z = lab_curve(xyz[2] / 1.08883);
    return (struct lab){ 116 * y - 16, 500 * (x - y), 200 * (y - z) };
}

static double degrees(double radians)
{
    double turned = radians * 180 / G_PI;
    return turned < 0 ? turned + 360 : turned;
}

static double cosine(double turned)
{
    return cos(turned * G_PI / 180);
}

/* How wrong CIELAB is about blues of this chroma. */
static double blue_chroma(double chroma)
{
    return sqrt(pow(chroma, 7) / (pow(chroma, 7) + pow(25, 7)));
}

/* The distance by CIEDE2000, in the letters of its formula. */
static double distance(struct lab x, struct lab y)
{
    double g = 0.5 * (1 - blue_chroma((hypot(x.a, x.b) + hypot(y.a, y.b)) / 2));
    double ax = x.a * (1 + g), ay = y.a * (1 + g);
    double cx = hypot(ax, x.b), cy = hypot(ay, y.b);
    double hx = degrees(atan2(x.b, ax)), hy = degrees(atan2(y.b, ay));
    double turn = cx * cy > 0 ? remainder(hy - hx, 360) : 0;
    double dl = y.l - x.l, dc = cy - cx, dh = 2 * sqrt(cx * cy) * sin(turn / 2 * G_PI / 180);
    double l = (x.l + y.l) / 2, c = (cx + cy) / 2, h = fmod(hx + turn / 2 + 360, 360);
    double t = 1 - 0.17 * cosine(h - 30) + 0.24 * cosine(2 * h) + 0.32 * cosine(3 * h + 6) -
               0.20 * cosine(4 * h - 63);
    double sl = 1 + 0.015 * (l - 50) * (l - 50) / sqrt(20 + (l - 50) * (l - 50));
    double sc = 1 + 0.045 * c, sh = 1 + 0.015 * c * t;
    double rt = -2 * blue_chroma(c) * sin(60 * exp(-pow((h - 275) / 25, 2)) * G_PI / 180);
    return sqrt(pow(dl / sl, 2) + pow(dc / sc, 2) + pow(dh / sh, 2) + rt * (dc / sc) * (dh / sh));
}

/* The formula is the published one: three pairs of its authors' table (Sharma, Wu and Dalal). */
static void test_distance(void)
{
    static const struct {
        struct lab x, y;
        double distance;
    } pairs[] = { { { 50, 2.6772, -79.7751 }, { 50, 0, -82.7485 }, 2.0425 },
                  { { 50, 2.49, -0.0010 }, { 50, -2.49, 0.0011 }, 7.2195 },
                  { { 2.0776, 0.0795, -1.1350 }, { 0.9033, -0.0636, -0.5514 }, 0.9082 } };
    for (guint i = 0; i < G_N_ELEMENTS(pairs); i++)
        g_assert_cmpfloat_with_epsilon(distance(pairs[i].x, pairs[i].y), pairs[i].distance, 1e-4);
}

/* The smallest distance between any two kinds that each palette was chosen for. */
static const double apart[WEFT_PALETTES][VISIONS] = {
    [WEFT_PALETTE_LIGHT] = { 14.6, 13.2, 14.1, 10.5 },
    [WEFT_PALETTE_DARK] = { 18.3, 13.1, 14.7, 11.4 },
    [WEFT_PALETTE_PRESENTER] = { 17.4, 12.1, 11.5, 11.0 },
    [WEFT_PALETTE_PRINT] = { 17.4, 14.3, 12.9, 12.5 },
    [WEFT_PALETTE_CONTRAST_LIGHT] = { 14.6, 13.2, 14.1, 10.5 },
    [WEFT_PALETTE_CONTRAST_DARK] = { 18.3, 13.1, 14.7, 11.4 },
};

static void test_apart(gconstpointer data)
{
    const struct weft_palette *palette = data;
    for (enum vision vision = NORMAL; vision < VISIONS; vision++)
        for (guint a = WEFT_ROLE_RUNNING; a < WEFT_ROLE_UNKNOWN; a++)
            for (guint b = a + 1; b < WEFT_ROLE_UNKNOWN; b++) {
                double found = distance(seen_by(vision, &palette->color[a]),
                                        seen_by(vision, &palette->color[b]));
                double least = apart[palette - weft_palette(0)][vision] - 0.05; /* as rounded */
                if (found < least)
                    g_test_message("%s, %s: %s and %s: %.2f", palette->name, vision_names[vision],
                                   weft_role_name(a), weft_role_name(b), found);
                g_assert_cmpfloat(found, >=, least);
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
    g_test_add_func("/palette/distance", test_distance);
    g_test_add_func("/palette/names", test_names);
    return g_test_run();
}
