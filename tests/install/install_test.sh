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
    PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=$(dirname "$(find "$root" -name weft.pc)") pkg-config "$@" weft
}

installs() {
    meson install -C "$build" --no-rebuild --destdir "$top/root" --tags devel,runtime
    root=$top/root
    libraries=$(dirname "$(find "$root" -name libweft.so)")
    [ -n "$libraries" ]
}

# Every warning, as a careful program has them on.
builds_shared() {
    for compiler in ${CC:-cc} clang; do
        command -v "$compiler" >/dev/null || continue
        # shellcheck disable=SC2046
        "$compiler" -std=gnu11 -Wall -Wextra -Wshadow -Werror $(pkgconfig --cflags) "$here/example.c" \
            -o "$top/shared" $(pkgconfig --libs) || return 1
        said=$(LD_LIBRARY_PATH=$libraries "$top/shared") && [ "$said" = '4 8' ] || return 1
    done
}

builds_static() {
    # shellcheck disable=SC2046
    ${CC:-cc} -std=gnu11 $(pkgconfig --cflags) "$here/example.c" -o "$top/static" "$libraries/libweft.a" \
        $(pkg-config --libs libuv) -pthread &&
        said=$("$top/static") && [ "$said" = '4 8' ]
}

# Nothing but weft.h's own names; those with two underscores only where its macros use them.
exports_only_the_header() {
    headers=$(find "$root" -name '*.h')
    for symbol in $(nm -D --defined-only "$libraries/libweft.so" | awk '{ print $3 }'); do
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

echo 1..5
try '/install/installs' installs
try '/install/shared library' builds_shared
try '/install/static library' builds_static
try '/install/exports only the header' exports_only_the_header
try '/install/is recorded' is_recorded
