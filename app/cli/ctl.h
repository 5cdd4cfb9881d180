/* ctl.h: what of `weft ctl` is about a running program's loops and tasks: ctl-pace.c does it. */
#ifndef WEFT_CLI_CTL_H
#define WEFT_CLI_CTL_H

#include "app/cli/failure.h"

struct ctl_request {
    guint64 pid;
    const char *command, *argument; /* argument: NULL when there is none */
    gint64 loop;                    /* its number; -1: all */
};

/* pause and slow: until Ctrl+C, or until somebody else lets it go on; resume and step: at once. */
int ctl_pace(const struct ctl_request *request);

/* The task that `argument` names, by its name or id. */
int ctl_cancel(const struct ctl_request *request);

#endif
