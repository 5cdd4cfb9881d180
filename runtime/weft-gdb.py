"""gdb's view of libweft: tasks, and the stacks of those that are suspended.

    (gdb) source weft-gdb.py        or gdb -x weft-gdb.py; installed, gdb finds it by itself
    (gdb) weft tasks                every task that is not done, of every thread's loops
    (gdb) weft bt NAME              where a task is: its whole call stack
    (gdb) weft task NAME            go there: bt, frame, up, info locals show that task's stack,
    (gdb) weft task                 and back to where the program is

NAME is a task's name, or its number. Works on a live program and on a core file: nothing in the
program is changed or called. (gdb's own generate-core-file cannot read past the guards of stacks
that Linux has since 6.13; the kernel's core files have everything.) It reads the structures of runtime/task.h, loop.h and switch-*.S.
"""

import gdb
import gdb.unwinder

COUNTER = (1 << 44) - 1  # of an id: tracer/probe/event.h
WAITING = 1              # enum weft__wait_state

# What weft__switch pushes, from the stack pointer it saves upwards: (register, offset), and its size.
SAVED = {
    "x86-64": ([("r15", 8), ("r14", 16), ("r13", 24), ("r12", 32), ("rbx", 40), ("rbp", 48),
                ("rip", 56)], "rsp", 64),
    "aarch64": ([("x%d" % n, (n - 19) * 8) for n in range(19, 29)] +
                [("x29", 80), ("x30", 88), ("pc", 88)], "sp", 176),
}


def type_of(name):
    return gdb.lookup_type(name)


def container(pointer, type_name, member):
    """The struct that has *pointer as its member (a path: "entry.links")."""
    target = type_of(type_name)
    offset, at = 0, target
    for part in member.split("."):
        field = at[part]
        offset += field.bitpos // 8
        at = field.type
    address = int(pointer) - offset
    return gdb.Value(address).cast(target.pointer())


def linked(head):
    """The links in a circular list, without its head."""
    at = head["next"]
    while int(at) not in (0, int(head.address)):
        yield at
        at = at["next"]


def loops():
    """Each thread's loops, with the thread."""
    chosen = gdb.selected_thread()
    for thread in sorted(gdb.selected_inferior().threads(), key=lambda t: t.num):
        thread.switch()
        try:
            loop = gdb.parse_and_eval("weft__loop")
        except gdb.error:
            continue  # no libweft, or a thread without its thread-local storage
        while int(loop) != 0:
            yield thread, loop
            loop = loop["outer"]
    if chosen is not None:
        chosen.switch()


def site(pointer):
    if int(pointer) == 0:
        return ""
    return "%s:%d" % (pointer["file"].string(), int(pointer["line"]))


class Task:
    def __init__(self, pointer, thread, loop):
        self.task = pointer
        self.thread = thread
        self.future = pointer["future"]
        self.running = int(loop["current"]) == int(pointer)
        self.number = int(self.future["id"]) & COUNTER

    @property
    def name(self):
        name = self.future["name"]
        return name.string() if int(name) != 0 else "Task-%d" % self.number

    @property
    def state(self):
        if self.running:
            return "running"
        if int(self.task["co"]["stack"]) == 0:
            return "new"
        return "waiting" if int(self.task["wait"]) == WAITING else "ready"

    @property
    def frames(self):
        """The sites of its awaits, innermost first. A running task's are its thread's."""
        if self.running:
            self.thread.switch()
            frame = gdb.parse_and_eval("weft__top")
        else:
            frame = self.task["frames"]
        while int(frame) != 0:
            yield frame["site"]
            frame = frame["up"]

    def registers(self):
        """What a suspended task's registers will be when it goes on."""
        architecture = gdb.selected_frame().architecture().name()
        for key, (saved, stack_pointer, size) in SAVED.items():
            if key in architecture:
                sp = int(self.task["co"]["sp"])
                word = type_of("unsigned long").pointer()
                values = {r: int((gdb.Value(sp + at)).cast(word).dereference()) for r, at in saved}
                values[stack_pointer] = sp + size
                return values
        raise gdb.GdbError("weft: stacks of %s are not known here" % architecture)


def tasks():
    found = []
    for thread, loop in loops():
        for links in linked(loop["tasks"]):
            found.append(Task(container(links, "struct weft__task", "all"), thread, loop))
    return found


