"""timeline_test.py: the Timeline's keys and gestures, and what is done in Tasks and in Dispatch, each
on a recorded lesson and on ten million events. TAP."""

import re
import sys
import time

from desktop import Viewer, done, generated, in_seconds, lesson, opened, run, sample, settled, until
from tasks_and_dispatch import in_dispatch, in_tasks


def shown(viewer):
    """How much time is shown."""
    return in_seconds(until("it is said how much is shown", lambda: viewer.label_with("shown")))


def asked(viewer):
    """The moment of the playhead, as the inspector says it."""
    return viewer.label_with("Why is it not running at") or ""


def now(viewer):
    return in_seconds(asked(viewer).partition(" at ")[2].replace("?", " "))


def asked_there(viewer):
    """The same, not of a moment outside of the segment that is selected: until the inspector tells of
    that, it is the last one that it asks about."""
    lasts, of_one, begins = viewer.selected().rpartition(" · ")[2].partition(", from ")
    if not asked(viewer) or not of_one:  # before its life, or behind
        return asked(viewer)
    after, rounded = now(viewer) - in_seconds(begins), now(viewer) / 1e3
    return asked(viewer) if -rounded < after < in_seconds(lasts) + rounded else ""


def at_rest(look):
    """What it sees, once it sees the same for a while; else nothing."""
    seen = look()
    time.sleep(0.2)
    return seen if look() == seen else None


def start(viewer):
    """All is shown, and a task is selected that is not the first, early in its life."""
    viewer.key("Escape", "0")
    until("a task is selected", lambda: select(viewer))


def select(viewer):
    """False: the lanes have moved meanwhile, or are not where they were."""
    if not viewer.task:
        lane = until("there are tasks",
                     lambda: viewer.all("button", viewer.kept("list", "Lanes"))[5:])[0]
        _, y, _, height = lane.place
        _, top, _, tall = viewer.timeline().place
        viewer.task, viewer.row = lane.name, (y + height / 2 - top) / tall
    click(viewer, 0.2)
    viewer.task = settled(lambda: viewer.selected().startswith(viewer.task + ":") and asked_there(viewer)
                          and viewer.task)
    return viewer.task


def click(viewer, x):
    """On the lane that is selected; not where the last click was: two are no double click."""
    viewer.beside = -viewer.beside
    viewer.at(viewer.timeline(), x, viewer.row + viewer.beside / viewer.timeline().place[3], "click", "1")


def pointed_at(viewer, x, then):
    """Clicks there until another moment than then is there; returns which."""

    def other():
        click(viewer, x)
        return settled(lambda: asked_there(viewer) and abs(now(viewer) - then) > then / 1e3)

    until("it is another moment", other)
    return now(viewer)


def zooms_in(viewer, key):
    before = shown(viewer)
    viewer.key(key)
    until(f"{key} zooms in", lambda: shown(viewer) < before)


def zooms_out(viewer, key):
    for _ in range(3):
        zooms_in(viewer, "plus")
    before = shown(viewer)
    viewer.key(key)
    until(f"{key} zooms out", lambda: shown(viewer) > before)


def fits(viewer, key):
    whole = shown(viewer)
    viewer.key("plus", "plus")
    until("it is closer", lambda: shown(viewer) < whole)
    viewer.key(key)
    until(f"{key} shows all", lambda: shown(viewer) == whole)


def pans_later(viewer, key):
    viewer.key("plus", "plus")
    before = pointed_at(viewer, 0.52, now(viewer))
    viewer.key(key)
    assert pointed_at(viewer, 0.52, before) > before


def pans_earlier(viewer, key):
    viewer.key("plus", "plus")
    before = pointed_at(viewer, 0.52, now(viewer))
    viewer.key(key)
    assert pointed_at(viewer, 0.52, before) < before


def goes_to_the_end(viewer, key):
    before = now(viewer)
    viewer.key(key)
    until(f"{key} puts the playhead to the end", lambda: now(viewer) > before)


def goes_to_the_start(viewer, key):
    before = now(viewer)
    viewer.key(key)
    until(f"{key} puts the playhead to the start",
          lambda: not asked(viewer) or now(viewer) < before / 100)


def scrolls(viewer, key):
    if len(viewer.lanes()) < 20:
        return  # all of a lesson are in sight
    top = done("Page Up scrolls to the top", lambda: viewer.key("Page_Up", "Page_Up"), lambda: at_rest(viewer.lanes))[0]
    viewer.key("Page_Down")
    until("Page Down scrolls", lambda: viewer.lanes()[:1] not in ([], [top]))
    viewer.key("Page_Up")
    until("Page Up scrolls back", lambda: viewer.lanes()[:1] == [top])


