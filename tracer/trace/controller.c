/* controller.c: see controller.h. */
#include "tracer/trace/controller.h"
#include "tracer/probe/control.h"
#include "tracer/trace/attach.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct weft_controller {
    int fd;
    char *path; /* of the segment */
};

static gboolean fail(GError **error, enum weft_trace_error code, const weft_controller *c,
                     const char *what)
{
    g_set_error(error, WEFT_TRACE_ERROR, code, "the program of %s %s", c->path, what);
    return FALSE;
}

weft_controller *weft_controller_open_segment(const char *path, GError **error)
{
    int fd = weft_control_connect(path);
    if (fd < 0) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS,
                    "cannot control the program of %s: %s", path,
                    fd == -ENOENT || fd == -ECONNREFUSED
                        ? "it has no control socket (WEFT_CONTROL=0, or it has ended)"
                        : g_strerror(-fd));
        return NULL;
    }
    weft_controller *c = g_new0(weft_controller, 1);
    c->fd = fd;
    c->path = g_strdup(path);
    return c;
}

weft_controller *weft_controller_open(guint64 pid, GError **error)
{
    g_autofree char *path = weft_find_segment(pid, error);
    return path ? weft_controller_open_segment(path, error) : NULL;
}

void weft_controller_close(weft_controller *c)
{
    if (!c)
        return;
    close(c->fd);
    g_free(c->path);
    g_free(c);
}

gboolean weft_controller_send(weft_controller *c, const char *command, GError **error)
{
    if (send(c->fd, command, strlen(command), MSG_NOSIGNAL) >= 0)
        return TRUE;
    return fail(error, errno == EAGAIN ? WEFT_TRACE_ERROR_NO_ANSWER : WEFT_TRACE_ERROR_NO_PROCESS,
                c, errno == EAGAIN ? "has not answered what it was asked before" : "has ended");
}

/* "ok", "ok TEXT" or "error TEXT". */
static gboolean take_answer(const weft_controller *c, const char *text, char **answer,
                            GError **error)
{
    if (strcmp(text, "ok") == 0 || g_str_has_prefix(text, "ok ")) {
        if (answer)
            *answer = g_utf8_make_valid(text[2] ? text + 3 : "", -1);
        return TRUE;
    }
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    if (!g_str_has_prefix(text, "error "))
        return fail(error, WEFT_TRACE_ERROR_FAILED, c, "gave an answer that makes no sense");
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED, "the program refuses: %s",
                valid + strlen("error "));
    return FALSE;
}

gboolean weft_controller_receive(weft_controller *c, gint64 timeout_ns, char **answer,
                                 GError **error)
{
    gint64 until = g_get_monotonic_time() + timeout_ns / 1000;
    for (;;) {
        char text[WEFT_CONTROL_MESSAGE];
        ssize_t n = recv(c->fd, text, sizeof text - 1, MSG_DONTWAIT);
        if (n > 0) {
            text[n] = 0;
            return take_answer(c, text, answer, error);
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            return fail(error, WEFT_TRACE_ERROR_NO_PROCESS, c, "has ended");
        gint64 left = until - g_get_monotonic_time();
        if (left <= 0)
            return fail(error, WEFT_TRACE_ERROR_NO_ANSWER, c,
                        "does not answer: none of its loops polls");
        struct pollfd ready = { .fd = c->fd, .events = POLLIN };
        poll(&ready, 1, (int)MIN(left / 1000 + 1, 60000));
    }
}

gboolean weft_controller_command(weft_controller *c, const char *command, gint64 timeout_ns,
                                 char **answer, GError **error)
{
    return weft_controller_send(c, command, error) &&
           weft_controller_receive(c, timeout_ns, answer, error);
}
