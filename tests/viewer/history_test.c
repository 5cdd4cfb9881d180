/* history_test.c: where one has been. */
#include "app/viewer/timeline/history.h"

static const struct weft_place A = { 0, 10 }, B = { 5, 8 }, C = { 6, 7 };

static void assert_place(struct weft_place place, struct weft_place expected)
{
    g_assert_cmpint(place.from_ns, ==, expected.from_ns);
    g_assert_cmpint(place.to_ns, ==, expected.to_ns);
}

static void test_back_and_forward(void)
{
    struct weft_history history;
    struct weft_place there;
    weft_history_init(&history);
    g_assert_false(weft_history_step(&history, -1, A, &there));
    weft_history_leave(&history, A, FALSE);
    weft_history_leave(&history, B, FALSE);
    g_assert_true(weft_history_step(&history, -1, C, &there));
    assert_place(there, B);
    g_assert_true(weft_history_step(&history, -1, B, &there));
    assert_place(there, A);
    g_assert_false(weft_history_step(&history, -1, A, &there));
    g_assert_true(weft_history_step(&history, 1, A, &there));
    assert_place(there, B);
    g_assert_true(weft_history_step(&history, 1, B, &there));
    assert_place(there, C);
    g_assert_false(weft_history_step(&history, 1, C, &there));
    weft_history_finish(&history);
}

static void test_drifting_is_one_entry(void)
{
    struct weft_history history;
    struct weft_place there;
    weft_history_init(&history);
    weft_history_leave(&history, A, TRUE);
    weft_history_leave(&history, B, TRUE);
    g_assert_true(weft_history_step(&history, -1, C, &there));
    assert_place(there, A);
    g_assert_false(weft_history_step(&history, -1, A, &there));
    weft_history_finish(&history);
}

static void test_a_new_way_forgets_the_old(void)
{
    struct weft_history history;
    struct weft_place there;
    weft_history_init(&history);
    weft_history_leave(&history, A, FALSE);
    g_assert_true(weft_history_step(&history, -1, B, &there));
    weft_history_leave(&history, A, FALSE);
    g_assert_false(weft_history_step(&history, 1, C, &there));
    weft_history_finish(&history);
}

static void test_bounded(void)
{
    struct weft_history history;
    struct weft_place there;
    guint steps = 0;
    weft_history_init(&history);
    for (gint64 i = 0; i < 1000; i++)
        weft_history_leave(&history, (struct weft_place){ i, i + 1 }, FALSE);
    while (weft_history_step(&history, -1, A, &there))
        steps++;
    g_assert_cmpuint(steps, ==, 200);
    assert_place(there, (struct weft_place){ 800, 801 });
    weft_history_finish(&history);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/history/back-and-forward", test_back_and_forward);
    g_test_add_func("/history/drifting-is-one-entry", test_drifting_is_one_entry);
    g_test_add_func("/history/a-new-way-forgets-the-old", test_a_new_way_forgets_the_old);
    g_test_add_func("/history/bounded", test_bounded);
    return g_test_run();
}
