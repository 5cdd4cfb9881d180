#!/usr/bin/env python3
"""Writes random scenarios:   generate.py [--seed N] [--count N] [--only FEATURE,…] [--newer]

The same seed gives the same scenario. Each is a main that makes objects, starts tasks that do random
things with them and with each other, and then waits for all with a deadline. Nothing is used before it
exists, tasks await only older ones, so that no cycle of awaits arises, and locks are left as they were
found; everything else may happen."""
import argparse
import random

FEATURES = ['tasks', 'futures', 'callbacks', 'combine', 'timeouts', 'groups', 'locks', 'queues', 'generators']
NEWER = ['eager', 'as_completed', 'locals']     # not in 3.11, or not the same: a file of their own
ERRORS = ['A', 'B', 'C']


class Block:
    """Where a statement stands: what it may use."""

    def __init__(self, indent, depth, tasks, waits=True, loop=False, own=None):
        self.indent, self.depth, self.tasks = indent, depth, tasks
        self.waits = waits    # may await: not in a callback
        self.loop = loop      # may break
        self.timeouts = []    # around it, in this body

    def inner(self, **changes):
        block = Block(self.indent + 1, self.depth + 1, self.tasks, self.waits, self.loop)
        block.timeouts = list(self.timeouts)
        for name, value in changes.items():
            setattr(block, name, value)
        return block


