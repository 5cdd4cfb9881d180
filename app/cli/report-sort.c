/* report-sort.c: which tasks and sites come first in a report. */
#include "app/cli/entity.h"
#include "app/cli/report.h"

#include <string.h>

struct sorting {
    const struct report *report;
    enum report_sort by;
};

static gint greatest_first(gint64 a, gint64 b)
{
    return a > b ? -1 : a < b;
}

/* ---- Tasks ---- */

static gint64 task_value(const struct report_task *task, enum report_sort by)
{
    switch (by) {
    case REPORT_BY_RUNNING:
        return task->totals.running_ns;
    case REPORT_BY_READY:
        return task->totals.ready_ns;
    case REPORT_BY_WAITING:
        return task->waiting_ns;
    case REPORT_BY_SLICE:
        return task->totals.longest_slice_ns;
    case REPORT_BY_RESUMES:
        return task->resumes;
    case REPORT_BY_CREATED:
        return -task->created_ns;
    case REPORT_AS_FOUND:
    case REPORT_BY_NAME:
        break;
    }
    return 0;
}

static gint by_task(gconstpointer a, gconstpointer b, gpointer data)
{
    const struct sorting *sorting = data;
    const struct report_task *x = a;
    const struct report_task *y = b;
    if (sorting->by == REPORT_BY_NAME)
        return strcmp(x->name, y->name);
    return greatest_first(task_value(x, sorting->by), task_value(y, sorting->by));
}

/* ---- Sites ---- */

static gint64 site_value(const struct report_site *site, enum report_sort by)
{
    switch (by) {
    case REPORT_AS_FOUND:
    case REPORT_BY_RUNNING:
        return site->running_ns;
    case REPORT_BY_READY:
        return site->ready_ns;
    case REPORT_BY_WAITING:
        return site->waiting_ns;
    case REPORT_BY_SLICE:
        return site->longest_slice_ns;
    case REPORT_BY_RESUMES:
        return (gint64)site->resumes;
    case REPORT_BY_CREATED:
        return -site->first_ns;
    case REPORT_BY_NAME:
        break;
    }
    return 0;
}

static gint by_site(gconstpointer a, gconstpointer b, gpointer data)
{
    const struct sorting *sorting = data;
    const struct report_site *x = a;
    const struct report_site *y = b;
    if (sorting->by != REPORT_BY_NAME)
        return greatest_first(site_value(x, sorting->by), site_value(y, sorting->by));
    g_autofree char *of_x = entity_place(sorting->report->trace, x->site);
    g_autofree char *of_y = entity_place(sorting->report->trace, y->site);
    return strcmp(of_x, of_y);
}

void report_sort(struct report *report, enum report_sort by)
{
    struct sorting sorting = { report, by };
    if (by != REPORT_AS_FOUND)
        g_array_sort_with_data(report->tasks, by_task, &sorting);
    g_array_sort_with_data(report->sites, by_site, &sorting);
}
