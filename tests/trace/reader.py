"""reader.py: reads a trace file, by what tracer/trace/format.h, tracer/trace/columns.h and
tracer/probe/event.h say of it and nothing else: it shares no code with Weft's own reader. Python's
standard library, python3-zstandard and python3-xxhash.

    Trace(path)
      .rings    ring -> [Chunk | Loss], in the file's order
      .strings  id -> text          .sites  id -> (file, func, line)
      .states   [State]             .processes  [Process]
      .damage   [(from, to)]: bytes that are not what was written; .damaged_states: the same of
                STATEs, which hold nothing that is not in the events too
      .ns(ticks)
"""
import codecs
import re
import struct
from collections import namedtuple

import xxhash
import zstandard

MASK = (1 << 64) - 1
EVENTS, STRINGS, SITES, CLOCK, STATE, LOSS, NOTES, INDEX, SUMMARY, PROCESS = range(1, 11)
EXT = 1
CHUNK_SLOTS = 16384
UNPACKED_MAX = 1 << 28

Header = namedtuple('Header', 'magic kind codec stored raw n ring seq first_time last_time '
                              'first_ordinal payload_checksum checksum')
HEADER = struct.Struct('<IHHIIIIQQQQII')
Record = namedtuple('Record', 'time kind detail flags site subject object ext')
Chunk = namedtuple('Chunk', 'offset header slots current_task records')  # records: None, damaged
Loss = namedtuple('Loss', 'offset header unread dropped between exts')
Process = namedtuple('Process', 'first_ring pid start_time boot_id start clock_kind ended exit_code '
                                'exit_signal program host executable first_time last_time')
Task = namedtuple('Task', 'id parent other since created name created_site site state detail '
                          'cancelling delivered')
Object = namedtuple('Object', 'id owner value deadline capacity name site done')
Ring = namedtuple('Ring', 'ring flags since running ready')
Parties = namedtuple('Parties', 'id ended at')
State = namedtuple('State', 'offset n ordinals tasks objects rings parties')


class Damaged(Exception):
    pass


class NewerVersion(Exception):
    pass


codecs.register_error('each', lambda e: ('\ufffd' * (e.end - e.start), e.end))


def text(data):
    """Of bytes that are no UTF-8, and of NULs, each becomes U+FFFD."""
    return data.decode('utf-8', 'each').replace('\0', '\ufffd')


def checksum(data):
    return xxhash.xxh3_64_intdigest(data) & 0xffffffff


# ---- Numbers ----

