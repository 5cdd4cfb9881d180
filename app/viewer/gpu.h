/* gpu.h: what draws. Where no GPU can be had, GTK would draw with a GL that the processor computes:
 * seven times slower than its own renderer, and 50 MiB and a fifth of the start for its libraries.
 *
 * Thread: main. */
#ifndef WEFT_VIEWER_GPU_H
#define WEFT_VIEWER_GPU_H

#include <glib.h>

G_BEGIN_DECLS

/* Whether this user may draw with one of the devices under `dev`, "/dev". */
gboolean weft_gpu_any(const char *dev);
/* Has GTK draw without a GPU where there is none, or where GSK_RENDERER says so. Before
 * gtk_init(). */
void weft_gpu_choose(void);
/* The variables that it set, which are for this process and not for those it starts;
 * NULL-terminated, borrowed. */
const char *const *weft_gpu_variables(void);

G_END_DECLS

#endif
