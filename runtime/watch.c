/* watch.c: add_reader and add_writer.
 *
 *      loop->watchers -> by fd: [ - | watcher | - | watcher | ... ]
 *      watcher: one uv_poll_t, and a direction (fn, arg, entry) for reading and one for writing
 *
 * libuv's poll is level-triggered: a descriptor that stays ready calls back in every poll, and its
 * callback runs in every batch, once. A watcher lives until neither direction is wanted and libuv
 * has closed its handle; the fd's place in the table is free at once. */
#include "runtime/watch.h"
#include "runtime/context.h"
#include "runtime/loop.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct direction {
    struct weft__io io;
    struct watcher *watcher;
    weft_callback *fn; /* NULL: not watched */
    void *arg;
    struct weft__context *context;
    weft_site *site;
};

struct watcher {
    uv_poll_t poll;
    int fd;
    struct direction reader, writer;
};

struct weft__watchers {
    struct watcher **by_fd;
    size_t room;
};

static void run(struct weft__entry *entry)
{
    struct direction *d = weft__container(entry, struct direction, io.entry);
    weft_loop *loop = d->io.loop;
    uint64_t id = d->io.id;
    if (!d->fn)
        return;
    weft__callback_begin(loop, WEFT_HANDLE_IO, d->site, id, 0);
    struct weft__context **outer = weft__context_enter(&d->context);
    d->fn(d->arg);
    weft__context_leave(outer);
    weft__callback_end(loop, WEFT_HANDLE_IO, id);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct watcher *watcher = poll->data;
    /* An error is for whoever watches to find: reading or writing will fail. */
    if (status < 0)
        events = UV_READABLE | UV_WRITABLE;
    if ((events & (UV_READABLE | UV_DISCONNECT)) && watcher->reader.fn)
        weft__io_ready(&watcher->reader.io);
    if ((events & UV_WRITABLE) && watcher->writer.fn)
        weft__io_ready(&watcher->writer.io);
}

static void on_closed(uv_handle_t *handle)
{
    struct watcher *watcher = handle->data;
    weft_loop *loop = watcher->reader.io.loop;
    loop->uv_handles--;
    weft__context_drop(watcher->reader.context);
    weft__context_drop(watcher->writer.context);
    free(watcher);
    weft__loop_unref(loop);
}

static struct watcher **place(weft_loop *loop, int fd)
{
    if (!loop->watchers)
        loop->watchers = calloc(1, sizeof *loop->watchers);
    struct weft__watchers *all = loop->watchers;
    if (!all)
        return NULL;
    if ((size_t)fd >= all->room) {
        size_t room = (size_t)fd + 64;
        struct watcher **by_fd = realloc(all->by_fd, room * sizeof *by_fd);
        if (!by_fd)
            return NULL;
        memset(by_fd + all->room, 0, (room - all->room) * sizeof *by_fd);
        all->by_fd = by_fd;
        all->room = room;
    }
    return &all->by_fd[fd];
}

static struct watcher *find(weft_loop *loop, int fd)
{
    if (!loop || !loop->watchers || fd < 0 || (size_t)fd >= loop->watchers->room)
        return NULL;
    return loop->watchers->by_fd[fd];
}

bool weft__watcher_is(weft_loop *loop, const uv_handle_t *handle)
{
    uv_os_fd_t fd;
    const struct watcher *watcher = handle->type == UV_POLL && uv_fileno(handle, &fd) == 0
                                        ? find(loop, fd)
                                        : NULL;
    return watcher && (const uv_handle_t *)&watcher->poll == handle;
}

static int watcher_new(weft_loop *loop, int fd, struct watcher **out)
{
    struct watcher **slot = place(loop, fd);
    struct watcher *watcher = slot ? calloc(1, sizeof *watcher) : NULL;
    if (!watcher)
        return UV_ENOMEM;
    int rc = uv_poll_init(loop->uv, &watcher->poll, fd);
    if (rc < 0) {
        free(watcher);
        return rc;
    }
    watcher->poll.data = watcher;
    watcher->fd = fd;
    struct direction *both[] = { &watcher->reader, &watcher->writer };
    for (int i = 0; i < 2; i++) {
        both[i]->io.entry.run = run;
        both[i]->io.loop = loop;
        both[i]->watcher = watcher;
    }
    weft__loop_ref(loop);
    loop->uv_handles++;
    *slot = *out = watcher;
    return 0;
}

