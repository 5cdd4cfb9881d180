"""Scenario files in Python: reading, writing, and translation into the asyncio program that each one means.

README.md describes the language. A statement becomes a line or a few of Python that call upon `r`, the
Run of asyncio_run.py, for what is logged; the scenario's own names are attributes of `o`."""
import re

WORD = re.compile(r'"[^"]*"|\S+')
CREATORS = {
    'future': 'loop.create_future()',
    'lock': 'asyncio.Lock()',
    'event': 'asyncio.Event()',
    'condition': 'asyncio.Condition({0})',
    'semaphore': 'asyncio.Semaphore({0})',
    'bounded_semaphore': 'asyncio.BoundedSemaphore({0})',
    'barrier': 'asyncio.Barrier({0})',
    'queue': 'asyncio.Queue({0})',
    'priority_queue': 'asyncio.PriorityQueue({0})',
    'lifo_queue': 'asyncio.LifoQueue({0})',
    'local': 'contextvars.ContextVar("local", default={0})',
}
ALL_COMPLETED, WAIT_MODES = 'ALL_COMPLETED', ('first_completed', 'first_exception', 'all_completed')
# Methods whose names differ, or that need more than a call.
METHODS = {
    'cancel': '{o}.cancel({0})',
    'set_error': '{o}.set_exception(r.error({0}))',
    'remove_done_callback': '{o}.remove_done_callback({0})',
    'result': 'r.result_of({o})',
    'next': '{o}.__anext__()',
    'close': '{o}.aclose()',
    'cancelled': 'r.cancelled({o})',
    'wait_for': '{o}.wait_for(lambda: hasattr(o, {0}))',
    'when': 'r.relative({o}.when())',
    'reschedule': 'r.reschedule({o}, {0})',
    'value': '{o}._value',
    'parties': '{o}.parties',
    'n_waiting': '{o}.n_waiting',
    'broken': '{o}.broken',
    'maxsize': '{o}.maxsize',
    'set': 'r.set({o}, {0})',
    'reset': 'r.reset({o})',
}


class Scenario:
    """One scenario: its lines, and the log that is expected of it."""

    def __init__(self, name, real):
        self.name, self.real = name, real
        self.lines = []       # as written, indented, with comments
        self.since = None     # '3.11': the version from which the log below holds; 'weft': a departure
        self.log = []

    def text(self):
        head = f'scenario {self.name}{" real" if self.real else ""}\n'
        log = f'expect {self.since}\n' + ''.join(f'  {line}\n' for line in self.log) if self.since else ''
        return head + ''.join(f'{line}\n' for line in self.lines) + log


def read(text):
    """(what stands before the first scenario, the scenarios of a file)."""
    scenarios, head, into = [], [], None
    for line in text.splitlines():
        words = line.split()
        if line.startswith('scenario '):
            scenarios.append(Scenario(words[1], 'real' in words[2:]))
            into = scenarios[-1].lines
        elif line.startswith('expect '):
            scenarios[-1].since = words[1]
            into = scenarios[-1].log
        elif not words:
            continue
        elif into is None:
            head.append(line)
        else:
            into.append(line.strip() if into is scenarios[-1].log else line)
    return '\n'.join(head), scenarios


class Node:
    def __init__(self, line, indent):
        self.text = line.rstrip(':')
        self.words = WORD.findall(self.text)
        self.indent, self.body = indent, []


def tree(lines):
    root = Node('main', -1)
    stack = [root]
    for line in lines:
        stripped = line.strip()
        if not stripped or stripped.startswith('#'):
            continue
        node = Node(stripped, len(line) - len(line.lstrip()))
        while stack[-1].indent >= node.indent:
            stack.pop()
        stack[-1].body.append(node)
        stack.append(node)
    return root


