/* foreign.c: see foreign.h.
 *
 *      uv_walk: active handles --not the loop's, a signal's, a watcher's--> how many
 *      none before, some now --> OBJECT_NEW, OBJECT_NAME      some before, none now --> OBJECT_FREE
 */
#include "runtime/foreign.h"
#include "runtime/signals.h"
#include "runtime/watch.h"

struct counting {
    weft_loop *loop;
    uint64_t active;
};

static bool is_own(weft_loop *loop, const uv_handle_t *handle)
{
    const char *at = (const char *)handle, *begin = (const char *)loop;
    return (at >= begin && at < begin + sizeof *loop) || weft__signal_is(loop, handle) ||
           weft__watcher_is(loop, handle);
}

static void count(uv_handle_t *handle, void *arg)
{
    struct counting *counting = arg;
    counting->active += uv_is_active(handle) && !is_own(counting->loop, handle);
}

/* Streams, sockets and children are in the trace: they may act, and are many. */
static bool has_others(const weft_loop *loop)
{
    for (const struct weft__links *at = loop->open.next; at != &loop->open; at = at->next)
        if (weft__container(at, struct weft__io, open)->kind != WEFT_HANDLE_SIGNAL)
            return true;
    return loop->children != NULL;
}

void weft__foreign_look(weft_loop *loop)
{
    if (has_others(loop))
        return;
    struct counting counting = { .loop = loop, .active = loop->uv->active_reqs.count };
    uv_walk(loop->uv, count, &counting);
    if (counting.active > 0 && !loop->foreign) {
        loop->foreign = weft_new_id(loop->writer, WEFT_ENTITY_HANDLE);
        weft__emit(loop, 0, WEFT_RECORD_OBJECT_NEW, 0, NULL, loop->foreign, counting.active);
        weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, loop->foreign, "libuv's own");
    } else if (counting.active == 0 && loop->foreign) {
        weft__emit(loop, 0, WEFT_RECORD_OBJECT_FREE, 0, NULL, loop->foreign, 0);
        loop->foreign = 0;
    }
}
