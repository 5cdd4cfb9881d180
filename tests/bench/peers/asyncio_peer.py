"""CPython's asyncio doing what libweft's benchmarks do: prints NAME VALUE UNIT, as they do."""
import asyncio
import statistics
import time

ROUNDS = 5


def report(name, rounds, operations):
    print(f"{name} {statistics.median(rounds) / operations * 1e9:.1f} ns", flush=True)


async def timed(make, operations, name):
    rounds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        await make()
        rounds.append(time.perf_counter() - begin)
    report(name, rounds, operations)


async def nop():
    pass


async def yields(n):
    for _ in range(n):
        await asyncio.sleep(0)


async def spawns(n):
    for _ in range(n):
        await asyncio.create_task(nop())


async def wakes(n):
    loop = asyncio.get_running_loop()
    for _ in range(n):
        future = loop.create_future()
        loop.call_soon(future.set_result, None)
        await future


async def echo(requests, connections):
    async def serve(reader, writer):
        while line := await reader.readline():
            writer.write(line)
            await writer.drain()
        writer.close()

    async def client(port, n):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(n):
            writer.write(b"hello\n")
            await reader.readline()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    begin = time.perf_counter()
    await asyncio.gather(*(client(port, requests // connections) for _ in range(connections)))
    seconds = time.perf_counter() - begin
    server.close()
    return requests / seconds


async def main():
    n = 20000
    await timed(lambda: yields(n), n, "task.yield_alone")
    await timed(lambda: asyncio.gather(yields(n), yields(n)), 2 * n, "task.switch")
    await timed(lambda: asyncio.gather(*(yields(20) for _ in range(1000))), 20000,
                "task.switch.1000")
    await timed(lambda: spawns(n), n, "task.create_await")
    await timed(lambda: wakes(n), n, "future.wake")
    await timed(lambda: asyncio.gather(*(nop() for _ in range(10000))), 10000, "gather.10k")
    rates = [await echo(10000, 20) for _ in range(3)]
    print(f"echo.requests {statistics.median(rates):.0f} requests/s")


asyncio.run(main())
