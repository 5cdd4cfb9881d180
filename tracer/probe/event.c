/* event.c: the event table as data, generated from the X-macros of event.h. Static and read-only.
 */
#include "tracer/probe/event.h"
#include <stddef.h>

#define X(name, text) text,
static const char *const entity_names[] = { NULL, WEFT_ENTITIES(X) };
static const char *const await_names[] = { "", WEFT_AWAITS(X) NULL };
static const char *const wake_names[] = { "", WEFT_WAKES(X) NULL };
static const char *const outcome_names[] = { "", WEFT_OUTCOMES(X) NULL };
static const char *const handle_names[] = { "", WEFT_HANDLES(X) NULL };
static const char *const resource_names[] = { "", WEFT_RESOURCE_OPS(X) NULL };
static const char *const op_names[] = { "", WEFT_OPS(X) NULL };
static const char *const control_names[] = { "", WEFT_CONTROLS(X) NULL };
static const char *const exit_names[] = { "", WEFT_EXITS(X) NULL };
static const char *const state_names[] = { "", WEFT_TASK_STATES(X) NULL };
static const char *const object_names[] = { "", WEFT_OBJECT_STATES(X) NULL };
#undef X

#define DETAILS_NONE     NULL
#define DETAILS_AWAIT    await_names
#define DETAILS_WAKE     wake_names
#define DETAILS_OUTCOME  outcome_names
#define DETAILS_HANDLE   handle_names
#define DETAILS_RESOURCE resource_names
#define DETAILS_OP       op_names
#define DETAILS_CONTROL  control_names
#define DETAILS_EXIT     exit_names
#define DETAILS_STATE    state_names
#define DETAILS_OBJECT   object_names

#define GROUP_PROCESS "process"
#define GROUP_LOOP    "loop"
#define GROUP_TASK    "task"
#define GROUP_FUTURE  "future"
#define GROUP_CANCEL  "cancel"
#define GROUP_TIME    "time"
#define GROUP_OBJECT  "object"
#define GROUP_THREAD  "thread"
#define GROUP_IO      "io"
#define GROUP_USER    "user"

static const struct weft_event_info event_table[WEFT_RECORD_KIND_END] = {
#define X(name, group, detail, site, object, ext, meaning)                                         \
    [WEFT_RECORD_##name] = { #name,                                                                \
                             GROUP_##group,                                                        \
                             meaning,                                                              \
                             DETAILS_##detail,                                                     \
                             WEFT_FIELD_##site,                                                    \
                             WEFT_FIELD_##object,                                                  \
                             WEFT_EXT_##ext },
    WEFT_EVENTS(X)
#undef X
};

const struct weft_event_info *weft_event_info(unsigned kind)
{
    return kind > 0 && kind < WEFT_RECORD_KIND_END ? &event_table[kind] : NULL;
}

const char *weft_entity_name(unsigned entity)
{
    return entity < WEFT_ENTITY_END ? entity_names[entity] : NULL;
}

const char *weft_detail_name(unsigned kind, unsigned detail)
{
    const struct weft_event_info *info = weft_event_info(kind);
    if (!info)
        return NULL;
    if (!info->details)
        return detail == 0 ? "" : NULL;
    for (unsigned i = 0; info->details[i]; i++)
        if (i == detail)
            return info->details[i];
    return NULL;
}
