import asyncio
import time

beats = 0


async def heartbeat():
    global beats
    while True:
        await asyncio.sleep(0.06)
        beats += 1


def blocking_io(milliseconds):
    time.sleep(milliseconds / 1000)
    return milliseconds


async def block():
    global beats
    pulse = asyncio.create_task(heartbeat(), name="heartbeat")
    await asyncio.sleep(0.2)
    beats = 0
    slept = blocking_io(400)
    print(f"in the loop: {slept} ms, {'the heart beats' if beats > 0 else 'no heartbeat'}")
    pulse.cancel()


asyncio.run(block())
