#!/bin/sh
# Installs Weft into a directory of its own and uses it from there, as a program outside the tree does.
# usage: install_test.sh BUILD-DIRECTORY SOURCE-DIRECTORY
set -u
build=$1 here=$2/tests/install
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
number=0

try() { # try NAME COMMAND…
    name=$1
    shift
    number=$((number + 1))
    if "$@" >"$top/output" 2>&1; then
        echo "ok $number $name"
    else
        echo "not ok $number $name"
        sed 's/^/# /' "$top/output"
    fi
}

root=
pkgconfig() {
    PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=$(dirname "$(find "$root" -name weft.pc)") pkg-config "$@"
}

installs() {
    meson install -C "$build" --no-rebuild --destdir "$top/root" --tags devel,runtime,lessons
    root=$top/root
    libraries=$(dirname "$(find "$root" -name libweft.so)")
    [ -n "$libraries" ]
}

# Every warning, as a careful program has them on.
builds_shared() {
    for compiler in ${CC:-cc} clang; do
        command -v "$compiler" >/dev/null || continue
        # shellcheck disable=SC2046
        "$compiler" -std=gnu11 -Wall -Wextra -Wshadow -Werror $(pkgconfig --cflags weft) "$here/example.c" \
            -o "$top/shared" $(pkgconfig --libs weft) || return 1
        said=$(LD_LIBRARY_PATH=$libraries "$top/shared") && [ "$said" = '4 8' ] || return 1
    done
}

builds_static() {
    # shellcheck disable=SC2046
    ${CC:-cc} -std=gnu11 $(pkgconfig --cflags weft) "$here/example.c" -o "$top/static" "$libraries/libweft.a" \
        $(pkg-config --libs libuv) -pthread &&
        said=$("$top/static") && [ "$said" = '4 8' ]
}

# The probe alone: no libuv, and no warning either.
builds_probe() {
    for compiler in ${CC:-cc} clang; do
        command -v "$compiler" >/dev/null || continue
        # shellcheck disable=SC2046
        "$compiler" -std=gnu11 -Wall -Wextra -Wshadow -Werror $(pkgconfig --cflags weft-probe) "$here/said.c" \
            -o "$top/said" $(pkgconfig --libs weft-probe) || return 1
        said=$(LD_LIBRARY_PATH=$libraries "$top/said") && [ "$said" = 3 ] || return 1
    done
    # shellcheck disable=SC2046
    ${CC:-cc} -std=gnu11 $(pkgconfig --cflags weft-probe) "$here/said.c" -o "$top/said-static" \
        "$libraries/libweft-probe.a" -pthread &&
        said=$("$top/said-static") && [ "$said" = 3 ] && ! ldd "$top/said" "$top/said-static" | grep libuv
}

# Nothing but the headers' own names; those with two underscores only where their macros use them.
exports_only_the_header() {
    headers=$(find "$root" -name '*.h')
    for symbol in $(nm -D --defined-only "$libraries/libweft.so" "$libraries/libweft-probe.so" | awk 'NF == 3 { print $3 }'); do
        # shellcheck disable=SC2086
        grep -qw "$symbol" $headers || {
            echo "exported, but in no header: $symbol"
            return 1
        }
    done
}

is_recorded() {
    WEFT_TRACE=stream LD_LIBRARY_PATH=$libraries "$(find "$root" -path '*/bin/weft')" \
        record -o "$top/example.weft" -- "$top/shared" &&
        "$(find "$root" -path '*/bin/weft')" dump "$top/example.weft" | grep -q again
}

said_is_recorded() {
    for said in said said-static; do
        WEFT_TRACE=stream LD_LIBRARY_PATH=$libraries "$(find "$root" -path '*/bin/weft')" \
            record -o "$top/$said.weft" -- "$top/$said" &&
            "$(find "$root" -path '*/bin/weft')" dump "$top/$said.weft" >"$top/dump" || return 1
        cat "$top/dump"
        [ "$(grep -cE 'SPAN_(BEGIN|END).*"?serve"?.*said.c:8' "$top/dump")" = 6 ] &&
            grep -q 'MARK.*request 2.*said.c:9' "$top/dump" &&
            grep -q 'COUNTER.*served.*3.*said.c:17' "$top/dump" || return 1
    done
}

# One that runs already, and was not prepared for it.
watched_is_recorded() {
    # shellcheck disable=SC2046
    ${CC:-cc} -std=gnu11 -Wall -Wextra -Wshadow -Werror $(pkgconfig --cflags weft-probe) "$here/watched.c" \
        -o "$top/watched" $(pkgconfig --libs weft-probe) || return 1
    mkfifo "$top/input" "$top/says" || return 1
    LD_LIBRARY_PATH=$libraries "$top/watched" <"$top/input" >"$top/says" &
    watched=$!
    exec 3>"$top/input" 4<"$top/says"
    read -r said <&4 && [ "$said" = ready ] &&
        "$(find "$root" -path '*/bin/weft')" record -o "$top/watched.weft" --duration 0.2 --pid $watched
    recorded=$?
    exec 3>&- 4<&-
    wait $watched && [ $recorded = 0 ] &&
        "$(find "$root" -path '*/bin/weft')" dump "$top/watched.weft" >"$top/dump" &&
        grep -q 'SPAN_BEGIN.*turn.*watched.c:14' "$top/dump" && grep -q 'COUNTER.*turns.*watched.c:15' "$top/dump"
}

# Those that are installed, with their programs; and one of one's own, which is compiled.
lessons_are_told_and_run() {
    weft=$(find "$root" -path '*/bin/weft')
    unset WEFT_LESSONS
    export XDG_DATA_HOME="$top/data" XDG_STATE_HOME="$top/state" XDG_CACHE_HOME="$top/cache"
    mkdir -p "$top/data/weft/lessons" &&
        cp -r "$(find "$root" -name 01-hello-world)" "$top/data/weft/lessons/21-mine" &&
        "$weft" lessons tell lock --variant same-order | grep 'Bob awaits lock fork: Ada holds it' &&
        "$weft" lessons run cancel | grep 'cancel_me ends, cancelled' &&
        PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=$(dirname "$(find "$root" -name weft.pc)") \
            LD_LIBRARY_PATH=$libraries "$weft" lessons run mine >"$top/said" &&
        grep 'Hello ...' "$top/said" && grep 'Task-1 is done' "$top/said" &&
        "$weft" lessons check "$top/data/weft/lessons"
}

echo 1..9
try '/install/installs' installs
try '/install/shared library' builds_shared
try '/install/static library' builds_static
try '/install/probe without libuv' builds_probe
try '/install/exports only the header' exports_only_the_header
try '/install/is recorded' is_recorded
try '/install/what a program says is recorded' said_is_recorded
try '/install/a program without a loop is recorded while it runs' watched_is_recorded
try '/install/lessons are told and run' lessons_are_told_and_run
