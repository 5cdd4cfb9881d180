#!/bin/sh
# Runs one test program under valgrind: any error or definite leak fails it. A script's interpreter is
# not ours.
case $1 in */python3) exec "$@" ;; esac
exec valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
    --suppressions="$(dirname "$0")/valgrind.supp" "$@"
