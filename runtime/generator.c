/* generator.c: async generators (PEP 525): a coroutine that hands out values on the way.
 *
 *      consumer's stack   main → weft_next ─┐            ┌→ … goes on with the value
 *      generator's stack                    └→ body … weft_yield
 *
 * It has a stack of its own but no task: it runs in the task of whoever calls weft_next, so what it
 * awaits suspends that task, where it stands, and what cancels that task is delivered inside it.
 * Its await frames are put on top of its consumer's while it runs; its scopes are its own.
 *
 *      fresh → running ⇄ suspended (in a yield) → finished
 *
 * One that is dropped while suspended is closed by a task made for that, as asyncio's finalizer
 * hook does; what is left when the loop shuts down is closed then. */
#include "runtime/generator.h"
#include "runtime/error.h"
#include "runtime/scope.h"
#include <stdlib.h>
#include <string.h>

enum state { FRESH, RUNNING, SUSPENDED, FINISHED };

enum { YIELDED = 1 }; /* what advance returns beside a code */

struct weft_generator {
    struct weft__object object;
    weft_loop *loop;
    uint64_t id;
    weft_site *site;
    struct weft__links all; /* in loop->generators while it has a stack */
    struct weft__coroutine co;
    weft__frame base;    /* the consumer's await of the next value */
    weft__frame *frames; /* its await stack, while it is suspended */
    struct weft__scope *scopes;
    weft_generator *below; /* while it runs: the one that consumes it, in the same task */
    struct weft__task *consumer;
    uint8_t state;
    bool closing;
    int rc;
    weft_coro coro;
    void *value;
};

/* ---- Running ---- */

static void body(void *arg)
{
    weft_generator *generator = arg;
    weft__coroutine_began(&generator->co);
    generator->rc = generator->coro.entry(generator->coro.args, generator->value);
    generator->state = FINISHED;
    weft__coroutine_end(&generator->co);
}

static void join(struct weft__links *list, struct weft__links *links)
{
    *links = (struct weft__links){ list, list->prev };
    list->prev->next = links;
    list->prev = links;
}

static void part(struct weft__links *links)
{
    links->next->prev = links->prev;
    links->prev->next = links->next;
}

static int begin(weft_generator *generator)
{
    struct weft__stack *stack = weft__stack_take(&generator->loop->stacks, 0);
    if (!stack)
        return UV_ENOMEM;
    weft__coroutine_start(&generator->co, stack, body, generator);
    generator->frames = &generator->base;
    join(&generator->loop->generators, &generator->all);
    return 0;
}

static void look_at_canary(const weft_generator *generator)
{
    const struct weft__stack *stack = generator->co.stack;
    if (!stack->canary || weft__stack_intact(stack))
        return;
    weft_log("stack overflow in generator %s: its stack has %zu bytes", generator->coro.name,
             stack->size);
    abort();
}

static void finish(weft_generator *generator, bool intact)
{
    struct weft__stack *stack = weft__coroutine_finish(&generator->co);
    part(&generator->all);
    if (intact)
        weft__stack_give(&generator->loop->stacks, stack);
    generator->state = FINISHED;
    generator->frames = NULL;
    generator->scopes = NULL;
}

/* Runs it in the task until it yields or ends: YIELDED, 0, or the code it ended with. */
static int advance(weft_generator *generator, struct weft__task *task, weft_site *site)
{
    if (generator->state == FRESH) {
        int rc = begin(generator);
        if (rc < 0)
            return rc;
    }
    struct weft__scope *scopes = task->scopes;
    struct weft__coroutine *caller = task->generator ? &task->generator->co : &task->co;
    weft_ref(generator); /* whatever its consumer does meanwhile */
    generator->base = (weft__frame){ weft__top, site };
    generator->consumer = task;
    generator->below = task->generator;
    generator->state = RUNNING;
    task->generator = generator;
    task->scopes = generator->scopes;
    weft__top = generator->frames;
    weft__coroutine_enter_within(caller, &generator->co);
    generator->frames = weft__top;
    weft__top = generator->base.up;
    generator->scopes = task->scopes;
    task->scopes = scopes;
    task->generator = generator->below;
    generator->consumer = NULL;
    int rc = YIELDED;
    look_at_canary(generator);
    if (generator->state == FINISHED) {
        rc = generator->rc < 0 ? generator->rc : 0;
        finish(generator, true);
    } else {
        generator->state = SUSPENDED;
    }
    weft_unref(generator);
    return rc;
}

int weft_yield_at(weft_site *site)
{
    struct weft__task *task = weft__current();
    weft_generator *generator = task ? task->generator : NULL;
    (void)site;
    if (!generator)
        return task ? UV_EINVAL : WEFT_ENOTASK;
    weft__scopes_check(task);
    weft__coroutine_leave(&generator->co);
    return generator->closing ? WEFT_ECLOSED : 0;
}

static int check(const weft_generator *generator, const struct weft__task *task)
{
    if (!generator)
        return UV_EINVAL;
    if (!task)
        return WEFT_ENOTASK;
    if (generator->loop != task->future.loop)
        return WEFT_ELOOP;
    if (generator->state == RUNNING)
        return UV_EBUSY;
    return 0;
}

int weft_next_at(weft_site *site, weft_generator *generator, void *out, size_t size)
{
    struct weft__task *task = weft__current();
    int rc = check(generator, task);
    if (rc < 0)
        return rc;
    if (size != generator->coro.result_size || (size > 0 && !out))
        return UV_EINVAL;
    if (generator->state == FINISHED)
        return WEFT_ESTOPITER;
    rc = advance(generator, task, site);
    if (rc == YIELDED) {
        memcpy(out, generator->value, size);
        return 0;
    }
    return rc == 0 ? WEFT_ESTOPITER : rc;
}

