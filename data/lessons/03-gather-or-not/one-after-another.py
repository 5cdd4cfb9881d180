import asyncio


async def brew(what):
    print(f"{what}: on")
    await asyncio.sleep(0.3)
    print(f"{what}: ready")


async def breakfast():
    await brew("coffee")
    await brew("tea")
    await brew("cocoa")


asyncio.run(breakfast())
