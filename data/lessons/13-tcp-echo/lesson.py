import asyncio


async def handle_echo(reader, writer):
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def echo_client(port, message, delay):
    asyncio.current_task().set_name(message)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for i in range(1, 4):
        await asyncio.sleep(delay)
        writer.write(f"{message} {i}\n".encode())
        line = await reader.readline()
        print(line.decode(), end="")
    writer.close()
    await writer.wait_closed()


async def echo():
    server = await asyncio.start_server(handle_echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(echo_client(port, "warp", 0.2), echo_client(port, "weft", 0.5))
    server.close()
    await server.wait_closed()


asyncio.run(echo())
