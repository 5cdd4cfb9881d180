"""live_test.py: programs that run, hang, end while they are looked at."""

import os
import re
import signal
import subprocess
import sys
import time

from desktop import CLOCKWORK, HOME, STUCK, Viewer, run, started, until
from tasks_and_dispatch import choose


def test_follow_a_program():
    program = subprocess.Popen([CLOCKWORK], env={**os.environ, "WEFT_TRACE": "flight"})
    viewer = Viewer()
    viewer.click(lambda: viewer.row_with(str(program.pid)))
    until("its tasks have lanes", lambda: {"second", "minute", "hour"} <= set(viewer.lanes()))
    said = until("its length is said", lambda: viewer.label_with("running"))
    until("time goes on", lambda: viewer.label_with("running") != said)
    until("it can be followed", lambda: viewer.named("button", "Follow"))
    viewer.key("a")
    program.send_signal(signal.SIGKILL)
    program.wait()
    until("how it ended is said", lambda: viewer.label_with("killed"))
    until("its lanes are still there", lambda: {"second", "minute", "hour"} <= set(viewer.lanes()))
    viewer.close()


def events(viewer):
    found = re.search(r"([\d,]+) events", viewer.label_with(" events") or "")
    return int(found[1].replace(",", "")) if found else 0


def at_rest(viewer):
    """How many were seen, once no more come; 0: some still do."""
    before = events(viewer)
    time.sleep(0.2)
    return before if events(viewer) == before else 0


def test_the_program_is_told():
    """Paused, stepped, slowed, its task cancelled; what was seen is saved, and opens again."""
    program = started(CLOCKWORK)
    path = os.path.join(HOME, "saved.weft")
    viewer = Viewer("--pid", str(program.pid))
    until("its tasks have lanes", lambda: {"second", "minute", "hour"} <= set(viewer.lanes()))
    viewer.key("F5")
    until("F5 pauses it", lambda: viewer.label_with("Paused"))
    seen = until("it is said how much was seen", lambda: at_rest(viewer))
    viewer.key("F7")
    until("F7 is a step", lambda: events(viewer) > seen)
    viewer.key("F5")
    until("F5 lets it go on", lambda: viewer.label_with("Running"))
    choose(viewer, "Slow motion", "Down")
    until("it is slowed", lambda: viewer.label_with("Slowed ×2"))
    choose(viewer, "Slow motion", "Up")
    until("and no more", lambda: viewer.label_with("Running"))
    viewer.press(lambda: viewer.lane("minute"))
    until("a task is selected", lambda: viewer.selected().startswith("minute"))
    viewer.key("ctrl+Delete")
    question = until("one is asked", viewer.dialog)
    viewer.xdotool("windowfocus", "--sync", question)
    viewer.key("Return")
    until("it is asked to end", lambda: viewer.label_with("minute is asked to end"))
    until("and does", lambda: viewer.label_with("cancelled"))
    viewer.key("ctrl+s")
    dialog = until("it is asked where to save", viewer.dialog)
    viewer.xdotool("windowfocus", "--sync", dialog)
    viewer.key("ctrl+a")
    viewer.type(path)
    viewer.key("Return")
    until("it is saved", lambda: viewer.label_with("Saved as "))
    viewer.close()
    program.kill()
    program.wait()
    viewer = Viewer(path)
    until("it is there", lambda: {"second", "minute", "hour"} <= set(viewer.lanes()))
    viewer.close()


def test_record_a_program():
    trace = os.path.join(HOME, "recorded.weft")
    viewer = Viewer()
    until("the start page is there", lambda: viewer.label_with("Running Programs"))
    viewer.key("ctrl+r")
    until("it is asked what", lambda: viewer.label_with("A program that is linked"))
    dialog = until("the dialog has a window of its own", viewer.dialog)
    viewer.xdotool("windowfocus", "--sync", dialog)
    viewer.type("no-such-program")
    viewer.key("Return")
    until("what is wrong is said", lambda: viewer.label_with("no such program"))
    viewer.key("ctrl+a")
    viewer.type(CLOCKWORK)
    viewer.key("Tab", "ctrl+a")
    viewer.type(trace)
    viewer.key("Return")
    until("its tasks have lanes", lambda: {"second", "minute", "hour"} <= set(viewer.lanes()))
    viewer.xdotool("windowfocus", "--sync", viewer.window)
    viewer.key("ctrl+w")
    until("the program ends with its tab", lambda: subprocess.run(
        ["pgrep", "-f", f"record -q -o {trace} -- {CLOCKWORK}"], capture_output=True, check=False).returncode == 1)
    viewer.close()
    viewer = Viewer(trace)
    until("the trace is kept", lambda: {"second", "minute", "hour"} <= set(viewer.lanes()))
    viewer.close()


def hung(how):
    program = subprocess.Popen([STUCK, how])
    return program, Viewer("--pid", str(program.pid))


def end(program, viewer):
    viewer.close()
    program.kill()
    program.wait()


def test_deadlock_first():
    program, viewer = hung("deadlock")
    until("what hangs is said", lambda: viewer.label_with("wait for each other"))
    until("and who holds it", lambda: viewer.label_with("for lock knife, which Bob holds"))
    until("one of them is selected", lambda: viewer.selected().startswith(("Ada", "Bob")))
    until("its inspector says why", lambda: viewer.label_with("a circle"))
    viewer.key("ctrl+4")
    until("the list says it, and how to mend it",
          lambda: [name for name in viewer.labels() if "wait for each other" in name][1:]
          and viewer.label_with("Take them in the same order"))
    end(program, viewer)


def test_holder_first():
    program, viewer = hung("hold")
    until("who holds the loop is said", lambda: viewer.label_with("without letting the loop go on"))
    until("he is selected", lambda: viewer.selected().startswith("hog"))
    viewer.press(lambda: viewer.lane("heart"))
    until("his victim, asleep or woken just before, is explained by him",
          lambda: viewer.label_with(" has run for "))
    end(program, viewer)


def test_waiting_holder_first():
    program, viewer = hung("wait")
    until("who holds what others want, and why, is said",
          lambda: viewer.label_with("writer holds lock knife while it waits for event news"))
    until("he is selected", lambda: viewer.selected().startswith("writer"))
    end(program, viewer)


if __name__ == "__main__":
    sys.exit(run(globals()))
