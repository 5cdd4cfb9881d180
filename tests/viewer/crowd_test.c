/* crowd_test.c: how a row of very many tasks is drawn. Compares logs; needs no display. */
#include "app/viewer/render/render.h"

enum { COLUMN = 2, HEIGHT = 24 /* 20 of them are drawn on */ };

static char *draw(const struct weft_crowd_cell *cells, guint columns)
{
    PangoContext *context = weft_render_context_new();
    struct weft_render *render = weft_render_new(weft_palette(WEFT_PALETTE_LIGHT), context, 1.0);
    GtkSnapshot *snapshot = gtk_snapshot_new();
    GString *log = g_string_new(NULL);
    weft_render_set_log(render, log);
    weft_render_crowd(render, snapshot, cells, columns, COLUMN, HEIGHT);
    g_object_unref(snapshot);
    weft_render_free(render);
    g_object_unref(context);
    return g_string_free(log, FALSE);
}

/* As high as its share, from the base up; alike columns are one; those that did not live, nothing.
 */
static void test_shares(void)
{
    const struct weft_crowd_cell cells[] = {
        { { 0.1f, 0.2f, 0.5f, 0, 0 } },
        { { 0.1f, 0.2f, 0.5f, 0, 0 } },
        { { 0, 0, 0, 0, 0 } },
        { { 0, 0, 0.5f, 0.25f, 0.25f } },
    };
    g_autofree char *log = draw(cells, G_N_ELEMENTS(cells));
    g_assert_cmpstr(log, ==,
                    "fill RUNNING 1.00 0.0,20.0 4.0x2.0\n"
                    "fill READY 0.85 0.0,16.0 4.0x4.0\n"
                    "fill WAIT_TASK 0.22 0.0,6.0 4.0x10.0\n"
                    "fill CANCELLING 1.00 6.0,17.0 2.0x5.0\n"
                    "fill UNKNOWN 1.00 6.0,12.0 2.0x5.0\n"
                    "fill WAIT_TASK 0.22 6.0,2.0 2.0x10.0\n");
}

/* One that is cancelled among 10,000 that wait is seen; never is more drawn than there is room. */
static void test_nothing_vanishes(void)
{
    const struct weft_crowd_cell few = { { 0, 0, 0.9999f, 0.0001f, 0 } };
    g_autofree char *log = draw(&few, 1);
    g_assert_cmpstr(log, ==,
                    "fill CANCELLING 1.00 0.0,21.0 2.0x1.0\n"
                    "fill WAIT_TASK 0.22 0.0,2.0 2.0x19.0\n");
    const struct weft_crowd_cell full = { { 1, 1, 1, 1, 1 } }; /* sums are of floats */
    g_autofree char *all = draw(&full, 1);
    g_assert_cmpstr(all, ==, "fill RUNNING 1.00 0.0,2.0 2.0x20.0\n");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gtk_init_check();
    g_test_add_func("/crowd/shares", test_shares);
    g_test_add_func("/crowd/nothing-vanishes", test_nothing_vanishes);
    return g_test_run();
}
