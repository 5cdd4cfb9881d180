"""usage: ./dev bench [--json] [NAME...]

Runs the benchmarks and judges them: every row of tests/bench/targets.txt with its figure, target, peers and verdict. It
takes some minutes. A NAME chooses the rows that begin with it, and only the programs that measure those run. Traces of
100 M events (some minutes, 700 MB in the temporary directory) are measured only when a NAME has _100M in it:
`./dev bench tracer.write_100M model.open_100M`. How the model grows is shown once more, one size beside the other:
`./dev bench model model.open_100M` has all sizes. --json prints one object. Exit code 1: a row missed its target, or no
benchmark printed it.
"""
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import echo
import lttng

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
PEERS = {"asyncio:": [PYTHON, str(HERE / "peers" / "asyncio_peer.py")],
         "node:": ["node", "--expose-gc", str(HERE / "peers" / "node_peer.mjs")]}
# Which program measures a row: by the beginning of its name.
MANY = ("sleep.", "many.", "growth.")
RUNTIME = ("task.", "future.", "queue.", "gather.", "wait_for.")
FILE = ("tracer.bytes", "tracer.decode", "tracer.recorder")
# WEFT_TRACE, and how the rows of that mode end.
MODES = {"off": "", "standby": ".standby", "flight": ".traced"}
TURNS = 5
EVENTS, TASKS, SECONDS = "10000000", "1000", "60"
LIVE = "model.live"
SEEN = ("frame.", "viewer.first_", "viewer.reopen_", "viewer.memory_")
TRACED = ("model.", *SEEN, "tracer.reopen_", "tracer.bytes_", "tracer.memory_", "tracer.write_")
ASKED = ("model.lock", "model.tracks", "model.follow", "model.rows", "model.why", "model.story", "model.parties")
# How many events and tasks, by how the names of a trace's rows end. A thousand tasks in 10M is asked everything.
TRACES = {"10M": (EVENTS, TASKS, SECONDS), "1M": (EVENTS[:-1], TASKS, SECONDS[:-1]),
          "1M_10k_tasks": (EVENTS[:-1], "10000", SECONDS[:-1]), "10M_10k_tasks": (EVENTS, "10000", SECONDS),
          "10M_1M_tasks": (EVENTS, "1000000", SECONDS), "100M": (EVENTS + "0", TASKS, SECONDS + "0"),
          "100M_10k_tasks": (EVENTS + "0", "10000", SECONDS + "0")}
GROWTH = "model.growth"
GROWING = ("model.open", "tracer.reopen", "tracer.bytes", "model.memory", "model.query", "model.query.cold",
           "model.query.exact", "model.state_at", "model.state_at.worst")
COUNT = "babeltrace2:count"
# The viewer's programs draw on a virtual display, without a GPU.
SCREEN = ["xvfb-run", "-a", "-s", "-screen 0 1920x1080x24"]
DRAWN = {"GSK_RENDERER": "cairo", "GDK_BACKEND": "x11", "GTK_A11Y": "none", "GSETTINGS_BACKEND": "memory"}
LARGE = "_100M"  # rows that are measured only when they are asked for by name


def run(command, environment=None, prefix="", aloud=False):
    """The figures that a program prints, as {name: (value, unit)}; {} when it fails, and says so. aloud: what it writes
    to stderr is passed on."""
    env = dict(os.environ, **(environment or {}))
    try:
        result = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"bench: {command[0]}: {error}", file=sys.stderr)
        return {}
    if result.returncode != 0:
        print(f"bench: {' '.join(command)} failed with {result.returncode}: "
              f"{result.stderr.strip()[-400:]}", file=sys.stderr)
    elif aloud:
        sys.stderr.write(result.stderr)
    figures = {}
    for line in result.stdout.splitlines():
        words = line.split()
        if len(words) == 3:
            try:
                figures[prefix + words[0]] = (float(words[1]), words[2])
            except ValueError:
                pass
    return figures


def mode_of(row):
    return next((mode for mode, ending in MODES.items() if ending and ending in row), "off")


