/* future.h: futures' inside. A task and a gather are futures with more behind them. */
#ifndef WEFT_FUTURE_H
#define WEFT_FUTURE_H

#include "runtime/loop.h"
#include "runtime/object.h"

enum weft__future_state {
    WEFT__PENDING,
    WEFT__RESULT,
    WEFT__FAILED,
    WEFT__CANCELLED,
};

struct weft_future {
    struct weft__object object;
    weft_loop *loop; /* NULL: it failed at birth, for want of one */
    uint64_t id;
    weft_site *site;              /* where it was made */
    struct weft__links callbacks; /* who waits: tasks' entries and struct weft__callback */
    weft_error *error;            /* NULL: only the code */
    char *name;                   /* NULL: Task-N, Future-N */
    void (*free_result)(void *);
    int code; /* 0, the failure, or WEFT_ECANCELED */
    uint32_t result_size;
    uint32_t mark; /* of the last gather that it joined */
    uint8_t state;
    bool looked_at : 1; /* somebody has seen the failure            */
    bool taken : 1;     /* the result was moved out                 */
    bool announced : 1; /* OBJECT_NEW was emitted                   */
    bool reported : 1;  /* its failure was told at the end of run() */
    _Alignas(16) unsigned char result[WEFT_RESULT_INLINE]; /* the value, or a pointer to it */
};

/* Something that runs when a future is done: in its list, then in the ready queue. */
struct weft__callback {
    struct weft__entry entry; /* run is the owner's to set */
    weft_future *future;
    weft_future *awaiter; /* who waits for it, if that is a task, gather or shield: callgraph.c */
    uint64_t id;          /* in the trace: the group's, or a handle's */
    weft_site *site;
};

/* Everything but `object` and the result. */
static inline void weft__future_init(weft_future *future, weft_loop *loop, enum weft_entity kind,
                                     weft_site *site)
{
    future->loop = loop;
    weft__loop_ref(loop);
    future->site = site;
    weft__list_init(&future->callbacks);
    if (loop)
        future->id = weft_new_id(loop->writer, kind);
}
/* Reports an unseen failure and frees what the future owns, not the future. Its reference to the
 * loop is the caller's to give back. */
void weft__future_finish(weft_future *future);
/* Room for a result; NULL: out of memory. */
void *weft__result_room_elsewhere(weft_future *future, size_t size);
static inline void *weft__result_room(weft_future *future, size_t size)
{
    if (__builtin_expect(size > WEFT_RESULT_INLINE, 0))
        return weft__result_room_elsewhere(future, size);
    future->result_size = (uint32_t)size;
    return future->result;
}
void weft__discard_result(weft_future *future);

/* Done: schedules all who wait, in order, and says so in the trace. error: a reference, taken over.
 * Takes no reference of its own: the caller holds one. */
void weft__complete(weft_future *future, enum weft__future_state state, int code,
                    weft_error *error);
/* Runs callback->entry.run in the ready queue once the future is done: now, if it is. */
void weft__when_done(weft_future *future, struct weft__callback *callback, uint64_t id,
                     weft_site *site);
/* Takes it back, wherever it is by now. */
void weft__not_when_done(struct weft__callback *callback);

/* If it is a program's done callback that a closed loop will not run: frees it. */
bool weft__drop_done_callback(struct weft__entry *entry);

/* Asks the future to cancel, whatever it is: what weft_cancel does once the request is recorded. */
bool weft__cancel(weft_future *future, weft_site *site, const char *message,
                  enum weft_wake_cause cause, uint64_t by);
/* A failed future of this loop, or of none; never NULL. */
weft_future *weft__failed(weft_loop *loop, weft_site *site, int code);
/* The same for who cannot own it: one that lives for ever. */
weft_future *weft__failed_for_ever(int code);
/* What an await of the done future returns; its error object becomes the task's current one. */
int weft__outcome(weft_future *future);
/* OBJECT_NEW and OBJECT_NAME, the first time that anybody waits for it. */
void weft__emit_announcement(weft_future *future);
static inline void weft__announce(weft_future *future)
{
    if (weft_probe_recording() && !future->announced)
        weft__emit_announcement(future);
}
weft_site *weft__future_site(weft_future *future);

/* A shield's outer future: in the trace a group, whose member is the inner one. */
static inline bool weft__is_shield(const weft_future *future)
{
    return future->object.type == WEFT__FUTURE && weft_id_kind(future->id) == WEFT_ENTITY_GROUP;
}

static inline bool weft__is_done(const weft_future *future)
{
    return future->state != WEFT__PENDING;
}

#endif
