/* context.c: task-local values: asyncio's use of contextvars.
 *
 * Copying a context takes a reference. A context that somebody else refers to is never changed: who
 * sets a value then makes one of his own first. Values are counted too, for contexts share them.
 *
 * Thread: contexts and values go from thread to thread, so their counts are atomic; which context
 * is the running one is each thread's own. */
#include "runtime/context.h"
#include "runtime/task.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct value {
    _Atomic uint32_t refs;
    void *value;
    void (*free_value)(void *);
};

struct binding {
    const weft_local *local;
    struct value *value; /* a reference */
};

struct weft__context {
    _Atomic uint32_t refs;
    uint32_t n;
    struct binding bindings[];
};

struct token {               /* behind weft_local_token */
    const weft_local *local; /* NULL: not in use */
    struct value *was;       /* a reference; NULL: it was not set */
    struct weft__context **where;
};
_Static_assert(sizeof(struct token) <= sizeof(weft_local_token),
               "weft.h: weft_local_token is too small");

static struct value *ref_value(struct value *value)
{
    if (value)
        atomic_fetch_add_explicit(&value->refs, 1, memory_order_relaxed);
    return value;
}

static void drop_value(struct value *value)
{
    if (!value || atomic_fetch_sub_explicit(&value->refs, 1, memory_order_acq_rel) > 1)
        return;
    if (value->free_value)
        value->free_value(value->value);
    free(value);
}

/* ---- Which one ---- */

static __thread struct weft__context *base; /* of the thread, outside everything */
static __thread struct weft__context **entered;

static struct weft__context **running(void)
{
    struct weft__task *task = weft__current();
    return task ? &task->context : entered ? entered : &base;
}

struct weft__context *weft__context_copy(void)
{
    struct weft__context *context = *running();
    if (context)
        atomic_fetch_add_explicit(&context->refs, 1, memory_order_relaxed);
    return context;
}

void weft__context_drop(struct weft__context *context)
{
    if (!context || atomic_fetch_sub_explicit(&context->refs, 1, memory_order_acq_rel) > 1)
        return;
    for (uint32_t i = 0; i < context->n; i++)
        drop_value(context->bindings[i].value);
    free(context);
}

struct weft__context **weft__context_enter(struct weft__context **context)
{
    struct weft__context **outer = entered;
    entered = context;
    return outer;
}

void weft__context_leave(struct weft__context **outer)
{
    entered = outer;
}

/* A thread that ends lets go of its values. */
static pthread_key_t thread_end;

static void on_thread_end(void *unused)
{
    (void)unused;
    weft__context_drop(base);
    base = NULL;
}

static void make_key(void)
{
    pthread_key_create(&thread_end, on_thread_end);
}

static void watch_thread_end(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_key);
    pthread_setspecific(thread_end, &base);
}

/* ---- Values ---- */

static struct binding *find(struct weft__context *context, const weft_local *local)
{
    for (uint32_t i = 0; context && i < context->n; i++)
        if (context->bindings[i].local == local)
            return &context->bindings[i];
    return NULL;
}

/* One that nobody else refers to, with the same values and a place for `local`: *where, or a new
 * one that takes its place. NULL: out of memory. */
static struct binding *place(struct weft__context **where, const weft_local *local)
{
    struct weft__context *old = *where;
    struct binding *found = find(old, local);
    if (found && atomic_load_explicit(&old->refs, memory_order_acquire) == 1)
        return found;
    uint32_t n = old ? old->n : 0;
    struct weft__context *own = calloc(1, sizeof *own + (n + 1) * sizeof own->bindings[0]);
    if (!own)
        return NULL;
    atomic_init(&own->refs, 1);
    own->n = found ? n : n + 1;
    for (uint32_t i = 0; i < n; i++)
        own->bindings[i] = (struct binding){ old->bindings[i].local,
                                             ref_value(old->bindings[i].value) };
    if (!found)
        own->bindings[n].local = local;
    weft__context_drop(old);
    *where = own;
    if (where == &base)
        watch_thread_end();
    return find(own, local);
}

void *weft_local_get(const weft_local *local)
{
    if (!local)
        return NULL;
    struct binding *binding = find(*running(), local);
    return binding && binding->value ? binding->value->value : local->fallback;
}

int weft_local_set(const weft_local *local, void *value, void (*free_value)(void *))
{
    if (!local)
        return UV_EINVAL;
    struct value *counted = calloc(1, sizeof *counted);
    struct binding *binding = counted ? place(running(), local) : NULL;
    if (!binding) {
        free(counted);
        return UV_ENOMEM;
    }
    atomic_init(&counted->refs, 1);
    counted->value = value;
    counted->free_value = free_value;
    struct value *old = binding->value;
    binding->value = counted;
    drop_value(old);
    return 0;
}

int weft_local_save(const weft_local *local, weft_local_token *pointer)
{
    struct token *token = (struct token *)pointer;
    if (!local || !token)
        return UV_EINVAL;
    struct weft__context **where = running();
    struct binding *binding = find(*where, local);
    *token = (struct token){ local, ref_value(binding ? binding->value : NULL), where };
    return 0;
}

int weft_local_reset(weft_local_token *pointer)
{
    struct token *token = (struct token *)pointer;
    if (!token || !token->local)
        return UV_EINVAL;
    if (token->where != running())
        return WEFT_EINVALSTATE;
    struct binding *binding = place(token->where, token->local);
    if (!binding)
        return UV_ENOMEM;
    struct value *old = binding->value;
    binding->value = token->was;
    *token = (struct token){ 0 };
    drop_value(old);
    return 0;
}

void weft_local_forget(weft_local_token *pointer)
{
    struct token *token = (struct token *)pointer;
    if (token && token->local)
        drop_value(token->was);
    if (token)
        *token = (struct token){ 0 };
}