class Bench:
    """The programs of one build, and which rows are wanted of them."""

    def __init__(self, build, targets, private):
        self.programs = build / "tests" / "bench"
        self.targets = targets
        self.environment = {"XDG_RUNTIME_DIR": private}

    def wants(self, *prefixes):
        return [t for t in self.targets if t[0].startswith(prefixes)]

    def weft(self, program, arguments=(), **environment):
        return run(echo.pinned([str(self.programs / program), *arguments], 1),
                   self.environment | environment)

    def tracer(self):
        """The tracer's rows, and LTTng's."""
        figures = {}
        if [t for t in self.wants(*FILE) if not t[0].startswith(TRACED)]:
            figures |= self.weft("weft-bench-trace")
        others = (*FILE, *TRACED)
        if [t for t in self.wants("tracer.") if not t[0].startswith(others)]:
            figures |= self.weft("weft-bench-tracer", WEFT_TRACE="flight")
        if any(p.startswith("lttng:") for t in self.targets for p in t[4]):
            figures |= lttng.measure(self.programs / "weft-bench-lttng")
        return figures

    def runtime(self):
        """The runtime's rows in each mode, and its peers'."""
        rows = self.wants(*RUNTIME, *MANY, "to_thread.")
        figures = {}
        for program, prefixes in (("weft-bench-runtime", RUNTIME), ("weft-bench-many", MANY)):
            for mode, ending in MODES.items():
                names = [t[0].replace(ending, "") for t in rows
                         if t[0].startswith(prefixes) and mode_of(t[0]) == mode]
                if names:
                    figures |= self.weft(program, names, WEFT_TRACE=mode)
        if self.wants("to_thread."):
            figures |= self.to_thread()
        for peer, command in PEERS.items():
            names = [p.removeprefix(peer) for t in rows for p in t[4] if p.startswith(peer)]
            if names and not shutil.which(command[0]):
                print(f"bench: {command[0]} is not installed: its figures are left out",
                      file=sys.stderr)
            elif names:
                figures |= run(echo.pinned([*command, *names], 1), prefix=peer)
        if any("uv:" in p for t in rows for p in t[4]):
            figures |= run(echo.pinned([str(self.programs / "weft-bench-uv")], 1), prefix="uv:")
        return figures

    def to_thread(self):
        """By the clock on the wall, so untraced and traced take turns, and the best round counts."""
        name, best = "to_thread.round_trip", {}
        for _ in range(TURNS):
            for mode in ("off", "flight"):
                for row, value in self.weft("weft-bench-runtime", [name], WEFT_TRACE=mode).items():
                    best[row] = min(value, best.get(row, value))
        if len(best) == 2:
            best["to_thread.traced"] = (best[name + ".traced"][0] / best[name][0], "x")
        return best

    def trace(self, scratch, size):
        """What writes and reads a trace of TRACES: its file, and its figures."""
        trace = os.path.join(scratch, size + ".weft")
        events, tasks, seconds = TRACES[size]
        written = self.weft("weft-generate", [events, tasks, trace, seconds])
        names = {"write.cpu_per_event": f"tracer.write_{size}", "write.memory": f"tracer.write_{size}.memory"}
        figures = {names[name]: value for name, value in written.items()}
        if self.wants(f"viewer.first_{size}"):
            figures |= self.start(f"viewer.first_{size}", trace)
        figures |= self.weft("weft-bench-model", [trace, size])
        if self.wants(f"viewer.reopen_{size}"):
            figures |= self.start(f"viewer.reopen_{size}", trace)
        if self.wants(f"viewer.memory_{size}") or [t for t in self.wants("frame.") if size_of(t[0]) == size]:
            figures |= self.drawn("weft-bench-frame", [trace, size])
        return trace, figures

    def drawn(self, program, arguments):
        """The figures of a program of the viewer's; what it says of how they spread is passed on."""
        return run([*SCREEN, str(self.programs / program), *arguments], self.environment | DRAWN, aloud=True)

    def start(self, row, *trace):
        """From the command until something is seen, as medians; no recent files are remembered."""
        program = str(self.programs / "weft-bench-start")
        with tempfile.TemporaryDirectory(dir=self.environment["XDG_RUNTIME_DIR"]) as home:
            environment = self.environment | DRAWN | {"XDG_DATA_HOME": home, "XDG_CACHE_HOME": home}
            turns = [run([*SCREEN, program, row, *trace], environment) for _ in range(TURNS)]
        return {name: sorted(turn[name] for turn in turns if name in turn)[TURNS // 2]
                for name in turns[0] if all(name in turn for turn in turns)}

    def viewer(self, scratch):
        """How the window answers, with a trace of 100,000 tasks."""
        trace = os.path.join(scratch, "tasks.weft")
        self.weft("weft-generate", ["2000000", "100000", trace, "4"])
        return self.drawn("weft-bench-viewer", [trace])

    def ps(self):
        """`weft ps PID` on 10,000 tasks, from start to end, as somebody waits for it: the median."""
        tests = self.programs.parent
        environment = os.environ | self.environment
        with subprocess.Popen([tests / "cli" / "cli-waits", "many", "10000"], env=environment,
                              stdout=subprocess.PIPE) as program:
            try:
                program.stdout.readline()
                time.sleep(0.2)  # a younger one's clock is not known well: weft waits for it
                times = []
                for _ in range(9):
                    begin = time.perf_counter()
                    subprocess.run([self.programs.parents[1] / "app" / "weft", "ps", str(program.pid)],
                                   env=environment, stdout=subprocess.DEVNULL, check=True)
                    times.append(time.perf_counter() - begin)
            finally:
                program.kill()
        return {"cli.ps": (sorted(times)[4] * 1e3, "ms")}

    def replays(self, scratch):
        """10,000 steps of a loop with 10,000 tasks, told; and single steps, seen."""
        trace = os.path.join(scratch, "steps.weft")
        figures = {}
        if self.wants("replay.narrative"):
            self.weft("weft-generate", ["1000000", "10000", trace, "2"])
            figures |= self.weft("weft-bench-narrative", [trace])
        for size in ("10M", "10M_10k_tasks"):
            if any(t[0].endswith("_" + size) for t in self.wants("replay.")):
                events, tasks, seconds = TRACES[size]
                self.weft("weft-generate", [events, tasks, trace, seconds])
                figures |= self.weft("weft-bench-dispatch", [trace, size])
        return figures

    def wants_trace(self, size):
        """Whether a row is measured on this trace. What an event costs in a larger one is held against that of 1M."""
        sizes = [size_of(t[0]) for t in self.wants(*TRACED) if not t[0].startswith(LIVE)]
        return size in sizes or (size == "1M" and self.wants(GROWTH))

    def models(self, scratch):
        """What reads traces: of 1 M, 10 M and 100 M events, to see how that grows."""
        figures = {}
        if self.wants(LIVE):
            figures |= self.weft("weft-bench-live")
        for size in TRACES:
            if not self.wants_trace(size):
                continue
            trace, more = self.trace(scratch, size)
            figures |= more
            if size == "10M" and self.wants(*ASKED):
                figures |= self.weft("weft-bench-ask", [trace])
            os.unlink(trace)
        figures |= growth(figures)
        if any(COUNT in t[4] for t in self.targets):
            figures |= self.babeltrace2(scratch)
        return figures

    def babeltrace2(self, scratch):
        """The same 10 M events in CTF, 32 bytes each as LTTng writes them: the seconds to count them."""
        if not shutil.which("babeltrace2"):
            print("bench: babeltrace2 is not installed: its figure is left out", file=sys.stderr)
            return {}
        trace = os.path.join(scratch, "ctf")
        run([str(self.programs / "weft-generate-ctf"), EVENTS, TASKS, trace, SECONDS])
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = subprocess.run(["babeltrace2", trace, "--component=sink.utils.counter"],
                                capture_output=True, text=True, timeout=600)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        shutil.rmtree(trace, ignore_errors=True)
        if result.returncode != 0 or f"{EVENTS} Event messages" not in result.stdout.replace(",", ""):
            print(f"bench: babeltrace2: {(result.stderr + result.stdout).strip()[-400:]}", file=sys.stderr)
            return {}
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {COUNT: (seconds, "s")}


def size_of(row):
    """Which of TRACES it is measured on: as its name ends, or else 10M."""
    ends = [size for size in TRACES if row.removesuffix(".memory").endswith("_" + size)]
    return max(ends, key=len, default="10M")


def growth(figures):
    """An event's cost in a large trace, against that in one of 1 M."""
    each = {size: figures[f"model.open_{size}M"][0] / size for size in (1, 10, 100)
            if f"model.open_{size}M" in figures}
    return {f"{GROWTH}_{size}M": (value / each[1], "x") for size, value in each.items() if 1 in each}


def measure(build, targets):
    """Runs only the programs that measure a wanted row."""
    figures = {}
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as scratch:
        memory = "/dev/shm" if os.path.isdir("/dev/shm") else scratch
        with tempfile.TemporaryDirectory(prefix="weft-bench-", dir=memory) as private:
            bench = Bench(build, targets, private)
            if bench.wants("tracer."):
                figures |= bench.tracer()
            if bench.wants(*RUNTIME, *MANY, "to_thread."):
                figures |= bench.runtime()
            if bench.wants("echo."):
                figures |= echo.measure(bench.programs, bench.environment, PYTHON)
            if bench.wants("cli."):
                figures |= bench.ps()
            if bench.wants("replay."):
                figures |= bench.replays(private)
            if bench.wants("viewer.stall", "viewer.table"):
                figures |= bench.viewer(scratch)
            if bench.wants("viewer.start"):
                figures |= bench.start("viewer.start")
            if bench.wants(*TRACED):
                figures |= bench.models(scratch)
    return figures


def read_targets():
    for line in (HERE / "targets.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, bound, unit, peer = line.split()
            yield name, bound[:2], float(bound[2:]), unit, [] if peer == "-" else peer.split(",")


def judge(targets, figures):
    rows = []
    for name, relation, bound, unit, peers in targets:
        value = figures.get(name, (None, unit))[0]
        met = value is not None and (value <= bound if relation == "<=" else value >= bound)
        rows.append({
            "name": name, "value": value, "unit": unit, "target": f"{relation} {bound:g}",
            "peers": {peer: figures[peer][0] for peer in peers if peer in figures},
            "verdict": "missing" if value is None else "met" if met else "missed"})
    return rows


def figure(value):
    return "-" if value is None else f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}"


def show(rows):
    print(f"{'':34} {'figure':>10}  {'target':>10} {'unit':<10} {'verdict':<8} peers")
    for row in rows:
        peers = ", ".join(f"{name} {figure(value)}" for name, value in row["peers"].items())
        print(f"{row['name']:34} {figure(row['value']):>10}  {row['target']:>10} {row['unit']:<10} "
              f"{row['verdict']:<8} {peers}")


def show_growth(figures):
    """The same figure of each size, in one line; the sizes are those measured, at least two of them."""
    sizes = [size for events in ("1M", "10M", "100M") for size in TRACES
             if size.split("_")[0] == events and f"model.open_{size}" in figures]
    if len(sizes) < 2:
        return
    print(f"\n{'as it grows':34}", *(f"{size.replace('_tasks', ''):>9}" for size in sizes))
    for name in GROWING:
        values = [figures.get(f"{name}_{size}", (None, "")) for size in sizes]
        unit = next((unit for value, unit in values if value is not None), "")
        print(f"{name:34}", *(f"{figure(value):>9}" for value, _ in values), unit)


def main():
    arguments = sys.argv[2:]
    if "--help" in arguments:
        print(__doc__.strip())
        return 0
    as_json = "--json" in arguments
    names = [a for a in arguments if a != "--json"]
    targets = [t for t in read_targets() if not names or t[0].startswith(tuple(names))]
    if not any(LARGE in name for name in names):
        targets = [t for t in targets if LARGE not in t[0]]
    if not targets:
        print(f"bench: no row is named {' or '.join(names)}", file=sys.stderr)
        return 2
    figures = measure(pathlib.Path(sys.argv[1]), targets)
    rows = judge(targets, figures)
    if as_json:
        print(json.dumps({"rows": rows}, indent=1))
    else:
        show(rows)
        show_growth(figures)
    return 0 if all(row["verdict"] == "met" for row in rows) else 1


sys.exit(main())
