/* command.c: see command.h. A command is words with a space between them; the first chooses. */
#include "tracer/probe/command.h"
#include "tracer/probe/mode.h"
#include <errno.h>
#include <stdio.h>
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

static const struct {
    const char *name;
    void (*run)(const struct request *request);
} commands[] = {
    { "ping", ping },
    { "mode", switch_mode },
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
