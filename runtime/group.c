/* group.c: task groups: asyncio's TaskGroup (Lib/asyncio/taskgroups.py), as a scope.
 *
 *      group -> members: [ task | callback ] -> [ task | callback ] -> NULL     as they were
 * created failed:  [ task ] -> [ task ] -> NULL                           as they ended
 *
 * The group lies on its task's stack. Leaving it waits until no member is pending, so no member's
 * callback outlives it; only when the loop is closing it cannot wait, and takes them back. */
#include "runtime/error.h"
#include "runtime/scope.h"
#include <stdio.h>
#include <stdlib.h>

struct member {
    struct weft__callback callback;
    weft_task *task; /* a reference */
    struct group *group;
    struct member *next, **link; /* *link == this */
    struct member *next_failed;
    bool detached; /* nobody looks at the task: let go of it when it is done */
};

struct group { /* behind weft_task_group */
    struct weft__scope scope;
    uint64_t id;
    weft_site *site;
    const char *name;
    struct member *members, **members_end;
    struct member *failed, **failed_end;
    size_t pending, done, n_failed;
    int *lost;
    bool entered, left;
    bool aborting;
    bool parent_asked; /* we asked the task that is in the block to cancel */
};
_Static_assert(sizeof(struct group) <= sizeof(weft_task_group),
               "weft.h: weft_task_group is too small");

static struct group *group_of(weft_task_group *group)
{
    return (struct group *)group;
}

/* ---- Members ---- */

static void abort_members(struct group *group)
{
    group->aborting = true;
    for (struct member *member = group->members; member; member = member->next)
        if (!weft__is_done(member->task))
            weft__cancel(member->task, group->site, NULL, WEFT_WAKE_CANCEL, group->id);
}

static void join(struct group *group, struct member *member)
{
    member->link = group->members_end;
    *member->link = member;
    group->members_end = &member->next;
}

static void let_go(struct group *group, struct member *member)
{
    *member->link = member->next;
    if (member->next)
        member->next->link = member->link;
    else
        group->members_end = member->link;
    weft_unref(member->task);
    free(member);
}

/* What asyncio's _on_task_done does. */
static void member_done(struct group *group, struct member *member)
{
    struct weft__task *parent = group->scope.task;
    group->done++;
    if (member->task->state != WEFT__FAILED)
        return;
    member->task->looked_at = true;
    *group->failed_end = member;
    group->failed_end = &member->next_failed;
    group->n_failed++;
    if (group->aborting)
        return;
    abort_members(group);
    group->parent_asked = true;
    weft__task_cancel(&parent->future, group->site, NULL, WEFT_WAKE_CANCEL, group->id);
}

static void run(struct weft__entry *entry)
{
    struct member *member = weft__container(entry, struct member, callback.entry);
    struct group *group = member->group;
    struct weft__task *parent = group->scope.task;
    weft_loop *loop = parent->future.loop;
    weft__callback_begin(loop, WEFT_HANDLE_DONE, member->callback.site, group->id,
                         member->task->id);
    if (--group->pending == 0 && group->left)
        weft__wake(parent, WEFT_WAKE_GROUP, group->id);
    member_done(group, member);
    weft__callback_end(loop, WEFT_HANDLE_DONE, group->id);
    if (member->detached && member->task->state != WEFT__FAILED)
        let_go(group, member);
}

static void watch_member(struct group *group, struct member *member, weft_site *site)
{
    weft_task *task = member->task;
    if (task->id)
        weft__trace(task->loop, WEFT_RECORD_GROUP_ADD, 0, site, group->id, task->id);
    if (weft__is_done(task)) { /* eager, or there was no memory for it */
        member_done(group, member);
        return;
    }
    group->pending++;
    member->callback.entry.run = run;
    member->callback.awaiter = &group->scope.task->future;
    weft__when_done(task, &member->callback, group->id, site);
}

/* 0 and a member, whose task may have been refused; or the code of what has no member. */
static int create(struct group *group, weft_site *site, weft_coro coro, weft_task_options options,
                  struct member **out)
{
    if (!group || !group->entered)
        return UV_EINVAL;
    weft_loop *loop = group->scope.task->future.loop;
    if (loop != weft__loop)
        return WEFT_ELOOP;
    if (group->left && group->pending == 0)
        return WEFT_ECLOSED;
    struct member *member = weft__object_new(sizeof *member);
    if (!member)
        return UV_ENOMEM;
    bool refused = group->aborting; /* such a one is only kept */
    member->group = group;
    member->task = refused ? weft__failed(loop, site, WEFT_ECLOSED)
                           : weft__task_new(loop, site, coro, options); /* may run: it is eager */
    join(group, member);
    if (!refused)
        watch_member(group, member, site);
    *out = member;
    return refused ? WEFT_ECLOSED : 0;
}

weft_task *weft_group_create_task_at(weft_site *site, weft_task_group *group, weft_coro coro,
                                     weft_task_options options)
{
    struct member *member = NULL;
    int rc = create(group_of(group), site, coro, options, &member);
    return member ? member->task : weft__failed_for_ever(rc);
}

int weft_group_create_detached_at(weft_site *site, weft_task_group *pointer, weft_coro coro,
                                  weft_task_options options)
{
    struct member *member = NULL;
    struct group *group = group_of(pointer);
    int rc = create(group, site, coro, options, &member);
    if (!member)
        return rc;
    member->detached = true;
    if (rc < 0)
        member->task->looked_at = true;
    if (rc < 0 || (weft__is_done(member->task) && member->task->state != WEFT__FAILED))
        let_go(group, member);
    return rc;
}

/* ---- Entering and leaving ---- */

static void leave(struct weft__scope *scope);

