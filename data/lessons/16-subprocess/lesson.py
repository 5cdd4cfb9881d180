import asyncio
from asyncio.subprocess import PIPE


async def run_shell(name, command):
    asyncio.current_task().set_name(name)
    child = await asyncio.create_subprocess_shell(command, stdout=PIPE, stderr=PIPE)
    out, err = await child.communicate()
    print(f"[{command!r} exited with {child.returncode}]")
    if out:
        print(f"[stdout] {out.decode()}", end="")
    if err:
        print(f"[stderr] {err.decode()}", end="")


async def listen_to_clock():
    clock = await asyncio.create_subprocess_exec(
        "sh", "-c", "while echo tick; do sleep 0.2; done", stdout=PIPE)
    for i in range(1, 4):
        line = await clock.stdout.readline()
        print(f"{i}: {line.decode()}", end="")
    clock.terminate()
    returncode = await clock.wait()
    print(f"the clock ended with {returncode}")


async def children():
    await asyncio.gather(run_shell("good", "sleep 0.3; echo warp"),
                         run_shell("bad", "sleep 0.6; ls /zzz; exit 3"))
    await listen_to_clock()


asyncio.run(children())
