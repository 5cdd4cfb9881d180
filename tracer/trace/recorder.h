/* recorder.h: drains the rings of another process into a trace file, without touching its hot path.
 *
 *      segment (mmap, its own header checked) --ringreader--> chunk encoder --> writer --> file
 *
 * The recorder holds the lease of a stream and stores `consumed`; it never blocks the program. When
 * the program dies, what it had committed is drained to the last event and the segment is unlinked.
 * Thread: one; no main loop needed. */
#ifndef WEFT_TRACE_RECORDER_H
#define WEFT_TRACE_RECORDER_H

#include "tracer/trace/trace.h"

G_BEGIN_DECLS

typedef struct weft_recorder weft_recorder;

struct weft_recorder_options {
    const char *path;    /* of the file; overwritten */
    const char *session; /* WEFT_SESSION of the program to come */
    guint64
        max_size; /* bytes, 0 = no limit: at the limit the recording ends, the program goes on */
};

/* Creates the file at once: an unwritable path fails before the program is started. */
weft_recorder *weft_recorder_new(const struct weft_recorder_options *options, GError **error);

/* One round: finds the segment (of this session) if it is not found yet, drains what is there,
 * writes it. Returns FALSE and an error when the file cannot be written (a full disk): what was
 * written stays readable. *drained: slots read in this round: 0 means that one may sleep for a
 * millisecond or two. */
gboolean weft_recorder_drain(weft_recorder *recorder, guint *drained, GError **error);

/* Ends the recording: drains the rest, writes LOSS, STATE and INDEX, closes the file. exit_code, or
 * exit_signal when a signal ended the program. Returns FALSE and an error when that failed. */
gboolean weft_recorder_finish(weft_recorder *recorder, int exit_code, int exit_signal,
                              GError **error);

struct weft_recorder_stats {
    gboolean attached; /* a segment was found */
    gboolean full;     /* max_size was reached: nothing more is recorded */
    gboolean damaged;  /* the program overwrote its own rings: what they held is lost */
    guint64 events, lost, bytes;
    guint64 dropped; /* of lost: refused by the program because the recorder was behind */
};
struct weft_recorder_stats weft_recorder_stats(const weft_recorder *recorder);

void weft_recorder_free(weft_recorder *recorder); /* finishes nothing; NULL is fine */

G_END_DECLS

#endif
