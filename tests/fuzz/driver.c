/* driver.c: runs a fuzz target without libFuzzer.
 *
 *      fuzz-NAME FILE…               these inputs
 *      fuzz-NAME                     standard input; one input after another when AFL++ built it
 *                                    (./dev fuzz --afl NAME)
 *      fuzz-NAME --runs N [FIRST]    the seeds, then mutations number FIRST … FIRST + N - 1
 *      fuzz-NAME --seeds DIRECTORY   writes the seeds there
 *      fuzz-NAME --save RUN FILE     writes that mutation there
 *
 * A mutation is a function of its number only. A run that dies, or takes more than ten seconds,
 * says which it was. */
#include "tests/fuzz/fuzz.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SIZE_MAX_MUTATED = 1 << 18, SECONDS_MAX = 10 };

static GPtrArray *seeds; /* of GByteArray * */
static const char *directory;
static volatile guint64 run;
static uint64_t state;

/* ---- Chance, from the run's number: splitmix64 ---- */

static uint64_t chance(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static guint below(guint n)
{
    return n ? (guint)(chance() % n) : 0;
}

static uint64_t interesting(void)
{
    static const uint64_t values[] = { 0,
                                       1,
                                       2,
                                       7,
                                       8,
                                       31,
                                       32,
                                       63,
                                       64,
                                       127,
                                       128,
                                       255,
                                       256,
                                       4095,
                                       4096,
                                       16384,
                                       65535,
                                       65536,
                                       1 << 20,
                                       1 << 24,
                                       INT32_MAX,
                                       UINT32_MAX,
                                       UINT32_MAX,
                                       1ull << 32,
                                       1ull << 40,
                                       1ull << 56,
                                       INT64_MAX,
                                       1ull << 63,
                                       UINT64_MAX,
                                       UINT64_MAX,
                                       UINT64_MAX - 7 };
    uint64_t value = values[below(G_N_ELEMENTS(values))];
    return below(4) ? value : value + chance() % 5 - 2;
}

/* ---- Mutations ---- */

static void mutate_once(GByteArray *bytes)
{
    const GByteArray *other = seeds->pdata[below(seeds->len)];
    guint at = below(bytes->len), n = 1 + below(below(4) ? 8 : 200);
    n = MIN(n, bytes->len - at);
    uint64_t value = interesting();
    static const guint widths[] = { 1, 2, 4, 8 };
    switch (below(9)) {
    case 0:
        if (bytes->len)
            bytes->data[at] ^= (guint8)(1u << below(8));
        break;
    case 1:
    case 2: /* a number */
        n = widths[below(4)];
        if (bytes->len >= n)
            memcpy(bytes->data + below(bytes->len - n + 1), &value, n);
        break;
    case 3: /* the same, where numbers lie */
        n = widths[1 + below(3)];
        if (bytes->len >= n)
            memcpy(bytes->data + below(bytes->len / n) * n, &value, n);
        break;
    case 4:
        if (n)
            g_byte_array_remove_range(bytes, at, n);
        break;
    case 5: /* twice */
        if (n && bytes->len + n < SIZE_MAX_MUTATED) {
            g_byte_array_set_size(bytes, bytes->len + n);
            memmove(bytes->data + at + n, bytes->data + at, bytes->len - n - at);
        }
        break;
    case 6: /* a piece of another */
        n = MIN(n, other->len);
        if (n)
            memcpy(bytes->data + at, other->data + below(other->len - n + 1), n);
        break;
    case 7:
        for (guint i = 0; i < n; i++)
            bytes->data[at + i] = (guint8)chance();
        break;
    case 8:
        if (below(4) == 0)
            g_byte_array_set_size(bytes, at);
        break;
    }
}

static GByteArray *mutation(guint64 number)
{
    state = number * UINT64_C(0xd1342543de82ef95) + 1;
    const GByteArray *seed = seeds->pdata[below(seeds->len)];
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, seed->data, seed->len);
    for (guint i = 1 + below(below(2) ? 4 : 24); i > 0; i--)
        mutate_once(bytes);
    return bytes;
}

/* ---- Running ---- */

