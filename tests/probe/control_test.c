/* The control socket: what is answered, who is refused, and what no controller can do to it. The
 * program serves it by hand, as one without a loop of Weft's does. */
#include "tests/probe/session.h"
#include "tests/valgrind.h"
#include "tracer/probe/control.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static char *segment; /* this process's, which its socket lies beside */

static void start(void)
{
    g_assert_cmpint(weft_probe_start(), ==, WEFT_MODE_FLIGHT);
    segment = file_path(".ring");
    g_assert_nonnull(segment);
    g_assert_cmpint(weft_control_fd(), >=, 0);
}

static int connected(void)
{
    int fd = weft_control_connect(segment);
    g_assert_cmpint(fd, >=, 0);
    return fd;
}

/* Something to serve: as a loop sees it. */
static gboolean is_readable(void)
{
    struct pollfd polled = { weft_control_fd(), POLLIN, 0 };
    return poll(&polled, 1, 0) == 1;
}

static void serve(void)
{
    while (is_readable())
        weft_control_serve();
}

/* The answer that is there; NULL when the connection was ended instead. */
static char *answer(int fd)
{
    char text[WEFT_CONTROL_MESSAGE + 1];
    gssize n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
    g_assert_cmpint(n, >=, 0);
    return n > 0 ? g_strndup(text, (gsize)n) : NULL;
}

static char *ask_bytes(int fd, const void *bytes, gsize size)
{
    g_assert_cmpint(send(fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL), ==, (gssize)size);
    serve();
    return answer(fd);
}

static void is_answered(int fd, const char *command, const char *expected)
{
    g_autofree char *got = ask_bytes(fd, command, strlen(command));
    g_assert_cmpstr(got, ==, expected);
}

static void is_refused(int fd, const void *bytes, gsize size)
{
    g_autofree char *got = ask_bytes(fd, bytes, size);
    g_assert_nonnull(got);
    g_assert_true(g_str_has_prefix(got, "error "));
}

static void body_answers(void)
{
    start();
    g_autofree char *path = file_path(".sock");
    struct stat st;
    g_assert_cmpint(g_stat(path, &st), ==, 0);
    g_assert_true(S_ISSOCK(st.st_mode));
    g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
    g_assert_false(is_readable());
    weft_control_serve(); /* nothing to do */
    int one = connected(), other = connected();
    is_answered(one, "ping", "ok flight");
    is_answered(one, "ping\n", "ok flight");
    is_answered(other, "ping", "ok flight");
    is_refused(one, "please", 6);
    close(one);
    is_answered(other, "ping", "ok flight");
    weft_probe_stop(0);
    g_assert_null(answer(other));
    g_assert_cmpuint(count_files(".sock", NULL), ==, 0);
    g_assert_cmpint(weft_control_connect(segment), ==, -ENOENT);
    weft_control_serve();
    g_assert_false(is_readable());
}

static void body_unwanted(void)
{
    g_setenv("WEFT_CONTROL", "0", TRUE);
    weft_probe_start();
    g_assert_cmpint(weft_control_fd(), ==, -1);
    g_assert_cmpuint(count_files(".ring", NULL), ==, 1);
    g_assert_cmpuint(count_files(".sock", NULL), ==, 0);
    weft_control_serve();
}

static void body_off(void)
{
    weft_probe_start();
    g_assert_cmpint(weft_control_fd(), ==, -1);
    g_assert_cmpuint(count_files("", NULL), ==, 0);
}

static void body_garbage(void)
{
    start();
    int fd = connected();
    GRand *rand = g_rand_new_with_seed(1);
    char bytes[2000];
    for (guint i = 0; i < 2000; i++) {
        for (gsize j = 0; j < sizeof bytes; j++)
            bytes[j] = (char)g_rand_int(rand);
        is_refused(fd, bytes, (gsize)g_rand_int_range(rand, 1, sizeof bytes));
    }
    g_rand_free(rand);
    is_refused(fd, "\0", 1);
    is_refused(fd, "ping\0ping", 9);
    is_refused(fd, "p", 1);
    is_refused(fd, "pingping", 8);
    is_refused(fd, " ping", 5);
    is_answered(fd, "ping", "ok flight");
    /* A message of nothing is what a closed connection sends. */
    g_autofree char *nothing = ask_bytes(fd, "", 0);
    g_assert_null(nothing);
    is_answered(connected(), "ping", "ok flight");
}

