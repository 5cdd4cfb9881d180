/* waits.c: a program on libweft whose tasks wait, for tests of what looks at them.
 *
 *      waits abba|rescued|held|many N|shielded|grouped|woven|hoping|convoy N|client|turns
 *
 * abba: reader and writer hold a lock each and want the other's; gatherer gathers a task that waits
 * for reader, and a nap. rescued: the same, but writer has a timeout of an hour. held: hog holds
 * the loop for ever, with two others ready behind it. many: N tasks that wait for a lock. It says
 * "ready" once all wait, and ends when it is killed. */
#include "weft.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static weft_lock a, b;

WEFT_ASYNC(void, take_both, weft_lock *, first, weft_lock *, second, double, timeout)
{
    int rc = 0;
    WEFT_TRY(weft_lock_acquire(first));
    WEFT_TRY(weft_sleep(0));
    if (timeout == 0)
        return weft_await(weft_lock_acquire(second));
    WEFT_TIMEOUT(deadline, timeout, rc) {
        WEFT_BREAK(rc, weft_lock_acquire(second));
    }
    return rc;
}

WEFT_ASYNC(void, wait_for, weft_task *, task)
{
    return weft_await(task);
}

WEFT_ASYNC(void, nap)
{
    return weft_sleep(3600);
}

WEFT_ASYNC(void, gather_both, weft_task *, task)
{
    weft_own weft_future *both = weft_gather((wait_for(task), nap()));
    return weft_await(both);
}

WEFT_ASYNC(void, want, weft_lock *, lock)
{
    return weft_await(weft_lock_acquire(lock));
}

static void say_ready(void)
{
    puts("ready");
    fflush(stdout);
}

static int let_others_wait(void)
{
    for (int i = 0; i < 6; i++)
        WEFT_TRY(weft_sleep(0));
    return 0;
}

WEFT_ASYNC(void, circle, double, timeout)
{
    weft_own weft_task *reader = weft_create_task(take_both(&a, &b, 0), .name = "reader");
    weft_own weft_task *writer = weft_create_task(take_both(&b, &a, timeout), .name = "writer");
    weft_own weft_task *gatherer = weft_create_task(gather_both(reader), .name = "gatherer");
    WEFT_TRY(let_others_wait());
    say_ready();
    return weft_await(gatherer);
}

WEFT_ASYNC(void, hog)
{
    say_ready();
    while (true)
        continue;
    return 0;
}

WEFT_ASYNC(void, hold)
{
    weft_own weft_task *held = weft_create_task(hog(), .name = "hog");
    weft_own weft_task *one = weft_create_task(nap(), .name = "one");
    weft_own weft_task *other = weft_create_task(nap(), .name = "other");
    return weft_await(held);
}

WEFT_ASYNC(void, many, int, n)
{
    WEFT_TRY(weft_lock_acquire(&a));
    for (int i = 0; i < n; i++)
        weft_unref(weft_create_task(want(&a)));
    WEFT_TRY(weft_sleep(0));
    WEFT_TRY(weft_sleep(0));
    say_ready();
    return weft_sleep(3600);
}

/* Until the first is done: follower, who wants the lock, or a future, which anybody may set. */
static int hope(weft_task *follower)
{
    weft_own weft_future *any = weft_future_new();
    weft_future *both[] = { follower, any };
    ssize_t done = weft_wait(both, 2, .return_when = WEFT_FIRST_COMPLETED);
    return done < 0 ? (int)done : 0;
}

/* shielded, grouped, woven, hoping: leader has a lock, and awaits, by a shield, in a group, by a
 * shield in a gather, or beside a future, who wants it. */