static void say_which(void)
{
    char text[128];
    int n = snprintf(text, sizeof text,
                     "fuzz: died in run %llu: to have its input: --save %llu FILE\n",
                     (unsigned long long)run, (unsigned long long)run);
    if (write(STDERR_FILENO, text, (size_t)n) < 0)
        return;
}

static void on_death(int number)
{
    say_which();
    signal(number, SIG_DFL);
    raise(number);
}

extern void __sanitizer_set_death_callback(void (*)(void)) __attribute__((weak));

static void watch_deaths(void)
{
    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(say_which);
        signal(SIGALRM, on_death);
        return;
    }
    const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGALRM };
    for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
        signal(signals[i], on_death);
    /* An absurd allocation fails, and ends the program. (Sanitizers have limits of their own.) */
    struct rlimit limit = { 2u << 30, 2u << 30 };
    setrlimit(RLIMIT_DATA, &limit);
}

/* A copy of exactly its size: what reads behind it is found out. */
static void run_one(const void *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (size)
        memcpy(copy, data, size);
    alarm(SECONDS_MAX);
    LLVMFuzzerTestOneInput(copy, size);
    alarm(0);
    free(copy);
}

static void add_seed(const char *name, const void *data, size_t size)
{
    GByteArray *bytes = g_byte_array_new();
    g_byte_array_append(bytes, data, (guint)size);
    g_ptr_array_add(seeds, bytes);
    if (!directory)
        return;
    g_autofree char *path = g_build_filename(directory, name, NULL);
    g_autoptr(GError) error = NULL;
    if (!g_file_set_contents(path, data, (gssize)size, &error)) {
        fprintf(stderr, "fuzz: %s\n", error->message);
        exit(1);
    }
}

static void free_bytes(gpointer bytes)
{
    g_byte_array_free(bytes, TRUE);
}

static void run_many(guint64 n, guint64 first)
{
    for (guint i = 0; i < seeds->len && first == 0; i++) {
        const GByteArray *seed = seeds->pdata[i];
        run_one(seed->data, seed->len);
    }
    for (run = first; run < first + n; run++) {
        GByteArray *bytes = mutation(run);
        run_one(bytes->data, bytes->len);
        free_bytes(bytes);
    }
    printf("%" G_GUINT64_FORMAT " runs\n", n);
}

static int run_file(const char *path)
{
    char *data;
    gsize size;
    g_autoptr(GError) error = NULL;
    if (!g_file_get_contents(path, &data, &size, &error)) {
        fprintf(stderr, "fuzz: %s\n", error->message);
        return 1;
    }
    run_one(data, size);
    g_free(data);
    return 0;
}

#ifdef __AFL_FUZZ_TESTCASE_LEN
__AFL_FUZZ_INIT();

/* Inputs come in shared memory, many to a process. */
static int run_input(void)
{
    __AFL_INIT();
    const unsigned char *input = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(10000))
        run_one(input, (size_t)__AFL_FUZZ_TESTCASE_LEN);
    return 0;
}
#else
static int run_input(void)
{
    return run_file("/dev/stdin");
}
#endif

static int save(guint64 number, const char *path)
{
    GByteArray *bytes = mutation(number);
    gboolean ok = g_file_set_contents(path, (const char *)bytes->data, bytes->len, NULL);
    free_bytes(bytes);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 2 ? argv[1] : "";
    seeds = g_ptr_array_new_with_free_func(free_bytes);
    directory = strcmp(verb, "--seeds") == 0 ? argv[2] : NULL;
    fuzz_seeds(add_seed);
    int failed = 0;
    watch_deaths();
    if (strcmp(verb, "--runs") == 0)
        run_many(g_ascii_strtoull(argv[2], NULL, 10),
                 argc > 3 ? g_ascii_strtoull(argv[3], NULL, 10) : 0);
    else if (strcmp(verb, "--save") == 0 && argc > 3)
        failed = save(g_ascii_strtoull(argv[2], NULL, 10), argv[3]);
    else if (!directory && argc > 1)
        for (int i = 1; i < argc; i++)
            failed |= run_file(argv[i]);
    else if (!directory)
        failed = run_input();
    g_ptr_array_unref(seeds);
    return failed;
}
