"""desktop.py: one viewer as a person meets it: started by its command line, read and pressed
through AT-SPI, typed at and pointed at through the X server; and the desktop of its own that
each file of tests here runs on: TEST.py VIEWER WEFT WRITE_SAMPLE GENERATE CLOCKWORK STUCK [TEST…]. TAP."""

import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import screen

VIEWER, WEFT, WRITE_SAMPLE, GENERATE, CLOCKWORK, STUCK = sys.argv[1:7]
LESSONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "lessons")
HOME = tempfile.mkdtemp(prefix="weft-gui-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)  # of what ends now some may still write
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # it has hung
HEARTBEAT = 0.05  # between two looks at what is waited for
PATIENCE = 300  # seconds after which nobody believes that it will come
waiting = 0  # waits that are under way, one within another


def until(what, look):
    """Waits for look() to return something true, and returns it; what is Gone meanwhile is looked for
    again. What is waited for within another wait is not said."""
    global waiting
    if not waiting:
        print(f"# until {what}", flush=True)
    patient_until = time.monotonic() + PATIENCE
    waiting += 1
    try:
        while time.monotonic() < patient_until:
            try:
                found = look()
                if found:
                    return found
            except screen.Gone:
                pass
            time.sleep(HEARTBEAT)
        raise AssertionError(f"waited in vain until {what}")
    finally:
        waiting -= 1


def settled(look):
    """What comes true soon; else it is tried again."""
    until_then = time.monotonic() + 1
    while not (found := look()) and time.monotonic() < until_then:
        time.sleep(0.05)
    return found


def done(what, act, look):
    """Acts until what was done is seen: an act comes too soon where the window is still busy."""

    def acted():
        act()
        return settled(look)

    return until(what, acted)


def started(*arguments):
    """A program that runs, at most as long as the tests."""
    program = subprocess.Popen(arguments)
    atexit.register(program.kill)
    return program


class Viewer:
    """A weft-viewer process and its window."""

    bus = None

    def __init__(self, *arguments):
        Viewer.bus = Viewer.bus or screen.connect()
        self.found = {}
        self.process = subprocess.Popen([VIEWER, "--standalone", *arguments])
        self.app = until("the viewer is on the desktop", self._find)
        self.window = until("its window is shown", lambda: next(iter(self.windows()), None))
        self.xdotool("windowfocus", "--sync", self.window)

    def _find(self):
        assert self.process.poll() is None, f"it ended with {self.process.returncode}"
        return screen.application(self.bus, self.process.pid)

    def windows(self):
        return subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)],
            capture_output=True, text=True, check=False).stdout.split()

    def dialog(self):
        """The X window that came last, if it is not the first one."""
        return next((window for window in self.windows() if window != self.window), None)

    def close(self):
        self.process.terminate()
        assert self.process.wait() == 0, f"it ended with {self.process.returncode}"

    def quits(self):
        """By the key."""
        self.key("ctrl+q")
        assert self.process.wait() == 0, f"it ended with {self.process.returncode}"

    # ---- Reading ----

    def seen(self, under=None, role=None):
        """Every widget that has a place in the window, in order; role: of others the names are not read."""
        top = under or self.app
        screen.read([top], role=role)
        return [widget for widget in top.each() if widget.shown()]

    def all(self, role, under=None):
        return [widget for widget in self.seen(under, role) if widget.role == role]

    def first(self, key, role, is_it, under=None):
        """The first of a role that is it. Where it was found it is looked for first."""
        widget = self.found.get(key)
        if not widget or not widget.still_shown() or not is_it(widget):
            widget = self.found[key] = next(filter(is_it, self.all(role, under)), None)
        return widget

    def named(self, role, name, under=None):
        return self.first((role, name, under and under.path), role, lambda widget: widget.name == name, under)

    def has_keys(self, role, name, under=None):
        """Whether it is there, and keys go to it."""
        widget = self.named(role, name, under)
        return widget and widget.focused()

    def row_with(self, text, under=None):
        """The first of a list's rows with a label that says so."""
        return next((row for row in self.seen(under) if row.role == "list item" and
                     any(text in part.name for part in row.each() if part.role == "label")), None)

    def kept(self, role, name):
        """What is asked for often: it is found once, while it is shown. Waits for it."""
        widget = self.found.get((role, name, None))
        while not widget or not widget.look().shown():
            widget = self.named(role, name)
        return widget

    def labels(self):
        return [widget.name for widget in self.all("label")]

    def label_with(self, text):
        """What a label with that text says."""
        label = self.first(("label with", text), "label", lambda label: text in label.name)
        return label and label.name

    def lanes(self):
        return [button.name for button in self.all("button", self.kept("list", "Lanes"))]

    def lane(self, name):
        lane = self.named("button", name, self.kept("list", "Lanes"))
        if not lane:
            raise screen.Gone(f"lane “{name}”")
        return lane

    def story(self):
        return [item.name for item in self.all("list item", self.kept("list", "Story"))]

    def timeline(self):
        return self.kept("image", "Timeline")

    def selected(self):
        return self.timeline().description

    # ---- Acting ----

    def press(self, find):
        """Presses what find() gives, once it does."""
        self._act("pressed", find, lambda widget: widget.press())

    def click(self, find):
        """Clicks at the middle of what find() gives, once it does."""
        self._act("clicked", find, lambda widget: self.at(widget, 0.5, 0.5, "click", "1"))

    def _act(self, done, find, act):
        def acted():
            widget = find()
            if widget:
                act(widget)
            return widget

        until(f"it is {done}", acted)

    def xdotool(self, *arguments):
        subprocess.run(["xdotool", *[str(a) for a in arguments]], check=True)

    def key(self, *keys):
        self.xdotool("key", "--clearmodifiers", *keys)

    def type(self, text):
        self.xdotool("type", "--delay", "1", text)

    def at(self, widget, fx, fy, *then):
        """Moves the pointer to a fraction of the widget's width and height; then more xdotool."""
        if not widget.look().shown():
            raise screen.Gone(f"{widget.role} “{widget.name}” is not shown")
        x, y, width, height = widget.place
        self.xdotool("mousemove", "--window", self.window, int(x + fx * width),
                     int(y + fy * height), *then)

    def drag(self, widget, begin, end, button=1):
        """From one fraction (x, y) of it to another."""
        self.at(widget, *begin, "mousedown", button)
        for step in (0.5, 1):
            self.at(widget, *(a + step * (b - a) for a, b in zip(begin, end)))
        self.xdotool("mouseup", button)


