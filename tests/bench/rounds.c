/* rounds.c: see rounds.h. */
#include "tests/bench/rounds.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 9 };

static char **names;
static int n_names;

double bench_cpu_time(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void bench_arguments(int argc, char **argv)
{
    names = argv + 1;
    n_names = argc - 1;
}

/* What rows are called in this mode, behind their names. */
static const char *suffix(void)
{
    const char *mode = getenv("WEFT_TRACE");
    if (!mode || strcmp(mode, "standby") == 0)
        return ".standby";
    return strcmp(mode, "off") == 0 ? "" : ".traced";
}

bool bench_untraced(void)
{
    return *suffix() == 0;
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool bench_wants(const char *name)
{
    bool wanted = n_names == 0;
    for (int i = 0; i < n_names; i++)
        wanted = wanted || begins_with(name, names[i]) || begins_with(names[i], name);
    return wanted;
}

void bench_report(const char *name, double value, const char *unit)
{
    printf("%s%s %.2f %s\n", name, suffix(), value, unit);
    fflush(stdout);
}

double bench_best(const char *name, weft_coro coro, int rounds)
{
    double best = 0;
    for (int i = -1; i < rounds; i++) {
        double value = 0;
        int rc = weft_run_coro(WEFT_HERE, coro, &value, (weft_run_options){ 0 });
        if (rc < 0) {
            fprintf(stderr, "%s: %s\n", name, weft_strerror(rc));
            exit(1);
        }
        if (i == 0 || (i > 0 && value < best))
            best = value;
    }
    return best;
}

double bench_measure(const char *name, weft_coro coro, const char *unit)
{
    if (!bench_wants(name))
        return 0;
    double best = bench_best(name, coro, ROUNDS);
    bench_report(name, best, unit);
    return best;
}
