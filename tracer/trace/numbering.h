/* numbering.h: the names of several traces of one recording: t.weft, t.2.weft, t.3.weft ...
 *
 * A name that is taken by something other than a trace is left out: only traces are replaced.
 * Thread: one. */
#ifndef WEFT_TRACE_NUMBERING_H
#define WEFT_TRACE_NUMBERING_H

#include <glib.h>

G_BEGIN_DECLS

struct weft_numbering;

/* `keep`: how many files stay, 0 = all. */
struct weft_numbering *weft_numbering_new(const char *path, guint keep);
void weft_numbering_free(struct weft_numbering *numbering); /* NULL is fine */

/* The name of the next file. Borrowed. */
const char *weft_numbering_next(struct weft_numbering *numbering);
/* The file of that name was not made after all: the name is the next again. */
void weft_numbering_take_back(struct weft_numbering *numbering);
/* Removes the oldest files, so that `more` may come. */
void weft_numbering_trim(struct weft_numbering *numbering, guint more);

/* The file named last has this many bytes. */
void weft_numbering_add_size(struct weft_numbering *numbering, guint64 size);
guint64 weft_numbering_size(const struct weft_numbering *numbering); /* of all, the removed too */

/* The files that stay, oldest first; NULL-terminated. Borrowed until the next name. */
const char *const *weft_numbering_paths(const struct weft_numbering *numbering, guint *n);
guint weft_numbering_removed(const struct weft_numbering *numbering);

/* The nth name, from 1: "t.weft", "t.2.weft"; a name without .weft gets its number at the end. */
char *weft_numbered_path(const char *path, guint n);

/* Whether there is nothing of this name, or a trace, or an empty file: no pipe and no device, which
 * cannot be read back, and no directory. */
gboolean weft_may_replace(const char *path);

G_END_DECLS

#endif
