import asyncio


async def dine(who, first, second):
    asyncio.current_task().set_name(who)
    async with first:
        print(f"{who} has one of them")
        await asyncio.sleep(0.2)
        async with second:
            print(f"{who} eats")
            await asyncio.sleep(0.2)


async def dinner():
    fork = asyncio.Lock()
    knife = asyncio.Lock()
    try:
        await asyncio.wait_for(asyncio.gather(dine("Eve", fork, knife),
                                              dine("Max", knife, fork)), 0.8)
    except asyncio.TimeoutError:
        print("a deadlock: nobody eats")


asyncio.run(dinner())
