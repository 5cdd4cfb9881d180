/* future.c: a value that is not there yet, and who waits for it.
 *
 *      future -> callbacks: [task] <-> [callback] <-> [task]       in the order they came
 *
 * When it is done all of them join the ready queue at once, in that order, and the list is empty
 * for ever. A waiting task holds a reference. */
#include "runtime/future.h"
#include "runtime/context.h"
#include "runtime/debug.h"
#include "runtime/error.h"
#include "runtime/gather.h"
#include "runtime/task.h"
#include "runtime/thread.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Life ---- */

static void destroy(void *object)
{
    weft_future *future = object;
    weft_loop *loop = future->loop;
    weft__future_finish(future);
    if (loop)
        weft__block_free(&loop->futures, future);
    else
        free(future);
    weft__loop_unref(loop);
}

/* A user's done callback: one allocation each, gone once it ran. It holds a reference to the future
 * only while it is in the ready queue. */
struct done_callback {
    struct weft__callback callback;
    weft_done_callback *fn;
    void *arg;
    struct weft__context *context;
};

static void done_callback_free(struct done_callback *done)
{
    weft__context_drop(done->context);
    free(done);
}

static void run_done_callback(struct weft__entry *entry)
{
    struct done_callback *done = weft__container(entry, struct done_callback, callback.entry);
    weft_future *future = done->callback.future;
    weft__callback_begin(future->loop, WEFT_HANDLE_DONE, done->callback.site, done->callback.id,
                         future->id);
    struct weft__context **outer = weft__context_enter(&done->context);
    done->fn(future, done->arg);
    weft__context_leave(outer);
    weft__callback_end(future->loop, WEFT_HANDLE_DONE, done->callback.id);
    done_callback_free(done);
    weft_unref(future);
}

static void drop_callbacks(weft_future *future)
{
    for (struct weft__entry *entry; (entry = weft__list_pop(&future->callbacks));)
        done_callback_free(weft__container(entry, struct done_callback, callback.entry));
}

static void report_unseen(weft_future *future)
{
    if (future->state != WEFT__FAILED || future->looked_at || !future->loop)
        return;
    if (!future->loop->closed)
        weft__trace_failure(future->loop, WEFT_RECORD_ERROR_UNRETRIEVED, 0, future->id, 0,
                            future->code, future->error);
    weft__report(future->loop, "a failure was never retrieved", weft_future_error(future), future);
}

void weft__future_finish(weft_future *future)
{
    report_unseen(future);
    drop_callbacks(future);
    weft__discard_result(future);
    weft__unref(future->error);
    free(future->name);
}

weft_future *weft_future_new_at(weft_site *site, weft_future_options options)
{
    weft_loop *loop = weft__loop;
    weft_future *future = loop && !loop->closed ? weft__block_new(&loop->futures, sizeof *future)
                                                : NULL;
    if (!future)
        return NULL;
    weft__object_init(&future->object, WEFT__FUTURE, destroy);
    weft__future_init(future, loop, WEFT_ENTITY_FUTURE, site);
    if (options.name)
        future->name = strdup(options.name);
    return future;
}

weft_future *weft__failed_for_ever(int code)
{
/* Its count starts where unrefs cannot take it down. */
#define FAILED(value)                                                                              \
    {                                                                                              \
        .object = { .destroy = NULL, .refs = UINT32_MAX / 2, .type = WEFT__FUTURE },               \
        .state = WEFT__FAILED, .code = (value), .looked_at = true,                                 \
    }
    static weft_future failed[] = { FAILED(UV_ENOMEM), FAILED(UV_EINVAL), FAILED(WEFT_ELOOP),
                                    FAILED(WEFT_ECLOSED) };
    size_t i = 0;
    while (i + 1 < sizeof failed / sizeof failed[0] && failed[i].code != code)
        i++;
    return &failed[i];
}

