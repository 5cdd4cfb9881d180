import asyncio
import logging
import sys
import time


class Hear(logging.Handler):
    def emit(self, record):
        message = record.getMessage()
        print(message, file=sys.stderr)
        if "name='slow'" in message:
            print("debug mode: slow holds the loop")


async def slow():
    await asyncio.sleep(0.2)
    time.sleep(0.3)  # the limit is 0.1 s
    await asyncio.sleep(0.2)


def answer_elsewhere(loop, future):
    try:
        loop.call_soon(future.set_result, 42)
    except RuntimeError:
        print("debug mode: this is not the loop's thread")
        loop.call_soon_threadsafe(future.set_result, 42)


async def mistakes():
    task = asyncio.create_task(slow(), name="slow")
    await task

    future = asyncio.get_running_loop().create_future()
    job = asyncio.create_task(
        asyncio.to_thread(answer_elsewhere, asyncio.get_running_loop(), future))
    await future
    print(f"the answer is {future.result()}")
    await job


logging.getLogger("asyncio").addHandler(Hear())
asyncio.run(mistakes(), debug=True)
