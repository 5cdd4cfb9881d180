"""Echo over the loopback with many connections: what a request costs the server's process.

Each server is a process of its own, pinned to one processor, and its client to another, so that the
client is not measured. Servers take turns, and the best round of each counts."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CONNECTIONS, ROUNDS = 1000, 8
REQUESTS, REQUESTS_OF_PYTHON = 100000, 20000


def pinned(command, processor):
    return ["taskset", "-c", str(processor)] + command if (os.cpu_count() or 1) > 1 else command


def request_cost(client, server, requests, environment):
    """Nanoseconds of the server's processor time per request; None when it did not work."""
    process = subprocess.Popen(pinned(server, 1), stdout=subprocess.PIPE, text=True,
                               env=dict(os.environ, **environment))
    try:
        words = process.stdout.readline().split()
        if words[:1] != ["port"]:
            print(f"bench: {server[-1]} did not say its port", file=sys.stderr)
            return None
        result = subprocess.run(
            pinned([str(client), words[1], str(process.pid), str(CONNECTIONS), str(requests)], 0),
            capture_output=True, text=True, timeout=120)
        if result.returncode != 0:
            print(f"bench: echo with {server[-1]}: {result.stderr.strip()}", file=sys.stderr)
            return None
        return float(result.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def measure(bench, environment, python):
    """The figures, as {name: (value, unit)}: costs in ns, and Weft's rates against the others'."""
    weft = [str(bench / "weft-bench-echo-server")]
    servers = {
        "uv:echo.request": ([str(bench / "weft-bench-uv-echo")], REQUESTS, {}),
        "echo.request": (weft, REQUESTS, {"WEFT_TRACE": "off"}),
        "echo.request.traced": (weft, REQUESTS, environment | {"WEFT_TRACE": "flight"}),
        "asyncio:echo.request": ([python, str(HERE / "peers" / "asyncio_echo.py")],
                                 REQUESTS_OF_PYTHON, {}),
    }
    costs = {}
    for _ in range(ROUNDS):
        for name, (server, requests, variables) in servers.items():
            cost = request_cost(bench / "weft-bench-echo-client", server, requests, variables)
            if cost is not None:
                costs[name] = min(cost, costs.get(name, cost))
    figures = {name: (cost, "ns") for name, cost in costs.items()}

    def rate(name, of, against):
        if of in costs and against in costs:
            figures[name] = (costs[against] / costs[of], "x")

    rate("echo.against_asyncio", "echo.request", "asyncio:echo.request")
    rate("echo.against_uv", "echo.request", "uv:echo.request")
    rate("echo.traced", "echo.request.traced", "echo.request")
    return figures
