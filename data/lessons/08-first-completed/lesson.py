import asyncio


async def ask(mirror, delay):
    try:
        await asyncio.sleep(delay)
        print(f"{mirror}: here it is")
    except asyncio.CancelledError:
        print(f"{mirror}: not needed")
        raise
    return int(delay * 1000)


async def race():
    tasks = [
        asyncio.create_task(ask("oslo", 0.7), name="oslo"),
        asyncio.create_task(ask("paris", 0.4), name="paris"),
        asyncio.create_task(ask("rome", 1.5), name="rome"),
    ]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    first = done.pop()
    print(f"first: {first.get_name()}, after {first.result()} ms")

    done, pending = await asyncio.wait(pending, timeout=0.8)
    print(f"{1 + len(done)} of 3 are done")
    for task in pending:
        task.cancel()
    await asyncio.wait(pending)


asyncio.run(race())
