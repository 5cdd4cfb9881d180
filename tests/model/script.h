/* script.h: traces written by hand, for the model's tests: events in order, cut into chunks, and
 * lanes read back as text. */
#ifndef TESTS_MODEL_SCRIPT_H
#define TESTS_MODEL_SCRIPT_H

#include "tracer/model/model.h"

#define LOOP     weft_id(WEFT_ENTITY_LOOP, 0, 1)
#define TASK(n)  weft_id(WEFT_ENTITY_TASK, 0, n)
#define TIMER(n) weft_id(WEFT_ENTITY_TIMER, 0, n)

struct script {
    weft_trace *trace;
    GArray *records; /* of ring 0, not yet appended */
    guint next_string;
};

struct script script_new(void);
/* Appends one record: time, KIND, detail, site, subject, object. */
void script_add(struct script *s, gint64 time, unsigned kind, unsigned detail, uint32_t site,
                uint64_t subject, uint64_t object);
/* The same, with an EXT behind it (32 bytes). */
void script_add_ext(struct script *s, gint64 time, unsigned kind, unsigned detail, uint32_t site,
                    uint64_t subject, uint64_t object, const void *ext);
/* Names a task or an object at `time`. */
void script_name(struct script *s, gint64 time, uint64_t id, const char *name);
uint32_t script_string(struct script *s, const char *text);
/* Ends the chunk here. */
void script_cut(struct script *s);
void script_lose(struct script *s, guint64 slots);
/* The ring is not recorded from here to the next event. */
void script_rest(struct script *s);
/* A model of it, the pass done. Takes the script. */
weft_model *script_model(struct script *s);

/* A model of a trace, the pass done. Borrows it. */
weft_model *open_model(weft_trace *trace);

/* The common beginning: the loop opens at 0 and main (Task-1) is made. */
struct script script_with_main(void);

/* A lane as text, one segment after the other: "0-5 ready created main; 5-9 running". */
char *lane_text(weft_model *model, guint lane);
/* What a task's lane says. */
#define assert_lane(model, id, text)                                                               \
    do {                                                                                           \
        g_autofree char *lane_text__ = lane_text(model, weft_model_lane_of(model, id));            \
        g_assert_cmpstr(lane_text__, ==, text);                                                    \
    } while (0)

#endif
