/* mailbox.c: see mailbox.h. */
#include "runtime/mailbox.h"
#include <stdlib.h>

struct weft__mailbox *weft__mailbox_new(uv_async_t *wake)
{
    struct weft__mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (!mailbox)
        return NULL;
    mailbox->refs = 1;
    mailbox->end = &mailbox->first;
    mailbox->wake = wake;
    pthread_mutex_init(&mailbox->lock, NULL);
    return mailbox;
}

struct weft__mailbox *weft__mailbox_ref(struct weft__mailbox *mailbox)
{
    atomic_fetch_add_explicit(&mailbox->refs, 1, memory_order_relaxed);
    return mailbox;
}

void weft__mailbox_unref(struct weft__mailbox *mailbox)
{
    if (mailbox && atomic_fetch_sub_explicit(&mailbox->refs, 1, memory_order_acq_rel) == 1) {
        pthread_mutex_destroy(&mailbox->lock);
        free(mailbox);
    }
}

static void trace_post(struct weft__mailbox *mailbox, weft_handle *handle, uint64_t id)
{
    bool own = weft__loop && weft__loop->mailbox == mailbox;
    struct weft_writer *writer = own ? weft__loop->writer : weft_probe_thread_writer();
    handle->timer.id = id ? id : weft_new_id(writer, WEFT_ENTITY_HANDLE);
    handle->from = writer->owner;
    weft_emit(writer, WEFT_RECORD_POST, 0, weft_site_id(handle->timer.site), handle->timer.id,
              mailbox->loop_id);
}

int weft__mailbox_post(struct weft__mailbox *mailbox, weft_handle *handle, uint64_t id)
{
    handle->timer.id = id;
    if (weft_probe_recording())
        trace_post(mailbox, handle, id);
    handle->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    bool open = mailbox->wake != NULL;
    if (open) {
        *mailbox->end = handle;
        mailbox->end = &handle->next;
        if (!atomic_load_explicit(&mailbox->posted, memory_order_relaxed)) {
            atomic_store_explicit(&mailbox->posted, true, memory_order_release);
            uv_async_send(mailbox->wake); /* under the lock: once closed it must not be touched */
        }
    }
    pthread_mutex_unlock(&mailbox->lock);
    if (!open)
        return WEFT_ECLOSED;
    if (weft__loop && weft__loop->mailbox == mailbox)
        weft__mailbox_take(weft__loop); /* its place is behind what this thread has made ready */
    return 0;
}

static weft_handle *detach(struct weft__mailbox *mailbox, bool close)
{
    pthread_mutex_lock(&mailbox->lock);
    weft_handle *first = mailbox->first;
    mailbox->first = NULL;
    mailbox->end = &mailbox->first;
    if (close)
        mailbox->wake = NULL;
    atomic_store_explicit(&mailbox->posted, false, memory_order_relaxed);
    pthread_mutex_unlock(&mailbox->lock);
    return first;
}

void weft__mailbox_take(weft_loop *loop)
{
    for (weft_handle *handle = detach(loop->mailbox, false), *next; handle; handle = next) {
        next = handle->next;
        handle->loop = loop;
        weft__loop_ref(loop);
        if (handle->timer.id == 0)
            handle->timer.id = weft_new_id(loop->writer, WEFT_ENTITY_HANDLE);
        weft__ready_callback(loop, &handle->timer.entry, WEFT_HANDLE_ASYNC, handle->timer.site,
                             handle->timer.id, handle->from);
    }
}

void weft__mailbox_close(struct weft__mailbox *mailbox)
{
    for (weft_handle *handle = detach(mailbox, true), *next; handle; handle = next) {
        next = handle->next;
        weft_unref(handle);
    }
}
