import asyncio


async def boil(what, seconds):
    print(f"{what}: on")
    try:
        await asyncio.sleep(seconds)
        print(f"{what}: ready")
    except asyncio.CancelledError:
        print(f"{what}: taken off")
        raise
    return int(seconds * 10)


async def cook():
    egg = asyncio.create_task(boil("egg", 0.6), name="egg")
    tea = asyncio.create_task(boil("tea", 0.3), name="tea")
    ham = asyncio.create_task(boil("ham", 3600), name="ham")
    print("three pots, and none is on")
    await asyncio.sleep(0)
    print("now they are")
    await egg
    print(f"egg: took {egg.result()}")
    await tea
    print(f"tea: took {tea.result()}")
    print("breakfast, without the ham")


asyncio.run(cook())
