#!/usr/bin/env python3
"""Runs scenarios on asyncio and prints what happened:   asyncio_run.py [--show] [--only NAME] [--holding] FILE…

Each scenario's log follows a line "log NAME". --show prints the Python that a scenario means instead.
Time is virtual: where asyncio would wait for its next deadline it goes on to it, and iterations are
counted, so that a log is the same on every machine. README.md describes the language."""
import argparse
import asyncio
import contextlib
import contextvars
import gc
import gzip
import itertools
import selectors
import sys
import time
import weakref

import scenario as language

START = 1000  # when virtual time begins
TICK = 0.01  # of real time, in seconds


class Tie(Exception):
    """asyncio orders neither equal deadlines nor what was done before as_completed: nothing is shown."""


class LeftOver(Exception):
    """Tasks were made while all were being cancelled: when they end is a matter of luck."""


class Skip(selectors.DefaultSelector):
    """Instead of waiting it moves its loop's clock; with nothing to wait for it stops the loop."""

    def select(self, timeout=None):
        events = super().select(0)
        if not events and timeout is None:
            self.loop.stop()
            self.loop.iteration -= 1  # in which nothing runs
        elif not events and timeout > 0:
            self.loop.now = min(handle._when for handle in self.loop._scheduled if not handle._cancelled)
        return events


def is_useless(handle):
    """A cancelled one, or asyncio.wait or as_completed looking at a future when it was left."""
    callback = handle._callback
    if handle._cancelled or getattr(getattr(callback, '__self__', None), 'left', False):
        return True
    if getattr(callback, '__qualname__', None) != '_wait.<locals>._on_completion':
        return False
    names = dict(zip(callback.__code__.co_freevars, callback.__closure__))
    return names['waiter'].cell_contents.done()


class VirtualLoop(asyncio.SelectorEventLoop):
    selector = Skip

    def __init__(self):
        selector = self.selector()
        super().__init__(selector)
        selector.loop = self
        self.now, self.iteration, self.tied = float(START), 0, False
        self.made, self.numbers = weakref.WeakKeyDictionary(), itertools.count()  # tasks, with their numbers

    def time(self):
        return self.now

    def call_at(self, when, *args, **keywords):
        self.tied |= any(h._when == when and not h._cancelled for h in self._scheduled)
        return super().call_at(when, *args, **keywords)

    def _run_once(self):
        due = [handle for handle in self._scheduled if handle._when <= self.now]
        queued = [*self._ready, *due]
        # libweft's queue holds nothing that is of no use any more: an iteration for that alone is none.
        if not queued or not all(map(is_useless, queued)):
            self.iteration += 1
        super()._run_once()

    def _write_to_self(self):
        """Only this thread uses the loop: nothing needs to wake it, and that would be an iteration."""

    def create_task(self, coroutine, **keywords):
        number = next(self.numbers)  # those that an eager one makes come after it
        task = super().create_task(coroutine, **keywords)
        self.made[task] = number
        return task


class Ticks(selectors.DefaultSelector):
    """Waits for real."""

    def select(self, timeout=None):
        return super().select(timeout if timeout is None else timeout * TICK)


class RealLoop(VirtualLoop):
    """For scenarios over real input and output: the clock's time, in ticks."""

    selector = Ticks
    _write_to_self = asyncio.SelectorEventLoop._write_to_self

    def time(self):
        return time.monotonic() / TICK


class OrderedSet(dict):
    """A set that is iterated over in the order of adding, not of addresses."""

    def __init__(self, items=()):
        super().__init__((item, None) for item in items)

    def add(self, item):
        self[item] = None

    def discard(self, item):
        self.pop(item, None)


asyncio.tasks.set = OrderedSet  # asyncio.wait's


class Group(asyncio.TaskGroup):
    """One that aborts its tasks in the order of their creation, not of their addresses."""

    def __init__(self):
        super().__init__()
        self._tasks = OrderedSet()


class A(Exception): pass
class B(Exception): pass
class C(Exception): pass
class D(Exception): pass


FAILURES = {'A': A, 'B': B, 'C': C, 'D': D, 'cancelled': asyncio.CancelledError, 'timeout': TimeoutError,
            'invalid-state': asyncio.InvalidStateError, 'empty': asyncio.QueueEmpty, 'full': asyncio.QueueFull,
            'broken': asyncio.BrokenBarrierError, 'closed': GeneratorExit, 'group': BaseExceptionGroup, 'stop': StopAsyncIteration,
            'shutdown': getattr(asyncio, 'QueueShutDown', ()), 'misuse': (RuntimeError, ValueError)}