weft_future *weft__failed(weft_loop *loop, weft_site *site, int code)
{
    weft_future *future = calloc(1, sizeof *future);
    if (!future)
        return weft__failed_for_ever(UV_ENOMEM);
    weft__object_init(&future->object, WEFT__FUTURE, destroy);
    weft__future_init(future, loop, WEFT_ENTITY_FUTURE, site);
    future->state = WEFT__FAILED;
    future->code = code;
    return future;
}

void weft__emit_announcement(weft_future *future)
{
    future->announced = true;
    weft__emit(future->loop, 0, WEFT_RECORD_OBJECT_NEW, 0, future->site, future->id, 0);
    weft__trace_name(future->loop, WEFT_RECORD_OBJECT_NAME, future->id, future->name);
}

/* ---- Results ---- */

void *weft__result_room_elsewhere(weft_future *future, size_t size)
{
    void *room = calloc(1, size);
    memcpy(future->result, &room, sizeof room);
    future->result_size = room ? (uint32_t)size : 0;
    return room;
}

static void *result_bytes(weft_future *future)
{
    if (future->result_size <= WEFT_RESULT_INLINE)
        return future->result;
    void *room;
    memcpy(&room, future->result, sizeof room);
    return room;
}

void weft__discard_result(weft_future *future)
{
    if (future->free_result && !future->taken && future->state == WEFT__RESULT &&
        future->result_size == sizeof(void *)) {
        void *value;
        memcpy(&value, future->result, sizeof value);
        if (value)
            future->free_result(value);
    }
    if (future->result_size > WEFT_RESULT_INLINE)
        free(result_bytes(future));
    future->result_size = 0;
}

void *weft_result_ptr(weft_future *future, size_t size)
{
    static __thread _Alignas(16) unsigned char zeroes[256];
    if (future && future->state == WEFT__RESULT && future->result_size == size)
        return result_bytes(future);
    weft_log("weft_result: %s has no result of %zu bytes (%s)",
             future ? weft_get_name(future) : "NULL", size,
             !future                 ? "no future"
             : weft__is_done(future) ? weft_err_name(future->code)
                                     : "not done");
    if (size > sizeof zeroes)
        abort();
    return memset(zeroes, 0, sizeof zeroes);
}

void *weft_take_ptr(weft_future *future, size_t size)
{
    void *value = weft_result_ptr(future, size);
    if (future)
        future->taken = true;
    return value;
}

static int may_complete(weft_site *site, const weft_future *future)
{
    if (weft__foreign_thread(future->loop, site, "weft_set_result or weft_set_error"))
        return WEFT_ELOOP;
    if (weft__is_done(future))
        return WEFT_EINVALSTATE;
    return future->loop->closed ? WEFT_ECLOSED : 0;
}

int weft_set_result_at(weft_site *site, weft_future *future, const void *value, size_t size,
                       void (*free_result)(void *))
{
    if (!future || future->object.type != WEFT__FUTURE || (size > 0 && !value))
        return UV_EINVAL;
    int rc = may_complete(site, future);
    if (rc < 0)
        return rc;
    void *room = weft__result_room(future, size);
    if (!room)
        return UV_ENOMEM;
    if (size > 0)
        memcpy(room, value, size);
    future->free_result = free_result;
    weft__complete(future, WEFT__RESULT, 0, NULL);
    return 0;
}

int weft_set_error_at(weft_site *site, weft_future *future, int code)
{
    if (!future || future->object.type != WEFT__FUTURE || code >= 0)
        return UV_EINVAL;
    int rc = may_complete(site, future);
    if (rc < 0)
        return rc;
    weft_error *error = weft__error_claim(weft__error_slot(), code);
    if (!error)
        error = weft__error_new(code, NULL, site, NULL);
    weft__complete(future, code == WEFT_ECANCELED ? WEFT__CANCELLED : WEFT__FAILED, code, error);
    return 0;
}

/* ---- Being done ---- */

static const uint8_t outcomes[] = { [WEFT__RESULT] = WEFT_OUTCOME_RESULT,
                                    [WEFT__FAILED] = WEFT_OUTCOME_ERROR,
                                    [WEFT__CANCELLED] = WEFT_OUTCOME_CANCELLED };

