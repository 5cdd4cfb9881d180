/* guard.h: a file of another program, mapped, that may be cut at any moment: what is behind its end
 * then reads as zeros, where it would be the reader's death by SIGBUS.
 *
 *      load --> page fault behind the end of the file --> SIGBUS --> handler: a page of zeros there
 *
 * So a reader may look at shared memory word by word, which a pread for each would make too dear,
 * and finds out by fstat, when it next asks, that there is nothing left to read. The handler is
 * installed at the first mapping; any other SIGBUS goes where it went before. */
#ifndef WEFT_TRACE_GUARD_H
#define WEFT_TRACE_GUARD_H

#include <glib.h>

/* mmap, shared; NULL and errno when that fails. Any thread. */
void *weft_guard_map(int fd, guint64 offset, gsize size, gboolean writable);
void weft_guard_unmap(const void *at, gsize size); /* NULL is fine */

#endif
