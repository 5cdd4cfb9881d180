/* narrator.h: walks the events of a ring forwards, and knows the state just before and just after
 * each: what every clause of a sentence is computed from.
 *
 *      POLL_BEGIN e e e | e | e e ...        walked before, for what `turns` must know
 *                  task ^   ^ state          as it was; as it is
 *
 * It is told the same from anywhere: what is known beside the state is either made from the state
 * (waiters), or only of the events since the last poll began, or looked up as far back as it
 * matters (turns). To tell an event farther on, or back, it begins anew from the state there.
 *
 * Thread: that of the replay. */
#ifndef WEFT_MODEL_NARRATOR_H
#define WEFT_MODEL_NARRATOR_H

#include "tracer/model/jobs.h"
#include "tracer/model/replay_walk.h"
#include "tracer/model/turns.h"
#include "tracer/model/waiters.h"

struct gift { /* whom a task let go on in its slice: the last, and those like it */
    uint64_t by;
    uint64_t what; /* that they awaited: lock, event, future … */
    uint64_t first;
    guint n;
    guint8 await_kind, used_how; /* 0: unknown */
};

struct narrator {
    weft_model *model;
    weft_replay *walk; /* borrowed; it stands elsewhere afterwards */
    guint32 ring;
    guint chunk, index; /* of the last event walked over; chunk G_MAXUINT32: none */
    gint64 now_ns;      /* its time */

    weft_state *state; /* just after it */
    struct turns turns;
    struct waiters waiters;
    struct jobs *jobs;
    gboolean lossy; /* events are missing before: tasks may be there that were never seen */
    gint64 told_ns; /* when TASK_IS last told of a task; G_MININT64: nowhere near */

    /* Just before it. */
    struct weft_task_at task;     /* its subject; id 0: none, or not seen yet */
    struct weft_object_at object; /* the same */
    gint64 polled_since_ns;       /* G_MININT64: the loop did not poll */
    gint64 poll_timeout_ns;       /* … for at most so long; 0: unknown, or it only looked */
    gint64 called_since_ns;       /* … nothing was called back */
    gboolean was_first;           /* the task was first in the ready queue */
    gboolean was_first_in_line;   /* … of those who awaited the same */
    gboolean was_inside;          /* another's slice lasted */

    /* Since the last poll began. */
    struct weft_idtable fired; /* of struct fired, by timer: it has, and its task was not woken */
    uint64_t group;            /* the last that was done; 0: none */
    guint8 outcome;            /* … and how */
    uint64_t group_by;         /* … and who of it, the end of which made it so; 0: unknown */
    uint64_t ended;            /* whose end the callback is about that lasts; 0: nobody's */
    uint64_t used, used_by;    /* the last resource that was used, and who did */
    guint8 used_how;           /* enum weft_resource_op */
    struct gift gift;
    uint64_t timer; /* the last that was set: its SUSPEND may not name it */
    gint64 timer_set_ns;
    uint64_t op;    /* the last operation that was started */
    uint64_t op_on; /* … and on what */
};

struct narrator *narrator_new(weft_replay *walk);
void narrator_free(struct narrator *narrator); /* NULL is fine */

/* Walks until this event, which is one of its ring's, was the last. */
void narrator_reach(struct narrator *narrator, const struct weft_event_view *event);

/* Whether the ready queue has all that is in it. */
gboolean narrator_queue_known(const struct narrator *narrator);
/* Why something is unknown now: "events lost", or "not recorded". */
const char *narrator_missing(const struct narrator *narrator);
/* When a timer was, or is, due, in the trace's time. FALSE: unknown. */
gboolean narrator_due(const struct narrator *narrator, uint64_t timer, gint64 *due_ns);
/* Whose timer it is, or was until it fired; 0: unknown. */
uint64_t narrator_timer_owner(const struct narrator *narrator, uint64_t timer);
/* When the next of the loop's timers and timeouts is due. FALSE: there is none, it is unknown, or
 * there are too many to look at. */
gboolean narrator_next_due(const struct narrator *narrator, gint64 *due_ns);
/* What a task's wait at the subject's SUSPEND, or before its WAKE, is for: operations are what they
 * are on. */
uint64_t narrator_awaited(const struct narrator *narrator, unsigned await_kind, uint64_t object);

#endif
