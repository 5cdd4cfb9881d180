/* control.c: every loop watches the process's control socket; whichever polls first serves it. The
 * handle is unref'd: it keeps no uv_run alive, of a loop of the program's own neither. */
#include "runtime/control.h"
#include "tracer/probe/control.h"

static void on_control(uv_poll_t *poll, int status, int events)
{
    (void)events;
    if (status < 0)
        uv_poll_stop(poll);
    else
        weft_control_serve();
}

void weft__control_watch(weft_loop *loop)
{
    int fd = weft_control_fd();
    /* It fails when another loop on the same uv_loop_t watches already. */
    if (fd < 0 || uv_poll_init(loop->uv, &loop->control, fd) < 0)
        return;
    loop->control.data = loop;
    loop->watches_control = true;
    loop->uv_handles++;
    uv_poll_start(&loop->control, UV_READABLE, on_control);
    uv_unref((uv_handle_t *)&loop->control);
}
