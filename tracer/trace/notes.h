/* notes.h: bookmarks and notes that a reader puts to moments of a trace.
 *
 *      trace.weft          ... | NOTES | INDEX | trailer       appended, when it is whole and may
 * be trace.weft.notes    the same, in a file of their own    else; once it is there, always
 *
 * A note is never rewritten: one of the same id takes its place, one without a text deletes it.
 * What is in the file beside the trace comes last. Notes of another trace of the same name are left
 * out.
 *
 * Thread: any; nothing is shared but the files. */
#ifndef WEFT_TRACE_NOTES_H
#define WEFT_TRACE_NOTES_H

#include "tracer/trace/trace.h"
#include "tracer/trace/writer.h"

G_BEGIN_DECLS

#define WEFT_NOTE_NO_RING G_MAXUINT32

struct weft_note {
    guint64 id;      /* not 0: whoever changes it names it again */
    gint64 time_ns;  /* since the trace's start */
    uint64_t entity; /* the task, or what else it is about; 0: the moment alone */
    guint32 ring;    /* WEFT_NOTE_NO_RING: of no ring in particular */
    char *text;      /* valid UTF-8; "": a bookmark without a word; NULL: deleted */
};

/* All notes of the trace's file, as it is now, by time: of struct weft_note *. Never NULL; empty
 * for a trace in memory, and where there are none, or none that can be read. g_ptr_array_unref it.
 */
GPtrArray *weft_notes_read(const weft_trace *trace);

/* Adds a note, or changes or deletes the one of its id; an id of 0 becomes a new one. FALSE and an
 * error: neither the file nor the one beside it can be written, or the file is another trace's by
 * now. */
gboolean weft_notes_append(const weft_trace *trace, struct weft_note *note, GError **error);

/* Puts notes, of struct weft_note *, into a trace that is being written; their times and entities
 * are its own. No chunk when there are none. FALSE and an error: it cannot be written. */
gboolean weft_notes_write(weft_filewriter *writer, const GPtrArray *notes, GError **error);

G_END_DECLS

#endif