def goes_by_lane(viewer, key):
    names, before = viewer.lanes(), viewer.selected()
    viewer.key(key)
    until(f"{key} selects the next lane",
          lambda: viewer.selected() != before and viewer.selected().split(":")[0] in names)


def changes_the_selection(viewer, key):
    before = viewer.selected()
    viewer.key(key)
    until(f"{key} selects another", lambda: viewer.selected() not in ("", before))


def frames(viewer, key):
    before = shown(viewer)
    viewer.key(key)
    until(f"{key} frames the selection", lambda: shown(viewer) < before)


def goes_back(viewer, key):
    before = shown(viewer)
    viewer.key("f")
    until("f frames", lambda: shown(viewer) != before)
    viewer.key(key)
    until(f"{key} goes back", lambda: shown(viewer) == before)


def goes_forward(viewer, key):
    before = shown(viewer)
    viewer.key("f")
    framed = until("f frames", lambda: shown(viewer) != before and shown(viewer))
    viewer.key("ctrl+z")
    until("Ctrl+Z goes back", lambda: shown(viewer) == before)
    viewer.key(key)
    until(f"{key} goes forward", lambda: shown(viewer) == framed)


def clears(viewer, key):
    viewer.key(key)
    until(f"{key} clears the selection", lambda: viewer.selected() == "Nothing is selected")


def of_day(viewer, key):
    viewer.key(key)
    until(f"{key} counts by the day", lambda: not viewer.label_with("Time from start"))
    viewer.key(key)
    until("and from the start again", lambda: viewer.label_with("Time from start"))


def groups(viewer, key):
    names = viewer.lanes()
    viewer.key(key)
    until(f"{key} groups by where they were created", lambda: viewer.lanes() != names)
    viewer.key(key)
    until("and by parent again", lambda: len(viewer.lanes()) == len(names))


def shrinks(viewer, key):
    def tall():
        lanes = viewer.all("button", viewer.kept("list", "Lanes"))
        return lanes and lanes[0].place[3]

    before = until("there are lanes", tall)
    viewer.key(key)
    until(f"{key} makes lanes lower, or higher", lambda: tall() not in ([], before))
    viewer.key(key)
    until("and again as they were", lambda: tall() == before)


def pins(viewer, key):
    name = viewer.selected().split(":")[0]
    viewer.key(key)
    until(f"{key} pins the lane", lambda: viewer.named("image", "pinned"))
    viewer.key(key)
    until("and lets go of it", lambda: not viewer.named("image", "pinned") and
          name in viewer.lanes())


def wave_away(viewer):
    """The toast, if there is one."""
    for toast in [widget for widget in viewer.seen() if widget.name == "AdwToastWidget"]:
        for button in viewer.all("button", toast)[-1:]:
            button.press()


def says(text):
    def check(viewer, key):
        viewer.key(key)
        until(f"{key}: {text}", lambda: viewer.label_with(text))
        until("which is waved away", lambda: not viewer.label_with(text) or wave_away(viewer))

    return check


def opens(role, name):
    def check(viewer, key):
        viewer.key(key)
        until(f"{key} opens “{name}”", lambda: viewer.named(role, name))
        done("Escape closes it", lambda: viewer.key("Escape"), lambda: not viewer.named(role, name))

    return check


def opens_a_window(viewer, key):
    viewer.key(key)
    dialog = until(f"{key} opens a window", viewer.dialog)
    viewer.xdotool("windowfocus", "--sync", dialog)
    done("Escape closes it", lambda: viewer.key("Escape"), lambda: not viewer.dialog())
    viewer.xdotool("windowfocus", "--sync", viewer.window)


def match(viewer):
    """Where the match is that is shown, if one is."""
    said = map(re.compile(r"^(.+ at [\d.,]+[  ](ns|µs|ms|s))( · [\d,]+ of [\d,]+)?$").match, viewer.labels())
    return next((found[1] for found in said if found), None)


def finds(viewer, key):
    viewer.key("Home", "ctrl+f")
    until("the search is open", lambda: viewer.has_keys("search box", "Find a task"))
    viewer.type(viewer.often)
    viewer.key(key)
    first = until(f"{key} goes to a match", lambda: match(viewer))
    viewer.key(key)
    until(f"{key} goes to the next", lambda: match(viewer) not in (None, first))
    viewer.key("shift+" + key)
    until(f"Shift+{key} goes back", lambda: match(viewer) == first)


