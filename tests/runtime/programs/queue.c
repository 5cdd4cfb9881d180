/* queue.c: https://docs.python.org/3/library/asyncio-queue.html, three workers for twenty jobs:
 *
 *      async def worker(name, queue):
 *          while True:
 *              sleep_for = await queue.get()
 *              await asyncio.sleep(sleep_for)
 *              queue.task_done()
 *              print(f'{name} has slept for {sleep_for:.2f} seconds')
 *      async def main():
 *          queue = asyncio.Queue()
 *          for i in range(20): queue.put_nowait(0.05 * (i + 1))
 *          tasks = [asyncio.create_task(worker(f'worker-{i}', queue)) for i in range(3)]
 *          await queue.join()
 *          for task in tasks: task.cancel()
 *          await asyncio.gather(*tasks, return_exceptions=True)
 *          print('done') */
#include "weft.h"

WEFT_ASYNC(void, worker, int, i, weft_queue *, queue)
{
    for (;;) {
        double sleep_for;
        WEFT_TRY(weft_queue_get(queue, &sleep_for));
        WEFT_TRY(weft_sleep(sleep_for));
        weft_queue_task_done(queue);
        printf("worker-%d has slept for %.2f seconds\n", i, sleep_for);
    }
}

WEFT_ASYNC(void, producer_consumer)
{
    __attribute__((cleanup(weft_queue_finish))) weft_queue queue;
    weft_queue_init(&queue, double, .name = "jobs");
    for (int i = 0; i < 20; i++)
        weft_queue_put_nowait(&queue, &(double){ 0.05 * (i + 1) });

    weft_task *tasks[3];
    for (int i = 0; i < 3; i++)
        tasks[i] = weft_create_task(worker(i, &queue));

    int rc = weft_await(weft_queue_join(&queue));
    for (int i = 0; i < 3; i++)
        weft_cancel(tasks[i]);
    weft_own weft_future *all = weft_gather_all(tasks, 3, .return_errors = true);
    for (int i = 0; i < 3; i++)
        weft_unref(tasks[i]); /* the gather holds them now */
    WEFT_TRY(all);
    printf("done\n");
    return rc;
}

int main(void)
{
    return weft_main(producer_consumer());
}
