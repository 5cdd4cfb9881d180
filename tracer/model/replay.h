/* replay.h: one loop's events, read forwards and backwards, one event or one step at a time, and
 * what each step says.
 *
 *      RESUME a . . SUSPEND a | RESUME b . TASK_DONE b | POLL_BEGIN | POLL_END . WAKE c . RESUME c
 * ...
 *      '------- step --------'  '------- step -------'  '- step -'
 *
 * A step is everything up to the next SUSPEND, TASK_DONE or POLL_BEGIN. A place is after an event:
 * between two of the same nanosecond, too. A step leads to a whole moment: the place after all
 * events of its nanosecond, which is where a playhead at that time stands.
 *
 * Its events are those of its ring, from the one where the process begins on, to where it ends; of
 * two loops, one after the other, each has its own.
 *
 * Backward is forward: places are found again in the events, nothing is undone, so n forward and n
 * back lead to where one was, over losses as well. What was lost is no event: the sentence says so.
 *
 * Thread: one at a time, while nobody advances the model; its lock is held for moments only. */
#ifndef WEFT_MODEL_REPLAY_H
#define WEFT_MODEL_REPLAY_H

#include "tracer/model/narrative.h"
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct weft_replay weft_replay;

/* `loop` is a lane of kind WEFT_LANE_LOOP; NULL when it is not. Borrows the model. */
weft_replay *weft_replay_new(weft_model *model, guint loop);
void weft_replay_free(weft_replay *replay); /* NULL is fine */

enum { WEFT_WHOLE_MOMENT = -1 };

struct weft_replay_place {
    gint64 time_ns;
    int after; /* so many of the loop's events at time_ns have happened; WEFT_WHOLE_MOMENT: all */
};

enum weft_replay_unit { WEFT_REPLAY_STEP, WEFT_REPLAY_EVENT };

/* The next (direction > 0) or previous place. FALSE: there is none, before the first event and
 * after the last; *found is not touched. */
gboolean weft_replay_step(weft_replay *replay, struct weft_replay_place from,
                          enum weft_replay_unit unit, int direction,
                          struct weft_replay_place *found);

struct weft_replay_wanted {
    guint64 kinds;   /* WEFT_REPLAY_KIND() each; 0: all */
    unsigned detail; /* of those; 0: any */
    uint64_t id;     /* who acts in it, or whom it is about; 0: anybody */
};
#define WEFT_REPLAY_KIND(kind) (UINT64_C(1) << WEFT_RECORD_##kind)

/* The next or previous place after such an event. FALSE also when it was cancelled. */
gboolean weft_replay_find(weft_replay *replay, struct weft_replay_place from,
                          const struct weft_replay_wanted *wanted, int direction,
                          GCancellable *cancellable, struct weft_replay_place *found);

/* What happened in the step up to this place. */
struct weft_replay_telling {
    struct weft_sentence *headline; /* of the last that is told: what ends the step, where it is
                                       at its end. NULL: nothing is told */
    GPtrArray *lines; /* of struct weft_sentence *, by time: the others, about the `max` last */
    guint left_out;   /* events before these */
    guint64 lost;     /* events that are missing in this step */
};
enum weft_replay_detail {
    WEFT_REPLAY_WHOLE, /* each event that no other tells */
    WEFT_REPLAY_GIST,  /* without what only leads up to another: a timer's ways to whom it wakes, a
                          name given to what is called so already */
};
struct weft_replay_telling *weft_replay_tell(weft_replay *replay, struct weft_replay_place place,
                                             enum weft_replay_detail detail, guint max);
void weft_replay_telling_free(struct weft_replay_telling *telling); /* NULL is fine */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_replay, weft_replay_free)

G_END_DECLS

#endif