weft_task_group *weft_group_enter(weft_task_group *pointer, weft_site *site, const char *func,
                                  const char *name, int *rc, int *lost)
{
    struct weft__task *task = weft__current();
    *rc = task ? 0 : WEFT_ENOTASK;
    if (!task)
        return NULL;
    struct group *group = group_of(pointer);
    weft_loop *loop = task->future.loop;
    *group = (struct group){ .id = weft_new_id(loop->writer, WEFT_ENTITY_GROUP),
                             .site = site,
                             .name = name,
                             .members_end = &group->members,
                             .failed_end = &group->failed,
                             .lost = lost,
                             .entered = true };
    weft__scope_enter(&group->scope, task, func, rc, leave);
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, group->id, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, group->id, name);
    return pointer;
}

static void forget_members(struct group *group)
{
    for (struct member *member = group->members, *next; member; member = next) {
        next = member->next;
        if (member->callback.future)
            weft__not_when_done(&member->callback);
        weft_unref(member->task);
        free(member);
    }
    group->members = NULL;
}

/* Waits for the members. Who is cancelled meanwhile, for the first time, cancels them; *error then
 * is that cancellation's. 0, WEFT_ECANCELED for that, or WEFT_ECLOSED: the loop does not wait. */
static int wait_for_members(struct group *group, weft_error **error)
{
    struct weft__task *task = group->scope.task;
    int outcome = 0;
    weft__frame frame; /* in print_stack it awaits here */
    weft__enter(&frame, group->site);
    while (group->pending > 0 && outcome != WEFT_ECLOSED) {
        int rc = weft__wait(task, WEFT_AWAIT_GROUP, group->id, group->site);
        if (rc == WEFT_ECLOSED) {
            outcome = rc;
        } else if (rc == WEFT_ECANCELED && !group->aborting) {
            outcome = rc;
            weft__error_put(error, weft__error_claim(&task->error, rc));
            abort_members(group);
        }
    }
    return weft__leave(&frame, outcome);
}

static size_t append(char *text, size_t size, size_t length, const weft_error *error)
{
    int n = snprintf(text + length, size - length, "%s%s: %s", length > 0 ? "; " : "",
                     weft_err_name(error->code), weft_error_message(error));
    return n > 0 && (size_t)n < size - length ? length + (size_t)n : size - 1;
}

/* The members' errors and then the body's, which is taken over, or NULL. NULL: out of memory. */
static weft_error *group_error(struct group *group, weft_error *body)
{
    char text[1024] = "";
    size_t length = 0, n = 0;
    weft_error *error = weft__error_new(WEFT_EGROUP, NULL, group->site, NULL);
    const weft_error **children = error ? calloc(group->n_failed + 1, sizeof *children) : NULL;
    if (!children) {
        weft_unref(body);
        return error;
    }
    for (struct member *member = group->failed; member; member = member->next_failed) {
        const weft_error *child = weft_future_error(member->task);
        if (child)
            children[n++] = weft_ref((void *)(uintptr_t)child);
    }
    if (body)
        children[n++] = body;
    for (size_t i = 0; i < n; i++)
        length = append(text, sizeof text, length, children[i]);
    error->children = children;
    error->n_children = n;
    error->message = strdup(text);
    return error;
}

/* What comes of it, in asyncio's order. `cancelled`: the body, or the wait for the members. */
static int conclude(struct group *group, int rc, bool cancelled, weft_error **error)
{
    weft_task *parent = &group->scope.task->future;
    if (group->parent_asked && weft_uncancel_at(group->site, parent) == 0)
        cancelled = false;
    bool failed = rc < 0 && rc != WEFT_ECANCELED;
    if (group->n_failed == 0 && cancelled)
        return WEFT_ECANCELED;
    if (group->n_failed == 0 && !failed)
        return rc;
    /* Somebody else's cancellation is still to come: at the next suspension. */
    if (weft_cancelling(parent) > 0) {
        weft_uncancel_at(group->site, parent);
        weft__task_cancel(parent, group->site, NULL, WEFT_WAKE_CANCEL, group->id);
    }
    weft_error *body = NULL;
    if (failed && !(body = *error))
        body = weft__error_new(rc, NULL, NULL, NULL);
    if (!failed)
        weft_unref(*error);
    *error = group_error(group, body);
    return WEFT_EGROUP;
}

static void leave(struct weft__scope *scope)
{
    struct group *group = (struct group *)scope;
    struct weft__task *task = scope->task;
    weft_loop *loop = task->future.loop;
    int rc = *scope->rc;
    weft_error *error = rc < 0 ? weft__error_claim(&task->error, rc) : NULL;
    group->left = true;
    if (rc < 0 && !group->aborting)
        abort_members(group);
    int waited = wait_for_members(group, &error);
    if (waited == WEFT_ECLOSED)
        rc = rc < 0 ? rc : waited;
    else
        rc = conclude(group, rc, rc == WEFT_ECANCELED || waited == WEFT_ECANCELED, &error);
    weft__error_put(&task->error, error);
    enum weft_outcome outcome = rc >= 0                ? WEFT_OUTCOME_RESULT
                                : rc == WEFT_ECANCELED ? WEFT_OUTCOME_CANCELLED
                                                       : WEFT_OUTCOME_ERROR;
    weft__trace(loop, WEFT_RECORD_GROUP_DONE, outcome, group->site, group->id, group->done);
    forget_members(group);
    if (rc < 0 && *scope->rc >= 0 && group->lost)
        *group->lost = rc;
    *scope->rc = rc;
}

void weft__group_returned(weft__returned *returned)
{
    struct weft__task *task = weft__current();
    if (returned->came_behind || returned->lost >= 0 || !task)
        return;
    weft__report(task->future.loop, "a return from its block lost the failure of a task group",
                 weft_current_error(), &task->future);
}
