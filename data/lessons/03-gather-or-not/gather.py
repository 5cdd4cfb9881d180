import asyncio


async def brew(what):
    print(f"{what}: on")
    await asyncio.sleep(0.3)
    print(f"{what}: ready")


async def breakfast():
    await asyncio.gather(brew("coffee"), brew("tea"), brew("cocoa"))


asyncio.run(breakfast())
