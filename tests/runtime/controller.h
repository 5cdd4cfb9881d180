/* controller.h: a controller of this very process, in another thread than its loops: how it finds
 * the socket, asks, and what it leaves behind. */
#ifndef WEFT_TESTS_RUNTIME_CONTROLLER_H
#define WEFT_TESTS_RUNTIME_CONTROLLER_H

#include "tracer/probe/control.h"
#include "tracer/probe/session.h"
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char *controller_directory; /* XDG_RUNTIME_DIR */

/* Before g_test_init. */
static inline void controller_begin(void)
{
    controller_directory = g_dir_make_tmp("weft-control-XXXXXX", NULL);
    g_setenv("XDG_RUNTIME_DIR", controller_directory, TRUE);
    g_unsetenv("WEFT_TRACE");
    g_unsetenv("WEFT_CONTROL");
}

static inline int controller_end(int code)
{
    weft_probe_stop(code);
    g_autofree char *weft = g_build_filename(controller_directory, "weft", NULL);
    g_assert_cmpint(g_rmdir(weft), ==, 0);
    g_rmdir(controller_directory);
    g_free(controller_directory);
    return code;
}

static inline char *controller_segment(void)
{
    g_autofree char *weft = g_build_filename(controller_directory, "weft", NULL);
    g_autoptr(GDir) dir = g_dir_open(weft, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, ".ring"))
            return g_build_filename(weft, name, NULL);
    g_assert_not_reached();
}

static inline int controller_connect(void)
{
    g_autofree char *path = controller_segment();
    int fd = weft_control_connect(path);
    g_assert_cmpint(fd, >=, 0);
    return fd;
}

/* What is answered: g_free it. */
static inline char *controller_answer(int fd, const char *command)
{
    g_assert_cmpint(send(fd, command, strlen(command), MSG_NOSIGNAL), ==, (gssize)strlen(command));
    struct pollfd polled = { fd, POLLIN, 0 };
    g_assert_cmpint(poll(&polled, 1, -1), ==, 1);
    char text[WEFT_CONTROL_MESSAGE + 1] = "";
    g_assert_cmpint(recv(fd, text, sizeof text - 1, 0), >, 0);
    return g_strdup(text);
}

static inline void controller_ask(int fd, const char *command, const char *expected)
{
    g_autofree char *text = controller_answer(fd, command);
    g_assert_cmpstr(text, ==, expected);
}

/* Asks until it is answered so. */
static inline void controller_await(int fd, const char *command, const char *expected)
{
    for (gboolean there = FALSE; !there; g_thread_yield()) {
        g_autofree char *text = controller_answer(fd, command);
        there = strcmp(text, expected) == 0;
    }
}

#endif
