/* soak_test.c: random programs, one after the other, under the ledger's eyes. generate.py writes
 * them, from fixed seeds: WEFT_SOAK_SEED names the first, WEFT_SOAK_SECONDS how long. */
#include "interpreter.h"
#include <stdlib.h>

enum { BATCH = 100, SECONDS = 8, FIRST_SEED = 1000000 };

static long setting(const char *name, long otherwise)
{
    const char *value = g_getenv(name);
    return value ? strtol(value, NULL, 10) : otherwise;
}

static GPtrArray *generate(long seed)
{
    char *generator = g_test_build_filename(G_TEST_DIST, "conformance", "generate.py", NULL);
    char *first = g_strdup_printf("%ld", seed), *count = g_strdup_printf("%d", BATCH);
    const char *argv[] = {
        g_getenv("WEFT_PYTHON"), generator, "--seed", first, "--count", count, "--newer", NULL
    };
    char *text = NULL;
    int status = -1;
    GError *error = NULL;
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &text, NULL, &status,
                 &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    GPtrArray *programs = scenarios_read(text);
    g_free(generator);
    g_free(first);
    g_free(count);
    g_free(text);
    return programs;
}

static void test_soak(void)
{
    if (!g_getenv("WEFT_PYTHON")) {
        g_test_skip("WEFT_PYTHON names no Python 3.11 or later");
        return;
    }
    gint64 end = g_get_monotonic_time() + setting("WEFT_SOAK_SECONDS", SECONDS) * G_USEC_PER_SEC;
    long first = setting("WEFT_SOAK_SEED", FIRST_SEED), seed = first;
    do {
        GPtrArray *programs = generate(seed);
        for (guint i = 0; i < programs->len; i++)
            g_free(run_scenario(programs->pdata[i]));
        g_ptr_array_unref(programs);
        seed += BATCH;
    } while (g_get_monotonic_time() < end);
    g_test_message("%ld programs", seed - first);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conformance/soak", test_soak);
    return g_test_run();
}
