"""CPython's asyncio doing what libweft's benchmarks do: prints NAME VALUE UNIT, as they do.

The best of several rounds, in processor time where nothing is waited for, as there; names choose
rows by prefix."""
import asyncio
import gc
import sys
import time

ROUNDS = 5


def wanted(name):
    return len(sys.argv) == 1 or any(name.startswith(n) or n.startswith(name) for n in sys.argv[1:])


async def timed(name, make, operations, rounds=ROUNDS, clock=time.process_time):
    if not wanted(name):
        return
    best = float("inf")
    for _ in range(rounds):
        begin = clock()
        await make()
        best = min(best, clock() - begin)
    print(f"{name} {best / operations * 1e9:.1f} ns", flush=True)


async def nop():
    pass


async def yields(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def spawns(n):
    for _ in range(n):
        await asyncio.create_task(nop())


async def wakes(n):
    loop = asyncio.get_running_loop()
    for _ in range(n):
        future = loop.create_future()
        loop.call_soon(future.set_result, None)
        await future


async def answers(questions, replies, n):
    for _ in range(n):
        replies.put_nowait(await questions.get())


async def round_trips(n):
    questions, replies = asyncio.Queue(1), asyncio.Queue(1)
    other = asyncio.create_task(answers(questions, replies, n))
    for i in range(n):
        questions.put_nowait(i)
        await replies.get()
    await other


async def waits_for(n):
    for _ in range(n):
        await asyncio.wait_for(nop(), 10)


async def to_threads(n):
    for _ in range(n):
        await asyncio.to_thread(int)


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


async def sleepers(n):
    gc.collect()
    memory, begin = resident_bytes(), time.process_time()
    tasks = [asyncio.create_task(asyncio.sleep(2.0)) for _ in range(n)]
    await asyncio.sleep(0)
    begun, used = time.process_time() - begin, resident_bytes() - memory
    await asyncio.gather(*tasks)
    print(f"sleep.100k {begun / n * 1e9:.1f} ns")
    print(f"sleep.100k.all {(time.process_time() - begin) / n * 1e9:.1f} ns")
    print(f"sleep.100k.bytes {used / n:.0f} B", flush=True)


async def main():
    n = 20000
    if wanted("sleep.100k"):
        await sleepers(100000)
    await timed("task.yield_alone", lambda: yields(n), n)
    await timed("task.switch", lambda: asyncio.gather(yields(n), yields(n)), 2 * n)
    await timed("task.switch.1000", lambda: asyncio.gather(*(yields(20) for _ in range(1000))), n)
    await timed("task.create_await", lambda: spawns(n), n)
    await timed("future.wake", lambda: wakes(n), n)
    await timed("queue.round_trip", lambda: round_trips(n), n)
    await timed("gather.10k", lambda: asyncio.gather(*(nop() for _ in range(10000))), 10000)
    await timed("wait_for.nop", lambda: waits_for(n), n)
    await timed("to_thread.round_trip", lambda: to_threads(500), 500, clock=time.perf_counter)
    await timed("many.switch_100k", lambda: asyncio.gather(*(yields(5) for _ in range(100000))),
                500000, rounds=1)


asyncio.run(main())
