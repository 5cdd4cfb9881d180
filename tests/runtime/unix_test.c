/* unix_test.c: unix sockets: paths, abstract names, and the files that they leave or do not. */
#include "served.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- A directory of its own for every test ---- */

static char *directory, *path;

static void begin(void)
{
    directory = g_dir_make_tmp("weft-unix-XXXXXX", NULL);
    path = g_build_filename(directory, "socket", NULL);
}

/* Nothing may be left in it. */
static void end(void)
{
    g_assert_cmpint(g_rmdir(directory), ==, 0);
    g_clear_pointer(&directory, g_free);
    g_clear_pointer(&path, g_free);
}

static bool is_socket(void)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISSOCK(found.st_mode);
}

/* A socket as another program would have it, bound and perhaps listening. */
static int foreign_socket(int backlog)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    if (backlog >= 0)
        g_assert_cmpint(listen(fd, backlog), ==, 0);
    return fd;
}

/* ---- Talking ---- */

static int says_who(weft_stream *stream, void *arg)
{
    (void)arg;
    g_assert_cmpstr(weft_stream_sockname(stream), ==, path);
    g_assert_cmpstr(weft_stream_peer(stream), ==, ""); /* it has no name */
    g_autofree char *name = g_strdup_printf("says_who %s#1", path);
    g_assert_cmpstr(weft_get_name(weft_current_task()), ==, name);
    weft_bytes bytes;
    WEFT_TRY(weft_read(stream, -1, &bytes));
    weft_printf(stream, "%s, and here is the end", bytes.data);
    return 0;
}

WEFT_ASYNC(void, talks)
{
    weft_own weft_server *server = NULL;
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_start_unix_server(path, says_who, NULL, &server));
    g_assert_true(is_socket());
    g_assert_cmpint(weft_server_port(server), ==, 0);
    WEFT_TRY(weft_open_unix_connection(path, &stream));
    g_assert_cmpstr(weft_stream_peer(stream), ==, path);
    g_assert_cmpstr(weft_stream_sockname(stream), ==, "");
    weft_printf(stream, "half of it");
    g_assert_true(weft_can_write_eof(stream));
    g_assert_cmpint(weft_write_eof(stream), ==, 0);
    weft_bytes bytes;
    WEFT_TRY(weft_read(stream, -1, &bytes));
    note("%s", bytes.data);
    weft_close(stream);
    weft_server_close(server);
    g_assert_false(is_socket());
    return weft_await(weft_server_wait_closed(server));
}

static void test_talks(void)
{
    begin();
    g_assert_cmpint(weft_run(talks()), ==, 0);
    expect("half of it, and here is the end");
    end();
}

WEFT_ASYNC(void, abstract, const char *, name)
{
    weft_own weft_server *server = NULL, *second = NULL;
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_start_unix_server(name, echo, NULL, &server));
    WEFT_TRY(weft_open_unix_connection(name, &stream));
    g_assert_cmpstr(weft_stream_peer(stream), ==, name);
    WEFT_TRY(expect_echo(stream));
    int rc = weft_await(weft_start_unix_server(name, echo, NULL, &second));
    g_autofree char *message = g_strdup_printf("cannot listen on %s: address already in use", name);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, message);
    weft_server_close(server);
    g_assert_false(g_file_test(name, G_FILE_TEST_EXISTS));
    return rc;
}

static void test_abstract(void)
{
    g_autofree char *name = g_strdup_printf("@weft-test-%d", getpid());
    g_assert_cmpint(weft_run(abstract(name)), ==, UV_EADDRINUSE);
}

/* ---- Files ---- */

/* A socket that is there is replaced, whether it is left over or not; close removes only its own.
 */
WEFT_ASYNC(void, replaces)
{
    weft_own weft_server *first = NULL, *second = NULL;
    weft_own weft_stream *stream = NULL;
    close(foreign_socket(-1));
    g_assert_true(is_socket());
    WEFT_TRY(weft_start_unix_server(path, echo, NULL, &first));
    WEFT_TRY(weft_start_unix_server(path, echo, NULL, &second));
    weft_server_close(first);
    g_assert_true(is_socket());
    WEFT_TRY(weft_open_unix_connection(path, &stream));
    WEFT_TRY(expect_echo(stream));
    g_unlink(path); /* somebody else cleans up: no matter */
    weft_server_close(second);
    return 0;
}

static void test_replaces(void)
{
    begin();
    g_assert_cmpint(weft_run(replaces()), ==, 0);
    end();
}

WEFT_ASYNC(void, keeps)
{
    weft_own weft_server *server = NULL;
    WEFT_TRY(weft_start_unix_server(path, echo, NULL, &server, .keep_socket = true));
    weft_server_close(server);
    g_assert_true(is_socket());
    weft_own weft_stream *stream = NULL;
    return weft_await(weft_open_unix_connection(path, &stream));
}

