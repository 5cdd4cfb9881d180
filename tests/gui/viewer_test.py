"""viewer_test.py VIEWER WRITE_SAMPLE CLOCKWORK STUCK [TEST…]: the whole application, as a person uses it. TAP."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

from desktop import Viewer, environment, until

VIEWER, WRITE_SAMPLE, CLOCKWORK, STUCK = sys.argv[1:5]
LESSONS = os.path.join(os.path.dirname(__file__), "..", "..", "data", "lessons")
HOME = tempfile.mkdtemp(prefix="weft-gui-")
SAMPLE = os.path.join(HOME, "sample.weft")
LANES = ["main", "fetch-1", "fetch-2", "fetch-3", "heartbeat"]


def test_command_line():
    version = subprocess.run([VIEWER, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("weft-viewer "), version.stdout
    usage = subprocess.run([VIEWER, "--help"], capture_output=True, text=True, check=True)
    assert "--pid" in usage.stdout
    wrong = subprocess.run([VIEWER, "--no-such"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and "--no-such" in wrong.stderr
    blind = dict(os.environ)
    blind.pop("DISPLAY", None)
    blind.pop("WAYLAND_DISPLAY", None)
    dark = subprocess.run([VIEWER, SAMPLE], env=blind, capture_output=True, text=True, check=False)
    assert dark.returncode == 4 and "display" in dark.stderr


def opened(viewer):
    until("all lanes are there", lambda: set(LANES) <= set(viewer.lanes()))


def test_read_a_story():
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    lane = viewer.named("push button", "fetch-2")
    until("its state is said", lambda: lane.description)
    viewer.press(lane)
    until("the canvas says what is selected",
          lambda: "fetch-2" in (viewer.timeline().description or ""))
    until("the inspector is about it", lambda: viewer.label_with("Why is it not running"))
    story = until("its story is told", viewer.story)
    assert len(story) >= 3, story
    assert all(" ms: " in step or " s: " in step or " µs: " in step for step in story), story
    # A step of the story is a jump to its moment.
    before = viewer.timeline().description
    first = viewer.all("list item", viewer.named("list", "Story"))[0]
    x, y, _, _ = viewer.place(first)
    viewer.xdotool("mousemove", "--window", viewer.window, x + 20, y + 10, "click", 1)
    until("the selection has moved", lambda: viewer.timeline().description != before)
    viewer.close()


def shown(viewer):
    return viewer.label_with("shown")


def test_keys():
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    whole = until("the range is said", lambda: shown(viewer))
    viewer.key("plus")
    closer = until("+ zooms in", lambda: shown(viewer) != whole and shown(viewer))
    viewer.key("w")
    until("w zooms in", lambda: shown(viewer) != closer)
    viewer.key("s", "minus")
    until("s and - zoom out", lambda: shown(viewer) == whole)
    viewer.key("plus", "0")
    until("0 shows all", lambda: shown(viewer) == whole)
    viewer.press(viewer.named("push button", "fetch-1"))
    viewer.key("f")
    framed = until("f frames", lambda: shown(viewer) != whole and shown(viewer))
    viewer.key("ctrl+z")
    until("Ctrl+Z goes back", lambda: shown(viewer) == whole)
    viewer.key("alt+Right")
    until("Alt+Right goes forward", lambda: shown(viewer) == framed)
    viewer.key("Down")
    until("Down selects the lane below",
          lambda: (viewer.timeline().description or "").startswith("fetch-2"))
    before = viewer.timeline().description
    viewer.key("period")
    until(". goes to the next slice", lambda: viewer.timeline().description != before)
    before = viewer.timeline().description
    viewer.key("bracketleft")
    until("[ follows an edge back", lambda: viewer.timeline().description != before)
    viewer.key("Escape")
    until("Escape clears the selection",
          lambda: viewer.timeline().description == "Nothing is selected")
    width = viewer.place(viewer.timeline())[2]
    viewer.key("F9")
    until("F9 hides the inspector: the timeline is wider",
          lambda: viewer.place(viewer.timeline())[2] > width)
    viewer.close()


def question(viewer):
    return viewer.label_with("Why is it not running at")


def test_pointer():
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    lanes = viewer.timeline()
    viewer.key("0")
    whole = shown(viewer)
    viewer.at(lanes, 0.3, 0.15, "keydown", "ctrl", "click", "4", "click", "4", "keyup", "ctrl")
    until("Ctrl+wheel zooms", lambda: shown(viewer) != whole)
    viewer.press(viewer.named("push button", "fetch-3"))
    _, y, _, height = viewer.place(viewer.named("push button", "fetch-3"))
    _, top, _, tall = viewer.place(lanes)
    row = (y + height / 2 - top) / tall
    viewer.at(lanes, 0.4, row, "click", "1")
    asked = until("a click selects and asks why", lambda: question(viewer))
    viewer.at(lanes, 0.4, row, "keydown", "shift", "click", "5", "keyup", "shift", "click", "1")
    until("Shift+wheel pans: the same place is another moment",
          lambda: question(viewer) != asked)
    viewer.at(lanes, 0.3, row, "mousedown", "1")
    viewer.at(lanes, 0.4, row)
    viewer.at(lanes, 0.5, row, "mouseup", "1")
    until("a drag marks a range", lambda: viewer.label_with("marked"))
    marked = viewer.label_with("marked").split(" marked")[0]
    viewer.key("Return")
    until("Enter zooms to it", lambda: (shown(viewer) or "").startswith(marked.split(".")[0]))
    viewer.close()


def test_find():
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    viewer.key("ctrl+f")
    until("the search is open", lambda: viewer.label_with("tasks shown"))
    viewer.xdotool("type", "heart")
    until("only what is looked for is shown", lambda: "fetch-1" not in viewer.lanes()
          and "heartbeat" in viewer.lanes())
    viewer.key("Escape")
    until("Escape shows all again", lambda: "fetch-1" in viewer.lanes())
    viewer.key("Home", "ctrl+f")
    viewer.xdotool("type", "read_all")
    before = selected(viewer)
    viewer.key("ctrl+g")
    until("Ctrl+G goes to where it occurs, and says so",
          lambda: selected(viewer) != before and viewer.label_with(" at "))
    viewer.close()


def expect_page(arguments, *texts):
    viewer = Viewer(VIEWER, *arguments)
    for text in texts:
        until(f"the page says “{text}”", lambda text=text: viewer.label_with(text))
    assert viewer.process.poll() is None
    viewer.close()


def test_bad_input():
    with open(SAMPLE, "rb") as file:
        good = file.read()
    bad = {
        "text.weft": (b"hello, this is no trace at all\n" * 9, "Cannot Open"),
        "empty.weft": (b"", "Cannot Open"),
        "header-only.weft": (good[:40], "Cannot Open"),
    }
    for name, (content, title) in bad.items():
        path = os.path.join(HOME, name)
        with open(path, "wb") as file:
            file.write(content)
        expect_page([path], title, name)
    expect_page([os.path.join(HOME, "no-such.weft")], "Cannot Open", "no-such.weft")
    expect_page([HOME], "Cannot Open")
    expect_page(["--pid", "999999999"], "Cannot Attach", "linked with libweft")


def test_cut_file_opens():
    with open(SAMPLE, "rb") as file:
        good = file.read()
    path = os.path.join(HOME, "cut.weft")
    with open(path, "wb") as file:
        file.write(good[:-40])
    viewer = Viewer(VIEWER, path)
    opened(viewer)
    until("the damage is said", lambda: viewer.label_with("byte"))
    viewer.close()


def test_tabs():
    viewer = Viewer(VIEWER, SAMPLE, SAMPLE)
    opened(viewer)
    until("there are two tabs", lambda: len(viewer.all("push button")) and
          len([b for b in viewer.all("push button") if b.description == "Close Tab"]) == 2)
    viewer.key("ctrl+w")
    until("Ctrl+W closes one, which can be undone", lambda: viewer.label_with("Closed"))
    viewer.key("ctrl+w")
    until("without tabs there is the start page", lambda: viewer.label_with("Running Programs"))
    viewer.key("ctrl+shift+t")
    opened(viewer)
    viewer.close()


def test_follow_a_program():
    program = subprocess.Popen([CLOCKWORK], env={**os.environ, "WEFT_TRACE": "flight"})
    viewer = Viewer(VIEWER)
    row = until("the start page lists it", lambda: [
        item for item in viewer.all("list item") if str(program.pid) in
        " ".join(label.name for label in viewer.all("label", item))])[0]
    x, y, width, height = viewer.place(row)
    viewer.xdotool("mousemove", "--window", viewer.window, x + width // 2, y + height // 2,
                   "click", 1)
    until("its tasks have lanes", lambda: {"second", "minute", "hour"} <= set(viewer.lanes()))
    said = until("its length is said", lambda: viewer.label_with("running"))
    until("time goes on", lambda: viewer.label_with("running") != said)
    follow = viewer.named("toggle button", "Follow") or viewer.named("push button", "Follow")
    assert follow is not None
    viewer.key("a")
    program.send_signal(signal.SIGKILL)
    program.wait()
    until("how it ended is said", lambda: viewer.label_with("killed"))
    assert {"second", "minute", "hour"} <= set(viewer.lanes())
    viewer.close()


def test_record_a_program():
    trace = os.path.join(HOME, "recorded.weft")
    viewer = Viewer(VIEWER)
    until("the start page is there", lambda: viewer.label_with("Running Programs"))
    viewer.key("ctrl+r")
    until("it is asked what", lambda: viewer.label_with("A program that is linked"))
    dialog = until("the dialog has a window of its own", viewer.dialog)
    viewer.xdotool("windowfocus", "--sync", dialog)
    viewer.xdotool("type", "no-such-program")
    viewer.key("Return")
    until("what is wrong is said", lambda: viewer.label_with("no such program"))
    viewer.key("ctrl+a")
    viewer.xdotool("type", CLOCKWORK)
    viewer.key("Tab", "ctrl+a")
    viewer.xdotool("type", trace)
    viewer.key("Return")
    until("its tasks have lanes", lambda: {"second", "minute", "hour"} <= set(viewer.lanes()))
    viewer.xdotool("windowfocus", "--sync", viewer.window)
    viewer.key("ctrl+w")
    until("the program ends with its tab", lambda: subprocess.run(
        ["pgrep", "-f", f"record -q -o {trace} -- {CLOCKWORK}"], capture_output=True, check=False).returncode == 1)
    viewer.close()
    viewer = Viewer(VIEWER, trace)
    until("the trace is kept", lambda: {"second", "minute", "hour"} <= set(viewer.lanes()))
    viewer.close()


def hung(how):
    program = subprocess.Popen([STUCK, how])
    return program, Viewer(VIEWER, "--pid", str(program.pid))


def end(program, viewer):
    viewer.close()
    program.kill()
    program.wait()


def selected(viewer):
    return viewer.timeline().description or ""


def test_deadlock_first():
    program, viewer = hung("deadlock")
    until("what hangs is said", lambda: viewer.label_with("wait for each other"))
    until("and who holds it", lambda: viewer.label_with("for lock knife, which Bob holds"))
    until("one of them is selected", lambda: selected(viewer).startswith(("Ada", "Bob")))
    until("its inspector says why", lambda: viewer.label_with("a circle"))
    viewer.key("ctrl+4")
    until("the list says it, and how to mend it",
          lambda: [name for name in viewer.labels() if "wait for each other" in name][1:]
          and viewer.label_with("Take them in the same order"))
    end(program, viewer)


def test_holder_first():
    program, viewer = hung("hold")
    until("who holds the loop is said", lambda: viewer.label_with("without letting the loop go on"))
    until("he is selected", lambda: selected(viewer).startswith("hog"))
    viewer.press(viewer.named("push button", "heart"))
    until("his victim, asleep or woken just before, is explained by him",
          lambda: viewer.label_with(" has run for "))
    end(program, viewer)


def test_waiting_holder_first():
    program, viewer = hung("wait")
    until("who holds what others want, and why, is said",
          lambda: viewer.label_with("writer holds lock knife while it waits for event news"))
    until("he is selected", lambda: selected(viewer).startswith("writer"))
    end(program, viewer)


def test_findings():
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    viewer.key("ctrl+4")
    row = until("there are findings", lambda: [
        item for item in viewer.all("list item") if "without letting the loop go on" in
        " ".join(label.name for label in viewer.all("label", item))])[0]
    x, y, width, height = viewer.place(row)
    viewer.xdotool("mousemove", "--window", viewer.window, x + width // 3, y + height // 2,
                   "click", 1)
    until("its range is marked and summed up", lambda: viewer.label_with("marked"))
    viewer.key("Return")
    until("Enter goes to the timeline: its task is selected",
          lambda: viewer.timeline() and selected(viewer).startswith("fetch-1"))
    viewer.close()


def test_tasks():
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    viewer.key("ctrl+2")
    until("all tasks are listed", lambda: viewer.label_with("5 tasks"))
    viewer.xdotool("key", "Tab")
    entry = until("there is a filter", lambda: viewer.named("text", "Filter tasks") or
                  viewer.named("entry", "Filter tasks"))
    viewer.at(entry, 0.5, 0.5, "click", "1")
    viewer.xdotool("type", "heart")
    until("one is left", lambda: viewer.label_with("1 of 5 tasks"))
    viewer.key("Tab", "Tab", "Tab")
    viewer.key("ctrl+1")
    until("the timeline is there again", lambda: "fetch-1" in viewer.lanes())
    viewer.close()


NAMED = {"push button", "toggle button", "check box", "entry", "text", "slider", "combo box", "list",
         "list item", "table row", "image", "progress bar"}


def nameless(viewer):
    found = []

    def walk(node):
        name, role = node.name or "", node.getRoleName()
        try:
            seen = viewer.place(node)[2] > 0
        except NotImplementedError:
            seen = False
        if seen and role in NAMED and (not name or name.startswith(("Gtk", "Adw", "Weft"))):
            found.append((role, name, viewer.place(node)))
        for child in node:
            if child is not None:
                walk(child)

    walk(viewer.app)
    return found


def test_everything_has_a_name():
    viewer = Viewer(VIEWER, SAMPLE)
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


def test_the_canvas_by_keys():
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    viewer.press(viewer.named("push button", "fetch-1"))
    viewer.key("Home")
    slices = []
    for _ in range(3):
        before = selected(viewer)
        viewer.key("period")
        slices.append(until("the next slice is told", lambda: selected(viewer) != before and
                            selected(viewer)))
    assert all(text.startswith("fetch-1: ") and ", from " in text for text in slices), slices
    for text in reversed(slices[:-1]):
        viewer.key("comma")
        until("and the one before again", lambda text=text: selected(viewer) == text)
    viewer.close()


def choices(viewer):
    return [button.name for button in viewer.all("push button") if button.name[1:3] == ": "]


def to_question(viewer):
    """Steps until something is asked; returns what can be said."""
    until("something is asked", lambda: choices(viewer) or viewer.key("Right"))
    return choices(viewer)


def test_a_lesson():
    viewer = Viewer(VIEWER)
    viewer.key("ctrl+l")
    row = until("the lessons are listed", lambda: viewer.named("list item", "create_task"))
    x, y, width, height = viewer.place(row)
    viewer.xdotool("mousemove", "--window", viewer.window, x + width // 2, y + height // 2,
                   "click", 1)
    until("it is shown", lambda: viewer.label_with("What to watch"))
    until("all in it has a name", lambda: not nameless(viewer))
    viewer.press(until("it has a trace", lambda: viewer.named("push button", "Open Its Trace")))
    loop = until("the loop is shown", lambda: viewer.named("image", "The loop"))
    viewer.key("Home", "p")
    said = to_question(viewer)
    assert said == ["1: egg", "2: Task-1 goes on", "3: nothing: poll"], said
    until("what happened is said, and no more",
          lambda: loop.description == "Task-1 creates egg.")
    viewer.key("2")
    until("the queue says why",
          lambda: viewer.label_with("Right. Creating a task does not run it: egg goes to"))
    until("it counts", lambda: viewer.label_with("1 of 1 right"))
    until("all in it has a name", lambda: not nameless(viewer))
    until("who steps back is the last", lambda: viewer.label_with("Task-1 steps back.")
          or viewer.key("Right"))
    viewer.key("r")
    until("R reveals, and counts nothing", lambda: viewer.label_with("Task-1 is 4th of 4")
          and viewer.label_with("1 of 1 right"))
    viewer.key("p")
    until("nobody is asked any more", lambda: not viewer.label_with("What runs next?"))
    viewer.key("F11")
    until("before a class there is the loop alone",
          lambda: "Timeline" not in viewer.labels())
    before = loop.description
    viewer.key("Next")
    then = until("a remote steps", lambda: loop.description != before and loop.description)
    viewer.key("Next")
    until("and again", lambda: loop.description != then)
    viewer.key("Prior")
    until("and back", lambda: loop.description == then)
    viewer.key("F11")
    until("all is there again", lambda: "Timeline" in viewer.labels())
    viewer.key("ctrl+l")
    until("the lesson was seen", lambda: viewer.label_with("seen"))
    viewer.close()


def test_a_whole_lesson():
    """Before a class, by keys alone: asked at every question, from the first event to the last."""
    viewer = Viewer(VIEWER, os.path.join(LESSONS, "09-lock", "trace.weft"))
    until("it is read", lambda: "Ada" in viewer.lanes())
    viewer.key("ctrl+3", "F11")
    loop = until("the loop is shown", lambda: viewer.named("image", "The loop"))
    viewer.key("Home", "p")
    until("the last event is come to",
          lambda: loop.description == "The loop closes." or viewer.key("1", "Right"))
    until("answers were counted", lambda: viewer.label_with(" right"))
    viewer.key("p", "Home", "n")
    until("the next that runs", lambda: loop.description.startswith("Task-1 runs"))
    viewer.key("n")
    until("and the next", lambda: loop.description.startswith("Ada runs"))
    viewer.key("shift+n")
    until("and the one before", lambda: loop.description.startswith("Task-1 runs"))
    viewer.close()


def go_to(viewer, text):
    viewer.key("ctrl+p")
    until("the box is open", lambda: viewer.named("list", "Places and commands"))
    viewer.xdotool("type", text)
    until("what is meant is found", lambda: [
        item for item in viewer.all("list item", viewer.named("list", "Places and commands"))
        if any(text in label.name for label in viewer.all("label", item))])
    viewer.key("Return")


def test_go_to():
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    go_to(viewer, "heartbeat")
    until("a task is gone to", lambda: selected(viewer).startswith("heartbeat"))
    go_to(viewer, "Show findings")
    until("a command is done", lambda: viewer.label_with("without letting the loop go on"))
    viewer.close()


def test_notes():
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    viewer.key("m")
    until("a bookmark is kept", lambda: viewer.label_with("Bookmark kept"))
    viewer.key("ctrl+d")
    until("the notes are open", lambda: viewer.named("list", "Notes"))
    viewer.xdotool("type", "look here")
    viewer.key("Return")
    until("a note is kept", lambda: viewer.label_with("Note kept"))
    viewer.close()
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    viewer.key("ctrl+d")
    until("both are there again", lambda: viewer.label_with("look here") and
          viewer.label_with("bookmark"))
    viewer.close()


def test_a_display_that_closes():
    closing, opening = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(opening), "-screen", "0", "800x600x24",
                               "-nolisten", "tcp"], pass_fds=[opening], stderr=subprocess.DEVNULL)
    display = ":" + os.read(closing, 16).decode().strip()
    viewer = subprocess.Popen([VIEWER, "--standalone", SAMPLE],
                              env={**os.environ, "DISPLAY": display, "GTK_A11Y": "none"})
    until("its window is shown", lambda: subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--pid", str(viewer.pid)], capture_output=True,
        check=False, env={**os.environ, "DISPLAY": display}).stdout)
    server.kill()
    server.wait()
    assert viewer.wait() >= 0, "it ends, and does not crash"
    os.close(closing)
    os.close(opening)


def test_session():
    os.environ["GSETTINGS_BACKEND"] = "keyfile"
    viewer = Viewer(VIEWER, SAMPLE)
    opened(viewer)
    viewer.key("plus", "plus")
    viewer.press(viewer.named("push button", "fetch-3"))
    until("a task is selected", lambda: selected(viewer).startswith("fetch-3"))
    there, moment = selected(viewer), shown(viewer)
    viewer.close()
    viewer = Viewer(VIEWER)
    opened(viewer)
    until("what was open is open again, where one was",
          lambda: selected(viewer) == there and shown(viewer) == moment)
    viewer.key("ctrl+w")
    until("the start page is there", lambda: viewer.label_with("Running Programs"))
    viewer.close()
    viewer = Viewer(VIEWER)
    until("what was closed stays closed", lambda: viewer.label_with("Running Programs"))
    viewer.close()
    os.environ["GSETTINGS_BACKEND"] = "memory"


def main():
    environment(HOME)
    subprocess.run([WRITE_SAMPLE, SAMPLE], check=True)
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    only = sys.argv[5:]
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, (name, test) in enumerate(tests, 1):
        if only and name not in only:
            continue
        try:
            test()
            print(f"ok {number} {name}", flush=True)
        except Exception:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {number} {name}", flush=True)
    shutil.rmtree(HOME)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
