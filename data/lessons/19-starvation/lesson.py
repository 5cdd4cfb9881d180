import asyncio
import time

beats = 0


async def heartbeat():
    global beats
    while True:
        await asyncio.sleep(0.06)
        beats += 1


async def digest_block():  # 2 ms of work, and nothing in it waits
    until = time.monotonic() + 0.002
    while time.monotonic() < until:
        pass


async def digest(how, polite):
    global beats
    beats = 0
    for block in range(150):
        await digest_block()
        if polite:
            await asyncio.sleep(0)
    print(f"{how}: {'the heart beats' if beats > 0 else 'the heart stands still'}")


async def starve():
    pulse = asyncio.create_task(heartbeat(), name="heartbeat")
    await asyncio.sleep(0.2)
    greedy = asyncio.create_task(digest("greedy", False), name="greedy")
    await greedy
    await asyncio.sleep(0.2)
    polite = asyncio.create_task(digest("polite", True), name="polite")
    await polite
    pulse.cancel()


asyncio.run(starve())
