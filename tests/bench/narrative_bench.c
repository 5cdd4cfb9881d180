/* narrative_bench.c: weft-bench-narrative TRACE: what it takes to tell 10,000 steps of its first
 * loop, one after the other, from the middle on: the best of several. One line: NAME VALUE UNIT. */
#include "tracer/model/replay.h"
#include <stdio.h>
#include <time.h>

enum { STEPS = 10000, ROUNDS = 3, LINES = 1000 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The letters told: so that nothing of it is left out. */
static gsize tell(weft_model *model, guint loop, gint64 from_ns)
{
    g_autoptr(weft_replay) replay = weft_replay_new(model, loop);
    struct weft_replay_place place = { from_ns, WEFT_WHOLE_MOMENT };
    gsize letters = 0;
    for (guint i = 0; i < STEPS && weft_replay_step(replay, place, WEFT_REPLAY_STEP, 1, &place);
         i++) {
        struct weft_replay_telling *telling = weft_replay_tell(replay, place, WEFT_REPLAY_WHOLE,
                                                               LINES);
        for (guint l = 0; l <= telling->lines->len; l++) {
            g_autofree char *text = weft_sentence_text(
                l < telling->lines->len ? telling->lines->pdata[l] : telling->headline);
            letters += strlen(text);
        }
        weft_replay_telling_free(telling);
    }
    return letters;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_trace) trace = argc == 2 ? weft_trace_open(argv[1], &error) : NULL;
    if (!trace) {
        fprintf(stderr, "narrative_bench: %s\n",
                error ? error->message : "usage: weft-bench-narrative TRACE");
        return 2;
    }
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 0))
        ;
    guint loop = 0;
    while (loop < weft_model_n_lanes(model) && weft_model_lane(model, loop)->kind != WEFT_LANE_LOOP)
        loop++;
    double best = G_MAXDOUBLE;
    gsize letters = 0;
    for (guint i = 0; i < ROUNDS; i++) {
        double begin = seconds();
        letters = tell(model, loop, weft_model_end_ns(model) / 2);
        best = MIN(best, seconds() - begin);
    }
    weft_model_free(model);
    printf("replay.narrative %.1f ms\n", best * 1e3);
    fprintf(stderr, "%" G_GSIZE_FORMAT " letters\n", letters);
    return letters > 0 ? 0 : 1;
}