static void body_huge(void)
{
    start();
    int fd = connected();
    gsize size = 100000;
    g_autofree char *bytes = g_malloc(size);
    memset(bytes, 'p', size);
    is_refused(fd, bytes, size);
    is_refused(fd, bytes, WEFT_CONTROL_MESSAGE);
    is_refused(fd, bytes, WEFT_CONTROL_MESSAGE - 1);
    is_answered(fd, "ping", "ok flight");
}

static void body_descriptors(void)
{
    start();
    int fd = connected();
    char byte = 'p';
    struct iovec part = { &byte, 1 };
    _Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof fd)] = { 0 };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room
    };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof fd);
    int ends[2];
    g_assert_cmpint(pipe(ends), ==, 0);
    memcpy(CMSG_DATA(head), &ends[1], sizeof ends[1]);
    g_assert_cmpint(sendmsg(fd, &message, MSG_NOSIGNAL), ==, 1);
    close(ends[1]);
    serve();
    g_autofree char *refusal = answer(fd);
    g_assert_nonnull(refusal);
    g_assert_cmpint(read(ends[0], &byte, 1), ==, 0); /* nobody keeps what was sent along */
}

static void body_thousand(void)
{
    start();
    struct rlimit limit;
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    limit.rlim_cur = MIN(limit.rlim_max, 4096);
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
    guint served = 0, refused = 0;
    int fds[1000];
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++) {
        while ((fds[i] = weft_control_connect(segment)) == -EAGAIN)
            serve(); /* too many wait to be let in */
        g_assert_cmpint(fds[i], >=, 0);
    }
    serve();
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++) {
        gboolean sent = send(fds[i], "ping", 4, MSG_NOSIGNAL) == 4;
        serve();
        g_autofree char *got = answer(fds[i]);
        g_assert_nonnull(got);
        served += strcmp(got, "ok flight") == 0;
        refused += strcmp(got, "error too many controllers at a time") == 0;
        g_assert_true(sent || g_str_has_prefix(got, "error"));
    }
    g_assert_cmpuint(served, ==, WEFT_CONTROL_CLIENTS);
    g_assert_cmpuint(refused, ==, 1000 - WEFT_CONTROL_CLIENTS);
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
        close(fds[i]);
    serve();
    is_answered(connected(), "ping", "ok flight");
}

/* One that ends before it is answered must not end the program with SIGPIPE. */
static void body_vanishes(void)
{
    signal(SIGPIPE, SIG_DFL);
    start();
    for (guint i = 0; i < 100; i++) {
        int fd = connected();
        if (i % 2)
            serve();
        g_assert_cmpint(send(fd, "ping", 4, MSG_NOSIGNAL), ==, 4);
        close(fd);
        serve();
        g_assert_false(is_readable());
    }
    is_answered(connected(), "ping", "ok flight");
}

/* One that asks without ever reading is not waited for. */
static void body_never_reads(void)
{
    start();
    int fd = connected();
    guint sent = 0;
    for (; sent < 1000000; sent++) {
        gssize n = send(fd, "ping", 4, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            break; /* it was given up */
        weft_control_serve();
    }
    g_assert_cmpuint(sent, <, 1000000);
    is_answered(connected(), "ping", "ok flight");
}

/* Whoever cannot be accepted for want of a descriptor must not keep loops polling in vain. */
static void body_no_descriptors(void)
{
    start();
    int fds[3];
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = connected();
    struct rlimit before;
    g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
    struct rlimit none = { 0, before.rlim_max };
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &none), ==, 0);
    weft_control_serve();
    g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
    g_assert_false(is_readable());
    int another = connected(); /* with it the others are let in too */
    is_answered(another, "ping", "ok flight");
    for (guint i = 0; i < G_N_ELEMENTS(fds); i++)
        is_answered(fds[i], "ping", "ok flight");
}

static void body_deep(void)
{
    GString *deep = g_string_new(runtime);
    for (guint i = 0; i < 10; i++) {
        g_string_append(deep, "/a-long-name-indeed");
        g_assert_cmpint(g_mkdir(deep->str, 0700), ==, 0);
    }
    g_setenv("XDG_RUNTIME_DIR", deep->str, TRUE);
    char *top = runtime;
    runtime = deep->str;
    start();
    is_answered(connected(), "ping", "ok flight");
    weft_probe_stop(0);
    g_string_append(deep, "/weft");
    while (strcmp(deep->str, top) != 0) {
        g_assert_cmpint(g_rmdir(deep->str), ==, 0);
        g_string_truncate(deep, (gsize)(strrchr(deep->str, '/') - deep->str));
    }
    runtime = top;
    g_string_free(deep, TRUE);
}