def hides_the_inspector(viewer, key):
    width = viewer.timeline().place[2]
    viewer.key(key)
    until(f"{key} hides the inspector", lambda: viewer.timeline().place[2] > width)
    viewer.key(key)
    until("and shows it", lambda: viewer.timeline().place[2] == width)


def marks(viewer, key):
    viewer.key(key)
    until(f"{key} marks a range", lambda: viewer.label_with("marked"))


# What a key does, from where start() leaves the window. Other views' keys, and those of live tabs,
# are in views_test.py, lessons_test.py and live_test.py.
AWAY = [
    ("a Left", pans_earlier),
    ("d Right", pans_later),
    ("End", goes_to_the_end),
    ("Home", goes_to_the_start),
    ("shift+Right shift+Left", marks),
    ("f", frames),
    ("comma period bracketleft", changes_the_selection),
    ("ctrl+shift+z alt+Right", goes_forward),
    ("F3 ctrl+g", finds),
    ("Escape", clears),
]
# After these all is as it was, as far as the next of them asks.
AND_BACK = [
    ("0 KP_0", fits),
    ("ctrl+z alt+Left", goes_back),
    ("Page_Up", scrolls),
    ("t", of_day),
    ("g", groups),
    ("p", pins),
    ("m", says("Bookmark kept")),
    ("ctrl+c", says("Selection copied")),
    ("ctrl+shift+c", says("Picture copied")),
    ("F9", hides_the_inspector),
    ("Up Down", goes_by_lane),
    ("plus equal w KP_Add", zooms_in),
    ("minus s KP_Subtract", zooms_out),
    ("ctrl+d", opens("list", "Notes")),
    ("ctrl+p", opens("list", "Places and commands")),
    ("ctrl+f", opens("search box", "Find a task")),
    ("F10", opens("menu item", "Preferences")),
    ("ctrl+o ctrl+comma ctrl+question", opens_a_window),
]


def closer(viewer):
    """A part is shown; returns the moment under the pointer at its middle."""
    viewer.key("plus", "plus", "plus")
    return pointed_at(viewer, 0.52, now(viewer))


def wheel_scrolls(viewer):
    if len(viewer.lanes()) < 20:
        return  # all of a lesson are in sight
    top = viewer.lanes()[0]
    viewer.at(viewer.timeline(), 0.5, 0.5, "click", "--repeat", "5", "5")
    until("the wheel scrolls", lambda: viewer.lanes()[:1] not in ([], [top]))
    viewer.at(viewer.timeline(), 0.5, 0.5, "click", "--repeat", "9", "4")
    until("and back", lambda: viewer.lanes()[:1] == [top])


def tip(viewer):
    """What it says of where the pointer rests."""
    return viewer.timeline().held(9)[0].description


def rests(viewer):
    """Whether it is said what is where the pointer rests, for how long."""
    viewer.beside = -viewer.beside  # it is moved there
    viewer.at(viewer.timeline(), 0.2, viewer.row + viewer.beside / viewer.timeline().place[3])
    return settled(lambda: re.search(r"\d[  ](ns|µs|ms|s)\b", tip(viewer)))


def says_what_it_is(viewer):
    """Of what is selected a tag does so."""
    viewer.key("Escape")
    until("nothing is selected", lambda: viewer.selected() == "Nothing is selected")
    until("where the pointer rests it is said what is there", lambda: rests(viewer))
    viewer.at(viewer.timeline(), 0.2, 1.1)
    until("and no more where it is not", lambda: not tip(viewer))


def pulled(viewer, side):
    """A part of the whole trace is shown that begins and ends within it; one of its edges is dragged
    away. False: it was not taken hold of, as it had moved."""
    trace = viewer.kept("image", "Whole trace")
    viewer.key("0")
    whole = in_seconds(viewer.label_with(" events"))
    until("all is shown", lambda: shown(viewer) > whole)
    until("it is closer", lambda: shown(viewer) < whole / 8 or viewer.key("plus"))
    viewer.at(trace, 0.9, 0.5, "click", "1")
    viewer.at(trace, 0.6, 0.5, "click", "1")
    before = until("it is at rest", lambda: at_rest(lambda: shown(viewer)))
    edge = 0.6 + side * before / whole / 2
    viewer.drag(trace, (edge, 0.5), (edge + 0.2 * side, 0.5))
    return settled(lambda: shown(viewer) > 1.5 * before)


def grips(viewer):
    until("the left grip draws the beginning away", lambda: pulled(viewer, -1))
    until("the right grip draws the end away", lambda: pulled(viewer, 1))


