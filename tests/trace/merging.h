/* merging.h: traces to be merged, for the tests of it: of programs on one boot or several, with a
 * counter for a clock or without. */
#ifndef TESTS_TRACE_MERGING_H
#define TESTS_TRACE_MERGING_H

#include "tracer/trace/cut.h"
#include "tracer/trace/merge.h"
#include "tracer/trace/writer.h"

#define MS UINT64_C(1000000)

struct merging {
    char *directory, *a, *b, *c; /* paths in it */
    struct weft_record *records;
};

struct origin {
    guint64 pid;
    const char *boot;
    guint64 mono_ms, real_ms; /* at the start */
    enum weft_clock_kind clock;
};

void merging_set_up(struct merging *f, gconstpointer data);
void merging_tear_down(struct merging *f, gconstpointer data);

/* Ticks of a counter of 3 ticks in 2 ns. */
struct weft_clock_anchor anchor_at(const struct origin *o, guint64 ns);
weft_filewriter *begin_trace(const char *path, const struct origin *o);
void end_trace(weft_filewriter *writer);
/* n marks of `ring`, one every `step_ns` from `from_ns` on. */
void put_marks(weft_filewriter *writer, const struct origin *o, guint32 ring, guint64 from_ns,
               guint64 step_ns, guint n);
void write_trace(const char *path, const struct origin *o, guint rings, guint chunks);
weft_trace *open_whole(const char *path);

/* a and b, as c. */
struct weft_merge_result merge(struct merging *f);
/* The same; the law holds, and what is true of any merged trace. */
weft_trace *merge_whole(struct merging *f, guint notes);
void assert_refused(const char *const *paths, guint n, const char *output, int code,
                    const char *part);

#endif
