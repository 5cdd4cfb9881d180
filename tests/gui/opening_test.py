"""opening_test.py: what can be opened, and what is said of what cannot; tabs, the session, a display that closes."""

import os
import subprocess
import sys

from desktop import HOME, VIEWER, Viewer, opened, run, sample, until, x_server


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
    dark = subprocess.run([VIEWER, sample()], env=blind, capture_output=True, text=True, check=False)
    assert dark.returncode == 4 and "display" in dark.stderr


def expect_page(arguments, *texts):
    viewer = Viewer(*arguments)
    for text in texts:
        until(f"the page says “{text}”", lambda text=text: viewer.label_with(text))
    assert viewer.process.poll() is None
    viewer.close()


def test_bad_input():
    with open(sample(), "rb") as file:
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
    with open(sample(), "rb") as file:
        good = file.read()
    path = os.path.join(HOME, "cut.weft")
    with open(path, "wb") as file:
        file.write(good[:-40])
    viewer = Viewer(path)
    opened(viewer)
    until("the damage is said", lambda: viewer.label_with("byte"))
    viewer.close()


def test_tabs():
    viewer = Viewer(sample(), sample())
    opened(viewer)
    until("there are two tabs", lambda: len(viewer.all("button")) and
          len([b for b in viewer.all("button") if b.description == "Close Tab"]) == 2)
    viewer.key("ctrl+w")
    until("Ctrl+W closes one, which can be undone", lambda: viewer.label_with("Closed"))
    viewer.key("ctrl+w")
    until("without tabs there is the start page", lambda: viewer.label_with("Running Programs"))
    viewer.key("ctrl+shift+t")
    opened(viewer)
    viewer.close()


def test_a_display_that_closes():
    server, display = x_server("800x600x24")
    viewer = subprocess.Popen([VIEWER, "--standalone", sample()],
                              env={**os.environ, "DISPLAY": display, "GTK_A11Y": "none"})
    until("its window is shown", lambda: subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--pid", str(viewer.pid)], capture_output=True,
        check=False, env={**os.environ, "DISPLAY": display}).stdout)
    server.kill()
    server.wait()
    assert viewer.wait() >= 0, "it ends, and does not crash"


def test_session():
    os.environ["GSETTINGS_BACKEND"] = "keyfile"
    viewer = Viewer(sample())
    opened(viewer)
    whole = until("it is said how much is shown", lambda: viewer.label_with("shown"))
    viewer.key("plus")
    until("a part is shown", lambda: viewer.label_with("shown") != whole)
    viewer.press(lambda: viewer.lane("fetch-3"))
    until("a task is selected", lambda: viewer.selected().startswith("fetch-3"))
    there, moment = viewer.selected(), viewer.label_with("shown")
    viewer.close()
    viewer = Viewer()
    opened(viewer)
    until("what was open is open again, where one was",
          lambda: viewer.selected() == there and viewer.label_with("shown") == moment)
    viewer.key("ctrl+w")
    until("the start page is there", lambda: viewer.label_with("Running Programs"))
    viewer.close()
    viewer = Viewer()
    until("what was closed stays closed", lambda: viewer.label_with("Running Programs"))
    viewer.close()
    os.environ["GSETTINGS_BACKEND"] = "memory"


if __name__ == "__main__":
    sys.exit(run(globals()))
