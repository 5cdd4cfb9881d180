import asyncio


async def run_the_race(who, seconds, go):
    print(f"{who}: ready")
    await go.wait()
    print(f"{who}: off")
    await asyncio.sleep(seconds)
    print(f"{who}: there")


async def race():
    go = asyncio.Event()
    ada = asyncio.create_task(run_the_race("Ada", 0.6, go), name="Ada")
    bob = asyncio.create_task(run_the_race("Bob", 0.4, go), name="Bob")
    eve = asyncio.create_task(run_the_race("Eve", 0.2, go), name="Eve")
    await asyncio.sleep(0.4)
    print("go!")
    go.set()
    print("nobody is off yet")
    await asyncio.sleep(0.3)

    max = asyncio.create_task(run_the_race("Max", 0.5, go), name="Max")
    await asyncio.gather(ada, bob, eve, max)


asyncio.run(race())
