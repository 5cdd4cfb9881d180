"""LTTng-UST beside Weft's own events: a session of its own, of a daemon of its own unless one runs already."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import echo

EVENTS = 100000


def quiet(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


class Daemon:
    """lttng-sessiond: started when none answers, and then ended."""

    def __init__(self, environment):
        self.process = None
        if quiet("lttng", "--no-sessiond", "list", env=environment).returncode == 0:
            return
        self.process = subprocess.Popen(["lttng-sessiond", "--no-kernel", "--quiet"],
                                        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            if quiet("lttng", "--no-sessiond", "list", env=environment).returncode == 0:
                return
            time.sleep(0.05)

    def end(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


def session(name, directory, channel, command, environment):
    """Runs the command with its events recorded into the directory; its output, or None."""
    steps = [["create", name, f"--output={directory}"],
             ["enable-channel", "--userspace", "--session=" + name, *channel, "events"],
             ["enable-event", "--userspace", "--session=" + name, "--channel=events", "weft_bench:event"],
             ["start", name]]
    try:
        for step in steps:
            result = quiet("lttng", "--no-sessiond", *step, env=environment)
            if result.returncode != 0:
                print(f"bench: lttng {step[0]}: {(result.stderr + result.stdout).strip()[-200:]}", file=sys.stderr)
                return None
        output = quiet(*command, env=environment).stdout
        quiet("lttng", "--no-sessiond", "stop", name, env=environment)
        return output
    finally:
        quiet("lttng", "--no-sessiond", "destroy", name, env=environment)


def cost(output):
    words = (output or "").split()
    return {words[0]: (float(words[1]), words[2])} if len(words) == 3 else {}


def measure(program):
    """Figures of LTTng's, {} and a printed reason where it cannot be had."""
    if not program.exists() or not shutil.which("lttng") or not shutil.which("lttng-sessiond"):
        print("bench: lttng-tools or liblttng-ust-dev is not installed: LTTng's figures are left out "
              "(./dev deps installs them)", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory(prefix="weft-lttng-") as home:
        environment = dict(os.environ, LTTNG_HOME=home, LTTNG_UST_REGISTER_TIMEOUT="3000")
        figures = cost(quiet(*echo.pinned([str(program), "lttng:disabled"], 1), env=environment).stdout)
        daemon = Daemon(environment)
        try:
            name = f"weft-bench-{os.getpid()}"
            figures |= cost(session(name, home + "/ring", ["--overwrite"],
                                    echo.pinned([str(program), "lttng:event"], 1), environment))
            written = pathlib.Path(home, "all")
            if session(name, written, ["--subbuf-size=4M", "--num-subbuf=4"],
                       [str(program), "all", str(EVENTS)], environment) is not None:
                size = sum(f.stat().st_size for f in written.rglob("events_*") if f.is_file())
                figures["lttng:bytes"] = (size / EVENTS, "B")
        finally:
            daemon.end()
    return figures
