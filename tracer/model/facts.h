/* facts.h: what the model remembers beside lanes, because words and stories need it at any place:
 * names, members of groups, failures, requests to cancel.
 *
 * Small: one entry per named or grouped thing, none per event. */
#ifndef WEFT_MODEL_FACTS_H
#define WEFT_MODEL_FACTS_H

#include "tracer/model/idmap.h"
#include "tracer/model/model.h"

struct group_fact {
    guint first, n; /* in facts.members; more may have joined later: total */
    guint total;
};
struct cancel_fact {
    gint64 time_ns;
    uint64_t by;
    guint32 message;  /* string id */
    guint32 previous; /* index + 1 of the same task's request before */
};

/* What recording began amid, or went on amid: a lane's segment, known from a STATE or SNAPSHOT. */
struct amid_fact {
    gint64 from_ns, since_ns; /* where the segment begins; since when it was so, which is earlier */
    uint32_t previous;        /* index + 1 of the one before it; 0: none */
};

struct facts {
    struct idmap names;              /* id → string id */
    struct idmap group_of;           /* group → index + 1 in groups */
    struct idmap numbers;            /* handle → fd + 1 */
    struct idmap grouped;            /* task → 1: it is or was in a group */
    struct idmap failure_of;         /* task → index + 1 in failures */
    struct idmap cancel_of, amid_of; /* task → index + 1 in cancels, in amid: its last */
    GArray *groups;                  /* of struct group_fact */
    GArray *members;                 /* of uint64_t */
    GArray *failures;                /* of struct weft_ext_error */
    GArray *cancels;                 /* of struct cancel_fact, by time */
    GArray *amid;                    /* of struct amid_fact, by time */
};

void facts_init(struct facts *facts);
void facts_finish(struct facts *facts);
gsize facts_memory(const struct facts *facts);

/* Whether a kind of record has anything to remember. */
static inline gboolean facts_wants(unsigned kind)
{
    return kind < 64 &&
           (UINT64_C(1) << kind &
            (UINT64_C(1) << WEFT_RECORD_TASK_NAME | UINT64_C(1) << WEFT_RECORD_OBJECT_NAME |
             UINT64_C(1) << WEFT_RECORD_GROUP_ADD | UINT64_C(1) << WEFT_RECORD_OP_START |
             UINT64_C(1) << WEFT_RECORD_TASK_DONE | UINT64_C(1) << WEFT_RECORD_CANCEL_REQUEST |
             UINT64_C(1) << WEFT_RECORD_TASK_IS | UINT64_C(1) << WEFT_RECORD_OBJECT_IS));
}
_Static_assert(WEFT_RECORD_KIND_END <= 64, "a bit per kind");

/* A group that had so many members in all when the trace began, of whom n are known. */
void facts_begin_group(struct facts *facts, uint64_t group, const struct weft_party *members,
                       guint n, guint total);

void facts_note(weft_model *model, uint64_t actor, const struct weft_record *record,
                const struct weft_record *ext);

/* The segment of the task, or loop, that begins at from_ns is so since then. */
void facts_note_amid(struct facts *facts, uint64_t id, gint64 from_ns, gint64 since_ns);
/* Since when is the segment that begins at from_ns? That, or earlier. */
gint64 facts_since(const struct facts *facts, uint64_t id, gint64 from_ns);

/* The members of a group that are known, *n of them, *total in all; NULL: none. */
const uint64_t *facts_members(const struct facts *facts, uint64_t group, guint *n, guint *total);
/* Whether it has ever joined a group. */
gboolean facts_grouped(const struct facts *facts, uint64_t task);
/* NULL: the task did not fail, or did not say how. */
const struct weft_ext_error *facts_failure(const struct facts *facts, uint64_t task);
/* The last request to cancel it at or before t; NULL: none. */
const struct cancel_fact *facts_cancel(const struct facts *facts, uint64_t task, gint64 t_ns);

#endif