static void set_modes(int directories, int socket)
{
    g_autofree char *directory = g_path_get_dirname(segment);
    g_autofree char *path = file_path(".sock");
    g_assert_cmpint(g_chmod(runtime, directories) | g_chmod(directory, directories), ==, 0);
    g_assert_cmpint(g_chmod(path, socket), ==, 0);
}

/* Even where the directory were open to others. */
static void body_foreign_user(void)
{
    start();
    set_modes(0711, 0777);
    pid_t pid = fork();
    if (pid == 0) {
        if (setuid(65534) < 0)
            _exit(1);
        int fd = weft_control_connect(segment);
        char text[100] = "";
        if (fd < 0 || recv(fd, text, sizeof text - 1, 0) < 0)
            raise(SIGSTOP); /* until it was served */
        gssize n = recv(fd, text, sizeof text - 1, 0);
        _exit(n > 0 && strstr(text, "another user") && recv(fd, text, 1, 0) == 0 ? 0 : 2);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, WUNTRACED), ==, pid);
    g_assert_true(WIFSTOPPED(status));
    serve();
    kill(pid, SIGCONT);
    g_assert_cmpint(exit_code_of(pid), ==, 0);
    set_modes(0700, 0600);
}

/* A child does not hold the socket, nor its parent's controllers. */
static void body_fork(void)
{
    start();
    int fd = connected();
    is_answered(fd, "ping", "ok flight");
    pid_t pid = fork();
    if (pid == 0) {
        if (weft_control_fd() != -1)
            _exit(1);
        weft_control_serve();
        raise(SIGSTOP);
        _exit(0);
    }
    int status;
    g_assert_cmpint(waitpid(pid, &status, WUNTRACED), ==, pid);
    g_assert_true(WIFSTOPPED(status));
    is_answered(fd, "ping", "ok flight");
    weft_probe_stop(0);
    g_assert_null(answer(fd));
    g_assert_cmpint(weft_control_connect(segment), ==, -ENOENT);
    kill(pid, SIGCONT);
    g_assert_cmpint(exit_code_of(pid), ==, 0);
}

CASE(answers, "flight", NULL)
CASE(unwanted, "flight", NULL)
CASE(off, "off", NULL)
CASE(garbage, "flight", NULL)
CASE(huge, "flight", NULL)
CASE(descriptors, "flight", NULL)
CASE(thousand, "flight", NULL)
CASE(vanishes, "flight", NULL)
CASE(never_reads, "flight", NULL)
CASE(no_descriptors, "flight", NULL)
CASE(deep, "flight", NULL)
CASE(fork, "flight", NULL)

static void case_foreign_user(void)
{
    if (geteuid() != 0) {
        g_test_skip("only root can become another user");
        return;
    }
    in_child(body_foreign_user, "flight", NULL);
}

int main(int argc, char **argv)
{
    begin_tests(&argc, &argv);
    g_test_add_func("/probe/control/answers", case_answers);
    g_test_add_func("/probe/control/unwanted", case_unwanted);
    g_test_add_func("/probe/control/off", case_off);
    g_test_add_func("/probe/control/garbage", case_garbage);
    g_test_add_func("/probe/control/huge", case_huge);
    g_test_add_func("/probe/control/descriptors", case_descriptors);
    g_test_add_func("/probe/control/thousand", case_thousand);
    g_test_add_func("/probe/control/vanishes", case_vanishes);
    g_test_add_func("/probe/control/never-reads", case_never_reads);
    if (RUNNING_ON_VALGRIND) /* which has descriptors when the program has none */
        g_test_message("/probe/control/no-descriptors is left out under valgrind");
    else
        g_test_add_func("/probe/control/no-descriptors", case_no_descriptors);
    g_test_add_func("/probe/control/deep", case_deep);
    g_test_add_func("/probe/control/foreign-user", case_foreign_user);
    g_test_add_func("/probe/control/fork", case_fork);
    return run_tests();
}
