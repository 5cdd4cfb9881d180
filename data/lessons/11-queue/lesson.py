import asyncio


async def producer(orders):
    for i in range(1, 9):
        await orders.put(i)
        print(f"order {i} taken")
    print("no more orders")


async def consumer(cook, seconds, orders):
    while True:
        order = await orders.get()
        await asyncio.sleep(seconds)
        print(f"{cook}: order {order} is ready")
        orders.task_done()


async def kitchen():
    orders = asyncio.Queue(maxsize=3)
    waiter = asyncio.create_task(producer(orders), name="waiter")
    ada = asyncio.create_task(consumer("Ada", 0.2, orders), name="Ada")
    bob = asyncio.create_task(consumer("Bob", 0.7, orders), name="Bob")
    await waiter
    await orders.join()
    print("the kitchen closes")
    ada.cancel()
    bob.cancel()
    await asyncio.gather(ada, bob, return_exceptions=True)


asyncio.run(kitchen())
