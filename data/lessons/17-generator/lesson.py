import asyncio
from contextlib import aclosing


async def ticker(delay, to):
    try:
        for i in range(to):
            await asyncio.sleep(delay)
            yield i
        print("ticker: ran down")
    except GeneratorExit:
        print("ticker: stopped")
        raise


async def consume():
    async for i in ticker(0.1, 3):
        print(f"tick {i}")

    async with aclosing(ticker(0.2, 1000)) as tocks:
        async for i in tocks:
            print(f"tock {i}")
            await asyncio.sleep(0.1)
            if i == 2:
                break
    print("consumer: had enough")


asyncio.run(consume())
