"""screen.py: what a program shows, as assistive technology reads it: AT-SPI over D-Bus. A look asks
all widgets at once, level by level, and waits for the answers of a level together: a window of a
thousand widgets is read in a fraction of what one question after another takes."""

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

ACCESSIBLE = "org.a11y.atspi.Accessible"
COMPONENT = "org.a11y.atspi.Component"
PROPERTIES = "org.freedesktop.DBus.Properties"
ROOT = "/org/a11y/atspi/accessible/root"
FOCUSED, PRESSED = 12, 20  # among the states of AT-SPI
FOREVER = GLib.MAXINT  # milliseconds: the test runner ends what hangs
LEAVES = {"label"}  # roles of what holds nothing
roles = {}  # of each widget that was looked at: it keeps its role
OF_ACCESSIBLE = GLib.Variant("(s)", (ACCESSIBLE,))
WINDOW_COORDINATES = GLib.Variant("(u)", (1,))


class Gone(Exception):
    """What was looked for is not there, or not any more: the window changes while it is looked at."""


class Widget:
    """What a widget was when it was looked at. `place`: (x, y, width, height) in the window."""

    def __init__(self, bus, owner, path):
        self.bus, self.owner, self.path = bus, owner, path
        self.role = self.name = self.description = ""
        self.place = None  # it has none, or is no thing to be seen itself
        self.parent, self.children = None, []

    def shown(self):
        return self.place is not None and self.place[2] > 0 and self.place[3] > 0

    def look(self):
        """Reads it anew, without what it holds. Who is hidden with what he is in is not known by it."""
        read([self], deep=False)
        return self

    def still_shown(self):
        """Reads it anew; whether it is shown: all that it is in tell of it, and take room."""
        above, paths = list(self.above()), set()
        ask([(one, ACCESSIBLE, "GetChildren", None,
              lambda _, answer: paths.update(path for _, path in answer[0])) for one in above])
        read([self, *above], deep=False, role=self.role)
        return self.shown() and all(one.path in paths for one in [self, *above[:-1]]) and all(
            one.place is None or one.shown() for one in above)

    def above(self):
        """What it is in, from within."""
        one = self
        while one := one.parent:
            yield one

    def each(self):
        """It, and all it holds, in order."""
        yield self
        for child in self.children:
            yield from child.each()

    def press(self):
        self._do("org.a11y.atspi.Action", "DoAction", GLib.Variant("(i)", (0,)))

    def held(self, most):
        """The first of what it holds, without what those hold."""
        ask([(self, ACCESSIBLE, "GetChildren", None, take_children)])
        read(self.children[:most], deep=False)
        return [child for child in self.children[:most] if child.shown()]

    def focused(self):
        """Whether keys go to it."""
        return self._is(FOCUSED)

    def pressed(self):
        """Whether it is a button that stays down, and is."""
        return self._is(PRESSED)

    def _is(self, state):
        return bool(self._do(ACCESSIBLE, "GetState", None)[0][0] >> state & 1)

    def value(self, which="CurrentValue"):
        """Of a slider."""
        return self._do(PROPERTIES, "Get", GLib.Variant("(ss)", ("org.a11y.atspi.Value", which)))[0]

    def _do(self, interface, method, arguments):
        try:
            return self.bus.call_sync(self.owner, self.path, interface, method, arguments, None,
                                      Gio.DBusCallFlags.NONE, FOREVER, None).unpack()
        except GLib.Error as error:
            raise Gone(f"{self.role} “{self.name}”: {error.message}") from error


def ask(questions):
    """Asks them all at once: (widget, interface, method, arguments, who takes the widget and the
    answer). Waits for all answers; who is gone gives none."""
    waiting = len(questions)

    def answered(bus, result, asked):
        nonlocal waiting
        waiting -= 1
        widget, take = asked
        try:
            take(widget, bus.call_finish(result).unpack())
        except GLib.Error:
            pass

    for widget, interface, method, arguments, take in questions:
        widget.bus.call(widget.owner, widget.path, interface, method, arguments, None,
                        Gio.DBusCallFlags.NONE, FOREVER, None, answered, (widget, take))
    while waiting:
        GLib.MainContext.default().iteration(True)


def take_role(widget, answer):
    widget.role = roles[widget.owner, widget.path] = answer[0]


def take_names(widget, answer):
    widget.name, widget.description = answer[0]["Name"], answer[0]["Description"]


def take_place(widget, answer):
    widget.place = answer[0]


def take_children(widget, answer):
    widget.children = [Widget(widget.bus, owner, path) for owner, path in answer[0]]
    for child in widget.children:
        child.parent = widget


def read(widgets, deep=True, role=None):
    """Fills in the widgets and all they hold that may be seen. Who is gone has no place. Where only
    those of a role are wanted, the names of others are not asked for, nor anything of a leaf."""
    while widgets:
        questions = []
        for widget in widgets:
            widget.place, widget.role = None, roles.get((widget.owner, widget.path), "")
            other, leaf = role and widget.role not in (role, ""), widget.role in LEAVES
            if other and leaf:
                continue
            if not widget.role:
                questions.append((widget, ACCESSIBLE, "GetRoleName", None, take_role))
            if not other:
                questions.append((widget, PROPERTIES, "GetAll", OF_ACCESSIBLE, take_names))
            questions.append((widget, COMPONENT, "GetExtents", WINDOW_COORDINATES, take_place))
            if deep and not leaf:
                questions.append((widget, ACCESSIBLE, "GetChildren", None, take_children))
        ask(questions)
        widgets = [child for widget in widgets if deep and (widget.place is None or widget.shown())
                   for child in widget.children]


def connect():
    """The bus of assistive technology."""
    session = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    session.set_exit_on_close(False)
    address = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None,
                                None, Gio.DBusCallFlags.NONE, FOREVER, None).unpack()[0]
    return Gio.DBusConnection.new_for_address_sync(
        address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
        Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)


def application(bus, pid):
    """The program's own root; None: it is not there yet."""
    try:
        programs = bus.call_sync("org.a11y.atspi.Registry", ROOT, ACCESSIBLE, "GetChildren", None,
                                 None, Gio.DBusCallFlags.NONE, FOREVER, None).unpack()[0]
        for owner, path in programs:
            if bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                             "GetConnectionUnixProcessID", GLib.Variant("(s)", (owner,)), None,
                             Gio.DBusCallFlags.NONE, FOREVER, None).unpack()[0] == pid:
                return Widget(bus, owner, path)
    except GLib.Error:  # a program that went away meanwhile
        pass
    return None
