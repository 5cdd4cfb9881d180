/* kinds.c: see kinds.h. */
#include "app/viewer/dispatch/kinds.h"

#include <string.h>

#define K(kind) WEFT_REPLAY_KIND(kind)

static const struct weft_jump_kind kinds[] = {
    { "created", "A task is created", { K(TASK_NEW), 0, 0 } },
    { "runs", "A task runs", { K(RESUME), 0, 0 } },
    { "waits", "A task begins to wait", { K(SUSPEND), 0, 0 } },
    { "ready", "A task becomes ready", { K(WAKE), 0, 0 } },
    { "done", "A task is done", { K(TASK_DONE), 0, 0 } },
    { "fails", "A task fails", { K(TASK_DONE), WEFT_OUTCOME_ERROR, 0 } },
    { "cancel", "A cancellation", { K(CANCEL_REQUEST) | K(CANCEL_DELIVER) | K(UNCANCEL), 0, 0 } },
    { "resource", "A lock or a queue is used", { K(RESOURCE), 0, 0 } },
    { "timer", "A timer fires", { K(TIMER_FIRE) | K(TIMEOUT_EXPIRE), 0, 0 } },
    { "callback", "The loop calls back", { K(CALLBACK_BEGIN), 0, 0 } },
    { "poll", "The loop polls", { K(POLL_BEGIN), 0, 0 } },
    { "io", "Input or output", { K(OP_START) | K(OP_END), 0, 0 } },
    { "job", "A job for the thread pool", { K(WORK_SUBMIT) | K(POST), 0, 0 } },
    { "mark", "The program says something", { K(MARK) | K(SPAN_BEGIN) | K(SPAN_END), 0, 0 } },
};

const struct weft_jump_kind *weft_jump_kind(guint i)
{
    return i < G_N_ELEMENTS(kinds) ? &kinds[i] : NULL;
}

const struct weft_jump_kind *weft_jump_kind_named(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}
