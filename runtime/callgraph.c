/* callgraph.c: where a task stands, and who awaits it: asyncio's call graphs (3.14's
 * asyncio.graph).
 *
 *      Task-3 -> gather -> Task-1          from the awaited to the awaiting: what its future's
 *             -> Task-2                    list of callbacks knows
 *
 * Nothing is kept for this while the program runs. Awaits may form a cycle: a future that is met
 * again on the way to itself is shown without its own awaiters. */
#include "runtime/task.h"
#include <stdlib.h>

struct path { /* from the future asked about */
    const struct path *up;
    const weft_future *future;
};

static weft_future *awaiter_of(struct weft__entry *entry)
{
    if (!entry->run)
        return &weft__container(entry, struct weft__task, entry)->future;
    return weft__container(entry, struct weft__callback, entry)->awaiter;
}

static bool take_frames(weft_call_graph *graph, const struct weft__task *task)
{
    weft__frame *innermost = task == weft__current() ? weft__top : task->frames;
    for (weft__frame *frame = innermost; frame; frame = frame->up)
        graph->n_frames++;
    graph->frames = graph->n_frames ? calloc(graph->n_frames, sizeof *graph->frames) : NULL;
    if (!graph->frames)
        return graph->n_frames == 0;
    size_t i = 0;
    for (weft__frame *frame = innermost; frame; frame = frame->up)
        graph->frames[i++] = frame->site;
    return true;
}

static weft_call_graph *capture(weft_future *future, const struct path *up);

static bool take_awaiters(weft_call_graph *graph, const struct path *path)
{
    const struct weft__links *list = &graph->future->callbacks;
    size_t room = 0;
    if (weft__is_done(graph->future) || !list->next)
        return true;
    for (struct weft__links *at = list->next; at != list; at = at->next)
        room += awaiter_of((struct weft__entry *)at) != NULL;
    graph->awaited_by = room ? calloc(room, sizeof(weft_call_graph *)) : NULL;
    if (!graph->awaited_by)
        return room == 0;
    for (struct weft__links *at = list->next; at != list; at = at->next) {
        weft_future *awaiter = awaiter_of((struct weft__entry *)at);
        weft_call_graph *node = awaiter ? capture(awaiter, path) : NULL;
        if (node)
            graph->awaited_by[graph->n_awaited_by++] = node;
        else if (awaiter)
            return false;
    }
    return true;
}

static weft_call_graph *capture(weft_future *future, const struct path *up)
{
    weft_call_graph *graph = calloc(1, sizeof *graph);
    if (!graph)
        return NULL;
    graph->future = weft_ref(future);
    bool again = false;
    for (const struct path *at = up; at; at = at->up)
        again |= at->future == future;
    struct path path = { up, future };
    bool complete = again || take_awaiters(graph, &path);
    if (complete && future->object.type == WEFT__TASK)
        complete = take_frames(graph, (struct weft__task *)future);
    if (complete)
        return graph;
    weft_call_graph_free(graph);
    return NULL;
}

weft_call_graph *weft_capture_call_graph(weft_future *future)
{
    struct weft__task *task = weft__current();
    future = future ? future : task ? &task->future : NULL;
    return future ? capture(future, NULL) : NULL;
}

void weft_call_graph_free(weft_call_graph *graph)
{
    if (!graph)
        return;
    for (size_t i = 0; i < graph->n_awaited_by; i++)
        weft_call_graph_free(graph->awaited_by[i]);
    free(graph->awaited_by);
    free(graph->frames);
    weft_unref(graph->future);
    free(graph);
}

static void print(const weft_call_graph *graph, FILE *to, int indent)
{
    fprintf(to, "%*s* %s\n", indent, "", weft_get_name(graph->future));
    if (graph->n_frames > 0)
        fprintf(to, "%*s+ Call stack:\n", indent + 2, "");
    for (size_t i = 0; i < graph->n_frames; i++)
        fprintf(to, "%*s|   %s:%u, in %s\n", indent + 2, "", graph->frames[i]->file,
                graph->frames[i]->line, graph->frames[i]->func);
    if (graph->n_awaited_by > 0)
        fprintf(to, "%*s+ Awaited by:\n", indent + 2, "");
    for (size_t i = 0; i < graph->n_awaited_by; i++)
        print(graph->awaited_by[i], to, indent + 4);
}

void weft_print_call_graph(weft_future *future, FILE *to)
{
    weft_call_graph *graph = to ? weft_capture_call_graph(future) : NULL;
    if (graph)
        print(graph, to, 0);
    weft_call_graph_free(graph);
}
