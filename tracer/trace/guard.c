/* guard.c: see guard.h.
 *
 * The handler cannot wait for a lock: ranges are a list that only grows, whose free entries (size
 * 0) are used again. */
#include "tracer/trace/guard.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

struct range {
    _Atomic uintptr_t at, size;
    struct range *next;
};

static _Atomic(struct range *) ranges;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of those who change them */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct sigaction before;

static gboolean is_guarded(uintptr_t address)
{
    for (struct range *r = atomic_load_explicit(&ranges, memory_order_acquire); r; r = r->next) {
        uintptr_t size = atomic_load_explicit(&r->size, memory_order_acquire);
        if (address - atomic_load_explicit(&r->at, memory_order_relaxed) < size)
            return TRUE;
    }
    return FALSE;
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    uintptr_t address = (uintptr_t)info->si_addr;
    if (is_guarded(address)) {
        void *page = (void *)(address & ~(uintptr_t)(PAGE - 1));
        if (mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                 0) != MAP_FAILED)
            return;
    }
    if (before.sa_flags & SA_SIGINFO)
        before.sa_sigaction(number, info, context);
    else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
        before.sa_handler(number);
    else
        sigaction(SIGBUS, &before, NULL); /* and it happens again */
}

static void install(void)
{
    struct sigaction action = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &before);
}

void *weft_guard_map(int fd, guint64 offset, gsize size, gboolean writable)
{
    pthread_once(&once, install);
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    void *at = mmap(NULL, size, protection, MAP_SHARED, fd, (off_t)offset);
    if (at == MAP_FAILED)
        return NULL;
    pthread_mutex_lock(&lock);
    struct range *r = atomic_load_explicit(&ranges, memory_order_relaxed);
    while (r && atomic_load_explicit(&r->size, memory_order_relaxed) != 0)
        r = r->next;
    gboolean new = r == NULL;
    if (new) {
        r = g_new0(struct range, 1);
        r->next = atomic_load_explicit(&ranges, memory_order_relaxed);
    }
    atomic_store_explicit(&r->at, (uintptr_t)at, memory_order_relaxed);
    atomic_store_explicit(&r->size, size, memory_order_release);
    if (new)
        atomic_store_explicit(&ranges, r, memory_order_release);
    pthread_mutex_unlock(&lock);
    return at;
}

void weft_guard_unmap(const void *at, gsize size)
{
    if (!at)
        return;
    pthread_mutex_lock(&lock);
    struct range *r = atomic_load_explicit(&ranges, memory_order_relaxed);
    while (r && (atomic_load_explicit(&r->size, memory_order_relaxed) == 0 ||
                 atomic_load_explicit(&r->at, memory_order_relaxed) != (uintptr_t)at))
        r = r->next;
    if (r)
        atomic_store_explicit(&r->size, 0, memory_order_release);
    pthread_mutex_unlock(&lock);
    munmap((void *)(gsize)at, size);
}
