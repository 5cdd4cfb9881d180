#!/bin/sh
# What is installed is started by a session bus that has nothing else: org.weft.Weft, by its service
# file, which is asked to open traces by `weft view`. Under an X server and on a bus of its own.
# usage: activation_test.sh BUILD-DIRECTORY SOURCE-DIRECTORY
# shellcheck disable=SC2016
set -u
build=$1 lessons=$2/data/lessons
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT

meson install -C "$build" --no-rebuild --destdir "$top/root" >"$top/output" 2>&1 || {
    sed 's/^/# /' "$top/output"
    echo 'Bail out! it cannot be installed'
    exit 1
}
root=$top/root
service=$(find "$root" -name org.weft.Weft.service)
viewer=$(find "$root" -path '*/bin/weft-viewer')
# It names the place where it will be: here that is below another root.
sed -i "s|^Exec=|Exec=$root|" "$service"
grep -q "^Exec=$viewer " "$service" || echo "# $service does not name $viewer"
export GSK_RENDERER=cairo GDK_BACKEND=x11 GTK_A11Y=none GSETTINGS_BACKEND=memory GIO_USE_VFS=local LC_ALL=C.UTF-8 \
    XDG_DATA_DIRS="${service%/dbus-1/*}:/usr/share" XDG_DATA_HOME="$top/data" XDG_CACHE_HOME="$top/cache" \
    XDG_CONFIG_HOME="$top/config" XDG_STATE_HOME="$top/state" G_DEBUG=fatal-criticals
xvfb-run -a -s '-screen 0 1280x800x24' dbus-run-session -- sh -u -c '
number=0
verdict() {
    number=$((number + 1))
    if [ "$2" = 0 ]; then echo "ok $number $1"; else echo "not ok $number $1"; fi
}
bus() { gdbus call --session --timeout 60 --dest "$1" --object-path "$2" --method "$3" "$4"; }
app() { bus org.weft.Weft /org/weft/Weft "org.freedesktop.Application.$@"; }
echo 1..4
app Activate "{}" >/dev/null &&
    window=$(xdotool search --sync --onlyvisible --class weft | head -n 1)
verdict "/activation/the bus starts it, and it shows its window" $?
pid=$(bus org.freedesktop.DBus / org.freedesktop.DBus.GetConnectionUnixProcessID org.weft.Weft | tr -dc "0-9 " | cut -d" " -f2)
[ "$(readlink "/proc/$pid/exe")" = "$1" ]
verdict "/activation/it is the one that is installed" $?
timeout 60 "${1%-viewer}" view "$2/09-lock/trace.weft" && # it ends: the other one has it
    xdotool search --sync --name "^lock" >/dev/null && [ -d "/proc/$pid" ]
verdict "/activation/weft view hands over" $?
gdbus call --session --dest org.weft.Weft --object-path /org/weft/Weft \
    --method org.freedesktop.Application.ActivateAction quit "[]" "{}" >/dev/null
while [ -d "/proc/$pid" ]; do sleep 0.1; done
verdict "/activation/it quits" 0
' sh "$viewer" "$lessons" 2>"$top/errors" || sed 's/^/# /' "$top/errors"
