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

enum {
    TIMER = WEFT_CROWD_WAITING + WEFT_WAIT_TIMER,
    LOCK = WEFT_CROWD_WAITING + WEFT_WAIT_SYNC,
    TASK = WEFT_CROWD_WAITING + WEFT_WAIT_TASK,
};

/* As high as its share, from the base up, each kind of waiting in its colour; alike columns are
 * one; those that did not live, nothing. */
static void test_shares(void)
{
    const struct weft_crowd_cell cells[] = {
        { { [WEFT_CROWD_RUNNING] = 0.1f, [WEFT_CROWD_READY] = 0.2f, [TIMER] = 0.5f } },
        { { [WEFT_CROWD_RUNNING] = 0.1f, [WEFT_CROWD_READY] = 0.2f, [TIMER] = 0.5f } },
        { { 0 } },
        { { [TIMER] = 0.2f,
            [LOCK] = 0.3f,
            [WEFT_CROWD_CANCELLING] = 0.25f,
            [WEFT_CROWD_UNKNOWN] = 0.25f } },
    };
    g_autofree char *log = draw(cells, G_N_ELEMENTS(cells));
    g_assert_cmpstr(log, ==,
                    "fill RUNNING 1.00 0.0,20.0 4.0x2.0\n"
                    "fill READY 0.85 0.0,16.0 4.0x4.0\n"
                    "fill WAIT_TIMER 0.40 0.0,6.0 4.0x10.0\n"
                    "fill CANCELLING 1.00 6.0,17.0 2.0x5.0\n"
                    "fill UNKNOWN 1.00 6.0,12.0 2.0x5.0\n"
                    "fill WAIT_TIMER 0.40 6.0,8.0 2.0x4.0\n"
                    "fill WAIT_SYNC 0.40 6.0,2.0 2.0x6.0\n");
}

/* One that is cancelled among 10,000 that wait is seen; never is more drawn than there is room. */
static void test_nothing_vanishes(void)
{
    const struct weft_crowd_cell few = { { [TIMER] = 0.9999f, [WEFT_CROWD_CANCELLING] = 0.0001f } };
    g_autofree char *log = draw(&few, 1);
    g_assert_cmpstr(log, ==,
                    "fill CANCELLING 1.00 0.0,21.0 2.0x1.0\n"
                    "fill WAIT_TIMER 0.40 0.0,2.0 2.0x19.0\n");
    struct weft_crowd_cell full; /* sums are of floats */
    for (guint i = 0; i < WEFT_CROWD_STATES; i++)
        full.share[i] = 1;
    g_autofree char *all = draw(&full, 1);
    g_assert_cmpstr(all, ==, "fill RUNNING 1.00 0.0,2.0 2.0x20.0\n");
}

/* A mean of a column is no count. */
static void test_words(void)
{
    static const struct {
        guint state, n;
        struct weft_crowd_cell cell;
        const char *words;
    } told[] = {
        { TIMER, 9812, { { [TIMER] = 1 } }, "9,812 wait for timers" },
        { LOCK, 2, { { [LOCK] = 0.6f } }, "1 waits for a lock or queue" },
        { WEFT_CROWD_RUNNING, 1, { { [WEFT_CROWD_RUNNING] = 0.31f } }, "0.3 run" },
        { WEFT_CROWD_READY, 4, { { [WEFT_CROWD_READY] = 0.5f } }, "2 ready" },
        /* Of some of them only the longest wait is known; of others, not even that. */
        { TIMER,
          8,
          { { [TIMER] = 1, [WEFT_CROWD_BY_LONGEST] = 0.5f } },
          "8 wait, longest for a timer" },
        { TASK, 8, { { [TASK] = 1, [WEFT_CROWD_OF_NO_KIND] = 0.5f } }, "8 wait" },
        { TIMER, 8, { { [TIMER] = 1, [WEFT_CROWD_OF_NO_KIND] = 0.5f } }, "8 wait for timers" },
        { WEFT_CROWD_RUNNING,
          2,
          { { [WEFT_CROWD_RUNNING] = 1, [WEFT_CROWD_BY_LONGEST] = 1 } },
          "2 run" },
    };
    for (guint i = 0; i < G_N_ELEMENTS(told); i++) {
        g_autofree char *words = weft_scene_crowd_state_words(&told[i].cell, told[i].state,
                                                              told[i].n);
        g_assert_cmpstr(words, ==, told[i].words);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gtk_init_check();
    g_test_add_func("/crowd/shares", test_shares);
    g_test_add_func("/crowd/nothing-vanishes", test_nothing_vanishes);
    g_test_add_func("/crowd/words", test_words);
    return g_test_run();
}
