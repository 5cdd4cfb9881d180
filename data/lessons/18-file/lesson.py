import asyncio
import os
import tempfile

page = b"weft warp loom shuttle thread .\n" * 32768


async def write_book(path, pages):
    book = await asyncio.to_thread(open, path, "wb")
    for i in range(pages):
        await asyncio.to_thread(book.write, page)
    await asyncio.to_thread(book.close)


async def count_lines(path):
    book = await asyncio.to_thread(open, path, "rb")
    lines = 0
    while text := await asyncio.to_thread(book.read, len(page)):
        lines += text.count(b"\n")
    await asyncio.to_thread(book.close)
    return lines


async def publish(path, pages):
    await write_book(path, pages)
    lines = await count_lines(path)
    await asyncio.to_thread(os.unlink, path)
    return lines


async def library():
    books = [
        asyncio.create_task(publish("essay", 4), name="essay"),
        asyncio.create_task(publish("novel", 8), name="novel"),
        asyncio.create_task(publish("atlas", 16), name="atlas"),
    ]
    for book, lines in zip(books, await asyncio.gather(*books)):
        print(f"{book.get_name()}: {lines} lines")


with tempfile.TemporaryDirectory() as directory:
    os.chdir(directory)
    asyncio.run(library())
