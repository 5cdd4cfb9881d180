import asyncio


async def eternity():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        print("eternity: cancelled")
        raise


async def patience():
    try:
        await asyncio.wait_for(eternity(), 0.5)
    except asyncio.TimeoutError:
        print("timeout!")

    async with asyncio.timeout(0.3) as deadline:
        await asyncio.sleep(0.1)
        print("more time, please")
        deadline.reschedule(asyncio.get_running_loop().time() + 0.6)
        await asyncio.sleep(0.3)
        print("in time")


asyncio.run(patience())