WORDS = {kind: word for word, kind in FAILURES.items() if isinstance(kind, type)}
WORDS |= {RuntimeError: 'misuse', ValueError: 'misuse'}
REPORTS = {'never retrieved': 'unretrieved', 'destroyed but it is pending': 'pending', 'in callback': 'callback',
           'shutdown': 'shutdown', 'shielded future': 'shielded'}


def name_of(error):
    if isinstance(error, BaseExceptionGroup):
        return f'group({", ".join(map(name_of, error.exceptions))})'
    if isinstance(error, asyncio.CancelledError):
        return f'cancelled "{error.args[0]}"' if error.args and error.args[0] else 'cancelled'
    for kind in type(error).__mro__:
        if kind in WORDS:
            return WORDS[kind]
    return f'{type(error).__name__}({error})'


def shown(value):
    """An outcome: a value, an error, or what asyncio has no value for."""
    if value is None or isinstance(value, asyncio.Future | asyncio.Task):
        return 'ok'
    if isinstance(value, BaseException):
        return name_of(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f'[{", ".join(map(shown, value))}]'
    if isinstance(value, float):
        return f'{value:g}'
    return str(value)


class Names:
    """The scenario's objects."""


class Scope:
    """A timeout or task group, with a line about what comes out of it."""

    def __init__(self, run, who, text, made):
        self.run, self.who, self.text, self.made = run, who, text, made

    async def __aenter__(self):
        return await self.made.__aenter__()

    async def __aexit__(self, kind, error, traceback):
        try:
            swallowed = await self.made.__aexit__(kind, error, traceback)
        except BaseException as other:
            self.run.log(self.who, self.text, other)
            raise
        self.run.log(self.who, self.text, None if swallowed else error)
        return swallowed


class Run:
    def __init__(self, scenario, loop):
        self.loop, self.real, self.start = loop, scenario.real, loop.time()
        self.o, self.lines, self.reports = Names(), [], []
        self.labels, self.tokens = {}, {}
        self.over = False  # whatever runs later runs in no order that means something

    # ---- What is logged ----

    def log(self, who, what, *outcome):
        if self.over:
            return
        when = '' if self.real else f'{self.loop.iteration} '
        self.lines.append(f'{when}{who}: {what}' + (f' -> {shown(outcome[0])}' if outcome else ''))

    def did(self, who, text, action, quiet=False):
        try:
            value = action()
        except BaseException as error:
            self.log(who, text, error)
            raise
        if not quiet:
            self.log(who, text, value)
        return value

    async def say(self, who, text, awaitable):
        try:
            value = await awaitable()
        except BaseException as error:
            self.log(who, text, error)
            raise
        # What always is True says no more than that it happened.
        self.log(who, text, None if value is True else self.named(value))
        return value

    def as_completed(self, futures, timeout):
        self.loop.tied |= sum(future.done() for future in set(futures)) > 1
        return asyncio.as_completed(futures, timeout=timeout)

    def leave(self, completions):
        """asyncio's goes on looking when nobody asks it any more; libweft's does not."""
        completions.left = True
        if completions._timeout_handle:
            completions._timeout_handle.cancel()

    def named(self, value):
        """A future that as_completed gives: by its first name."""
        for name, thing in vars(self.o).items():
            if asyncio.isfuture(value) and thing is value:
                return name
        return value

    async def body(self, label, coroutine):
        self.log(label, 'begins')
        try:
            value = await coroutine(label)
        except BaseException as error:
            self.log(label, 'ends', error)
            raise
        self.log(label, 'ends', value)
        return value

    def callback(self, label, function):
        def run(*_):
            self.log(label, 'runs')
            function(label)
        return run

    def scope(self, who, text, made):
        return Scope(self, who, text, made)

    def log_states(self):
        for name, thing in vars(self.o).items():
            if asyncio.isfuture(thing):
                self.lines.append(f'{name} is {state_of(thing)}')

    def report(self, loop, context):
        words = [word for phrase, word in REPORTS.items() if phrase in context['message']]
        error = context.get('exception')
        if isinstance(error, asyncio.CancelledError):
            return  # of a gather: see is_cancelled
        self.reports.append(f'report {words[0] if words else context["message"]}'
                            + (f' {name_of(error)}' if error else ''))

    # ---- What statements need ----

    def error(self, word):
        return FAILURES[word]()

    def errors(self, words):
        kinds = [Exception if word == 'any' else FAILURES[word] for word in words]
        return tuple(itertools.chain.from_iterable(k if isinstance(k, tuple) else (k,) for k in kinds))

    def relative(self, when):
        return 'none' if when is None else when - self.start

    def absolute(self, when):
        return None if when is None else when + self.start

    def reschedule(self, timeout, when):
        """asyncio's RuntimeError is, in libweft's words, a state that does not allow it."""
        try:
            timeout.reschedule(self.absolute(when))
        except RuntimeError as error:
            raise asyncio.InvalidStateError from error

    def label(self, name):
        count = self.labels[name] = self.labels.get(name, 0) + 1
        return name if count == 1 else f'{name}.{count}'

    def task(self, group, coroutine, eager=False, **keywords):
        if eager:
            number = next(self.loop.numbers)
            task = asyncio.Task(coroutine, loop=self.loop, eager_start=True, **keywords)
            self.loop.made[task] = number
            return task
        try:
            return (group or self.loop).create_task(coroutine, **keywords)
        except BaseException:
            coroutine.close()
            raise

    def group(self):
        return Group()

    def result_of(self, future):
        """Of a task or future: how it ended, as a value."""
        try:
            return future.result()
        except asyncio.InvalidStateError:
            raise
        except BaseException as error:
            return error

    async def wait(self, named, mode, timeout):
        done, pending = await asyncio.wait([future for _, future in named], timeout=timeout, return_when=mode)
        done = [name for name, future in named if future in done]
        pending = [name for name, future in named if future in pending]
        return ' '.join(['done', *done, *(['pending', *pending] if pending else [])])

    def cancelled(self, future):
        return is_cancelled(future)

    def set(self, thing, value=None):
        if not isinstance(thing, contextvars.ContextVar):
            return thing.set()
        self.tokens.setdefault(thing, []).append(thing.set(value))

    def reset(self, thing):
        if not isinstance(thing, contextvars.ContextVar):
            return thing.reset()
        thing.reset(self.tokens[thing].pop())

    def to_thread(self, ticks, outcome):
        def block():
            time.sleep(ticks * TICK)
            if outcome[0].isalpha():
                raise FAILURES[outcome]
            return int(outcome)
        return self.loop.run_in_executor(None, contextvars.copy_context().run, block)

    def drop(self, name):
        delattr(self.o, name)
        gc.collect()


def is_cancelled(future):
    """asyncio's gather fails with CancelledError, which libweft calls cancelled."""
    return future.cancelled() or future.done() and isinstance(future._exception, asyncio.CancelledError)


def state_of(future):
    """How it ended, without a look that would count as one."""
    if not future.done():
        return 'pending'
    if is_cancelled(future):
        return 'cancelled'
    return shown(future._exception or future._result)


def run_to_end(run, main):
    loop = run.loop
    task = loop.create_task(run.body('main', main))
    try:
        loop.run_until_complete(task)
    except RuntimeError as error:
        if 'stopped before' not in str(error):
            raise
        run.lines.append('stopped')
    except BaseException:
        pass  # the log has it


def shut_down(run):
    """Runner.close, with the tasks cancelled in the order of their creation."""
    def in_order(loop):
        return sorted(every(loop), key=lambda task: loop.made[task])
    loop = run.loop
    every, asyncio.tasks.all_tasks = asyncio.tasks.all_tasks, in_order
    try:
        asyncio.runners._cancel_all_tasks(loop)
        run.over = True
        run.log_states()
        if every(loop):
            raise LeftOver
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        asyncio.tasks.all_tasks = every


def run(scenario):
    """The log of one scenario."""
    program = language.Translation(scenario).program
    loop = (RealLoop if scenario.real else VirtualLoop)()
    asyncio.set_event_loop(loop)
    run = Run(scenario, loop)
    loop.set_exception_handler(run.report)
    space = {'asyncio': asyncio, 'contextlib': contextlib, 'contextvars': contextvars, 'loop': loop,
             'o': run.o, 'r': run}
    try:
        exec(compile(program, scenario.name, 'exec'), space)
        run_to_end(run, space['main'])
        shut_down(run)
        vars(run.o).clear()
        space.clear()
        gc.collect()
        if loop.tied:
            raise Tie(scenario.name)
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    return run.lines + sorted(run.reports)


def text_of(path):
    with gzip.open(path, 'rt') if path.endswith('.gz') else open(path) as file:
        return file.read()


def holds(scenario):
    """Whether the recorded log is to be had from this Python."""
    if scenario.since in (None, 'weft'):
        return False
    return tuple(map(int, scenario.since.split('.'))) <= sys.version_info


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--show', action='store_true')
    parser.add_argument('--only')
    parser.add_argument('--holding', action='store_true', help='only logs that hold for this Python')
    parser.add_argument('files', nargs='+')
    options = parser.parse_args()
    for path in options.files:
        for scenario in language.read(text_of(path))[1]:
            if options.only and scenario.name != options.only:
                continue
            if options.holding and not holds(scenario):
                continue
            print('log', scenario.name)
            if options.show:
                print(language.Translation(scenario).program)
            else:
                try:
                    for line in run(scenario):
                        print(' ', line)
                except Exception as error:
                    print('  failed:', repr(error))
                    if options.only:
                        raise


if __name__ == '__main__':
    main()