def drags_the_playhead(viewer):
    """The chip in the ruler is above the playhead."""
    start(viewer)
    before, lanes, ruler = now(viewer), viewer.timeline(), viewer.kept("image", "Time ruler")
    at = (lanes.place[0] + 0.2 * lanes.place[2] - ruler.place[0]) / ruler.place[2]
    viewer.drag(ruler, (at, 0.5), (at + 0.2, 0.5))
    moved = settled(lambda: asked(viewer) and now(viewer) > 1.5 * before)
    until("no more than the playhead is dragged", lambda: viewer.label_with("Time from start"))
    return moved


def wheel_and_drags(viewer):
    start(viewer)
    lanes, whole = viewer.timeline(), shown(viewer)
    wheel_scrolls(viewer)
    says_what_it_is(viewer)
    grips(viewer)
    until("the playhead's chip is dragged", lambda: drags_the_playhead(viewer))
    done("Ctrl+wheel zooms", lambda: viewer.at(lanes, 0.3, viewer.row, "keydown", "ctrl", "click", "4", "keyup", "ctrl"),
         lambda: shown(viewer) < whole)
    start(viewer)
    done("a drag marks a range", lambda: viewer.drag(lanes, (0.3, viewer.row), (0.5, viewer.row)),
         lambda: viewer.label_with("marked"))
    viewer.key("Return")
    until("Enter zooms to it", lambda: viewer.label_with("shown") and shown(viewer) < whole)
    start(viewer)
    done("a double click frames the segment", lambda: viewer.at(
        lanes, 0.2, viewer.row, "click", "--repeat", "2", "--delay", "50", "1"),
        lambda: shown(viewer) < whole)
    start(viewer)
    before = closer(viewer)
    viewer.at(lanes, 0.52, viewer.row, "keydown", "shift", "click", "5", "keyup", "shift")
    before = pointed_at(viewer, 0.52, before)  # Shift+wheel pans
    viewer.drag(lanes, (0.6, viewer.row), (0.4, viewer.row), button=2)
    later = pointed_at(viewer, 0.52, before)
    assert later > before, "the middle button drags it along"
    viewer.at(viewer.kept("image", "Whole trace"), 0.1, 0.5, "click", "1")
    assert pointed_at(viewer, 0.52, later) < later, "a click on the whole goes there"
    viewer.drag(viewer.kept("image", "Time ruler"), (0.2, 0.5), (0.3, 0.5))
    until("the ruler's zero is dragged", lambda: not viewer.label_with("Time from start"))


def opened_for_keys(path, often):
    viewer = Viewer(path)
    viewer.task, viewer.row, viewer.beside, viewer.often = None, 0.5, 4, often
    return viewer


def pressed_on(path, often, away, and_back):
    """often: a text that occurs more than once."""
    viewer = opened_for_keys(path, often)
    wheel_and_drags(viewer)
    viewer.key("Escape", "Home")
    in_tasks(viewer)
    in_dispatch(viewer)
    viewer.close()
    viewer = opened_for_keys(path, often)
    for keys, does in away:
        for key in keys.split():
            start(viewer)
            does(viewer, key)
    start(viewer)
    for keys, does in and_back:
        for key in keys.split():
            does(viewer, key)
    viewer.quits()


def test_keys_on_a_lesson():
    pressed_on(lesson("09-lock"), "lock", AWAY, [("c", shrinks)] + AND_BACK)  # many lanes are low already


def test_keys_on_ten_million_events():
    def once(table):
        return [(keys.split()[0], does) for keys, does in table]

    pressed_on(generated("ten-million.weft", 10000000, 50), "worker-2", once(AWAY), once(AND_BACK))


def test_the_canvas_by_keys():
    viewer = Viewer(sample())
    opened(viewer)
    viewer.press(lambda: viewer.lane("fetch-1"))
    until("its lane is selected", lambda: viewer.selected().startswith("fetch-1"))
    viewer.key("Home")
    slices = []
    for _ in range(3):
        before = viewer.selected()
        viewer.key("period")
        slices.append(until("the next slice is told", lambda before=before: viewer.selected() != before
                            and viewer.selected()))
    assert all(text.startswith("fetch-1: ") and ", from " in text for text in slices), slices
    for text in reversed(slices[:-1]):
        viewer.key("comma")
        until("and the one before again", lambda text=text: viewer.selected() == text)
    viewer.close()


if __name__ == "__main__":
    sys.exit(run(globals()))