WEFT_ASYNC(void, lead, const char *, how)
{
    int rc = 0;
    WEFT_TRY(weft_lock_acquire(&a));
    if (strcmp(how, "grouped") == 0) {
        WEFT_TASK_GROUP(group, rc) {
            weft_group_create_task(&group, want(&a), .name = "follower");
            weft_group_create_task(&group, want(&a), .name = "second");
        }
        return rc;
    }
    weft_own weft_task *follower = weft_create_task(want(&a), .name = "follower");
    if (strcmp(how, "hoping") == 0)
        return hope(follower);
    weft_own weft_future *shielded = weft_shield(follower);
    if (strcmp(how, "shielded") == 0)
        return weft_await(shielded);
    weft_own weft_future *woven = weft_gather_all(&shielded, 1);
    return weft_await(woven);
}

WEFT_ASYNC(void, follow, const char *, how)
{
    weft_own weft_task *leader = weft_create_task(lead(how), .name = "leader");
    WEFT_TRY(let_others_wait());
    say_ready();
    return weft_await(leader);
}

/* convoy: N tasks take turns at a lock, and each keeps it for 5 ms. */
WEFT_ASYNC(void, take_turns)
{
    while (true) {
        WEFT_TRY(weft_lock_acquire(&a));
        WEFT_TRY(weft_sleep(0.005));
        weft_lock_release(&a);
    }
    return 0;
}

WEFT_ASYNC(void, convoy, int, n)
{
    for (int i = 0; i < n; i++)
        weft_unref(weft_create_task(take_turns()));
    WEFT_TRY(let_others_wait());
    say_ready();
    return weft_sleep(3600);
}

/* client: it waits for an answer that its server does not give. */
static int ignore_client(weft_stream *stream, void *data)
{
    (void)stream, (void)data;
    return weft_sleep(3600);
}

WEFT_ASYNC(void, ask_in_vain)
{
    weft_own weft_server *server = NULL;
    weft_own weft_stream *stream = NULL;
    weft_bytes line;
    WEFT_TRY(weft_start_server("127.0.0.1", 0, ignore_client, NULL, &server));
    WEFT_TRY(weft_open_connection("127.0.0.1", weft_server_port(server), &stream));
    WEFT_TRY(let_others_wait());
    say_ready();
    return weft_readline(stream, &line);
}

/* turns: red, green and blue write a dot each, once a millisecond; black has ended. It says how red
 * ends. */
WEFT_ASYNC(void, write_dots)
{
    while (true) {
        putchar('.');
        fflush(stdout);
        WEFT_TRY(weft_sleep(0.001));
    }
    return 0;
}

WEFT_ASYNC(void, write_nothing)
{
    return 0;
}

WEFT_ASYNC(void, turns)
{
    weft_own weft_task *black = weft_create_task(write_nothing(), .name = "black");
    weft_own weft_task *red = weft_create_task(write_dots(), .name = "red");
    weft_own weft_task *green = weft_create_task(write_dots(), .name = "green");
    weft_own weft_task *blue = weft_create_task(write_dots(), .name = "blue");
    WEFT_TRY(let_others_wait());
    say_ready();
    weft_await(red);
    printf("\nred: %s\n", weft_error_message(weft_current_error()));
    return 0;
}

WEFT_ASYNC(void, run, const char *, how, int, n)
{
    weft_lock_init(&a, "a");
    weft_lock_init(&b, "b");
    if (strcmp(how, "held") == 0)
        return weft_await(hold());
    if (strcmp(how, "many") == 0)
        return weft_await(many(n));
    if (strcmp(how, "convoy") == 0)
        return weft_await(convoy(n));
    static const char *const follows[] = { "shielded", "grouped", "woven", "hoping" };
    for (size_t i = 0; i < sizeof follows / sizeof *follows; i++)
        if (strcmp(how, follows[i]) == 0)
            return weft_await(follow(how));
    if (strcmp(how, "turns") == 0)
        return weft_await(turns());
    if (strcmp(how, "client") == 0)
        return weft_await(ask_in_vain());
    return weft_await(circle(strcmp(how, "rescued") == 0 ? 3600 : 0));
}

int main(int argc, char **argv)
{
    return argc >= 2 ? weft_main(run(argv[1], argc > 2 ? atoi(argv[2]) : 0)) : 2;
}