/* Tells libuv what is wanted now; nothing any more: the watcher goes. */
static int update(struct watcher *watcher)
{
    weft_loop *loop = watcher->reader.io.loop;
    int events = (watcher->reader.fn ? UV_READABLE | UV_DISCONNECT : 0) |
                 (watcher->writer.fn ? UV_WRITABLE : 0);
    if (events != 0)
        return uv_poll_start(&watcher->poll, events, on_poll);
    loop->watchers->by_fd[watcher->fd] = NULL;
    uv_close((uv_handle_t *)&watcher->poll, on_closed);
    return 0;
}

static void announce(weft_loop *loop, struct direction *d, int fd, const char *name)
{
    char number[32];
    d->io.id = weft_new_id(loop->writer, WEFT_ENTITY_HANDLE);
    if (!weft_probe_recording())
        return;
    snprintf(number, sizeof number, "fd %d", fd);
    weft__emit(loop, 0, WEFT_RECORD_OBJECT_NEW, 0, d->site, d->io.id, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, d->io.id, name ? name : number);
}

static int add(weft_site *site, int fd, bool reads, weft_callback *fn, void *arg,
               weft_watch_options options)
{
    weft_loop *loop = weft__loop;
    if (!loop || loop->closing)
        return WEFT_ENOLOOP;
    if (fd < 0 || !fn)
        return UV_EINVAL;
    struct watcher *watcher = find(loop, fd);
    if (!watcher) {
        int rc = watcher_new(loop, fd, &watcher);
        if (rc < 0)
            return rc;
    }
    struct direction *d = reads ? &watcher->reader : &watcher->writer;
    struct weft__context *replaced = d->context;
    weft__unready(loop, &d->io.entry); /* the one it replaces will not run */
    d->fn = fn;
    d->arg = arg;
    d->site = site;
    d->context = weft__context_copy();
    weft__context_drop(replaced);
    announce(loop, d, fd, options.name);
    return update(watcher);
}

int weft_add_reader_at(weft_site *site, int fd, weft_callback *fn, void *arg,
                       weft_watch_options options)
{
    return add(site, fd, true, fn, arg, options);
}

int weft_add_writer_at(weft_site *site, int fd, weft_callback *fn, void *arg,
                       weft_watch_options options)
{
    return add(site, fd, false, fn, arg, options);
}

static bool stop(struct direction *d)
{
    weft_loop *loop = d->io.loop;
    if (!d->fn)
        return false;
    d->fn = NULL;
    if (weft__linked(&d->io.entry)) {
        weft__unready(loop, &d->io.entry);
        weft__trace(loop, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_IO, NULL, d->io.id, 0);
    }
    weft__trace(loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, d->io.id, 0);
    update(d->watcher);
    return true;
}

bool weft_remove_reader(int fd)
{
    struct watcher *watcher = find(weft__loop, fd);
    return watcher && stop(&watcher->reader);
}

bool weft_remove_writer(int fd)
{
    struct watcher *watcher = find(weft__loop, fd);
    return watcher && stop(&watcher->writer);
}

void weft__watchers_close(weft_loop *loop)
{
    struct weft__watchers *all = loop->watchers;
    for (size_t fd = 0; all && fd < all->room; fd++) {
        struct watcher *watcher = all->by_fd[fd];
        if (!watcher)
            continue;
        if (!watcher->writer.fn) {
            stop(&watcher->reader);
        } else {
            stop(&watcher->reader);
            stop(&watcher->writer);
        }
    }
    if (all)
        free(all->by_fd);
    free(all);
    loop->watchers = NULL;
}
