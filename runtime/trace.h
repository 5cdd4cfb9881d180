/* trace.h: what the runtime tells the probe.
 *
 * Cost when the probe is off, and of what only recordings need in standby: a load and a branch. The
 * order of events, which readers rely on:
 *
 *   iteration   [POLL_BEGIN POLL_END READY(io)…] [TIMER_FIRE READY(timer)]… ITERATION, then the
 * batch task        TASK_NEW [TASK_NAME] WAKE(created) (RESUME SUSPEND WAKE)… RESUME TASK_DONE …
 * TASK_FREE sleep(0): SUSPEND(yield) alone, no WAKE. Eager: TASK_NEW RESUME, nested callback READY
 * CALLBACK_BEGIN CALLBACK_END, or READY READY_CANCEL sleep       TIMER_SET SUSPEND(timer, its id)
 * TIMER_FIRE READY(timer) CALLBACK_BEGIN WAKE(timer) CALLBACK_END RESUME; cancelled: TIMER_SET
 * SUSPEND CANCEL_REQUEST WAKE(cancel) RESUME CANCEL_DELIVER TIMER_CANCEL socket      OP_START
 * SUSPEND(read, the stream) READY(io) CALLBACK_BEGIN WAKE(io) CALLBACK_END RESUME OP_END
 *
 * Events between which no user code lies may share a timestamp: functions take the time to use (0:
 * read the clock) and return the one they used. In standby nobody reads the clock, and all of them
 * return 0. */
#ifndef WEFT_TRACE_H
#define WEFT_TRACE_H

#include "runtime/weft.h"
#include "tracer/probe/session.h"

/* Emits; only when somebody wants it. */
uint64_t weft__emit(weft_loop *loop, uint64_t time, enum weft_record_kind kind, unsigned detail,
                    weft_site *site, uint64_t subject, uint64_t object);
void weft__emit_name(weft_loop *loop, enum weft_record_kind kind, uint64_t subject,
                     const char *name);
void weft__emit_failure(weft_loop *loop, enum weft_record_kind kind, unsigned detail,
                        uint64_t subject, uint64_t object, int code, const weft_error *error);

void weft__emit_request(weft_loop *loop, weft_site *site, uint64_t task, uint64_t by,
                        const char *message);

static inline uint64_t weft__trace_at(weft_loop *loop, uint64_t time, enum weft_record_kind kind,
                                      unsigned detail, weft_site *site, uint64_t subject,
                                      uint64_t object)
{
    return weft_probe_wants_of(kind, subject)
               ? weft__emit(loop, time, kind, detail, site, subject, object)
               : 0;
}

static inline uint64_t weft__trace(weft_loop *loop, enum weft_record_kind kind, unsigned detail,
                                   weft_site *site, uint64_t subject, uint64_t object)
{
    return weft__trace_at(loop, 0, kind, detail, site, subject, object);
}

/* TASK_NAME or OBJECT_NAME. */
static inline void weft__trace_name(weft_loop *loop, enum weft_record_kind kind, uint64_t subject,
                                    const char *name)
{
    if (name && weft_probe_wants_of(kind, subject))
        weft__emit_name(loop, kind, subject, name);
}

/* FUTURE_DONE, TASK_DONE or ERROR_UNRETRIEVED, with what went wrong. */
static inline void weft__trace_failure(weft_loop *loop, enum weft_record_kind kind, unsigned detail,
                                       uint64_t subject, uint64_t object, int code,
                                       const weft_error *error)
{
    if (weft_probe_wants(kind))
        weft__emit_failure(loop, kind, detail, subject, object, code, error);
}

#endif
