/* crowd.h: locks and semaphores that many wait for at one moment: a convoy, as it is seen live. */
#ifndef WEFT_CLI_CROWD_H
#define WEFT_CLI_CROWD_H

#include "tracer/model/taskline.h"

struct crowd {
    uint64_t id;
    guint waiting;
    gint64 longest_ns; /* for which the first of them has waited */
};

/* Those that as many wait for as make a lock-convoy, the largest first. g_array_unref() it. */
GArray *crowds_at(const struct weft_moment *moment);

/* "lock \"db\", held by writer for 2.41 ms: 5 tasks wait for it, the first for 22.9 ms". g_free it.
 */
char *crowd_text(const struct weft_moment *moment, const struct crowd *crowd);

/* "crowds":[…]: man weft-ps. */
void crowds_add_json(GString *json, const struct weft_moment *moment);

#endif
