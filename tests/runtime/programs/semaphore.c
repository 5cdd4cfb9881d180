/* semaphore.c: at most five of twenty at a time, and one at a time at the counter.
 *
 *      async def fetch(i, slots, lock):
 *          async with slots:
 *              await asyncio.sleep(0.05)
 *              async with lock:
 *                  global done
 *                  seen = done
 *                  await asyncio.sleep(0)
 *                  done = seen + 1
 *      async def main():
 *          slots, lock = asyncio.Semaphore(5), asyncio.Lock()
 *          async with asyncio.TaskGroup() as group:
 *              for i in range(20): group.create_task(fetch(i, slots, lock))
 *          print(f'{done} done, at most {most} at a time') */
#include "weft.h"

struct shared {
    weft_semaphore slots;
    weft_lock lock;
    int running, most, done;
};

WEFT_ASYNC(void, fetch, struct shared *, shared)
{
    int rc = 0;
    WEFT_WITH_SEMAPHORE(&shared->slots, rc) {
        if (++shared->running > shared->most)
            shared->most = shared->running;
        WEFT_BREAK(rc, weft_sleep(0.05));
        WEFT_WITH_LOCK(&shared->lock, rc) {
            int seen = shared->done;
            WEFT_BREAK(rc, weft_sleep(0));
            shared->done = seen + 1;
        }
        shared->running--;
    }
    return rc;
}

WEFT_ASYNC(void, semaphore_of_five)
{
    int rc = 0;
    struct shared shared = { .running = 0 };
    weft_semaphore_init(&shared.slots, 5, "slots");
    weft_lock_init(&shared.lock, "counter");
    WEFT_TASK_GROUP(group, rc)
        for (int i = 0; i < 20; i++)
            weft_group_create_task(&group, fetch(&shared));
    printf("%d done, at most %d at a time\n", shared.done, shared.most);
    weft_lock_finish(&shared.lock);
    weft_semaphore_finish(&shared.slots);
    return rc;
}

int main(void)
{
    return weft_main(semaphore_of_five());
}
