/* turnlock.c: see turnlock.h. */
#include "tracer/model/turnlock.h"

static _Thread_local char self; /* its address is this thread's */

void turn_lock_init(struct turn_lock *lock)
{
    pthread_mutex_init(&lock->turn, NULL);
    pthread_mutex_init(&lock->held, NULL);
    lock->owner = NULL;
    lock->depth = 0;
}

void turn_lock_clear(struct turn_lock *lock)
{
    pthread_mutex_destroy(&lock->turn);
    pthread_mutex_destroy(&lock->held);
}

void turn_lock_take(struct turn_lock *lock)
{
    /* Nobody else makes it this thread's, or takes it from it. */
    if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != &self) {
        pthread_mutex_lock(&lock->turn);
        pthread_mutex_lock(&lock->held);
        pthread_mutex_unlock(&lock->turn);
        __atomic_store_n(&lock->owner, &self, __ATOMIC_RELAXED);
    }
    lock->depth++;
}

void turn_lock_give(struct turn_lock *lock)
{
    if (--lock->depth > 0)
        return;
    __atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&lock->held);
}
