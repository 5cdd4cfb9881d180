"""reader_test.py WEFT WRITE_RANDOM EVENT_H LESSONS: what reader.py reads of a file is what `weft dump
--json` prints of it: the lessons' traces, random ones, windows, and damaged ones of all these. TAP."""
import glob
import heapq
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

try:
    import reader
except ImportError as error:
    print(f'1..0 # SKIP {error}: install python3-zstandard and python3-xxhash')
    sys.exit(0)

ENDLESS = (1 << 63) - 1
DAMAGED = 6  # spoilt copies of each trace


def signed(value):
    return value - (1 << 64) if value >> 63 else value


class Expected:
    """The lines that a dump of the trace must have."""

    def __init__(self, trace, tables):
        self.trace, self.tables = trace, tables

    def text(self, number):
        return self.trace.strings.get(number) if number else ''

    def place(self, number):
        site = self.trace.sites.get(number)
        return f'{site[0]}:{site[2]}' if site and site[2] else None

    def object(self, field, value):
        if field == 'ENTITY':
            return self.tables.id(value) if value else None
        if field == 'STRING':
            return self.text(value & 0xffffffff)
        if field == 'NONE' or field in ('DEADLINE', 'NS') and value == ENDLESS:
            return None
        if field == 'DEADLINE':
            return signed(value - self.trace.start[1] & reader.MASK)
        return signed(value)

    def ext(self, line, kind, ext):
        if kind == 'TEXT':
            line['message'] = self.text(struct.unpack_from('<I', ext)[0])
        elif kind == 'ERROR':
            code, name, message, site, cause, cause_message = struct.unpack_from('<iIIIiI', ext)
            line.update(error=code, error_name=self.text(name))
            if message:
                line['message'] = self.text(message)
            if cause:
                line['cause'] = cause
            if cause_message:
                line['cause_message'] = self.text(cause_message)
            if site:
                line['raised'] = self.place(site)
        elif kind == 'OP':
            handle, fd, _, size, offset = struct.unpack_from('<QiIQQ', ext)
            if handle:
                line['handle'] = self.tables.id(handle)
            if fd >= 0:
                line['fd'] = fd
            line.update(size=signed(size), offset=signed(offset))
        elif kind == 'TASK':
            parent, group, _, _, _, cancels, _, shift, age = struct.unpack_from('<QQIIBBBBI', ext)
            if parent:
                line['parent'] = self.tables.id(parent)
            if group:
                line['group'] = self.tables.id(group)
            line['cancels'] = cancels
            if age and shift <= 29:
                line['age_ns'] = age << shift
        elif kind == 'OBJECT':
            value, capacity, deadline, _, units = struct.unpack_from('<qQQII', ext)
            line.update(value=value, capacity=signed(capacity))
            if units:
                line['units'] = units
            if deadline and line['subject'] and line['subject'].startswith('lock:'):
                line['held_ns'] = signed(deadline)

    def line(self, ring, ns, record):
        info = self.tables.kind(record.kind)
        name, _, detail_of, site, field, ext = info or ('UNKNOWN', None, None, None, 'NONE', None)
        texts = self.tables.details.get(detail_of)
        detail = record.detail or None
        if detail and texts and detail < len(texts):
            detail = texts[detail]
        line = {'t_ns': ns, 'kind': name, 'detail': detail, 'ring': ring,
                'subject': self.tables.id(record.subject) if record.subject else None,
                'object': self.object(field, record.object),
                'site': self.place(record.site) if site == 'SITE' else None}
        if not info:
            line['number'] = record.kind
        if site == 'COUNT':
            line['count'] = record.site
        if info and record.ext:
            self.ext(line, ext, record.ext)
        return line

    def lines(self):
        def of(ring):
            for ns, record in self.trace.events(ring):
                yield ns, ring, record
        merged = heapq.merge(*(of(ring) for ring in self.trace.rings), key=lambda e: e[:2])
        return [self.line(ring, ns, record) for ns, ring, record in merged]


NOT_COMPARED = ('subject_name', 'object_name', 'handle_name', 'parent_name', 'group_name', 'actor', 'actor_name', 'function')


