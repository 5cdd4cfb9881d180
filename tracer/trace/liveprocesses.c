/* liveprocesses.c: which programs there are to attach to. See live.h. */
#include "tracer/trace/attach.h"
#include "tracer/trace/live.h"

static void clear_process(gpointer data)
{
    g_free(((struct weft_live_process *)data)->program);
}

static void add_process(void *processes, const char *path G_GNUC_UNUSED,
                        const struct weft_segment *page)
{
    g_autofree char *program = g_strndup(page->program, sizeof page->program);
    struct weft_live_process process = {
        .pid = page->pid,
        .program = g_utf8_make_valid(program, -1),
        .alive = !weft_process_ended(page->pid, page->start_time),
        .started = page->start_time,
    };
    g_array_append_val((GArray *)processes, process);
}

static gint newest_first(gconstpointer a, gconstpointer b)
{
    const struct weft_live_process *x = a, *y = b;
    return x->started > y->started ? -1 : x->started < y->started;
}

GArray *weft_live_processes(void)
{
    GArray *processes = g_array_new(FALSE, FALSE, sizeof(struct weft_live_process));
    g_array_set_clear_func(processes, clear_process);
    weft_visit_segments(NULL, add_process, processes);
    g_array_sort(processes, newest_first);
    return processes;
}
