/* signals.c: add_signal_handler.
 *
 *      loop->signals -> [ SIGINT | run()'s ] -> [ SIGUSR1 | a program's ] -> NULL
 *      each: one uv_signal_t, the callback, and how often it was caught since that last ran
 *
 * libuv's handler writes to a pipe of each loop that watches the signal; its callback comes in the
 * poll, and the program's in the batch, once for each time that the signal was caught. asyncio has
 * handlers in the main thread only; here they may be in any, and in several loops, as libuv has it.
 *
 * SIGINT of run() is a one-shot watch: the kernel gives the signal its default action back at the
 * moment of the first, so that a second ends the process even while a coroutine spins. */
#include "runtime/signals.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct weft__signal {
    struct weft__io io;
    uv_signal_t uv;
    int number;
    unsigned caught; /* and not told yet */
    bool once;       /* run()'s */
    weft_callback *fn;
    void *arg;
    weft_site *site;
    struct weft__signal *next;
};

static void run(struct weft__entry *entry)
{
    struct weft__signal *signal = weft__container(entry, struct weft__signal, io.entry);
    weft_loop *loop = signal->io.loop;
    uint64_t id = signal->io.id;
    unsigned times = signal->caught;
    signal->caught = 0;
    weft__callback_begin(loop, WEFT_HANDLE_SIGNAL, signal->site, id, 0);
    for (; times > 0 && signal->fn; times--)
        signal->fn(signal->arg);
    weft__callback_end(loop, WEFT_HANDLE_SIGNAL, id);
}

static void on_signal(uv_signal_t *uv, int number)
{
    struct weft__signal *signal = uv->data;
    (void)number;
    signal->caught++;
    weft__io_ready(&signal->io);
}

static void on_closed(uv_handle_t *handle)
{
    struct weft__signal *signal = handle->data;
    weft_loop *loop = signal->io.loop;
    weft__io_closed(&signal->io);
    free(signal);
    weft__loop_unref(loop);
}

/* ---- The list ---- */

static struct weft__signal *find(const weft_loop *loop, int number)
{
    struct weft__signal *signal = loop ? loop->signals : NULL;
    while (signal && signal->number != number)
        signal = signal->next;
    return signal;
}

/* Neither now nor, if it is already due, later. */
static void stop(struct weft__signal *signal)
{
    weft_loop *loop = signal->io.loop;
    struct weft__signal **at = &loop->signals;
    while (*at != signal)
        at = &(*at)->next;
    *at = signal->next;
    signal->fn = NULL;
    if (weft__linked(&signal->io.entry)) {
        weft__unready(loop, &signal->io.entry);
        weft__trace(loop, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_SIGNAL, NULL, signal->io.id, 0);
    }
    weft__trace(loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, signal->io.id, 0);
    uv_close((uv_handle_t *)&signal->uv, on_closed);
    /* libuv gives it its default action back; the runtime's is to have writes fail: see loop.c. */
    if (signal->number == SIGPIPE)
        sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
}

static void close_io(struct weft__io *io)
{
    struct weft__signal *signal = weft__container(io, struct weft__signal, io);
    if (!uv_is_closing((uv_handle_t *)&signal->uv))
        stop(signal);
}

static int signal_new(weft_loop *loop, weft_site *site, int number, struct weft__signal **out)
{
    struct weft__signal *signal = calloc(1, sizeof *signal);
    if (!signal)
        return UV_ENOMEM;
    int rc = uv_signal_init(loop->uv, &signal->uv);
    if (rc < 0) {
        free(signal);
        return rc;
    }
    signal->uv.data = signal;
    signal->number = number;
    signal->io.entry.run = run;
    signal->io.close = close_io;
    signal->io.kind = WEFT_HANDLE_SIGNAL;
    weft__io_open(loop, &signal->io, WEFT_ENTITY_HANDLE);
    signal->next = loop->signals;
    loop->signals = *out = signal;
    if (weft_probe_recording()) {
        char name[32];
        const char *known = sigabbrev_np(number);
        if (known)
            snprintf(name, sizeof name, "SIG%s", known);
        else
            snprintf(name, sizeof name, "signal %d", number);
        weft__emit(loop, 0, WEFT_RECORD_OBJECT_NEW, 0, site, signal->io.id, 0);
        weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, signal->io.id, name);
    }
    return 0;
}

static int watch(weft_loop *loop, weft_site *site, int number, bool once, weft_callback *fn,
                 void *arg)
{
    struct weft__signal *signal = find(loop, number);
    if (!signal) {
        int rc = signal_new(loop, site, number, &signal);
        if (rc < 0)
            return rc;
        rc = (once ? uv_signal_start_oneshot : uv_signal_start)(&signal->uv, on_signal, number);
        if (rc < 0) {
            stop(signal);
            return rc;
        }
        signal->once = once;
    }
    signal->fn = fn;
    signal->arg = arg;
    signal->site = site;
    return 0;
}

/* ---- The program's ---- */

/* Whether the loop can have it: a fault would come again as soon as its handler returned. */
static bool can_be_caught(int number)
{
    switch (number) {
    case SIGKILL:
    case SIGSTOP:
    case SIGSEGV:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
        return false;
    default:
        return number > 0 && number < NSIG;
    }
}

int weft_add_signal_handler_at(weft_site *site, int number, weft_callback *fn, void *arg)
{
    weft_loop *loop = weft__loop;
    if (!loop || loop->closing)
        return WEFT_ENOLOOP;
    if (!fn || !can_be_caught(number))
        return UV_EINVAL;
    struct weft__signal *before = find(loop, number);
    if (before && before->once)
        stop(before); /* run()'s, which the program takes over */
    return watch(loop, site, number, false, fn, arg);
}

bool weft_remove_signal_handler(int number)
{
    struct weft__signal *signal = find(weft__loop, number);
    if (!signal || signal->once)
        return false;
    stop(signal);
    return true;
}

/* ---- run()'s ---- */

static bool has_default_action(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
           action.sa_handler == SIG_DFL;
}

int weft__sigint_watch(weft_loop *loop, weft_site *site, weft_callback *fn, void *arg)
{
    if (gettid() != getpid() || !has_default_action(SIGINT))
        return 0;
    return watch(loop, site, SIGINT, true, fn, arg);
}

bool weft__sigint_unwatch(weft_loop *loop)
{
    struct weft__signal *signal = find(loop, SIGINT);
    if (!signal || !signal->once)
        return false;
    const uv_handle_t *uv = (const uv_handle_t *)&signal->uv;
    if (uv_is_active(uv))
        uv_run(loop->uv, UV_RUN_NOWAIT); /* it may have come while the loop did not look any more */
    bool came = !uv_is_active(uv);
    stop(signal);
    return came;
}

uint64_t weft__sigint_id(const weft_loop *loop)
{
    struct weft__signal *signal = find(loop, SIGINT);
    return signal ? signal->io.id : 0;
}

bool weft__signal_is(const weft_loop *loop, const uv_handle_t *handle)
{
    const struct weft__signal *signal = loop->signals;
    while (signal && (const uv_handle_t *)&signal->uv != handle)
        signal = signal->next;
    return signal != NULL;
}

void weft__signals_forget(const weft_loop *loop)
{
    for (struct weft__signal *signal = loop ? loop->signals : NULL; signal; signal = signal->next)
        sigaction(signal->number, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
}
