#!/bin/sh
# The files that a desktop reads, each judged by the desktop's own validator. TAP.
data=$1
number=0

verdict() {
    number=$((number + 1))
    name=$1
    shift
    if said=$("$@" 2>&1); then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        printf '%s\n' "$said" | sed 's/^/# /'
    fi
}

mime_is_known() {
    home=$(mktemp -d) || return 1
    mkdir -p "$home/mime/packages"
    cp "$data/org.weft.Weft.mime.xml" "$home/mime/packages/"
    update-mime-database "$home/mime"
    rc=$?
    grep -q application/vnd.weft.trace "$home/mime/globs2" || rc=1
    # By its first bytes, too: a trace may have any name.
    cp "$data/lessons/09-lock/trace.weft" "$home/a file"
    XDG_DATA_HOME=$home XDG_DATA_DIRS=$home gio info -a standard::content-type "$home/a file" |
        grep application/vnd.weft.trace || rc=1
    rm -rf "$home"
    return $rc
}

settings_are_strict() {
    into=$(mktemp -d) || return 1
    glib-compile-schemas --strict --targetdir="$into" "$data/settings"
    rc=$?
    rm -rf "$into"
    return $rc
}

# It is drawn, at the size at which it is seen, and something is there.
icon_is_drawn() {
    /usr/bin/python3 - "$1" <<'END'
import sys
import gi
gi.require_version("GdkPixbuf", "2.0")
from gi.repository import GdkPixbuf
pixels = GdkPixbuf.Pixbuf.new_from_file_at_size(sys.argv[1], 64, 64)
assert (pixels.get_width(), pixels.get_height()) == (64, 64), "it is not square"
assert len(set(pixels.get_pixels())) > 2, "nothing is drawn"
END
}

verdict 'desktop entry' desktop-file-validate "$data/org.weft.Weft.desktop"
verdict 'metainfo' appstreamcli validate --no-net "$data/org.weft.Weft.metainfo.xml"
verdict 'MIME type' mime_is_known
verdict 'settings' settings_are_strict
verdict 'icon' icon_is_drawn "$data/icons/org.weft.Weft.svg"
verdict 'symbolic icon' icon_is_drawn "$data/icons/org.weft.Weft-symbolic.svg"
echo "1..$number"