static void test_keeps(void)
{
    begin();
    g_assert_cmpint(weft_run(keeps()), ==, UV_ECONNREFUSED);
    g_unlink(path);
    end();
}

/* What the program left open is cleaned up with its loop. */
static weft_server *left_server;
WEFT_ASYNC(void, leaves_open)
{
    return weft_await(weft_start_unix_server(path, echo, NULL, &left_server));
}

static void test_left_open(void)
{
    begin();
    g_assert_cmpint(weft_run(leaves_open()), ==, 0);
    weft_unref(left_server);
    end();
}

/* ---- Failures ---- */

WEFT_ASYNC(void, fails)
{
    weft_own weft_server *server = NULL;
    weft_own weft_stream *stream = NULL;
    note("%s", weft_err_name(weft_await(weft_open_unix_connection(path, &stream))));
    g_autofree char *message = g_strdup_printf("cannot connect to %s: no such file or directory",
                                               path);
    g_assert_cmpstr(weft_error_message(weft_current_error()), ==, message);
    g_autofree char *longest = g_strnfill(107, 'x'), *too_long = g_strnfill(108, 'x');
    note("%s", weft_err_name(weft_await(weft_open_unix_connection(longest, &stream))));
    note("%s", weft_err_name(weft_await(weft_open_unix_connection(too_long, &stream))));
    note("%s", weft_err_name(weft_await(weft_start_unix_server(too_long, echo, NULL, &server))));
    g_assert_nonnull(strstr(weft_error_message(weft_current_error()), too_long));
    note("%s", weft_err_name(weft_await(weft_open_unix_connection("", &stream))));
    note("%s", weft_err_name(weft_await(weft_start_unix_server(NULL, echo, NULL, &server))));
    note("%s", weft_err_name(weft_await(weft_start_unix_server(path, NULL, NULL, &server))));
    note("%s", weft_err_name(weft_await(weft_open_unix_connection(path, NULL))));
    /* A file that is no socket stays. */
    g_assert_true(g_file_set_contents(path, "kept", 4, NULL));
    note("%s", weft_err_name(weft_await(weft_start_unix_server(path, echo, NULL, &server))));
    g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
    g_autofree char *below = g_build_filename(path, "below", NULL);
    note("%s", weft_err_name(weft_await(weft_open_unix_connection(below, &stream))));
    g_unlink(path);
    return 0;
}

static void test_fails(void)
{
    begin();
    g_assert_cmpint(weft_run(fails()), ==, 0);
    expect("ENOENT ENOENT ENAMETOOLONG ENAMETOOLONG EINVAL EINVAL EINVAL EINVAL EADDRINUSE "
           "ENOTDIR");
    end();
    weft_stream *stream;
    weft_server *server;
    g_assert_cmpint(weft_open_unix_connection("x", &stream), ==, WEFT_ENOTASK);
    g_assert_cmpint(weft_start_unix_server("x", echo, NULL, &server), ==, WEFT_ENOTASK);
}

WEFT_ASYNC(void, connects)
{
    weft_own weft_stream *stream = NULL;
    int rc = weft_await(weft_open_unix_connection(path, &stream));
    note("connected-%s", weft_err_name(rc));
    return rc;
}

/* A server that does not accept: connecting waits until its queue has room, or is cancelled. */
WEFT_ASYNC(void, full_queue)
{
    int fd = foreign_socket(0), waiting[16], n = 0;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    for (; n < 16; n++) {
        waiting[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (connect(waiting[n], (struct sockaddr *)&address, sizeof address) < 0)
            break;
    }
    g_assert_cmpint(errno, ==, EAGAIN);
    weft_own weft_task *cancelled = weft_create_task(connects());
    weft_own weft_task *patient = weft_create_task(connects());
    WEFT_TRY(weft_sleep(0));
    g_assert_false(weft_done(patient));
    weft_cancel(cancelled);
    weft_await(cancelled);
    for (int i = 0; i <= n; i++)
        close(waiting[i]);
    for (int i = 0; i < n; i++)
        close(accept(fd, NULL, NULL));
    WEFT_TRY(patient);
    close(fd);
    g_unlink(path);
    return 0;
}

static void test_full_queue(void)
{
    begin();
    g_assert_cmpint(weft_run(full_queue()), ==, 0);
    expect("connected-ECANCELED connected-OK");
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runtime/unix/talks", test_talks);
    g_test_add_func("/runtime/unix/abstract", test_abstract);
    g_test_add_func("/runtime/unix/replaces", test_replaces);
    g_test_add_func("/runtime/unix/keeps", test_keeps);
    g_test_add_func("/runtime/unix/left-open", test_left_open);
    g_test_add_func("/runtime/unix/fails", test_fails);
    g_test_add_func("/runtime/unix/full-queue", test_full_queue);
    return g_test_run();
}
