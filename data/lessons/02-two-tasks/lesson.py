import asyncio


async def say_after(delay, what):
    await asyncio.sleep(delay)
    print(what)


async def hello_world():
    task1 = asyncio.create_task(say_after(0.5, "hello"), name="hello")
    task2 = asyncio.create_task(say_after(1, "world"), name="world")
    print("started")
    await task1
    await task2
    print("finished")


asyncio.run(hello_world())
