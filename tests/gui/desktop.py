"""desktop.py: one viewer as a person meets it: started by its command line, read and pressed
through AT-SPI, typed at and pointed at through the X server."""

import os
import subprocess
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402
import pyatspi  # noqa: E402

HEARTBEAT = 0.05  # between two looks at what is waited for


def until(what, look):
    """Waits for look() to return something true, and returns it. The test runner ends what hangs."""
    print(f"# until {what}", flush=True)
    while True:
        while GLib.MainContext.default().iteration(False):
            continue
        try:
            found = look()
        except NotImplementedError:  # a widget that went away while it was read: it has no place
            found = None
        except Exception as error:  # or is not known to the desktop any more
            if "org.freedesktop" not in str(error) and "atspi" not in str(error).lower():
                raise
            found = None
        if found:
            return found
        time.sleep(HEARTBEAT)


class Viewer:
    """A weft-viewer process and its window."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([program, "--standalone", *arguments])
        self.app = until("the viewer is on the desktop", self._find)
        self.app.set_cache_mask(Atspi.Cache.NONE)  # every look is a fresh one
        until("its window is there", lambda: self.app.childCount > 0)
        self.window = until("its window is shown", self._find_window)
        self.xdotool("windowfocus", "--sync", self.window)

    def _find(self):
        for app in pyatspi.Registry.getDesktop(0):
            if app is not None and app.get_process_id() == self.process.pid:
                return app
        return None

    def _find_window(self):
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)],
            capture_output=True, text=True, check=False)
        return found.stdout.split()[0] if found.stdout.split() else None

    def dialog(self):
        """The X window that came last, if it is not the first one."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)],
            capture_output=True, text=True, check=False).stdout.split()
        return next((window for window in found if window != self.window), None)

    def close(self):
        self.process.terminate()
        self.process.wait()

    # ---- Reading ----

    def all(self, role, under=None):
        """Every thing of a role that has a place in the window, in order."""
        found = []

        def walk(node):
            if node.getRoleName() == role and self.place(node)[2] > 0:
                found.append(node)
            for child in node:
                if child is not None:
                    walk(child)

        walk(under or self.app)
        return found

    def named(self, role, name, under=None):
        for node in self.all(role, under):
            if node.name == name:
                return node
        return None

    def labels(self):
        return [node.name for node in self.all("label")]

    def label_with(self, text):
        for name in self.labels():
            if text in name:
                return name
        return None

    def lanes(self):
        lanes = self.named("list", "Lanes")
        return [b.name for b in self.all("push button", lanes)] if lanes else []

    def story(self):
        story = self.named("list", "Story")
        return [item.name for item in self.all("list item", story)] if story else []

    def timeline(self):
        return self.named("image", "Timeline")

    def place(self, node):
        """(x, y, width, height) in the window."""
        box = node.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
        return box.x, box.y, box.width, box.height

    # ---- Acting ----

    def press(self, node):
        node.queryAction().doAction(0)

    def xdotool(self, *arguments):
        subprocess.run(["xdotool", *[str(a) for a in arguments]], check=True)

    def key(self, *keys):
        self.xdotool("key", "--clearmodifiers", *keys)

    def at(self, node, fx, fy, *then):
        """Moves the pointer to a fraction of the node's width and height; then more xdotool."""
        x, y, width, height = self.place(node)
        self.xdotool("mousemove", "--window", self.window, int(x + fx * width),
                     int(y + fy * height), *then)


def environment(home):
    """Nothing of the user's is read or written."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        os.environ[name] = os.path.join(home, name.lower())
    os.environ["XDG_RUNTIME_DIR"] = os.path.join(home, "run")
    os.makedirs(os.environ["XDG_RUNTIME_DIR"], mode=0o700)
