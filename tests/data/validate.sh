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
    rm -rf "$home"
    return $rc
}

verdict 'desktop entry' desktop-file-validate "$data/org.weft.Weft.desktop"
verdict 'metainfo' appstreamcli validate --no-net "$data/org.weft.Weft.metainfo.xml"
verdict 'MIME type' mime_is_known
verdict 'icon' /usr/bin/python3 -c "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])" \
    "$data/icons/org.weft.Weft.svg"
verdict 'symbolic icon' /usr/bin/python3 -c "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])" \
    "$data/icons/org.weft.Weft-symbolic.svg"
echo "1..$number"
