/* fact_test.c: what a query says of a lesson's trace, and who says the same. */
#include "app/lessons/fact.h"

#include <string.h>

static weft_model *open_lesson(const char *file)
{
    g_autofree char *path = g_build_filename(LESSONS_SOURCE, file, NULL);
    g_autoptr(GError) error = NULL;
    weft_trace *trace = weft_trace_open(path, &error);
    g_assert_no_error(error);
    weft_model *model = weft_model_new(trace);
    weft_trace_unref(trace);
    weft_model_advance(model, 0);
    return model;
}

static void test_queries(void)
{
    static const struct {
        const char *query, *text;
    } cases[] = {
        { "count TASK_NEW", "5" },
        { "count SUSPEND lock", "3" },
        { "count SUSPEND lock of Bob", "1" },
        { "count RESOURCE acquire by Ada", "2" },
        { "count RESOURCE acquire of fork by Ada", "1" },
        { "count RESUME of nobody", "0" },
        { "order TASK_DONE", "Ada, Bob, Eve, Max, Task-1" },
        { "order SUSPEND lock", "Bob, Eve, Max" },
        { "order POLL_BEGIN", "" },
        { "most tasks", "3" },
        { "next SUSPEND lock after RESOURCE acquire by Ada", "Bob" },
        { "next TASK_DONE after TASK_DONE of Ada", "Bob" },
        { "time from SUSPEND lock of Bob to RESUME of Bob", "400 ms" },
        { "time polling", "1.60 s" },
        { "who RESOURCE acquire", "Ada, Bob, Eve, Max" },
        { "who CANCEL_REQUEST of Task-1", "the loop" },
        { "who RESOURCE acquire of none", "" },
        { "whether SUSPEND lock", "yes" },
        { "whether SUSPEND queue-get", "no" },
        { "whether SUSPEND lock of Bob before SUSPEND lock of Eve", "yes" },
        { "whether SUSPEND lock of Eve before SUSPEND lock of Bob", "no" },
        { "whether SUSPEND lock before SUSPEND queue-get", "yes" },
        { "whether SUSPEND queue-get before SUSPEND lock", "no" },
        { "duration", "1.60 s" },
        { "time waiting of Ada", "400 ms" },
        { "time running of Ada", "38.6 µs" },
        { "time ready of Bob in elsewhere", "28.3 µs" },
        { "time cancelling of Task-1", "691 ns" },
        { "longest slice of \"Eve\"", "6.40 µs" },
    };
    weft_model *model = open_lesson("09-lock/trace.weft");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct fact fact;
        g_autofree char *problem = fact_compute(model, cases[i].query, &fact);
        g_assert_cmpstr(problem, ==, NULL);
        if (strcmp(fact.text, cases[i].text) != 0)
            g_error("%s: %s, not %s", cases[i].query, fact.text, cases[i].text);
        g_assert_true(fact_is(&fact, fact.text));
        fact_clear(&fact);
    }
    weft_model_free(model);
}

static void test_what_is_no_query(void)
{
    static const char *const queries[] = {
        "",
        "count",
        "count RESUMED",
        "count RESUME fast",
        "count RESUME of",
        "count RESUME of Ada of Bob",
        "count RESUME of Ada, Bob",
        "order RESUME of Ada",
        "most",
        "most locks",
        "duration of Ada",
        "time",
        "time of Ada",
        "time sleeping of Ada",
        "time polling of Ada",
        "time from RESUME",
        "time from RESUME to",
        "next RESUME",
        "next after RESUME",
        "next RESUME after RESUMED",
        "next RESUME of Ada after LOOP_CLOSE",
        "who",
        "who CANCELS",
        "whether",
        "whether SUSPEND before",
        "whether before SUSPEND",
        "whether SUSPEND sleeping",
        "whether SUSPEND queue-get before SUSPEND queue-put",
        "time waiting of Nobody",
        "longest slice",
        "in x",
        "count \"RESUME",
        "#",
    };
    weft_model *model = open_lesson("09-lock/trace.weft");
    for (gsize i = 0; i < G_N_ELEMENTS(queries); i++) {
        struct fact fact;
        g_autofree char *problem = fact_compute(model, queries[i], &fact);
        if (!problem)
            g_error("%s: %s", queries[i], fact.text);
    }
    weft_model_free(model);
}

static void test_variants(void)
{
    g_autofree char *some = fact_variant("count RESUME of Ada in same-order");
    g_autofree char *none = fact_variant("count RESUME of Ada");
    g_autofree char *broken = fact_variant("count 'RESUME in x");
    g_assert_cmpstr(some, ==, "same-order");
    g_assert_null(none);
    g_assert_null(broken);
}

static void test_who_says_the_same(void)
{
    char two[] = "2", second[] = "1.00 s", names[] = "Ada, Bob", loop[] = "the loop", no[] = "no";
    const struct fact count = { FACT_COUNT, 2, two }, names_of = { FACT_NAMES, 0, names },
                      time = { FACT_TIME, 1000000000, second }, the_loop = { FACT_NAMES, 0, loop },
                      false_fact = { FACT_TRUTH, 0, no };
    static const char *const same[][6] = { { "2", " 2 ", "two", "Two" },
                                           { "1 s", "1", "0.95s", "1000 ms", "1050000 us" },
                                           { "Ada, Bob", "ada,bob", " Ada ,Bob" },
                                           { "the loop", "loop", "The loop" },
                                           { "no", "No", "n", " N " } };
    static const char *const other[][8] = { { "", "3", "2.0", "-2", "two of them", "22" },
                                            { "", "s", "1 m", "2 s", "0.8 s", "-1 s", "nan" },
                                            { "", "Bob, Ada", "Ada", "Ada, Bob, Eve" },
                                            { "", "the", "the the loop", "loops" },
                                            { "", "yes", "y", "non", "0" } };
    const struct fact *const facts[] = { &count, &time, &names_of, &the_loop, &false_fact };
    for (gsize i = 0; i < G_N_ELEMENTS(facts); i++) {
        for (gsize j = 0; j < G_N_ELEMENTS(same[i]) && same[i][j]; j++)
            if (!fact_is(facts[i], same[i][j]))
                g_error("%s is not %s", same[i][j], facts[i]->text);
        for (gsize j = 0; j < G_N_ELEMENTS(other[i]) && other[i][j]; j++)
            if (fact_is(facts[i], other[i][j]))
                g_error("%s is %s", other[i][j], facts[i]->text);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lessons/fact/queries", test_queries);
    g_test_add_func("/lessons/fact/what-is-no-query", test_what_is_no_query);
    g_test_add_func("/lessons/fact/variants", test_variants);
    g_test_add_func("/lessons/fact/who-says-the-same", test_who_says_the_same);
    return g_test_run();
}
