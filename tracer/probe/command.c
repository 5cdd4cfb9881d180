/* command.c: see command.h. A command is words with a space between them; the first chooses. */
#include "tracer/probe/command.h"
#include "tracer/probe/session.h"
#include <stdio.h>
#include <string.h>

static const char *const mode_names[] = { "off", "standby", "flight", "stream" };

struct request {
    const char *arguments; /* what follows the command and its space; "" */
    uint64_t client;
    char *answer;
    size_t size;
};

static void ping(const struct request *request)
{
    snprintf(request->answer, request->size, "ok %s", mode_names[weft_probe_start()]);
}

static const struct {
    const char *name;
    void (*run)(const struct request *request);
} commands[] = {
    { "ping", ping },
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static void refuse_unknown(char *answer, size_t size)
{
    int at = snprintf(answer, size, "error the commands are");
    for (int i = 0; i < N_COMMANDS && at > 0 && (size_t)at < size; i++)
        at += snprintf(answer + at, size - (size_t)at, " %s", commands[i].name);
}

void weft_command(const char *command, uint64_t client, char *answer, size_t size)
{
    if (!command)
        return;
    size_t length = strcspn(command, " ");
    const char *arguments = command + length + strspn(command + length, " ");
    for (int i = 0; i < N_COMMANDS; i++) {
        if (strlen(commands[i].name) == length && strncmp(commands[i].name, command, length) == 0) {
            struct request request = { arguments, client, answer, size };
            commands[i].run(&request);
            return;
        }
    }
    refuse_unknown(answer, size);
}
