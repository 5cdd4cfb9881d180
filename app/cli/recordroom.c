/* recordroom.c: see recordroom.h. Rings are files in the runtime directory, which mostly is a
 * tmpfs: then what is free in memory bounds them, whatever the file system's own limit. */
#include "app/cli/recordroom.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "tracer/probe/session.h"

#include <linux/magic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/statfs.h>

static const guint64 smallest_segment = 2 << 20; /* its tables, and a ring */

struct room {
    char directory[512];
    guint64 bytes;
    gboolean memory; /* it is memory that is short, not the file system */
};

/* What programs can have without pushing others out; G_MAXUINT64: not known. */
static guint64 available_memory(void)
{
    FILE *file = fopen("/proc/meminfo", "re");
    guint64 kib = 0, available = G_MAXUINT64;
    for (char line[128]; file && fgets(line, sizeof line, file);)
        if (sscanf(line, "MemAvailable: %" G_GINT64_MODIFIER "u kB", &kib) == 1)
            available = kib * 1024;
    if (file)
        fclose(file);
    return available;
}

static gboolean look(struct room *room)
{
    struct statfs fs;
    if (weft_probe_directory(room->directory, sizeof room->directory) < 0 ||
        statfs(room->directory, &fs) < 0)
        return FALSE;
    guint64 memory = fs.f_type == TMPFS_MAGIC ? available_memory() : G_MAXUINT64;
    guint64 space = (guint64)fs.f_bavail * (guint64)fs.f_bsize;
    room->memory = memory < space;
    room->bytes = MIN(memory, space);
    return TRUE;
}

gboolean recordroom_check(guint64 ring_size)
{
    const char *named = g_getenv("XDG_RUNTIME_DIR");
    struct room room;
    if (!look(&room))
        return TRUE; /* weft_recorder_new() says why */
    if (named && *named && *named != '/')
        output_message("XDG_RUNTIME_DIR '%s' is no absolute path: rings are in %s instead", named,
                       room.directory);
    if (ring_size <= room.bytes)
        return TRUE;
    g_autofree char *wanted = quantity_format_size(ring_size);
    g_autofree char *left = quantity_format_size(room.bytes);
    output_message(room.memory ? "--ring-size is %s for each loop, but %s has room for %s: that "
                                 "much memory is free"
                               : "--ring-size is %s for each loop, but %s has room for %s",
                   wanted, room.directory, left);
    return FALSE;
}

static gboolean say_no_room(const char *name)
{
    struct room room;
    if (!look(&room) || room.bytes >= smallest_segment)
        return FALSE;
    g_autofree char *left = quantity_format_size(room.bytes);
    output_message("%s could not write events: %s is full (%s left); make room there, or let "
                   "XDG_RUNTIME_DIR name another place",
                   name, room.directory, left);
    return TRUE;
}

/* RLIMIT_FSIZE, which the program has from weft, is for rings too. */
static gboolean say_small_limit(const char *name)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur >= smallest_segment)
        return FALSE;
    g_autofree char *most = quantity_format_size(limit.rlim_cur);
    output_message("%s could not write events: no file may be larger than %s; raise `ulimit -f`",
                   name, most);
    return TRUE;
}

gboolean recordroom_say(const char *name)
{
    return say_no_room(name) || say_small_limit(name);
}