def find(text):
    same = [t for t in tasks() if t.name == text] or \
           [t for t in tasks() if str(t.number) == text]
    if not same:
        raise gdb.GdbError("weft: no task is called %s (see: weft tasks)" % text)
    if len(same) > 1:
        raise gdb.GdbError("weft: %d tasks are called %s: use a number of: %s" %
                           (len(same), text, ", ".join(str(t.number) for t in same)))
    return same[0]


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


def stack_registers(frame):
    """The names of the stack pointer and the program counter."""
    return ("rsp", "rip") if "x86" in frame.architecture().name() else ("sp", "pc")


class Unwinder(gdb.unwinder.Unwinder):
    """While a task is chosen, the frame above the innermost is that task's suspended one."""

    def __init__(self):
        super().__init__("weft task")
        self.values = None
        self.enabled = False

    def choose(self, values):
        self.values = values
        self.enabled = values is not None
        gdb.invalidate_cached_frames()

    def __call__(self, pending):
        sp, pc = (pending.read_register(name) for name in self.names)
        if (int(sp), int(pc)) != self.here:
            return None
        word = type_of("unsigned long")
        # A stack grows downwards: gdb would take it for corrupt if its frame were not below.
        below = gdb.Value(self.values[self.names[0]] - 16).cast(word)
        info = pending.create_unwind_info(FrameId(below, pc))
        for register, value in self.values.items():
            info.add_saved_register(register, gdb.Value(value).cast(word))
        return info

    def start(self, task):
        self.choose(None)
        frame = gdb.newest_frame()
        self.names = stack_registers(frame)
        self.here = tuple(int(frame.read_register(n)) for n in self.names)
        self.choose(task.registers())


unwinder = Unwinder()
gdb.unwinder.register_unwinder(None, unwinder, replace=True)


def go_to(task):
    """Chooses the task's stack; its innermost frame becomes the selected one."""
    task.thread.switch()
    unwinder.start(task)
    gdb.newest_frame().older().select()


class Weft(gdb.Command):
    """libweft's tasks: weft tasks, weft bt NAME, weft task [NAME]."""

    def __init__(self):
        super().__init__("weft", gdb.COMMAND_STACK, gdb.COMPLETE_NONE, True)


class Tasks(gdb.Command):
    """Lists the tasks that are not done: number, name, state, and the lines at which they await."""

    def __init__(self):
        super().__init__("weft tasks", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        if argument:
            raise gdb.GdbError("usage: weft tasks")
        unwinder.choose(None)
        rows = [(str(t.number), t.name, t.state, " < ".join(site(s) for s in t.frames) or
                 "created at " + site(t.future["site"])) for t in tasks()]
        if not rows:
            print("No tasks.")
            return
        widths = [max(len(r[i]) for r in rows) for i in range(3)]
        for row in rows:
            print("%s  %s  %s  %s" % (row[0].rjust(widths[0]), row[1].ljust(widths[1]),
                                      row[2].ljust(widths[2]), row[3]))


class Backtrace(gdb.Command):
    """Shows a task's whole call stack, wherever it is suspended: weft bt NAME."""

    def __init__(self):
        super().__init__("weft bt", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        if not argument:
            raise gdb.GdbError("usage: weft bt NAME")
        task = find(argument)
        if task.state == "new":
            print("%s has not begun: created at %s" % (task.name, site(task.future["site"])))
        elif task.running:
            task.thread.switch()
            unwinder.choose(None)
            gdb.execute("bt")
        else:
            try:
                go_to(task)
                lines = gdb.execute("bt", to_string=True).splitlines()
                print("\n".join(line for line in lines if not line.startswith("#0 ")))
            finally:
                unwinder.choose(None)
                gdb.newest_frame().select()


class Select(gdb.Command):
    """Goes to a task's stack, or back: weft task [NAME]."""

    def __init__(self):
        super().__init__("weft task", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        if not argument:
            unwinder.choose(None)
            gdb.execute("frame 0")
            return
        task = find(argument)
        if task.state != "waiting" and task.state != "ready":
            raise gdb.GdbError("weft: %s is %s: it has no suspended stack" % (task.name, task.state))
        go_to(task)
        gdb.execute("frame")


Weft()
Tasks()
Backtrace()
Select()
