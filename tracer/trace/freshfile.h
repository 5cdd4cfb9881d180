/* freshfile.h: a file that has its name only when it is whole: written under another name beside
 * it, and renamed. What was there before stays until then, or for good.
 *
 * A device or a pipe has no other name: it is written as it is. A symbolic link stays one. */
#ifndef WEFT_TRACE_FRESHFILE_H
#define WEFT_TRACE_FRESHFILE_H

#include <glib.h>

G_BEGIN_DECLS

struct weft_freshfile {
    char *path;      /* links followed */
    char *temporary; /* NULL: it is written as it is */
};

/* Begins it: a descriptor to write to, which is the caller's to close, or -1 and errno. */
int weft_freshfile_open(struct weft_freshfile *file, const char *path);
/* All is written: it gets its name. 0 or -1 and errno. */
int weft_freshfile_commit(struct weft_freshfile *file);
/* Removes what has no name yet, and forgets the file. After open, whether that failed or not. */
void weft_freshfile_clear(struct weft_freshfile *file);

/* A whole file at once. The error, a G_FILE_ERROR, says `path` and why. */
gboolean weft_freshfile_write(const char *path, const void *bytes, gsize size, GError **error);

G_END_DECLS

#endif
