#!/bin/sh
# Runs one test program under valgrind: any error or definite leak fails it.
# One thread runs at a time: without fair-sched one that spins may keep the others from it for minutes.
# A handler of SIGBUS that goes on (tracer/trace/guard.c) needs the registers of the load that faults.
exact=
case $1 in */trace/*) exact=--vex-iropt-register-updates=allregs-at-mem-access ;; esac
# shellcheck disable=SC2086
exec valgrind $exact --fair-sched=try --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
    --suppressions="$(dirname "$0")/valgrind.supp" "$@"
