/* gate.h: where threads wait until a test lets them pass. Of pthreads, whose locks ThreadSanitizer
 * sees. */
#ifndef WEFT_TEST_GATE_H
#define WEFT_TEST_GATE_H

#include <pthread.h>

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned came; /* who are at the gate, or were */
    unsigned open; /* how many may pass            */
};

static inline void gate_init(struct gate *gate)
{
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->changed, NULL);
    gate->came = gate->open = 0;
}

static inline void gate_clear(struct gate *gate)
{
    pthread_mutex_destroy(&gate->lock);
    pthread_cond_destroy(&gate->changed);
}

static inline void gate_pass(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->came++;
    pthread_cond_broadcast(&gate->changed);
    while (gate->open == 0)
        pthread_cond_wait(&gate->changed, &gate->lock);
    gate->open--;
    pthread_mutex_unlock(&gate->lock);
}

static inline void gate_open(struct gate *gate, unsigned n)
{
    pthread_mutex_lock(&gate->lock);
    gate->open += n;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

/* Blocks until n have come. */
static inline void gate_await(struct gate *gate, unsigned n)
{
    pthread_mutex_lock(&gate->lock);
    while (gate->came < n)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static inline unsigned gate_came(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    unsigned came = gate->came;
    pthread_mutex_unlock(&gate->lock);
    return came;
}

#endif