static void trace_done(weft_future *future)
{
    enum weft_record_kind kind = WEFT_RECORD_FUTURE_DONE;
    if (future->object.type == WEFT__FUTURE && !weft_probe_recording())
        return;
    uint64_t object = future->loop->writer->current_task;
    if (future->object.type == WEFT__TASK) {
        kind = WEFT_RECORD_TASK_DONE;
        object = 0;
    } else if (future->object.type == WEFT__GATHER) {
        kind = WEFT_RECORD_GROUP_DONE;
        object = weft__gather_finished(future);
    } else if (future->object.type == WEFT__JOB) {
        return; /* WORK_END says what came of the job, also of one that nobody waits for any more */
    }
    unsigned outcome = outcomes[future->state];
    if (future->state == WEFT__FAILED && kind != WEFT_RECORD_GROUP_DONE)
        weft__emit_failure(future->loop, kind, outcome, future->id, object, future->code,
                           future->error);
    else
        weft__emit(future->loop, 0, kind, outcome, NULL, future->id, object);
}

void weft__complete(weft_future *future, enum weft__future_state state, int code, weft_error *error)
{
    weft_loop *loop = future->loop;
    future->state = (uint8_t)state;
    future->code = code;
    future->error = error;
    if (weft_probe_on())
        trace_done(future);
    if (weft__is_shield(future)) /* its place in the live tables */
        weft__trace(loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, future->id, 0);
    if (future->object.type == WEFT__TASK)
        weft_set_current_task(loop->writer, loop->current ? loop->current->future.id : 0);
    for (struct weft__entry *entry; (entry = weft__list_pop(&future->callbacks));) {
        if (!entry->run) {
            weft__task_woken_by(weft__container(entry, struct weft__task, entry), future);
        } else {
            if (entry->run == run_done_callback)
                weft_ref(future); /* until it ran */
            struct weft__callback *callback = weft__container(entry, struct weft__callback, entry);
            weft__ready_callback(loop, entry, WEFT_HANDLE_DONE, callback->site, callback->id,
                                 future->id);
        }
    }
}

bool weft__cancel(weft_future *future, weft_site *site, const char *message,
                  enum weft_wake_cause cause, uint64_t by)
{
    if (weft__is_done(future)) {
        future->looked_at = true;
        return false;
    }
    if (future->object.type == WEFT__TASK)
        return weft__task_cancel(future, site, message, cause, by);
    if (future->object.type == WEFT__GATHER)
        return weft__gather_cancel(future, site, message, cause, by);
    weft__complete(future, WEFT__CANCELLED, WEFT_ECANCELED,
                   message && *message ? weft__error_new(WEFT_ECANCELED, message, site, NULL)
                                       : NULL);
    if (future->object.type == WEFT__JOB)
        weft__job_future_cancelled(future);
    return true;
}

bool weft_cancel_at(weft_site *site, weft_future *future, const char *message)
{
    if (!future || !future->loop || future->loop->closed ||
        weft__foreign_thread(future->loop, site, "weft_cancel"))
        return false;
    return weft__cancel(future, site, message, WEFT_WAKE_CANCEL,
                        future->loop->writer->current_task);
}

int weft__outcome(weft_future *future)
{
    future->looked_at = true;
    if (future->state == WEFT__RESULT)
        return 0;
    if (future->error)
        weft__error_put(weft__error_slot(), weft_ref(future->error));
    else
        weft__error_put(weft__error_slot(), NULL);
    return future->code;
}

/* ---- Looking ---- */

bool weft_done(weft_future *future)
{
    return future && weft__is_done(future);
}

bool weft_cancelled(weft_future *future)
{
    return future && future->state == WEFT__CANCELLED;
}

int weft_status(weft_future *future)
{
    if (!future)
        return UV_EINVAL;
    if (!weft__is_done(future))
        return WEFT_EINVALSTATE;
    future->looked_at = true;
    return future->code;
}

