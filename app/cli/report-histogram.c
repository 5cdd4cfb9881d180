/* report-histogram.c: how slices, waits and iterations are spread, as bars:
 *
 *       20 µs –  50 µs     12  ██
 *       50 µs – 100 µs    213  ████████████████████████████████████████  */
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/report.h"

#include <stdio.h>

enum { WIDEST_BAR = 40, NARROWEST_BAR = 5, BEFORE_BAR = 34 };

/* 1, 2 or 5 times a power of ten: "20 µs", without decimals. Columns: 6, and its unit's. */
static char *format_step(gint64 ns)
{
    static const char *const units[] = { "ns", "µs", "ms", "s" };
    guint unit = 0;
    for (; unit + 1 < G_N_ELEMENTS(units) && ns != 0 && ns % 1000 == 0; unit++)
        ns /= 1000;
    return g_strdup_printf("%3" G_GINT64_FORMAT " %s", ns, units[unit]);
}

static guint bar_width(void)
{
    guint columns, lines;
    output_size(&columns, &lines);
    return columns == 0
               ? WIDEST_BAR
               : CLAMP(columns, BEFORE_BAR + NARROWEST_BAR, BEFORE_BAR + WIDEST_BAR) - BEFORE_BAR;
}

static void print_step(const struct spread *spread, guint step, guint64 most, guint widest)
{
    guint64 count = spread->steps[step];
    g_autofree char *from = format_step(spread_step_from(step));
    g_autofree char *to = format_step(spread_step_from(step + 1));
    g_autofree char *counted = quantity_format_count(count);
    int from_padding = 6 - (int)output_width(from), to_padding = 6 - (int)output_width(to);
    printf("  %*s%s – %*s%s  %9s%s", MAX(from_padding, 0), "", from, MAX(to_padding, 0), "", to,
           counted, count ? "  " : "");
    guint64 bar = (guint64)((double)count / (double)most * widest + 0.5);
    for (guint64 i = 0; i < bar; i++)
        fputs("█", stdout);
    puts(count > 0 && bar == 0 ? "▏" : "");
}

static void print_histogram(const char *title, const struct spread *spread, gboolean colour)
{
    if (spread->count == 0)
        return;
    guint first = 0, last = SPREAD_STEPS - 1;
    while (spread->steps[first] == 0)
        first++;
    while (spread->steps[last] == 0)
        last--;
    guint64 most = 0;
    for (guint step = first; step <= last; step++)
        most = MAX(most, spread->steps[step]);
    output_title(title, colour);
    for (guint step = first; step <= last; step++)
        print_step(spread, step, most, bar_width());
}

void report_print_histograms(const struct report *report, gboolean colour)
{
    static const char *const waits[WEFT_WAIT_CLASSES] = {
        [WEFT_WAIT_TIMER] = "Waits for timers",         [WEFT_WAIT_IO] = "Waits for I/O",
        [WEFT_WAIT_SYNC] = "Waits for locks, queues …", [WEFT_WAIT_TASK] = "Waits for tasks",
        [WEFT_WAIT_THREAD] = "Waits for threads",
    };
    print_histogram("Slices of tasks", &report->slices, colour);
    print_histogram("Waits in the ready queue", &report->ready, colour);
    for (guint class = 0; class < WEFT_WAIT_CLASSES; class ++)
        print_histogram(waits[class], &report->waits[class], colour);
    print_histogram("Iterations of loops", &report->iterations, colour);
}
