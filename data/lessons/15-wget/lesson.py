import asyncio
import socket
import threading
import time


# The hosts, each a real server: a thread of its own.
def serve(listener, delay):
    page = b"weft warp loom shuttle thread\n" * 2
    connection, _ = listener.accept()
    connection.recv(4096)
    time.sleep(delay)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                       b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(page), page))
    connection.close()


async def wget(host, port):
    asyncio.current_task().set_name(host)
    print(f"wget {host}...")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
    await writer.drain()
    while True:
        line = await reader.readline()
        if line == b"\r\n" or not line:
            break
        print(f"{host} header > {line.decode().rstrip()}")
    writer.close()
    await writer.wait_closed()


async def wget_three(ports):
    await asyncio.gather(wget("warp.test", ports[0]),
                         wget("weft.test", ports[1]),
                         wget("loom.test", ports[2]))


def main():
    ports = []
    for delay in 0.2, 0.4, 0.6:
        listener = socket.create_server(("127.0.0.1", 0))
        ports.append(listener.getsockname()[1])
        threading.Thread(target=serve, args=(listener, delay), daemon=True).start()
    asyncio.run(wget_three(ports))


main()
