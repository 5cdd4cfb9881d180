/* command.c: see command.h. A command is words with a space between them; the first chooses. */
#include "tracer/probe/command.h"
#include "tracer/probe/mode.h"
#include "tracer/probe/pace.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RING_MOST (UINT64_C(4) << 30)

struct request {
    const char *arguments; /* what follows the command and its space; "" */
    uint64_t client;
    pid_t pid;
    char *answer;
    size_t size;
};

static void ping(const struct request *request)
{
    snprintf(request->answer, request->size, "ok %s", weft_mode_name(weft_probe_mode()));
}

/* mode standby|flight|stream [RING_SIZE] */
static void switch_mode(const struct request *request)
{
    char name[16] = "";
    size_t length = strcspn(request->arguments, " ");
    snprintf(name, sizeof name, "%.*s", (int)length, request->arguments);
    const char *size = request->arguments + length + strspn(request->arguments + length, " ");
    enum weft_mode mode;
    uint64_t bytes = 0;
    int rc = -EINVAL;
    if (weft_mode_parse(name, &mode) && (!*size || weft_size_parse(size, &bytes)) &&
        bytes <= RING_MOST)
        rc = weft_probe_want_mode(mode, bytes, request->client, request->pid);
    const char *text = rc == 0         ? "ok"
                       : rc == -EBUSY  ? "error another process reads the stream"
                       : rc == -ENODEV ? "error this process is not traced"
                                       : "error mode standby|flight|stream [RING_SIZE, at most 4G]";
    snprintf(request->answer, request->size, "%s", text);
}

/* ---- Pace ---- */

/* A number below `end`, and whatever spaces follow it. */
static bool take_number(const char **text, unsigned long end, unsigned long *number)
{
    char *after;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *number = strtoul(*text, &after, 10);
    if (errno || *number >= end || (*after && *after != ' '))
        return false;
    *text = after + strspn(after, " ");
    return true;
}

/* [LOOP], and nothing behind it. */
static bool take_loop(const char *text, int *loop)
{
    unsigned long number = 0;
    *loop = WEFT_PACE_ALL;
    if (!*text)
        return true;
    if (!take_number(&text, WEFT_RINGS_MAX, &number) || *text)
        return false;
    *loop = (int)number;
    return true;
}

static void ask(const struct request *request, const char *loop, struct weft_pace_request wanted,
                const char *usage)
{
    wanted.client = request->client;
    int rc = take_loop(loop, &wanted.loop) ? weft_pace_ask(&wanted) : -EINVAL;
    const char *text = rc == 0         ? "ok"
                       : rc == -EAGAIN ? "error it is not paused: pause it first, then step"
                       : rc == -ENOENT ? "error there is no such loop of libweft in this process"
                                       : usage;
    snprintf(request->answer, request->size, "%s", text);
}

static void pause_loop(const struct request *request)
{
    ask(request, request->arguments, (struct weft_pace_request){ .what = WEFT_PACE_PAUSE },
        "error pause [LOOP, a number: all without it]");
}

static void resume_loop(const struct request *request)
{
    ask(request, request->arguments, (struct weft_pace_request){ .what = WEFT_PACE_RESUME },
        "error resume [LOOP, a number: all without it]");
}

static void step_loop(const struct request *request)
{
    ask(request, request->arguments, (struct weft_pace_request){ .what = WEFT_PACE_STEP },
        "error step [LOOP, a number: all without it]");
}

static void slow_loop(const struct request *request)
{
    static const char usage[] =
        "error slow FACTOR, from 1 to 10000 [LOOP, a number: all without it]";
    const char *text = request->arguments;
    unsigned long factor = 0;
    if (!take_number(&text, WEFT_PACE_FACTOR_MAX + 1, &factor) || factor == 0)
        snprintf(request->answer, request->size, "%s", usage);
    else
        ask(request, text,
            (struct weft_pace_request){ .what = WEFT_PACE_SLOW, .factor = (uint32_t)factor },
            usage);
}

static void tell_pace(const struct request *request)
{
    int loop;
    char pace[32];
    if (!take_loop(request->arguments, &loop))
        snprintf(request->answer, request->size, "error pace [LOOP, a number: all without it]");
    else if (!weft_pace_describe(loop, pace, sizeof pace))
        snprintf(request->answer, request->size,
                 "error there is no such loop of libweft in this process");
    else
        snprintf(request->answer, request->size, "ok %s", pace);
}

static void cancel_task(const struct request *request)
{
    unsigned ring;
    unsigned long long counter;
    int end = 0;
    int rc = -EINVAL;
    if (sscanf(request->arguments, "task:%4u:%14llu%n", &ring, &counter, &end) == 2 &&
        !request->arguments[end] && ring < WEFT_RINGS_MAX && counter > 0 &&
        counter < UINT64_C(1) << WEFT_ID_COUNTER_BITS)
        rc = weft_pace_cancel(weft_id(WEFT_ENTITY_TASK, ring, counter), request->pid);
    snprintf(request->answer, request->size, "%s",
             rc == 0         ? "ok"
             : rc == -ENOENT ? "error there is no such loop of libweft in this process"
             : rc == -EBUSY  ? "error its loop has not seen to the last ones yet: it is held"
                             : "error cancel task:LOOP:NUMBER");
}

static const struct {
    const char *name;
    void (*run)(const struct request *request);
} commands[] = {
    { "ping", ping },          { "mode", switch_mode },   { "pause", pause_loop },
    { "resume", resume_loop }, { "step", step_loop },     { "slow", slow_loop },
    { "pace", tell_pace },     { "cancel", cancel_task },
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static void refuse_unknown(char *answer, size_t size)
{
    int at = snprintf(answer, size, "error the commands are");
    for (int i = 0; i < N_COMMANDS && at > 0 && (size_t)at < size; i++)
        at += snprintf(answer + at, size - (size_t)at, " %s", commands[i].name);
}

void weft_command(const char *command, uint64_t client, pid_t pid, char *answer, size_t size)
{
    if (!command) {
        weft_probe_want_mode(WEFT_MODE_STANDBY, 0, client, pid);
        weft_pace_release(client);
        return;
    }
    size_t length = strcspn(command, " ");
    const char *arguments = command + length + strspn(command + length, " ");
    for (int i = 0; i < N_COMMANDS; i++) {
        if (strlen(commands[i].name) == length && strncmp(commands[i].name, command, length) == 0) {
            struct request request = { arguments, client, pid, answer, size };
            commands[i].run(&request);
            return;
        }
    }
    refuse_unknown(answer, size);
}
