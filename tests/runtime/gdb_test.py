#!/usr/bin/python3
"""runtime/weft-gdb.py on a live program and on a core file. Usage: gdb_test.py PROGRAM SCRIPT"""

import os
import re
import subprocess
import sys
import tempfile

program, script = map(os.path.abspath, sys.argv[1:3])
number = 0
os.environ["WEFT_TRACE"] = "off"  # the program is killed, and would leave its segment


def gdb(*commands, core=()):
    arguments = ["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-x", script]
    for command in commands:
        arguments += ["-ex", command]
    run = subprocess.run(arguments + [program, *core], stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    return run.stdout


def check(name, output, *patterns, never=()):
    global number
    number += 1
    missing = [p for p in patterns if not re.search(p, output, re.M | re.S)]
    wrong = [p for p in never if re.search(p, output, re.M)]
    print("%sok %d /runtime/gdb/%s" % ("not " if missing or wrong else "", number, name))
    for p in missing:
        print("# missing:", p)
    for p in wrong:
        print("# unexpected:", p)
    if missing or wrong:
        print("\n".join("# " + line for line in output.splitlines()[-60:]))


STATES = (r"^ *\d+  waiter +waiting +\S*gdb_program.c:\d+( < \S+:\d+){4}", r"^ *\d+  busy +ready +\S+:\d+",
          r"^ *\d+  fresh +new +created at \S+:\d+", r"^ *\d+  \S+ +running")
STACK = (r"^#1 .*weft__", r" waits_deep \(depth=\S*0.* waits_deep \(depth=\S*3.* waits \(", r" start \(\)")

with tempfile.TemporaryDirectory() as directory:
    os.chdir(directory)
    stop = ("break checkpoint", "run")
    print("1..6")
    check("tasks", gdb(*stop, "weft tasks", "kill"), *STATES)
    check("bt", gdb(*stop, "weft bt waiter", "bt", "kill"), *STACK, r"^#0 +checkpoint.*^#1 .* stops",
          never=(r"corrupt stack", r"Backtrace stopped"))
    check("task", gdb(*stop, "weft task waiter", "up 4", "info locals", "weft task", "kill"),
          r"waits_deep \(.*^depth = 0|waits_deep.*checkpoint")
    check("no such task", gdb(*stop, "weft bt nobody", "kill"), r"no task is called nobody")
    check("goes on", gdb(*stop, "weft bt waiter", "continue"), r"exited normally|exited with code 01")
    os.environ["WEFT_GUARD"] = "mprotect"  # gdb cannot read past the other kind: see weft-gdb.py
    gdb(*stop, "generate-core-file %s/core" % directory, "kill")
    core = gdb("weft tasks", "weft bt waiter", core=("core",))
    check("core file", core, *STATES, *STACK)
