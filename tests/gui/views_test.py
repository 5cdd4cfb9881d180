"""views_test.py: the story, the lists, what is searched and gone to."""

import sys

from desktop import Viewer, generated, opened, run, sample, until
from names import nameless
from tasks_and_dispatch import count, in_tasks


def test_read_a_story():
    viewer = Viewer(sample())
    opened(viewer)
    until("its state is said", lambda: viewer.lane("fetch-2").description)
    viewer.press(lambda: viewer.lane("fetch-2"))
    until("the canvas says what is selected",
          lambda: "fetch-2" in viewer.selected())
    until("the inspector is about it", lambda: viewer.label_with("Why is it not running"))
    until("its story is told, each step with its time", lambda: len(viewer.story()) >= 3 and
          all(" ms: " in step or " s: " in step or " µs: " in step for step in viewer.story()))
    # A step of the story is a jump to its moment.
    before = viewer.selected()
    viewer.click(lambda: next(iter(viewer.all("list item", viewer.kept("list", "Story"))), None))
    until("the selection has moved", lambda: viewer.selected() != before)
    viewer.close()


def test_find():
    viewer = Viewer(sample())
    opened(viewer)
    viewer.key("ctrl+f")
    until("the search is open", lambda: viewer.label_with("5 tasks"))
    viewer.type("heart")
    until("only what is looked for is shown", lambda: "fetch-1" not in viewer.lanes()
          and "heartbeat" in viewer.lanes())
    viewer.key("Escape")
    until("Escape shows all again", lambda: "fetch-1" in viewer.lanes())
    viewer.key("Home", "ctrl+f")
    viewer.type("read_all")
    before = viewer.selected()
    viewer.key("ctrl+g")
    until("Ctrl+G goes to where it occurs, and says so",
          lambda: viewer.selected() != before and viewer.label_with(" at "))
    viewer.close()


def test_findings():
    viewer = Viewer(sample())
    opened(viewer)
    viewer.key("ctrl+4")
    viewer.click(lambda: viewer.row_with("without letting the loop go on"))
    until("its range is marked and summed up", lambda: viewer.label_with("marked"))
    viewer.key("Return")
    until("Enter goes to the timeline: its task is selected",
          lambda: viewer.timeline() and viewer.selected().startswith("fetch-1"))
    viewer.close()


def test_tasks():
    viewer = Viewer(sample())
    opened(viewer)
    viewer.key("ctrl+2")
    until("all tasks are listed", lambda: viewer.label_with("5 tasks"))
    viewer.xdotool("key", "Tab")
    viewer.click(lambda: viewer.named("search box", "Filter tasks"))
    viewer.type("heart")
    until("one is left", lambda: viewer.label_with("1 of 5 tasks"))
    viewer.key("Tab", "Tab", "Tab")
    viewer.key("ctrl+1")
    until("the timeline is there again", lambda: "fetch-1" in viewer.lanes())
    viewer.close()


def test_a_hundred_thousand_tasks():
    viewer = Viewer(generated("hundred-thousand.weft", 1000000, 100000))
    until("they are a crowd", lambda: any("×99,999" in name for name in viewer.lanes()))
    in_tasks(viewer)
    viewer.key("ctrl+2", "ctrl+f")
    until("the filter has the keys", lambda: viewer.has_keys("search box", "Filter tasks"))
    viewer.type("worker-99998")
    until("one is left", lambda: count(viewer) == "1 of 100,000 tasks")
    viewer.close()


def test_everything_has_a_name():
    viewer = Viewer(sample())
    opened(viewer)
    said = {"ctrl+1": "Story", "ctrl+2": "5 tasks", "ctrl+3": "Ready", "ctrl+4": "without letting"}
    for key, text in said.items():
        viewer.key(key)
        if key != "ctrl+3":
            until(f"{key} shows its view", lambda text=text: viewer.label_with(text))
        until(f"all in {key} has a name", lambda: not nameless(viewer))
    viewer.key("ctrl+1", "ctrl+p")
    until("the box is open", lambda: viewer.named("list", "Places and commands"))
    until("all in the box has a name", lambda: not nameless(viewer))
    viewer.close()


def go_to(viewer, text):
    viewer.key("ctrl+p")
    until("the box is open", lambda: viewer.named("list", "Places and commands"))
    viewer.type(text)
    until("what is meant is found",
          lambda: viewer.row_with(text, viewer.kept("list", "Places and commands")))
    viewer.key("Return")


def test_go_to():
    viewer = Viewer(sample())
    opened(viewer)
    go_to(viewer, "heartbeat")
    until("a task is gone to", lambda: viewer.selected().startswith("heartbeat"))
    go_to(viewer, "Show findings")
    until("a command is done", lambda: viewer.label_with("without letting the loop go on"))
    viewer.close()


def test_notes():
    viewer = Viewer(sample())
    opened(viewer)
    viewer.key("ctrl+d")
    until("the notes are open", lambda: viewer.label_with("A note is kept with the trace"))
    viewer.type("look here")
    viewer.key("Return")
    until("a note is kept", lambda: viewer.label_with("Note kept"))
    viewer.at(viewer.timeline(), 0.5, 0.3, "click", "1")
    viewer.key("ctrl+d")
    until("the notes are open again", lambda: viewer.named("list", "Notes"))
    viewer.type("and there")
    viewer.key("Return")
    until("they are closed", lambda: not viewer.named("list", "Notes"))
    viewer.key("m")
    until("a bookmark is kept", lambda: viewer.label_with("Bookmark kept"))
    viewer.close()
    viewer = Viewer(sample())
    opened(viewer)
    viewer.key("ctrl+d")
    until("all are there again", lambda: viewer.label_with("look here") and
          viewer.label_with("and there") and viewer.label_with("bookmark"))
    viewer.close()


if __name__ == "__main__":
    sys.exit(run(globals()))
