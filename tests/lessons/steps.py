"""steps.py LESSON.py: runs it, and says on stderr whom asyncio's loop let run: for lessons_test.c,
which compares that with the recorded run of its C. First step by step, a name a line; then, behind
an empty line, each task's own steps, a task a line, by what made it ready:

    Bob: Task-1#1 Ada#2 -       created in Task-1's first step, woken in Ada's second, by the loop

Of steps that only the loop makes ready, one after the other, one is said: how many they are is up
to clocks and buffers. Tasks that asyncio makes for itself are left out; what they do, the loop does.
wait_for() is that of Python 3.12, which makes no task of what it awaits. What the lesson says on
stderr is not heard."""
import asyncio.tasks
import contextlib
import os
import runpy
import sys

LOOP = "-"
OWN = os.path.dirname(asyncio.__file__)
Loop = asyncio.base_events.BaseEventLoop
Task = asyncio.tasks._PyTask
step = Task._Task__step
cancel = Task.cancel
call_soon = Loop.call_soon
ran = []
causes = {}  # task -> what made it ready, step by step: (task, which step of its), or LOOP
pending = {}  # the same, of tasks that are ready


def is_own(task):
    code = getattr(task.get_coro(), "cr_code", None)
    return code is None or code.co_filename.startswith(OWN)


def note_ready(task, loop):
    by = asyncio.current_task(loop)
    pending[task] = LOOP if by is None or is_own(by) else (by, len(causes[by]))


def soon(self, callback, *args, context=None):
    task = getattr(callback, "__self__", None)
    if isinstance(task, Task):
        note_ready(task, self)
    return call_soon(self, callback, *args, context=context)


def cancelled(self, msg=None):  # rather than by what it was made ready before
    if self in pending:
        note_ready(self, self.get_loop())
    return cancel(self, msg)


def told(self, exc=None):
    cause = pending.pop(self)
    if not is_own(self):
        ran.append(self)
        own = causes.setdefault(self, [])
        if cause is not LOOP or own[-1:] != [LOOP]:
            own.append(cause)
    return step(self, exc)


async def wait_for(awaited, timeout):
    async with asyncio.timeout(timeout):
        return await awaited


def name_of(task):
    name, first = task.get_name(), causes[task][0] is LOOP
    server = first and name.startswith("Task-") and name != "Task-1"  # of a connection
    return task.get_coro().__name__ if server else name


Loop.call_soon = soon
Task._Task__step = told
Task.cancel = cancelled
asyncio.Task = asyncio.tasks.Task = Task
asyncio.wait_for = wait_for
sys.argv = sys.argv[1:]
with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
    runpy.run_path(sys.argv[0], run_name="__main__")
lines = [name_of(task) + ": " + " ".join(
    LOOP if cause is LOOP else f"{name_of(cause[0])}#{cause[1]}" for cause in own)
    for task, own in causes.items()]
print(*(task.get_name() for task in ran), "", *sorted(lines), sep="\n", file=sys.__stderr__)
