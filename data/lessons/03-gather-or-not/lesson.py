import asyncio


async def brew(what):
    print(f"{what}: on")
    await asyncio.sleep(0.3)
    print(f"{what}: ready")


async def one_after_another():
    await brew("coffee")
    await brew("tea")
    await brew("cocoa")


async def all_at_once():
    await asyncio.gather(brew("coffee"), brew("tea"), brew("cocoa"))


async def breakfast():
    print("one after another")
    await one_after_another()
    print("all at once")
    await all_at_once()


asyncio.run(breakfast())