class Program:
    def __init__(self, seed, features=FEATURES):
        self.random = random.Random(seed)
        self.features = features
        self.lines, self.counter = [], 0
        self.futures, self.works, self.handles = [], [], []
        newer = '-newer' * any(map(self.has, NEWER))
        self.lines.append(f'scenario random{newer}-{seed}')
        self.main()

    def put(self, block, line):
        self.lines.append('  ' * block.indent + line)

    def unique(self, stem):
        self.counter += 1
        return f'{stem}{self.counter}'

    def pick(self, things):
        return things[self.random.randrange(len(things))]

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def ticks(self):
        return self.random.randrange(1, 400)

    def has(self, feature):
        return feature in self.features

    # ---- The whole ----

    def main(self):
        block = Block(1, 0, [])
        if self.has('futures'):
            self.futures = [self.unique('f') for _ in range(self.random.randrange(1, 4))]
            for name in self.futures:
                self.put(block, f'{name} = future')
        self.make_shared(block)
        for _ in range(self.random.randrange(0, 3)):
            name = self.unique('w')
            self.put(block, f'def {name}():')
            self.body(block.inner(tasks=[]), self.random.randrange(1, 4))
            self.works.append(f'{name}()')
        tasks = []
        for _ in range(self.random.randrange(2, 6)):
            name = self.unique('t')
            if self.works and self.chance(20):
                self.put(block, f'{name} = task {self.pick(self.works)}')
            else:
                self.put(block, f'{name} = task{self.eagerly()}:')
                self.body(block.inner(tasks=list(tasks)), self.random.randrange(2, 6))
            tasks.append(name)
        block.tasks = tasks
        self.everyone = tasks
        for _ in range(self.random.randrange(1, 5)):
            self.guarded(block)
        for name in self.futures:
            if self.chance(60):
                self.put(block, 'try:')
                self.put(block.inner(), f'{name}.set_result {self.random.randrange(10)}')
                self.put(block, 'except invalid-state:')
                self.put(block.inner(), 'note late')
        self.put(block, f'await wait {" ".join(tasks)} timeout {self.ticks() + 300}')

    def make_shared(self, block):
        """What all tasks share: not everything of everything."""
        self.shared = {}
        makers = []
        if self.has('locks'):
            makers += ['lock', 'lock', 'event', 'condition', f'semaphore {self.random.randrange(1, 3)}',
                       f'bounded_semaphore {self.random.randrange(1, 3)}', f'barrier {self.random.randrange(2, 4)}']
        if self.has('queues'):
            makers += ['queue', f'queue {self.random.randrange(1, 3)}', 'priority_queue', 'lifo_queue 2']
        if self.has('locals'):
            makers += ['local 0', 'local 1']
        for maker in makers:
            if self.chance(35):
                name = self.unique(maker[0])
                self.put(block, f'{name} = {maker}')
                kind = 'queue' if 'queue' in maker else maker.split()[0].removeprefix('bounded_')
                self.shared.setdefault(kind, []).append(name)
        self.generators = []
        for _ in range(self.random.randrange(0, 2) if self.has('generators') else 0):
            name = self.unique('n')
            self.put(block, f'def {name}():')
            inner = block.inner(tasks=[])
            for _ in range(self.random.randrange(1, 4)):
                self.statement(inner)
                self.put(inner, f'yield {self.random.randrange(10)}')
            self.generators.append(f'{name}()')

    def guarded(self, block):
        """A statement of main's, which is to go on."""
        self.put(block, 'try:')
        self.statement(block.inner())
        self.put(block, f'except any{" cancelled" if self.chance(50) else ""}:')
        self.put(block.inner(), 'note caught')

    def body(self, block, length):
        for _ in range(length):
            self.statement(block)
        if self.chance(25):
            self.put(block, f'return {self.random.randrange(10)}')
        elif self.chance(10):
            self.put(block, f'raise {self.pick(ERRORS)}')

    def block(self, block, most=3):
        for _ in range(self.random.randrange(1, most + 1)):
            self.statement(block)

    # ---- Statements ----

    def statement(self, block):
        choices = [name for name in dir(self) if name.startswith('do_')]
        choices += [f'newer_{name}' for name in ('as_completed', 'locals') if self.has(name)]
        while True:
            if getattr(self, self.pick(choices))(block):
                return

    def eagerly(self):
        return ' eager' if self.has('eager') and self.chance(30) else ''

    def awaitable(self, block, calls=True):
        things = self.futures + block.tasks
        if calls:
            things = things + self.works
        return self.pick(things) if things else None

    def do_sleep(self, block):
        if not block.waits:
            return False
        self.put(block, f'await sleep {self.pick([0, 0, self.ticks()])}')
        return True

    def do_await(self, block):
        target = self.awaitable(block)
        if not block.waits or not target:
            return False
        self.put(block, f'await {target}')
        return True

    def do_wait_for(self, block):
        target = self.awaitable(block)
        if not block.waits or not target or not self.has('timeouts'):
            return False
        ticks = 0 if self.chance(15) and not target.endswith('()') else self.ticks()
        self.put(block, f'await wait_for {target} {ticks}')
        return True

    def several(self, block):
        things = list(dict.fromkeys(self.futures + block.tasks))
        self.random.shuffle(things)
        return things[:self.random.randrange(1, 4)]

    def do_wait(self, block):
        things = self.several(block)
        if not block.waits or not things or not self.has('combine'):
            return False
        mode = self.pick(['', '', ' first_completed', ' first_exception'])
        timeout = f' timeout {self.ticks()}' if self.chance(40) else ''
        self.put(block, f'await wait {" ".join(things)}{mode}{timeout}')
        return True

    def newer_as_completed(self, block):
        things = self.several(block)
        if not block.waits or not things or block.depth > 3:
            return False
        name = self.unique('x')
        timeout = f' timeout {self.ticks()}' if self.chance(40) else ''
        self.put(block, f'for {name} as_completed {" ".join(things)}{timeout}:')
        inner = block.inner(loop=True)
        self.put(inner, 'try:')
        self.put(inner.inner(), f'await {name}')
        self.put(inner, f'except any{" cancelled" if self.chance(30) else ""}:')
        self.put(inner.inner(), 'note failed')
        if self.chance(50):
            self.block(inner, 2)
        return True

    def newer_locals(self, block):
        name = self.one(block, 'local')
        if not name:
            return False
        self.put(block, self.pick([f'{name}.set {self.random.randrange(10)}', f'{name}.get', f'{name}.get']))
        return True

    def do_gather(self, block):
        things = self.several(block)
        if not block.waits or not things or not self.has('combine'):
            return False
        if self.works and self.chance(40):
            things.append(self.pick(self.works))
        if self.chance(10):
            things.append(things[0])
        errors = ' errors' if self.chance(40) else ''
        if self.chance(60):
            self.put(block, f'await gather {" ".join(things)}{errors}')
            return True
        name = self.unique('g')
        self.put(block, f'{name} = gather {" ".join(things)}{errors}')
        self.block(block)
        if self.chance(40):
            self.put(block, f'{name}.cancel')
        self.put(block, f'await {name}')
        return True

    def do_shield(self, block):
        things = self.several(block)
        if not block.waits or not things or not self.has('combine'):
            return False
        self.put(block, f'await shield {things[0]}')
        return True

    def do_cancel(self, block):
        things = getattr(self, 'everyone', block.tasks) + self.futures
        if not things or not self.has('tasks'):
            return False
        self.put(block, f'{self.pick(things)}.cancel')
        return True

    def do_self(self, block):
        if not block.waits or not self.has('tasks'):
            return False
        self.put(block, self.pick(['self.cancel', 'self.uncancel', 'self.cancelling', 'self.cancelling']))
        return True

    def do_look(self, block):
        things = self.futures + block.tasks
        if not things:
            return False
        self.put(block, f'{self.pick(things)}.{self.pick(["done", "cancelled"])}')
        return True

    def do_complete(self, block):
        if not self.futures:
            return False
        how = f'set_error {self.pick(ERRORS)}' if self.chance(30) else f'set_result {self.random.randrange(10)}'
        self.put(block, 'try:')
        self.put(block.inner(), f'{self.pick(self.futures)}.{how}')
        self.put(block, 'except invalid-state:')
        self.put(block.inner(), 'note late')
        return True

    def do_spawn(self, block):
        if block.depth > 3 or not self.has('tasks'):
            return False
        name = self.unique('s')
        self.put(block, f'{name} = task{self.eagerly()}:')
        self.body(block.inner(waits=True, loop=False, timeouts=[], tasks=list(block.tasks)), self.random.randrange(1, 4))
        if block.waits and self.chance(60):
            self.block(block, 2)
            self.put(block, self.pick([f'await {name}', f'{name}.cancel', f'await wait_for {name} {self.ticks()}']))
        return True

    def do_callback(self, block):
        if block.depth > 3 or not self.has('callbacks'):
            return False
        name = self.unique('h')
        things = self.futures + block.tasks
        how = self.pick(['call_soon', f'call_later {self.ticks()}', 'done'])
        if how == 'done' and not things:
            return False
        if how == 'done':
            how = f'{self.pick(things)}.add_done_callback'
        self.put(block, f'{name} = {how}:')
        self.block(block.inner(waits=False, loop=False, timeouts=[]), 2)
        if 'call' in how and 'done' not in how and self.chance(30):
            self.put(block, f'{name}.cancel')
        return True

    def do_try(self, block):
        if block.depth > 4:
            return False
        self.put(block, 'try:')
        self.block(block.inner())
        handled = self.chance(80)
        if handled:
            kinds = self.pick(['any', 'cancelled', 'any cancelled', 'A timeout', 'timeout', 'A B C'])
            self.put(block, f'except {kinds}:')
            self.block(block.inner(), 2)
            if self.chance(25):
                self.put(block.inner(), 'reraise')
        if not handled or self.chance(25):
            self.put(block, 'finally:')
            self.block(block.inner(loop=False), 2)
        return True

    def do_timeout(self, block):
        if block.depth > 4 or not block.waits or not self.has('timeouts'):
            return False
        name = self.unique('d')
        how = self.pick([f'timeout {name} {self.ticks()}', f'timeout {name} {self.ticks()}',
                         f'timeout {name} none', f'timeout_at {name} {self.ticks()}', f'timeout {name} 0'])
        self.put(block, f'{how}:')
        inner = block.inner()
        inner.timeouts.append(name)
        self.block(inner, 4)
        return True

    def do_timeout_method(self, block):
        if not block.timeouts:
            return False
        name = self.pick(block.timeouts)
        if self.chance(50):
            self.put(block, f'{name}.expired')
            return True
        self.put(block, 'try:')
        self.put(block.inner(), f'{name}.reschedule {self.ticks() + 200}')
        self.put(block, 'except invalid-state:')
        self.put(block.inner(), 'note too late')
        return True

    def do_repeat(self, block):
        if block.depth > 3:
            return False
        self.put(block, f'repeat {self.random.randrange(2, 4)}:')
        self.block(block.inner(loop=True))
        return True

    def do_break(self, block):
        if not block.loop or not self.chance(30):
            return False
        self.put(block, self.pick(['break', 'continue']))
        return True

    # ---- Groups and generators ----

    def do_group(self, block):
        if block.depth > 3 or not block.waits or not self.has('groups'):
            return False
        name = self.unique('g')
        self.put(block, f'group {name}:')
        inner = block.inner(loop=False)
        for _ in range(self.random.randrange(1, 4)):
            child = self.unique('c')
            self.put(inner, f'{child} = {name}.task:')
            self.body(inner.inner(loop=False, timeouts=[]), self.random.randrange(1, 3))
        if self.chance(50):
            self.block(inner, 2)
        return True

    def do_for(self, block):
        if not block.waits or not self.generators or block.depth > 3:
            return False
        self.put(block, f'for x in {self.pick(self.generators)}:')
        self.block(block.inner(loop=True), 2)
        return True

    # ---- Synchronisation and queues ----

    def one(self, block, kind):
        things = self.shared.get(kind)
        return self.pick(things) if things and block.waits else None

    def do_with(self, block):
        name = self.one(block, self.pick(['lock', 'lock', 'semaphore', 'condition']))
        if not name or block.depth > 4:
            return False
        self.put(block, f'with {name}:')
        self.block(block.inner(loop=False))
        return True

    def do_lock(self, block):
        name = self.one(block, 'lock')
        if not name:
            return False
        self.put(block, f'{name}.locked')
        return True

    def do_event(self, block):
        name = self.one(block, 'event')
        if not name:
            return False
        self.put(block, name + self.pick(['.set', '.set', '.clear', '.is_set']))
        if self.chance(50):
            self.put(block, f'await {name}.wait')
        return True

    def do_condition(self, block):
        name = self.one(block, 'condition')
        if not name:
            return False
        self.put(block, f'with {name}:')
        self.put(block.inner(), self.pick([f'await {name}.wait', f'{name}.notify', f'{name}.notify 2',
                                           f'{name}.notify_all']))
        return True

    def do_semaphore(self, block):
        name = self.one(block, 'semaphore')
        if not name:
            return False
        self.put(block, f'{name}.locked')
        if self.chance(20):
            self.put(block, f'await {name}.acquire')
            self.put(block, 'try:')
            self.block(block.inner(loop=False), 2)
            self.put(block, 'finally:')
            self.put(block.inner(), f'{name}.release')
        return True

    def do_barrier(self, block):
        name = self.one(block, 'barrier')
        if not name:
            return False
        verb = self.pick(['wait', 'wait', 'wait', 'reset', 'abort'] if self.chance(40) else ['wait'])
        self.put(block, 'try:')
        self.put(block.inner(), f'await {name}.{verb}')
        self.put(block, 'except broken:')
        self.put(block.inner(), self.pick([f'{name}.n_waiting', f'{name}.broken']))
        return True

    def do_queue(self, block):
        name = self.one(block, 'queue')
        if not name:
            return False
        if self.chance(60):
            verb = self.pick([f'put {self.random.randrange(10)}', f'put {self.random.randrange(10)}', 'get', 'get'])
            self.put(block, f'await {name}.{verb}')
            return True
        self.put(block, 'try:')
        verb = self.pick([f'put_nowait {self.random.randrange(10)}', 'get_nowait', 'qsize', 'task_done'])
        self.put(block.inner(), f'{name}.{verb}')
        self.put(block, 'except empty full misuse:')
        self.put(block.inner(), 'note not now')
        return True

    def do_queue_end(self, block):
        name = self.one(block, 'queue')
        if not name or not self.chance(25):
            return False
        self.put(block, self.pick([f'await {name}.join', f'{name}.shutdown', f'{name}.shutdown immediate']))
        return True

    def do_call(self, block):
        if not self.works or not block.waits:
            return False
        self.put(block, f'await {self.pick(self.works)}')
        return True

    def do_raise(self, block):
        if block.depth < 2 or not block.waits or not self.chance(20):
            return False
        self.put(block, f'raise {self.pick(ERRORS)}')
        return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--count', type=int, default=1)
    parser.add_argument('--only', default=','.join(FEATURES))
    parser.add_argument('--newer', action='store_true', help=f'also {", ".join(NEWER)}')
    options = parser.parse_args()
    for seed in range(options.seed, options.seed + options.count):
        features = options.only.split(',') + NEWER * options.newer
        print('\n'.join(Program(seed, features).lines))


if __name__ == '__main__':
    main()