class Test:
    def __init__(self, weft, write_random, event_h, directory):
        self.weft, self.write_random, self.directory = weft, write_random, directory
        self.tables = reader.Tables(event_h)
        self.n = self.failed = 0

    def report(self, ok, name, why=''):
        self.n += 1
        self.failed += not ok
        print(f'{"ok" if ok else "not ok"} {self.n} {name}' + (f' # {why}' if why else ''))

    def path(self, name):
        return os.path.join(self.directory, name)

    def dump(self, path):
        done = subprocess.run([self.weft, 'dump', path, '--json'], capture_output=True, check=False)
        lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
        lost = {}
        for line in lines:
            if line['kind'] == 'LOST':
                lost[line['ring']] = lost.get(line['ring'], 0) + line['lost']
        events = [{k: v for k, v in line.items() if k not in NOT_COMPARED}
                  for line in lines if line['kind'] != 'LOST']
        return done.returncode, events, lost

    def difference(self, path):
        """None: both read the same."""
        code, events, lost = self.dump(path)
        try:
            trace = reader.Trace(path)
        except reader.Damaged:
            return None if code == 3 and not events else f'weft exits with {code}'
        if code not in (0, 3) or (code == 3) != bool(trace.damage or not trace.whole):
            return f'weft exits with {code}; damage {trace.damage}, whole {trace.whole}'
        expected = Expected(trace, self.tables).lines()
        if events != expected:
            for i, (a, b) in enumerate(zip(events, expected)):
                if a != b:
                    return f'event {i}: weft {a}; reader {b}'
            return f'weft has {len(events)} events, reader {len(expected)}'
        for ring in trace.rings:
            amid, at_end = trace.lost(ring)
            if lost.get(ring, 0) != amid + (at_end if trace.whole or trace.ended(ring) else 0):
                return f'ring {ring}: weft lost {lost.get(ring, 0)}, reader {amid} and {at_end}'
        return None

    def difference_of_spans(self, path):
        """The same of when its processes were seen."""
        done = subprocess.run([self.weft, 'report', path, '--json'], capture_output=True, check=True)
        sources = json.loads(done.stdout)['sources']
        trace = reader.Trace(path)
        got = [(source['begin_ns'], source['end_ns']) for source in sources]
        return None if got == trace.spans() else f'weft has {got}, reader {trace.spans()}'

    def compare(self, path, name):
        why = self.difference(path) or self.difference_of_spans(path)
        self.report(why is None, name, why)

    def difference_when_repaired(self, path):
        repaired = self.path('repaired.weft')
        subprocess.run([self.weft, 'repair', path, '-o', repaired], capture_output=True, check=False)
        if not os.path.exists(repaired):
            return None
        why = self.difference(repaired)
        os.remove(repaired)
        return f'repaired: {why}' if why else None

    def compare_spoilt(self, path, name):
        with open(path, 'rb') as file:
            good = file.read()
        spoilt = self.path('spoilt.weft')
        for i in range(DAMAGED):
            data = bytearray(good)
            if i % 3 == 0:
                data = data[:random.randrange(len(data))]
            else:
                for _ in range(random.randrange(1, 4)):
                    data[random.randrange(64, len(data))] ^= 1 << random.randrange(8)
            with open(spoilt, 'wb') as file:
                file.write(data)
            why = self.difference(spoilt) or i % 5 == 1 and self.difference_when_repaired(spoilt)
            if why:
                self.report(False, f'{name}, spoilt {i}', why)
                return
        self.report(True, f'{name}, spoilt {DAMAGED} times')

    def states(self, path, name):
        """The STATEs of a whole trace make sense."""
        trace = reader.Trace(path)
        for state in trace.states:
            ready = {task.id for task in state.tasks if task.state == 2}
            queued = [i for ring in state.rings for i in ring.ready if i >> 56 == 4]
            if len(queued) != len(set(queued)) or not ready.issuperset(queued):
                self.report(False, f'{name}: a ready queue of others than ready tasks')
                return
            if len({task.id for task in state.tasks}) != len(state.tasks):
                self.report(False, f'{name}: a task twice')
                return
            kinds = {(of.id >> 56, units > 0) for of in state.parties for _, units in of.at}
            if not kinds <= {(13, True), (16, False)}:
                self.report(False, f'{name}: parties of other than semaphores and groups')
                return
        self.report(bool(trace.states), f'{name}: {len(trace.states)} states')

    def random_traces(self, n):
        for _ in range(n):
            seed = random.randrange(1 << 30)
            path = self.path('random.weft')
            subprocess.run([self.write_random, path, str(seed)], check=True)
            self.compare(path, f'random {seed}')
            self.states(path, f'random {seed}')
            self.compare_spoilt(path, f'random {seed}')

    def windows(self, path, name):
        window = self.path('window.weft')
        end = max((line['t_ns'] for line in self.dump(path)[1]), default=0)
        subprocess.run([self.weft, 'cut', path, '--from', str(end // 3), '--to', str(end // 2),
                        '-o', window], check=True, capture_output=True)
        self.compare(window, f'{name}, a window')
        self.states(window, f'{name}, a window')


def main():
    weft, write_random, event_h, lessons = sys.argv[1:]
    traces = sorted(glob.glob(os.path.join(lessons, '*', 'trace.weft')))
    seed = int(os.environ.get('WEFT_SEED', random.randrange(1 << 30)))
    random.seed(seed)
    print(f'# WEFT_SEED={seed}')
    with tempfile.TemporaryDirectory(prefix='weft-reader-') as directory:
        test = Test(weft, write_random, event_h, directory)
        for path in traces:
            name = os.path.basename(os.path.dirname(path))
            test.compare(path, name)
            test.states(path, name)
        for path in traces[:3]:
            name = os.path.basename(os.path.dirname(path))
            test.compare_spoilt(path, name)
            test.windows(path, name)
        test.random_traces(3)
        print(f'1..{test.n}')
    sys.exit(test.failed > 0)


main()
