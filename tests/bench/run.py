"""Runs the benchmarks and judges them: every row of targets.txt with its figure, target, peer and verdict.

A row that no benchmark printed is a failure. `--json` prints one object; names choose rows by prefix.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"
EVENTS, TASKS, SECONDS = "10000000", "1000", "60"


def run(command, environment=None, prefix=""):
    """The figures that a program prints, as {name: (value, unit)}; {} when it fails, and says so."""
    env = dict(os.environ, **(environment or {}))
    try:
        result = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"bench: {command[0]}: {error}", file=sys.stderr)
        return {}
    if result.returncode != 0:
        print(f"bench: {' '.join(command)} failed with {result.returncode}: "
              f"{result.stderr.strip()[-400:]}", file=sys.stderr)
    figures = {}
    for line in result.stdout.splitlines():
        words = line.split()
        if len(words) == 3:
            try:
                figures[prefix + words[0]] = (float(words[1]), words[2])
            except ValueError:
                pass
    return figures


def pinned(command):
    return ["taskset", "-c", "1"] + command if (os.cpu_count() or 1) > 1 else command


def measure(build, wanted):
    """Runs only the programs that measure a wanted row."""
    bench = build / "tests" / "bench"
    figures = {}

    def wants(*prefixes):
        return any(name.startswith(prefixes) for name in wanted)

    with tempfile.TemporaryDirectory(prefix="weft-bench-") as scratch:
        runtime = {"XDG_RUNTIME_DIR": "/dev/shm" if os.path.isdir("/dev/shm") else scratch}
        private = tempfile.mkdtemp(prefix="weft-bench-", dir=runtime["XDG_RUNTIME_DIR"])
        environment = {"XDG_RUNTIME_DIR": private}
        try:
            if wants("event."):
                figures |= run(pinned([str(bench / "weft-bench-event")]),
                               environment | {"WEFT_TRACE": "flight"})
            if wants("task.", "future.", "gather.", "echo."):
                figures |= run(pinned([str(bench / "weft-bench-runtime")]),
                               environment | {"WEFT_TRACE": "off"})
                figures |= run(pinned([PYTHON, str(HERE / "peers" / "asyncio_peer.py")]),
                               prefix="asyncio:")
            if wants("file.", "record."):
                figures |= run(pinned([str(bench / "weft-bench-trace")]), environment)
            if wants("model.", "frame."):
                trace = os.path.join(scratch, "10M.weft")
                run([str(bench / "weft-generate"), EVENTS, TASKS, trace, SECONDS])
                if wants("model."):
                    figures |= run(pinned([str(bench / "weft-bench-model"), trace]), environment)
                if wants("frame."):
                    figures |= run(pinned([str(bench / "weft-bench-frame"), trace]),
                                   environment | {"GSK_RENDERER": "cairo"})
        finally:
            subprocess.run(["rm", "-rf", private], check=False)
    return figures


def read_targets():
    for line in (HERE / "targets.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, bound, unit, peer = line.split()
            yield name, bound[:2], float(bound[2:]), unit, None if peer == "-" else peer


def judge(targets, figures):
    rows = []
    for name, relation, bound, unit, peer in targets:
        value = figures.get(name, (None, unit))[0]
        met = value is not None and (value <= bound if relation == "<=" else value >= bound)
        rows.append({
            "name": name, "value": value, "unit": unit, "target": f"{relation} {bound:g}",
            "peer": peer, "peer_value": figures.get(peer, (None,))[0] if peer else None,
            "verdict": "missing" if value is None else "met" if met else "missed"})
    return rows


def show(rows):
    print(f"{'':26} {'figure':>12}  {'target':>10} {'unit':<10} {'peer':>12}  verdict")
    for row in rows:
        value = "-" if row["value"] is None else f"{row['value']:,.4g}" \
            if row["value"] < 1e4 else f"{row['value']:,.0f}"
        peer = "" if row["peer_value"] is None else f"{row['peer_value']:,.1f}"
        source = f"  ({row['peer']})" if row["peer_value"] is not None else ""
        print(f"{row['name']:26} {value:>12}  {row['target']:>10} {row['unit']:<10} {peer:>12}  "
              f"{row['verdict']}{source}")


def main():
    arguments = sys.argv[2:]
    as_json = "--json" in arguments
    names = [a for a in arguments if a != "--json"]
    targets = [t for t in read_targets() if not names or t[0].startswith(tuple(names))]
    if not targets:
        print(f"bench: no row is named {' or '.join(names)}", file=sys.stderr)
        return 2
    figures = measure(pathlib.Path(sys.argv[1]), [t[0] for t in targets])
    rows = judge(targets, figures)
    if as_json:
        print(json.dumps({"rows": rows}, indent=1))
    else:
        show(rows)
    return 0 if all(row["verdict"] == "met" for row in rows) else 1


sys.exit(main())
