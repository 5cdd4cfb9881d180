/* kinds.h: the kinds of events that a user jumps between, each with a word for actions ("done") and
 * one for people ("A task is done"). Actions, menus and the box for everything (panels/goto.h) name
 * them alike: dispatch.of-kind('done'). Any thread. */
#ifndef WEFT_VIEWER_DISPATCH_KINDS_H
#define WEFT_VIEWER_DISPATCH_KINDS_H

#include "tracer/model/replay.h"

G_BEGIN_DECLS

struct weft_jump_kind {
    const char *name, *title;
    struct weft_replay_wanted wanted; /* of anybody */
};

/* The i-th; NULL: there are no more. */
const struct weft_jump_kind *weft_jump_kind(guint i);
const struct weft_jump_kind *weft_jump_kind_named(const char *name); /* NULL: there is none */

G_END_DECLS

#endif
