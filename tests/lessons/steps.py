"""steps.py LESSON.py: runs it, and says on stderr whom asyncio's loop let run, step by step: for
lessons_test.c, which compares that with the recorded run of its C. What asyncio.run() starts itself
to clean up is left out; wait_for() is that of Python 3.12, which makes no task of what it awaits."""
import asyncio.tasks
import runpy
import sys

Task = asyncio.tasks._PyTask
step = Task._Task__step
ran = []


def told(self, exc=None):
    if not self.get_coro().__qualname__.startswith("BaseEventLoop.shutdown_"):
        ran.append(self)
    return step(self, exc)


async def wait_for(awaited, timeout):
    async with asyncio.timeout(timeout):
        return await awaited


Task._Task__step = told
asyncio.Task = asyncio.tasks.Task = Task
asyncio.wait_for = wait_for
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
print(*(task.get_name() for task in ran), sep="\n", file=sys.stderr)
