import asyncio
import socket
import threading
import time

# Three real servers: one quick, one slow, one that takes longer than anybody wants to wait.
SERVERS = {
    "quick": dict(delay=0.03, words=400000, pieces=1, pause=0),
    "slow": dict(delay=0.05, words=2000, pieces=8, pause=0.05),
    "stuck": dict(delay=10, words=10, pieces=1, pause=0),
}


def serve(listener, delay, words, pieces, pause):
    page = " ".join(["weft"] * words).encode()
    connection, _ = listener.accept()
    connection.recv(4096)
    time.sleep(delay)
    try:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        for i in range(pieces):
            connection.sendall(page[len(page) * i // pieces:len(page) * (i + 1) // pieces])
            time.sleep(pause)
    except OSError:
        pass
    connection.close()


async def heartbeat(interval):
    while True:
        await asyncio.sleep(interval)


async def http_get(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        status = int((await reader.readline()).split()[1])
        await reader.readline()
        return status, await reader.read()
    finally:
        writer.close()


async def fetch(what, port):
    try:
        status, page = await asyncio.wait_for(http_get(port), 0.8)
        print(f"{what}: {status}, {len(page.split())} words")
    except asyncio.TimeoutError:
        print(f"{what}: timeout")
        raise


async def fetch_three(ports):
    asyncio.current_task().set_name("main")
    pulse = asyncio.create_task(heartbeat(0.05), name="heartbeat")
    tasks = [asyncio.create_task(fetch(what, port), name=f"fetch-{i + 1}")
             for i, (what, port) in enumerate(ports.items())]
    await asyncio.gather(*tasks, return_exceptions=True)
    pulse.cancel()


def main():
    ports = {}
    for what, behaviour in SERVERS.items():
        listener = socket.create_server(("127.0.0.1", 0))
        ports[what] = listener.getsockname()[1]
        threading.Thread(target=serve, args=(listener,), kwargs=behaviour, daemon=True).start()
    asyncio.run(fetch_three(ports))


main()
