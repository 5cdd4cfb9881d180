import asyncio

downloads = most = 0


async def download(i, connections):
    global downloads, most
    async with connections:
        downloads += 1
        most = max(most, downloads)
        await asyncio.sleep(0.3)
        downloads -= 1
        print(f"page {i} is here")


async def crawl():
    connections = asyncio.Semaphore(5)
    pages = [asyncio.create_task(download(i, connections), name=f"page-{i}") for i in range(12)]
    await asyncio.gather(*pages)
    print(f"{most} at once, at most")


asyncio.run(crawl())
