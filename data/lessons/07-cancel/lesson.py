import asyncio


async def cancel_me():
    print("cancel_me: before sleep")
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        print("cancel_me: cancelled")
        raise
    finally:
        await asyncio.sleep(0.3)  # cleaning up may await
        print("cancel_me: cleaned up")


async def canceller():
    task = asyncio.create_task(cancel_me(), name="cancel_me")
    await asyncio.sleep(0.5)
    task.cancel("enough")
    print("main: asked for it")
    try:
        await task
    except asyncio.CancelledError:
        print("main: cancel_me is cancelled now")


asyncio.run(canceller())