const weft_error *weft_future_error(weft_future *future)
{
    if (!future || future->state != WEFT__FAILED)
        return NULL;
    future->looked_at = true;
    if (!future->error)
        future->error = weft__error_new(future->code, NULL, NULL, NULL);
    return future->error;
}

weft_loop *weft_get_loop(weft_future *future)
{
    return future ? future->loop : NULL;
}

weft_site *weft__future_site(weft_future *future)
{
    return future->site;
}

const char *weft_get_name(weft_future *future)
{
    if (!future)
        return "";
    if (!future->name) {
        char name[32];
        snprintf(name, sizeof name, "%s-%llu",
                 future->object.type == WEFT__TASK     ? "Task"
                 : future->object.type == WEFT__GATHER ? "Gather"
                                                       : "Future",
                 (unsigned long long)weft_id_counter(future->id));
        future->name = strdup(name);
    }
    return future->name ? future->name : "";
}

void weft_set_name(weft_future *future, const char *name)
{
    if (!future || !name)
        return;
    free(future->name);
    future->name = strdup(name);
    if (future->loop && !future->loop->closed)
        weft__trace_name(future->loop,
                         future->object.type == WEFT__TASK ? WEFT_RECORD_TASK_NAME
                                                           : WEFT_RECORD_OBJECT_NAME,
                         future->id, name);
}

/* ---- Callbacks ---- */

void weft__when_done(weft_future *future, struct weft__callback *callback, uint64_t id,
                     weft_site *site)
{
    callback->future = future;
    callback->id = id;
    callback->site = site;
    if (weft__is_done(future))
        weft__ready_callback(future->loop, &callback->entry, WEFT_HANDLE_DONE, site, id,
                             future->id);
    else
        weft__list_append(&future->callbacks, &callback->entry);
}

void weft__not_when_done(struct weft__callback *callback)
{
    if (!weft__linked(&callback->entry))
        return;
    if (!weft__is_done(callback->future)) {
        weft__unlink(&callback->entry);
        return;
    }
    weft_loop *loop = callback->future->loop;
    weft__unready(loop, &callback->entry);
    weft__trace(loop, WEFT_RECORD_READY_CANCEL, WEFT_HANDLE_DONE, NULL, callback->id, 0);
}

int weft_add_done_callback_at(weft_site *site, weft_future *future, weft_done_callback *fn,
                              void *arg)
{
    if (!future || !fn || !future->loop)
        return UV_EINVAL;
    if (future->loop->closed)
        return WEFT_ECLOSED;
    if (weft__foreign_thread(future->loop, site, "weft_add_done_callback"))
        return WEFT_ELOOP;
    struct done_callback *done = weft__object_new(sizeof *done);
    if (!done)
        return UV_ENOMEM;
    done->callback.entry.run = run_done_callback;
    done->fn = fn;
    done->arg = arg;
    done->context = weft__context_copy();
    weft__when_done(future, &done->callback,
                    weft_new_id(future->loop->writer, WEFT_ENTITY_CALLBACK), site);
    if (weft__is_done(future))
        weft_ref(future); /* until it ran */
    return 0;
}

int weft_remove_done_callback(weft_future *future, weft_done_callback *fn, void *arg)
{
    int removed = 0;
    if (!future || weft__is_done(future))
        return 0;
    for (struct weft__links *at = future->callbacks.next, *next; at != &future->callbacks;
         at = next) {
        next = at->next;
        struct weft__entry *entry = (struct weft__entry *)at;
        if (entry->run != run_done_callback)
            continue;
        struct done_callback *done = weft__container(entry, struct done_callback, callback.entry);
        if (done->fn != fn || done->arg != arg)
            continue;
        weft__unlink(entry);
        done_callback_free(done);
        removed++;
    }
    return removed;
}

bool weft__drop_done_callback(struct weft__entry *entry)
{
    if (entry->run != run_done_callback)
        return false;
    struct done_callback *done = weft__container(entry, struct done_callback, callback.entry);
    weft_unref(done->callback.future);
    done_callback_free(done);
    return true;
}
