/* turnlock.h: a recursive lock that goes round: whoever waits has it next, before whoever just gave
 * it up takes it again. A worker that gives it up after each piece of a long question thus keeps
 * nobody waiting for longer than that piece.
 *
 *     held   by whoever has the lock
 *     turn   by the one who has it next, while he waits: the others wait for that
 *
 * Thread: any. */
#ifndef WEFT_MODEL_TURNLOCK_H
#define WEFT_MODEL_TURNLOCK_H

#include <glib.h>
#include <pthread.h>

struct turn_lock {
    pthread_mutex_t turn, held;
    const char *owner; /* an address of the holder's own; NULL: nobody holds it. Read by anybody */
    guint depth;       /* how often the holder took it */
};

void turn_lock_init(struct turn_lock *lock);
void turn_lock_clear(struct turn_lock *lock);
void turn_lock_take(struct turn_lock *lock);
void turn_lock_give(struct turn_lock *lock);

/* Whether its holder took it more than once: it is not his alone to give up. */
static inline gboolean turn_lock_kept(const struct turn_lock *lock)
{
    return lock->depth > 1;
}

/* Lets whoever waits come in between. */
static inline void turn_lock_pass(struct turn_lock *lock)
{
    turn_lock_give(lock);
    turn_lock_take(lock);
}

#endif
