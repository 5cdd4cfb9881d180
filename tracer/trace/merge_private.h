/* merge_private.h: what is merged, for merge.c and mergeaxis.c. */
#ifndef WEFT_TRACE_MERGE_PRIVATE_H
#define WEFT_TRACE_MERGE_PRIVATE_H

#include "tracer/trace/merge.h"
#include "tracer/trace/pieces.h"
#include "tracer/trace/relocate.h"
#include "tracer/trace/writer.h"

struct input {
    weft_trace *trace;
    weft_relocation *relocation;
    guint64 base;  /* the axis's CLOCK_MONOTONIC at the trace's time 0 */
    gint64 offset; /* of the axis's CLOCK_MONOTONIC against its own */
    guint next;    /* chunk */
    struct weft_piece *piece;
};

struct merging {
    struct input *inputs;
    struct weft_piece *pieces; /* the same, in their order */
    guint n;
    guint64 *next;   /* ordinals, by ring of the file */
    guint64 in_none; /* slots between pieces of a process */
    struct weft_filenumbers numbers;
    GHashTable *site_texts; /* text -> string id */
    weft_filewriter *writer;
    struct weft_record *records;
    struct weft_merge_result *result;
};

/* Says in the result what whoever asked should know. */
void merge_note(struct merging *m, const char *format, ...) G_GNUC_PRINTF(2, 3);

static inline const char *merge_path(const struct input *input)
{
    return weft_trace_path(input->trace);
}

/* Each input's base and offset. */
void merge_place_all(struct merging *m);
/* A time of an input, on the axis: for weft_relocation_set_clock(). */
uint64_t merge_to_axis(uint64_t time, const void *input);

#endif