def in_seconds(text):
    """The first time that a text says."""
    found = re.search(r"([\d.,]+)\s(ns|µs|ms|s)\b", text)
    return float(found[1].replace(",", "")) * {"ns": 1e-9, "µs": 1e-6, "ms": 1e-3, "s": 1}[found[2]]


def lesson(name):
    """A copy of its trace: notes are kept in the file."""
    path = os.path.join(HOME, name + ".weft")
    shutil.copyfile(os.path.join(LESSONS, name, "trace.weft"), path)
    return path


def sample():
    """The hand-written trace of five tasks, made when it is first asked for."""
    path = os.path.join(HOME, "sample.weft")
    if not os.path.exists(path):
        subprocess.run([WRITE_SAMPLE, path], check=True)
    return path


def opened(viewer):
    """Until the sample's five tasks are shown."""
    names = {"main", "fetch-1", "fetch-2", "fetch-3", "heartbeat"}
    until("all lanes are there", lambda: names <= set(viewer.lanes()))


def generated(name, events, tasks):
    """A synthetic trace, as large as one likes."""
    path = os.path.join(HOME, name)
    if not os.path.exists(path):
        subprocess.run([GENERATE, str(events), str(tasks), path], check=True,
                       stdout=subprocess.DEVNULL)
    return path


def x_server(size):
    """A running one, and the name of its display: it chooses one that is free."""
    closing, opening = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(opening), "-screen", "0", size,
                               "-nolisten", "tcp", "-noreset"], pass_fds=[opening],
                              stderr=subprocess.DEVNULL)
    os.close(opening)
    with os.fdopen(closing) as told:
        return server, ":" + told.readline().strip()


def session_bus():
    """One that is running; what it starts goes with it."""
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address"], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return bus, bus.stdout.readline().strip()


def _environment():
    """Nothing of the user's is read or written; what runs beside it is another's desktop."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        os.environ[name] = os.path.join(HOME, name.lower())
    os.environ["XDG_RUNTIME_DIR"] = os.path.join(HOME, "run")
    os.makedirs(os.environ["XDG_RUNTIME_DIR"], mode=0o700)


def run(names):
    """Runs all of a module that is called test_…, or those whose names the command line has."""
    _environment()
    server, os.environ["DISPLAY"] = x_server("1280x800x24")
    bus, os.environ["DBUS_SESSION_BUS_ADDRESS"] = session_bus()
    tests = [(name, test) for name, test in names.items() if name.startswith("test_")]
    only = sys.argv[7:]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, (name, test) in enumerate(tests, 1):
        if only and name not in only:
            continue
        began = time.monotonic()
        try:
            test()
            print(f"ok {number} {name} # {time.monotonic() - began:.1f} s", flush=True)
        except Exception:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {number} {name}", flush=True)
    for process in bus, server:
        process.terminate()
        process.wait()
    return 1 if failed else 0