class Numbers:
    """The varints of a small table, one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        if self.at >= len(self.data):
            raise Damaged
        self.at += 1
        return self.data[self.at - 1]

    def bytes(self, n):
        if n > len(self.data) - self.at:
            raise Damaged
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                break
        if value > MASK:
            raise Damaged
        return value

    def signed(self):
        value = self.number()
        return -(value + 1 >> 1) if value & 1 else value >> 1

    def id(self):
        value = self.number()
        return value >> 20 | value << 44 & MASK


    def columns(self, fields):
        """Rows of so many fields, which lie there column by column."""
        rows, left = [], self.number()
        if left > len(self.data) - self.at:
            raise Damaged
        while left:
            n = min(left, 1024)
            columns = []
            for _ in range(fields):
                size = self.byte()
                if not 1 <= size <= 8:
                    raise Damaged
                planes = self.bytes(size * n)
                columns.append([sum(planes[b * n + i] << 8 * b for b in range(size))
                                for i in range(n)])
            rows += zip(*columns)
            left -= n
        return rows


def unzigzag(value):
    return value >> 1 ^ (MASK if value & 1 else 0)


def against(value, other):
    return other + unzigzag(value) & MASK


def signed64(value):
    return value - (MASK + 1) if value >> 63 else value


def joined_id(kind, ring, counter, of):
    return kind << 56 | against(ring, of >> 44 & 0xfff) << 44 | counter


# ---- EVENTS ----

def decode_columns(raw, slots, time):
    """The records of a chunk, times in ticks. columns.h has the algorithm."""
    if len(raw) < 24:
        raise Damaged
    n_shapes, n_times, n_subjects, n_objects, n_counts, n_exts = struct.unpack_from('<6I', raw)
    events = slots - n_exts
    if events <= 0 or not 0 < n_shapes <= events:
        raise Damaged
    wide = 2 if n_shapes > 256 else 1
    places, at = [], 24
    for size in (16 * n_shapes, wide * events, n_times, n_subjects, n_objects, n_counts,
                 32 * n_exts):
        places.append(at)
        at += size
    if at != len(raw):
        raise Damaged
    shapes = list(struct.iter_unpack('<BBHI8B', raw[places[0]:places[1]]))
    numbers = raw[places[1]:places[1] + events]
    high = raw[places[1] + events:places[2]] if wide == 2 else bytes(events)
    times, subjects, objects, counts, exts = places[2:]
    ends = places[3:] + [at]

    actor = last_subject = last_object = 0
    kind_subject, kind_object, entity, owner, queue = {}, {}, {}, {}, []

    def slot(thing):
        return (thing * 0x9e3779b97f4a7c15 & MASK) >> 54

    def source(of, kind, skip):
        if of == 0:
            return 0
        if of == 1:
            return actor
        if of == 2:
            return last_subject
        if of == 3:
            return last_object
        if of == 4:
            return queue[skip] if skip < len(queue) else 0
        if of == 5:
            return owner.get(slot(last_subject), 0)
        if of == 6:
            return kind_subject.get(kind, 0)
        if of == 7:
            return kind_object.get(kind, 0)
        if 32 <= of < 64:
            return entity.get(of - 32, 0)
        return 0

    records = []
    for i in range(events):
        number = numbers[i] | high[i] << 8
        if number >= n_shapes:
            raise Damaged
        (kind, detail, flags, site, subject_from, object_from, time_size, subject_size, object_size,
         count_size, does, skip) = shapes[number]
        time = time + int.from_bytes(raw[times:times + time_size], 'little') & MASK
        subject = (source(subject_from, kind, skip) + (does & 1) +
                   unzigzag(int.from_bytes(raw[subjects:subjects + subject_size], 'little'))) & MASK
        thing = (source(object_from, kind, skip) + (does >> 1 & 1) +
                 unzigzag(int.from_bytes(raw[objects:objects + object_size], 'little'))) & MASK
        site += int.from_bytes(raw[counts:counts + count_size], 'little')
        times += time_size
        subjects += subject_size
        objects += object_size
        counts += count_size
        ext = None
        if flags & EXT:
            ext = raw[exts:exts + 32]
            exts += 32
        records.append(Record(time, kind, detail, flags, site, subject, thing, ext))
        if subject_from == 4:
            del queue[:skip + 1]
        if does & 4:
            queue.append(subject)
        if does & 32:
            owner[slot(subject)] = actor
        if does & 8:
            actor = subject
        elif does & 16:
            actor = 0
        last_subject = kind_subject[kind] = entity[subject >> 56 & 31] = subject
        last_object = kind_object[kind] = thing
    if [times, subjects, objects, counts, exts] != ends:
        raise Damaged
    return records


# ---- The file ----

class Trace:
    def __init__(self, path):
        with open(path, 'rb') as file:
            self.data = file.read()
        self.rings, self.strings, self.sites, self.states = {}, {}, {}, []
        self.processes, self.anchors, self.unknown = [], [], []
        self.damage, self.damaged_states = [], []
        self._sites = []
        self._read_header()
        self._read_chunks()
        for number, line, file, func in self._sites:
            self.sites.setdefault(number, (self.strings.get(file, ''), self.strings.get(func, ''),
                                           line))
        self._fit_clock()

    def _read_header(self):
        if self.data[:8] != b'WEFT\r\n\x1a\n'[:max(1, len(self.data))]:
            raise Damaged('no trace')
        if len(self.data) < 64:
            raise Damaged('cut within its header')
        major, minor = struct.unpack_from('<HH', self.data, 8)
        if checksum(self.data[:60]) != struct.unpack_from('<I', self.data, 60)[0]:
            self.damage.append((0, 64))
        elif major != 1:
            raise NewerVersion((major, minor))

    def _header_at(self, offset, data=None):
        data = self.data if data is None else data
        if offset + 64 > len(data):
            return None
        header = Header._make(HEADER.unpack_from(data, offset))
        if header.magic != 0x4b4e4843 or header.checksum != checksum(data[offset:offset + 60]):
            return None
        return header

    @staticmethod
    def _end(offset, header):
        return offset + 64 + (header.stored + 7 & ~7)

    def _trailer_at(self, offset):
        """(index, size) of a whole trailer."""
        data = self.data[offset:offset + 32]
        if len(data) < 32 or data[:8] != b'\nWEFTEND':
            return None
        index, size, _, check = struct.unpack_from('<QQII', data, 8)
        return (index, size) if check == checksum(data[:28]) else None

    def _index(self):
        """The chunks by INDEX: [(offset, header, (current task, slots))]; None: there is none that is whole."""
        trailer = self._trailer_at(len(self.data) - 32) if len(self.data) >= 96 else None
        if not trailer or trailer[1] != len(self.data):
            return None
        header = self._header_at(trailer[0])
        if not header or header.kind != INDEX or self._end(trailer[0], header) > len(self.data) - 32:
            return None
        try:
            raw = self._payload(trailer[0], header)
        except Damaged:
            return None
        if header.n * 88 != len(raw):
            return None
        found, at = [], 64
        for i in range(0, len(raw), 88):
            offset, = struct.unpack_from('<Q', raw, i)
            entry = self._header_at(i + 8, raw)
            if not entry or offset < at or offset % 8 or self._end(offset, entry) > trailer[0]:
                return None
            found.append((offset, entry, struct.unpack_from('<QI', raw, i + 72)))
            at = self._end(offset, entry)
        return found

    def _hop(self):
        offset, size = 64, len(self.data)
        while offset < size:
            trailer = self._trailer_at(offset)
            if trailer and trailer[1] == offset + 32:
                offset += 32
                continue
            header = self._header_at(offset)
            if not header:
                start, offset = offset, offset + 8
                while offset + 64 <= size and not self._header_at(offset):
                    offset += 8
                if offset + 64 > size:
                    offset = size
                other = self.data.find(b'WEFT\r\n\x1a\n', start, offset)
                while other >= 0 and other % 8:
                    other = self.data.find(b'WEFT\r\n\x1a\n', other + 1, offset)
                if other >= 0:
                    return
                self.damage.append((start, offset))
                continue
            end = self._end(offset, header)
            if end > size:
                self.damage.append((offset, size))
                return
            begins = (0, 0)
            if header.kind == EVENTS and header.stored >= 16:
                begins = struct.unpack_from('<QI', self.data, offset + 64)
            yield offset, header, begins
            offset = end

    def _payload(self, offset, header):
        stored = self.data[offset + 64:offset + 64 + header.stored]
        if len(stored) != header.stored or checksum(stored) != header.payload_checksum:
            raise Damaged
        prefix = 16 if header.kind == EVENTS else 0
        if header.codec == 0 and not prefix:
            if header.raw != header.stored:
                raise Damaged
            return stored
        if header.codec != 1 or header.raw > UNPACKED_MAX or header.stored < prefix:
            raise Damaged
        try:
            if not prefix and zstandard.frame_content_size(stored) != header.raw:
                raise Damaged
            raw = zstandard.ZstdDecompressor().decompress(stored[prefix:],
                                                          max_output_size=header.raw)
        except zstandard.ZstdError:
            raise Damaged from None
        if len(raw) != header.raw:
            raise Damaged
        return raw

    def _read_chunks(self):
        found = self._index()
        self.whole = found is not None
        for offset, header, begins in found if found is not None else self._hop():
            if header.ring >= 4096:
                self.damage.append((offset, self._end(offset, header)))
                continue
            read = {EVENTS: self._read_events, STRINGS: self._read_strings, SITES: self._read_sites,
                    CLOCK: self._read_clock, STATE: self._read_state, LOSS: self._read_loss,
                    PROCESS: self._read_process}.get(header.kind)
            if not read:
                self.unknown.append((offset, header))
                continue
            try:
                read(offset, header, *(begins if header.kind == EVENTS else ()))
            except Damaged:
                redundant = header.kind == STATE and header.n
                of = self.damaged_states if redundant else self.damage
                of.append((offset, self._end(offset, header)))

    # ---- Chunks ----

    def _read_events(self, offset, header, current_task, slots):
        if not 0 < slots <= CHUNK_SLOTS or header.n > slots:
            raise Damaged
        try:
            records = decode_columns(self._payload(offset, header), slots, header.first_time)
        except Damaged:
            records = None
        chunk = Chunk(offset, header, slots, current_task, records)
        self.rings.setdefault(header.ring, []).append(chunk)
        if records is None:
            raise Damaged

    def _read_strings(self, offset, header):
        numbers = Numbers(self._payload(offset, header))
        for _ in range(header.n):
            number, size = numbers.number(), numbers.number()
            self.strings.setdefault(number, text(numbers.bytes(size)))

    def _read_sites(self, offset, header):
        numbers = Numbers(self._payload(offset, header))
        for _ in range(header.n):
            self._sites.append(tuple(numbers.number() for _ in range(4)))

    def _read_clock(self, offset, header):
        raw = self._payload(offset, header)
        self.anchors += struct.iter_unpack('<QQQ', raw[:len(raw) // 24 * 24])

    def _read_loss(self, offset, header):
        raw = self._payload(offset, header)
        if len(raw) < 16:
            raise Damaged
        unread, dropped = struct.unpack_from('<QQ', raw)
        between, exts = struct.unpack_from('<QQ', raw + bytes(16), 16)
        between = min(between, unread)
        exts = min(exts, (unread - between) // 2)
        self.rings.setdefault(header.ring, []).append(
            Loss(offset, header, unread, dropped, between, exts))

    def _read_process(self, offset, header):
        raw = self._payload(offset, header)
        if len(raw) < 80:
            raise Damaged
        pid, start_time, boot = struct.unpack_from('<QQ16s', raw)
        start = struct.unpack_from('<QQQ', raw, 32)
        kind, ended, code, signal, program, host = struct.unpack_from('<IIiiII', raw, 56)
        rest = raw[80:]
        parts = rest[:program], rest[program:program + host], rest[program + host:]
        self.processes.append(Process(header.ring, pid, start_time, boot, start, kind, ended, code,
                                      signal, *(text(p) for p in parts), header.first_time,
                                      header.last_time))

    def _read_state(self, offset, header):
        numbers = Numbers(self._payload(offset, header))
        ordinals = {}
        for _ in range(numbers.number()):
            ring = numbers.number()
            ordinals[ring] = numbers.number()
        base = numbers.number()
        by_columns = base == MASK
        if by_columns:
            base = numbers.number()
        tasks, objects = (self._state_columns if by_columns else self._state_of_before)(numbers, base)
        rings = []
        for _ in range(numbers.number()):
            ring, flags, since = numbers.number(), numbers.number(), base - numbers.signed()
            running = [numbers.id() for _ in range(numbers.number())]
            ready = [numbers.id() for _ in range(numbers.number())]
            rings.append(Ring(ring, flags, since, running, ready))
        parties = []
        for _ in range(numbers.number() if numbers.at != len(numbers.data) else 0):
            of, ended, at, last = numbers.id(), numbers.number(), [], 0
            for _ in range(numbers.number()):
                last = last + numbers.signed() & MASK if by_columns else numbers.id()
                at.append((last, numbers.number()))
            parties.append(Parties(of, ended, at))
        if numbers.at != len(numbers.data):
            raise Damaged
        self.states.append(State(offset, header.n, ordinals, tasks, objects, rings, parties))

    def _state_columns(self, numbers, base):
        tasks, last = [], Task(*[0] * len(Task._fields))
        for row in numbers.columns(14):
            id = against(row[0], last.id)
            last = Task(id, against(row[1], last.parent), joined_id(*row[2:5], id),
                        signed64(base - unzigzag(row[5]) & MASK),
                        signed64(against(row[6], last.created)), against(row[7], last.name), *row[8:])
            tasks.append(last)
        objects, lasts = [], {}
        for row in numbers.columns(11):
            last = lasts.get(row[0], Object(*[0] * len(Object._fields)))
            id = against(row[1], last.id)
            last = Object(id, joined_id(*row[2:5], id), signed64(against(row[5], last.value)),
                          signed64(against(row[6], last.deadline)), against(row[7], last.capacity),
                          against(row[8], last.name), against(row[9], last.site), row[10])
            objects.append(last)
            lasts[row[0]] = last
        return tasks, objects

    def _state_of_before(self, numbers, base):
        tasks, last = [], 0
        for _ in range(numbers.number()):
            last = last + numbers.signed() & MASK
            parent, other = numbers.id(), numbers.id()
            since = base - numbers.signed()
            created = since - numbers.signed()
            tasks.append(Task(last, parent, other, since, created, numbers.number(),
                              numbers.number(), numbers.number(), *numbers.bytes(4)))
        objects, last = [], 0
        for _ in range(numbers.number()):
            last = last + numbers.signed() & MASK
            objects.append(Object(last, numbers.id(), numbers.signed(), numbers.signed(),
                                  numbers.number(), numbers.number(), numbers.number(),
                                  numbers.byte()))
        return tasks, objects

    # ---- Times ----

    def _fit_clock(self):
        chunks = [c for ring in self.rings.values() for c in ring if isinstance(c, Chunk)]
        if self.processes:
            self.clock_kind = self.processes[0].clock_kind
            start = min((p.start for p in self.processes), key=lambda s: s[1])
        elif self.anchors:
            self.clock_kind, start = 2, self.anchors[0]
        else:
            first = min(chunks, key=lambda c: c.offset).header.first_time if chunks else 0
            self.clock_kind, start = 1, (0, first, 0)
        self.start = start
        anchors = sorted(self.anchors + [start], key=lambda a: (a[1], a[0]))
        last = anchors[0]
        self.knots = [[last[0], last[1] - start[1], 1 << 32]]
        known, jumped = 0, False
        for anchor in anchors[1:]:
            ticks, ns = anchor[0] - last[0], anchor[1] - last[1]
            if ticks <= 0 or ns <= 0:
                continue
            far, rate = ns >= 100000000, (ns << 32) // ticks
            least = 1 if known else (1 << 32) // 100
            if not least <= rate <= 1000 << 32 or (known and not far):
                continue
            self.knots[-1][2] = rate
            if far:
                other = known and abs(rate - known) > known // 1000
                behind = known if other and not jumped else rate
                self.knots.append([anchor[0], anchor[1] - start[1], behind])
                jumped, known, last = behind != rate, behind, anchor

    def ns(self, ticks):
        if self.clock_kind != 2:
            return max(0, ticks - self.start[1])
        at = self.knots[0]
        for knot in self.knots:
            if knot[0] <= ticks:
                at = knot
        return max(0, at[1] + ((ticks - at[0]) * at[2] >> 32))

    # ---- Whose ring ----

    def process(self, ring):
        """What is said last of the ring's process; None: nothing is."""
        first = max((p.first_ring for p in self.processes if p.first_ring <= ring), default=None)
        of = [p for p in self.processes if p.first_ring == first] or self.processes
        return of[-1] if of else None

    def ended(self, ring):
        """Whether the end of the ring's process is in the trace."""
        process = self.process(ring)
        return process is not None and process.ended != 0

    def spans(self):
        """From when until when each process was seen, in ns, in the order of their first PROCESS; None:
        until the trace's end."""
        def key(process):
            return process.pid, process.start_time, process.boot_id, process.start[1]
        last = {key(process): process for process in self.processes}
        events = {of: [] for of in last}
        for ring, things in self.rings.items():
            for thing in things:
                if isinstance(thing, Chunk):
                    events[key(self.process(ring))] += [self.ns(thing.header.first_time),
                                                        self.ns(thing.header.last_time)]
        begins = self.states and self.states[0].n == 0
        first = min(sum(events.values(), []), default=None)
        spans = []
        for of, process in last.items():
            begin = process.start[1] - self.start[1]
            if process.first_time:
                begin = max(begin, self.ns(process.first_time))
            elif begins and first is not None:
                begin = max(begin, first)
            begin = min([begin] + events[of])
            end = max([begin] + events[of])
            if process.last_time:
                end = max(end, self.ns(process.last_time))
            elif not process.ended:
                end = None
            spans.append((begin, end))
        return spans

    # ---- What was lost ----

    def events(self, ring):
        """(ns, record) of a ring, in order."""
        for chunk in self.rings[ring]:
            if isinstance(chunk, Chunk) and chunk.records is not None:
                before = 0
                for record in chunk.records:
                    before = max(before, self.ns(record.time))
                    yield before, record

    def lost(self, ring):
        """Slots of a ring, and the events of damaged chunks: before its last chunk, and after it."""
        begins = self.states and self.states[0].n == 0
        following = self.states[0].ordinals.get(ring, 0) if begins else 0
        lost = unread = dropped = between = exts = 0
        for thing in self.rings[ring]:
            if isinstance(thing, Loss):
                dropped += thing.dropped
                unread += thing.unread
                between += thing.between
                exts += thing.exts
                continue
            missing = max(0, thing.header.first_ordinal - following)
            lost += dropped + missing - min(exts, (missing - min(between, missing)) // 2)
            following = thing.header.first_ordinal + thing.slots
            unread = dropped = between = exts = 0
            if thing.records is None:
                lost += max(1, thing.header.n)
        return lost, unread + dropped - exts


# ---- The tables of event.h ----

class Tables:
    """Names of the numbers in records, from the text of event.h."""

    def __init__(self, path):
        with open(path, encoding='utf-8') as file:
            text = file.read().replace('\\\n', ' ')
        lists = dict(re.findall(r'#define (WEFT_\w+)\(X\)(.*)', text))

        def texts(name):
            return [None] + re.findall(r'X\(\w+,\s*"([^"]*)"\)', lists[name])

        self.entities = texts('WEFT_ENTITIES')
        self.details = {'AWAIT': texts('WEFT_AWAITS'), 'WAKE': texts('WEFT_WAKES'),
                        'OUTCOME': texts('WEFT_OUTCOMES'), 'HANDLE': texts('WEFT_HANDLES'),
                        'RESOURCE': texts('WEFT_RESOURCE_OPS'), 'OP': texts('WEFT_OPS'),
                        'CONTROL': texts('WEFT_CONTROLS'), 'EXIT': texts('WEFT_EXITS'),
                        'STATE': texts('WEFT_TASK_STATES'),
                        'OBJECT': texts('WEFT_OBJECT_STATES')}
        self.kinds = [None] + re.findall(
            r'X\((\w+), (\w+), (\w+), (\w+), (\w+), (\w+),\s*"', lists['WEFT_EVENTS'])

    def kind(self, number):
        """(name, group, detail, site, object, ext); None: not known."""
        return self.kinds[number] if number < len(self.kinds) else None

    def id(self, number):
        kind = number >> 56
        name = self.entities[kind] if 0 < kind < len(self.entities) else kind
        return f'{name}:{number >> 44 & 0xfff}:{number & (1 << 44) - 1}'
