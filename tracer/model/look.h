/* look.h: a process as its live tables show it just now, or as they were when it died: asks nothing
 * of it, so that one that is stuck is seen too.
 *
 * Thread: any, each look in one. */
#ifndef WEFT_MODEL_LOOK_H
#define WEFT_MODEL_LOOK_H

#include "tracer/model/taskline.h"
#include "tracer/trace/live.h"

G_BEGIN_DECLS

struct weft_look {
    weft_live *live;
    struct weft_moment moment;
    gboolean ended; /* it is a black box */
};

/* Errors: as weft_live_look(). weft_look_clear() it. */
gboolean weft_look_at(guint64 pid, struct weft_look *look, GError **error);
void weft_look_clear(struct weft_look *look);

enum weft_standing { /* how it is */
                     WEFT_STANDS_WAITING,
                     WEFT_STANDS_RUNNING,
                     WEFT_STANDS_HELD, /* a loop has not polled for 100 ms or more */
                     WEFT_STANDS_DEADLOCK,
                     WEFT_STANDS_STOPPED, /* by a signal */
                     WEFT_STANDS_PAUSED,  /* by a controller */
                     WEFT_STANDS_DEAD,
};

/* In *why a sentence about it, or NULL: g_free it. */
enum weft_standing weft_look_standing(const struct weft_look *look, char **why);
/* "waiting", "held", … */
const char *weft_standing_word(enum weft_standing standing);

G_END_DECLS

#endif