class Translation:
    """The Python program of one scenario."""

    def __init__(self, scenario):
        self.out, self.level, self.counter = [], 0, 0
        self.function('main', tree(scenario.lines).body, asynchronous=True)
        self.program = '\n'.join(self.out) + '\n'

    def put(self, line):
        self.out.append('    ' * self.level + line)

    def unique(self, stem):
        self.counter += 1
        return f'{stem}_{self.counter}'

    def function(self, name, body, asynchronous):
        if asynchronous:
            self.put(f'async def {name}(who):')
        else:
            self.put(f'def {name}(who):')
        self.block(body)

    def block(self, body):
        self.level += 1
        for node in body:
            if node.words[0] == 'def':
                name = node.words[1].removesuffix('()')
                self.function(name, node.body, True)
        for node in body:
            if node.words[0] != 'def':
                self.statement(node)
        self.put('pass')
        self.level -= 1

    # ---- Values ----

    def value(self, word):
        if re.fullmatch(r'-?\d+(\.\d+)?', word) or word.startswith('"'):
            return word
        if word == 'none':
            return 'None'
        if word == 'self':
            return 'asyncio.current_task()'
        return f'o.{word}'

    def awaitable(self, word, own_task=False):
        """A name, or a call: work()."""
        if not word.endswith('()'):
            return self.value(word)
        name = word[:-2]
        return f'r.body(r.label({name!r}), {name})' if own_task else f'{name}(who)'

    def new(self, words):
        """What creates an object, or None."""
        verb, args = words[0], words[1:]
        if verb.isdecimal():
            return verb
        if verb in CREATORS:
            given = [self.value(word) for word in args] + ['']
            return CREATORS[verb].format(*given)
        if verb == 'gather':
            children = [self.awaitable(word, True) for word in args if word != 'errors']
            return f'asyncio.gather({", ".join([*children, ""])}return_exceptions={"errors" in args})'
        if verb == 'shield':
            return f'asyncio.shield({self.value(args[0])})'
        if verb == 'generator':
            return self.awaitable(args[0])
        if verb == 'to_thread':
            return f'r.to_thread({args[0]}, {args[1]!r})'
        return None

    def task(self, target, words, coroutine):
        """task [CALL] [eager] [name "…"], and group.task."""
        keywords = ''
        if 'name' in words:
            keywords += f', name={words[words.index("name") + 1]}'
        if 'eager' in words:
            keywords += ', eager=True'
        group = words[0].partition('.')[0] if '.' in words[0] else None
        return f'r.task({self.value(group) if group else None}, r.body({target!r}, {coroutine}){keywords})'

    # ---- Statements ----

    def statement(self, node):
        words = node.words
        target = None
        if len(words) > 2 and words[1] == '=':
            target, words = words[0], words[2:]
        handler = getattr(self, 'do_' + words[0], None)
        if handler:
            handler(node, words)
        elif words[0] == 'task' or words[0].endswith('.task'):
            self.task_statement(node, target, words)
        elif words[0] == 'await':
            self.await_statement(node, target, words[1:])
        elif words[0] in ('call_soon', 'call_later', 'call_at', 'call_soon_threadsafe'):
            self.callback_statement(node, target, words)
        elif words[0].endswith('.add_done_callback'):
            self.callback_statement(node, target, words)
        elif '.' in words[0]:
            assign = f'o.{target} = ' if target else ''
            self.put(f'{assign}r.did(who, {node.text!r}, lambda: {self.method(words)})')
        else:
            created = self.new(words)
            assert created and target, f'not a statement: {node.text}'
            self.put(f'o.{target} = {created}')
            if created.isdecimal():
                self.put(f'r.log(who, {node.text!r}, {created})')

    def method(self, words):
        name, method = words[0].rsplit('.', 1)
        args = [self.value(word) for word in words[1:]]
        if method in ('set_error', 'wait_for'):
            args = [repr(word) for word in words[1:]]
        if method == 'shutdown':
            args = ['immediate=True'] if words[1:] == ['immediate'] else []
        template = METHODS.get(method, '{o}.' + method + '({all})')
        return template.format(*args, '', o=self.value(name), all=', '.join(args))

    def task_statement(self, node, target, words):
        if node.body:
            name = self.unique('task')
            self.function(name, node.body, True)
        else:
            name = words[1].removesuffix('()')
        created = self.task(target, words, name)
        if '.' in words[0]:
            self.put(f'o.{target} = r.did(who, {node.text!r}, lambda: {created}, quiet=True)')
        else:
            self.put(f'o.{target} = {created}')

    def await_statement(self, node, target, words):
        verb, args = words[0], words[1:]
        assign = f'o.{target} = ' if target else ''
        if verb == 'sleep':
            awaited = f'asyncio.sleep({self.value(args[0])})'
        elif verb == 'wait_for':
            awaited = f'asyncio.wait_for({self.awaitable(args[0])}, {self.value(args[1])})'
        elif verb == 'wait':
            awaited = self.wait(args)
        elif '.' in verb:
            awaited = self.method(words)
        else:
            awaited = self.new(words) or self.awaitable(verb)
        self.put(f'{assign}await r.say(who, {node.text!r}, lambda: {awaited})')

    def wait(self, args):
        timeout, mode, names = 'None', ALL_COMPLETED, []
        words = iter(args)
        for word in words:
            if word == 'timeout':
                timeout = self.value(next(words))
            elif word in WAIT_MODES:
                mode = word.upper()
            else:
                names.append(word)
        futures = ', '.join(f'({name!r}, o.{name})' for name in names)
        return f'r.wait([{futures}], asyncio.{mode}, {timeout})'

    def callback_statement(self, node, target, words):
        name = self.unique('callback')
        self.function(name, node.body, False)
        call = f'r.callback({target!r}, {name})'
        if words[0].endswith('.add_done_callback'):
            self.put(f'o.{target} = {call}')
            self.put(f'{self.value(words[0].rsplit(".", 1)[0])}.add_done_callback(o.{target})')
            return
        when = ''
        if words[0] == 'call_later':
            when = f'{self.value(words[1])}, '
        if words[0] == 'call_at':
            when = f'r.absolute({self.value(words[1])}), '
        self.put(f'o.{target} = loop.{words[0]}({when}{call})')

    # ---- Control ----

    def do_note(self, node, words):
        self.put(f'r.log(who, {node.text!r})')

    def do_time(self, node, words):
        self.put(f'r.log(who, "time", r.relative(loop.time()))')

    def do_drop(self, node, words):
        self.put(f'r.drop({words[1]!r})')

    def do_eager_tasks(self, node, words):
        self.put('loop.set_task_factory(asyncio.eager_task_factory)')

    def do_stop(self, node, words):
        self.put('loop.stop()')

    def do_return(self, node, words):
        self.put(f'return {self.value(words[1]) if len(words) > 1 else ""}')

    def do_raise(self, node, words):
        self.put(f'raise r.error({words[1]!r})')

    def do_reraise(self, node, words):
        self.put('raise')

    def do_break(self, node, words):
        self.put('break')

    def do_continue(self, node, words):
        self.put('continue')

    def do_yield(self, node, words):
        self.put(f'yield {self.value(words[1])}')

    def do_repeat(self, node, words):
        self.put(f'for _ in range({words[1]}):')
        self.block(node.body)

    def do_try(self, node, words):
        self.put('try:')
        self.block(node.body)

    def do_except(self, node, words):
        self.put(f'except {"r.errors(" + repr(words[1:]) + ")"} as error:')
        self.level += 1
        self.put('r.log(who, "caught", error)')
        self.level -= 1
        self.block(node.body)

    def do_cause(self, node, words):
        self.put('r.log(who, "cause", error.__cause__ or error.__context__ or "none")')

    def do_finally(self, node, words):
        self.put('finally:')
        self.block(node.body)

    def scope(self, node, name, made):
        self.put(f'async with r.scope(who, {node.text!r}, {made}) as o.{name}:')
        self.block(node.body)

    def do_timeout(self, node, words):
        self.scope(node, words[1], f'asyncio.timeout({self.value(words[2])})')

    def do_timeout_at(self, node, words):
        self.scope(node, words[1], f'asyncio.timeout_at(r.absolute({self.value(words[2])}))')

    def do_group(self, node, words):
        self.scope(node, words[1], 'r.group()')

    def do_with(self, node, words):
        lock = self.value(words[1])
        self.put(f'await r.say(who, {node.text!r}, {lock}.acquire)')
        self.put('try:')
        self.block(node.body)
        self.put('finally:')
        self.level += 1
        self.put(f'{lock}.release()')
        self.level -= 1

    def do_for(self, node, words):
        """for x in work():   and   for x as_completed a b c [timeout d]:"""
        if words[2] == 'in':
            iterator = self.unique('iterator')
            self.put(f'async with contextlib.aclosing({self.awaitable(words[3])}) as {iterator}:')
            self.level += 1
            self.put('while True:')
            self.level += 1
            self.put('try:')
            self.put(f'    o.{words[1]} = await r.say(who, {node.text!r}, {iterator}.__anext__)')
            self.put('except StopAsyncIteration: break')
            self.level -= 1
            self.block(node.body)
            self.level -= 1
            return
        timeout = self.value(words[-1]) if 'timeout' in words else 'None'
        names = words[3:words.index('timeout')] if 'timeout' in words else words[3:]
        futures = ', '.join(self.value(name) for name in names)
        iterator = self.unique('iterator')
        self.put(f'{iterator} = r.as_completed([{futures}], {timeout})')
        self.put('try:')
        self.level += 1
        self.put('while True:')
        self.level += 1
        self.put('try:')
        self.put(f'    o.{words[1]} = await r.say(who, {node.text!r}, {iterator}.__anext__)')
        self.put('except StopAsyncIteration: break')
        self.level -= 1
        self.block(node.body)
        self.level -= 1
        self.put(f'finally: r.leave({iterator})')

    def do_debug(self, node, words):
        self.put('loop.set_debug(True)')
        self.put(f'r.log(who, {node.text!r}, None)')

    def do_report(self, node, words):
        self.put(f'loop.call_exception_handler({{"message": {words[1]}}})')
        self.put(f'r.log(who, {node.text!r}, None)')
