/* sample_file.h: the hand-written sample as a file. */
#ifndef WEFT_TESTS_VIEWER_SAMPLE_FILE_H
#define WEFT_TESTS_VIEWER_SAMPLE_FILE_H

#include "tracer/trace/writer.h"

/* Writes weft_sample_fetch_three() through the real writer. */
gboolean weft_sample_write(const char *path, gboolean lossy, GError **error);
/* The same, all of it written, but not finished: it is still being recorded. NULL: error. */
weft_filewriter *weft_sample_begin(const char *path, gboolean lossy, GError **error);

#endif