/* ---- Closing ---- */

int weft_generator_close_at(weft_site *site, weft_generator *generator)
{
    struct weft__task *task = weft__current();
    int rc = check(generator, task);
    if (rc < 0)
        return rc;
    if (generator->state == FRESH)
        generator->state = FINISHED;
    if (generator->state == FINISHED)
        return 0;
    generator->closing = true;
    rc = advance(generator, task, site);
    if (rc == YIELDED) {
        finish(generator, false);
        return weft_raise_at(site, WEFT_EINVALSTATE,
                             "generator %s yielded while it was being closed",
                             generator->coro.name);
    }
    return rc == WEFT_ECLOSED || rc == WEFT_ESTOPITER ? 0 : rc;
}

WEFT_ASYNC(void, close_generator, weft_generator *, generator)
{
    return weft_generator_close_at(generator->site, generator);
}

/* A task that closes it, and owns it meanwhile. */
static weft_task *closing_task(weft_generator *generator)
{
    return weft__task_new(generator->loop, generator->site, weft_coro(close_generator(generator)),
                          (weft_task_options){ .on_free = weft_unref, .on_free_arg = generator });
}

void weft__generators_shutdown(weft_loop *loop)
{
    size_t n = 0, room = 0;
    for (struct weft__links *at = loop->generators.next; at != &loop->generators; at = at->next)
        room++;
    weft_task **tasks = calloc(room + 1, sizeof *tasks);
    if (!tasks)
        return;
    for (struct weft__links *at = loop->generators.next; at != &loop->generators; at = at->next) {
        weft_generator *generator = weft__container(at, weft_generator, all);
        if (generator->state == SUSPENDED)
            tasks[n++] = closing_task(weft_ref(generator));
    }
    weft__see_ended(loop, tasks, n, "a generator failed while it was being closed");
    free(tasks);
}

void weft__generators_forget(weft_loop *loop)
{
    while (loop->generators.next != &loop->generators)
        finish(weft__container(loop->generators.next, weft_generator, all), false);
}

/* ---- Life ---- */

static void destroy(void *object)
{
    weft_generator *generator = object;
    weft_loop *loop = generator->loop;
    if (generator->state == SUSPENDED && !loop->closing) {
        generator->object.refs =
            1; /* the task's, which gives it back: weft__task_new never fails to */
        weft_detach(closing_task(generator));
        return;
    }
    if (generator->state == SUSPENDED && !loop->closed)
        finish(generator, false);
    if (!loop->closed)
        weft__trace(loop, WEFT_RECORD_OBJECT_FREE, 0, NULL, generator->id, 0);
    weft__loop_unref(loop);
    free(generator->value);
    free(generator);
}

weft_generator *weft_generator_new_at(weft_site *site, weft_coro coro)
{
    weft_loop *loop = weft__loop;
    if (!loop || loop->closing || !coro.entry)
        return NULL;
    weft_generator *generator = weft__object_new(sizeof *generator);
    void *value = generator ? calloc(1, coro.result_size + 1) : NULL;
    if (!value) {
        free(generator);
        return NULL;
    }
    weft__object_init(&generator->object, WEFT__GENERATOR, destroy);
    generator->loop = loop;
    weft__loop_ref(loop);
    generator->site = site;
    generator->coro = coro;
    generator->value = value;
    generator->id = weft_new_id(loop->writer, WEFT_ENTITY_GENERATOR);
    weft__trace(loop, WEFT_RECORD_OBJECT_NEW, 0, site, generator->id, 0);
    weft__trace_name(loop, WEFT_RECORD_OBJECT_NAME, generator->id, coro.name);
    return generator;
}

const struct weft__stack *weft__task_stack(const struct weft__task *task)
{
    return task->generator ? task->generator->co.stack : task->co.stack;
}

/* ---- WEFT_FOR ---- */

struct iteration { /* behind weft_iteration */
    struct weft__scope scope;
    weft_generator *generator;
    weft_site *site;
};
_Static_assert(sizeof(struct iteration) <= sizeof(weft_iteration), "weft_iteration is too small");

static void leave_iteration(struct weft__scope *scope)
{
    struct iteration *iteration = weft__container(scope, struct iteration, scope);
    int rc = weft_generator_close_at(iteration->site, iteration->generator);
    if (rc < 0)
        *scope->rc = rc;
    weft_unref(iteration->generator);
}

weft_iteration *weft__iterate(weft_iteration *opaque, weft_site *site, const char *func,
                              weft_coro coro, int *rc)
{
    struct iteration *iteration = (struct iteration *)opaque;
    struct weft__task *task = weft__current();
    *rc = 0;
    if (task)
        iteration->generator = weft_generator_new_at(site, coro);
    if (!iteration->generator) {
        *rc = task ? UV_ENOMEM : WEFT_ENOTASK;
        return NULL;
    }
    iteration->site = site;
    weft__scope_enter(&iteration->scope, task, func, rc, leave_iteration);
    return opaque;
}

bool weft__advance(weft_iteration *opaque, weft_site *site, void *out, size_t size)
{
    struct iteration *iteration = (struct iteration *)opaque;
    int rc = weft_next_at(site, iteration->generator, out, size);
    *iteration->scope.rc = rc == WEFT_ESTOPITER ? 0 : rc;
    return rc == 0;
}
