/* mergeaxis.c: where the traces that are merged lie in time. See merge.h.
 *
 * The axis is that of the trace that began first: its boot's CLOCK_MONOTONIC. Another boot's lies
 * on it as the wall clocks say. */
#include "tracer/trace/merge_private.h"
#include "tracer/trace/store.h"
#include <string.h>

/* The process that the trace's time 0 is of: its boot is the trace's. */
static const struct weft_trace_source *first_source(const struct input *input)
{
    const struct weft_trace_source *first = weft_trace_source(input->trace);
    for (guint i = 1; i < weft_trace_n_sources(input->trace); i++) {
        const struct weft_trace_source *source = weft_trace_source_at(input->trace, i);
        if (source->start_ns < first->start_ns)
            first = source;
    }
    return first;
}

static gint64 real_start(const struct input *input)
{
    return first_source(input)->start_realtime_ns;
}

static gboolean is_of_one_boot(const struct input *a, const struct input *b)
{
    static const guint8 unknown[16];
    const guint8 *x = first_source(a)->boot_id, *y = first_source(b)->boot_id;
    return a == b || (memcmp(x, unknown, sizeof unknown) != 0 && memcmp(x, y, sizeof unknown) == 0);
}

/* Of the traces of one boot with `like` (NULL: of all), that which began first by the wall clock;
 * NULL: none says when it began. */
static const struct input *earliest(const struct merging *m, const struct input *like)
{
    const struct input *found = NULL;
    for (guint i = 0; i < m->n; i++) {
        const struct input *input = &m->inputs[i];
        if ((like && !is_of_one_boot(input, like)) || real_start(input) == 0)
            continue;
        if (!found || real_start(input) < real_start(found))
            found = input;
    }
    return found;
}

static void place(struct merging *m, struct input *input, const struct input *axis)
{
    const guint64 start = input->trace->clock.start_mono_ns;
    const guint64 axis_start = axis->trace->clock.start_mono_ns;
    const struct input *of_boot = earliest(m, input);
    if (is_of_one_boot(input, axis)) {
        input->offset = 0;
    } else if (of_boot) {
        input->offset = real_start(of_boot) - real_start(axis) +
                        (gint64)(axis_start - of_boot->trace->clock.start_mono_ns);
        merge_note(
            m,
            "%s is of another boot or machine than %s: it is placed by the wall clock, as exact "
            "as that was",
            merge_path(input), merge_path(axis));
    } else {
        input->offset = (gint64)(axis_start - start);
        merge_note(m, "%s does not say when it was recorded: it begins where the first does",
                   merge_path(input));
    }
    input->base = start + (guint64)input->offset;
}

void merge_place_all(struct merging *m)
{
    const struct input *axis = earliest(m, NULL);
    if (!axis)
        axis = &m->inputs[0];
    for (guint i = 0; i < m->n; i++)
        place(m, &m->inputs[i], axis);
}

uint64_t merge_to_axis(uint64_t time, const void *input)
{
    return ((const struct input *)input)->base + time;
}
