/* attach.h: another process's segment, opened, checked and mapped: its page 0, rings, heap and live
 * tables.
 *
 *      weft_attach_session / weft_attach_pid --> struct weft_attachment
 *          rings[]: one struct weft_ringreader each, found as the process opens them
 *          heap:    strings and sites
 *          live:    blocks of the live tables, found as they come
 *
 * The segment is another program's: sizes and offsets are checked against the file before they are
 * mapped, and what was checked is kept, not read again. Thread: one. */
#ifndef WEFT_TRACE_ATTACH_H
#define WEFT_TRACE_ATTACH_H

#include "tracer/trace/heapreader.h"
#include "tracer/trace/ringreader.h"
#include "tracer/trace/tablereader.h"
#include "tracer/trace/trace.h"

struct weft_attached_ring {
    struct weft_ringreader reader;
    struct weft_ring *page;
    GArray *areas; /* of struct weft_attached_area: those of the ring so far */
};

struct weft_attached_area {
    guint64 offset, size;
    void *mapping;
};

struct weft_attachment {
    char *path;
    int fd;
    gboolean drains;               /* takes the lease, stores `consumed` */
    struct weft_segment *writable; /* page 0, when it drains */
    const struct weft_segment *segment;
    const struct weft_directory_entry *directory;
    struct weft_heapreader heap;
    GPtrArray *rings; /* of struct weft_attached_ring *, those found so far; by index, or NULL */
    const struct weft_table_directory *tables;
    struct weft_tables live; /* blocks and pages of rings found so far */
    guint64 file_size;       /* when last looked at */
    guint64 pid, start_time;
    guint8 boot_id[16];
    enum weft_clock_kind clock_kind;
    struct weft_clock_anchor start;
    char *program, *executable;
};

/* The segment of the process that was started with this WEFT_SESSION; NULL without an error when
 * there is none yet. `rejected` remembers the files that are others', by name, between calls. */
struct weft_attachment *weft_attach_session(const char *session, GHashTable *rejected,
                                            GError **error);

/* Where the segment of this process is, or, when it has ended, the last that a process of this
 * number left: g_free it. Errors: NO_PROCESS, with the reason. */
char *weft_find_segment(guint64 pid, GError **error);

/* That segment, read-only. Errors: the same, and VERSION, CORRUPT. */
struct weft_attachment *weft_attach_pid(guint64 pid, GError **error);

/* The same, to drain its rings: the program still runs, and nobody else drains them, nor can while
 * this is attached. FAILED when somebody does: the error says who. */
struct weft_attachment *weft_attach_pid_to_drain(guint64 pid, GError **error);

void weft_attachment_free(struct weft_attachment *attachment); /* NULL is fine */

/* Looks for rings and blocks of tables made since, and whether the file still is as large as what
 * is mapped: FALSE when it is not, then nothing of it may be touched any more. */
gboolean weft_attachment_update(struct weft_attachment *attachment);

/* Tells the program that somebody drains its rings, for `ns` from now; 0 gives it up. */
void weft_attachment_lease(struct weft_attachment *attachment, guint64 ns);

/* The process that drains its rings now; 0: nobody does. */
guint64 weft_attachment_recorder(const struct weft_attachment *attachment);

/* The anchor that the program itself published last; FALSE when it is just being written. */
gboolean weft_attachment_anchor(const struct weft_attachment *attachment,
                                struct weft_clock_anchor *anchor);

/* Every segment in the runtime directory that is ready, but for those whose paths are in `skip`
 * (NULL: none). */
typedef void weft_segment_visitor(void *data, const char *path, const struct weft_segment *page);
void weft_visit_segments(GHashTable *skip, weft_segment_visitor *visit, void *data);

/* Whether it is the segment of a process started with this WEFT_SESSION; "" is nobody's. */
gboolean weft_segment_is_of(const struct weft_segment *page, const char *session);

/* Whether this process is gone, or a zombie. */
gboolean weft_process_ended(guint64 pid, guint64 start_time);
/* Whether it is stopped: by SIGSTOP, a terminal or a debugger. */
gboolean weft_process_stopped(guint64 pid);

#endif
