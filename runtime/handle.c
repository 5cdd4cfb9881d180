/* handle.c: see handle.h. The queue holds one reference to a handle until it ran or was cancelled.
 */
#include "runtime/context.h"
#include "runtime/debug.h"
#include "runtime/mailbox.h"
#include <math.h>
#include <stdlib.h>

static void destroy(void *object)
{
    weft__handle_finish(object);
    free(object);
}

static void run(struct weft__entry *entry)
{
    weft_handle *handle = weft__container(entry, weft_handle, timer.entry);
    weft_loop *loop = handle->loop;
    uint64_t id = handle->timer.id;
    enum weft_handle_kind kind = handle->kind;
    weft__callback_begin(loop, kind, handle->timer.site, id, handle->from);
    struct weft__context **outer = weft__context_enter(&handle->context);
    handle->fn(handle->arg);
    weft__context_leave(outer);
    weft__callback_end(loop, kind, id);
    weft_unref(handle);
}

void weft__handle_init(weft_handle *handle, weft_site *site, weft_callback *fn, void *arg,
                       void (*destroy_it)(void *))
{
    weft__object_init(&handle->object, WEFT__HANDLE, destroy_it);
    handle->timer.entry.run = run;
    handle->timer.site = site;
    handle->fn = fn;
    handle->arg = arg;
    handle->context = weft__context_copy();
    handle->kind = WEFT_HANDLE_ASYNC;
}

void weft__handle_finish(weft_handle *handle)
{
    weft__loop_unref(handle->loop);
    weft__context_drop(handle->context);
}

static weft_handle *handle_new(weft_loop *loop, weft_site *site, enum weft_handle_kind kind,
                               weft_callback *fn, void *arg)
{
    weft_handle *handle = fn ? weft__object_new(sizeof *handle) : NULL;
    if (!handle)
        return NULL;
    weft__handle_init(handle, site, fn, arg, destroy);
    handle->kind = (uint8_t)kind;
    handle->loop = loop;
    weft__loop_ref(loop);
    return handle;
}

/* This thread's loop, if callbacks can still be given to it. */
static weft_loop *open_loop(void)
{
    return weft__loop && !weft__loop->closing ? weft__loop : NULL;
}

weft_handle *weft_call_soon_at(weft_site *site, weft_callback *fn, void *arg)
{
    weft_loop *loop = open_loop();
    weft_handle *handle = loop ? handle_new(loop, site, WEFT_HANDLE_CALL_SOON, fn, arg) : NULL;
    if (!handle)
        return NULL;
    handle->timer.id = weft_new_id(loop->writer, WEFT_ENTITY_HANDLE);
    weft__ready_callback(loop, &handle->timer.entry, WEFT_HANDLE_CALL_SOON, site, handle->timer.id,
                         loop->writer->current_task);
    return handle;
}

static weft_handle *call_at(weft_site *site, uint64_t when, weft_callback *fn, void *arg)
{
    weft_loop *loop = open_loop();
    weft_handle *handle = loop ? handle_new(loop, site, WEFT_HANDLE_TIMER, fn, arg) : NULL;
    if (!handle)
        return NULL;
    handle->timer.id = weft_new_id(loop->writer, WEFT_ENTITY_TIMER);
    if (weft__timer_set(loop, &handle->timer, when) < 0) {
        weft_unref(handle);
        return NULL;
    }
    return handle;
}

weft_handle *weft_call_later_at(weft_site *site, double delay, weft_callback *fn, void *arg)
{
    return isnan(delay) ? NULL : call_at(site, weft__deadline_in(delay), fn, arg);
}

weft_handle *weft_call_at_at(weft_site *site, double when, weft_callback *fn, void *arg)
{
    return isnan(when) ? NULL : call_at(site, weft__deadline_at(when), fn, arg);
}

void weft_handle_cancel(weft_handle *handle)
{
    if (!handle || handle->loop->closed ||
        weft__foreign_thread(handle->loop, handle->timer.site, "weft_handle_cancel"))
        return;
    bool pending = handle->timer.index != 0 || weft__linked(&handle->timer.entry);
    if (!pending)
        return;
    if (handle->timer.index == 0 && handle->kind != WEFT_HANDLE_TIMER) {
        weft__unready(handle->loop, &handle->timer.entry);
        weft__trace(handle->loop, WEFT_RECORD_READY_CANCEL, handle->kind, NULL, handle->timer.id,
                    0);
    } else {
        weft__timer_cancel(handle->loop, &handle->timer);
    }
    weft_unref(handle);
}

int weft_call_soon_threadsafe_at(weft_site *site, weft_loop *loop, weft_callback *fn, void *arg)
{
    if (!loop || !fn)
        return UV_EINVAL;
    weft_handle *handle = handle_new(NULL, site, WEFT_HANDLE_ASYNC, fn, arg);
    if (!handle)
        return UV_ENOMEM;
    int rc = weft__mailbox_post(loop->mailbox, handle, 0);
    if (rc < 0)
        weft_unref(handle);
    return rc;
}

bool weft__drop_handle(struct weft__entry *entry)
{
    if (entry->run != run)
        return false;
    weft_unref(weft__container(entry, weft_handle, timer.entry));
    return true;
}
