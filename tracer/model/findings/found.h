/* found.h: the list of what was found. Those of one rule and one fold are one: counted, the worst
 * of them kept.
 *
 *   permanent:    fold --> found            lasts as long as the list
 *   provisional:  fold --> copy of it       put while judging what lasts; it hides the permanent
 *                                           one until it is withdrawn
 *
 * Facts are kept as numbers; a sentence is made of them when somebody reads it, with the names that
 * things have by then. Thread: one at a time. */
#ifndef WEFT_MODEL_FINDINGS_FOUND_H
#define WEFT_MODEL_FINDINGS_FOUND_H

#include "tracer/model/findings/engine.h"

struct found;

/* Says the message, without its full stop, and returns what to do about it (g_free). */
typedef char *found_tell(const weft_findings *f, const struct found *found,
                         struct weft_sentence *s);

struct alike {
    enum rule rule;
    uint64_t by[2]; /* what makes them alike: a site, a task */
};

struct found {
    struct weft_finding pub; /* key, message and fix are made when it is read */
    struct alike fold;
    found_tell *tell;
    gint64 moment_ns;   /* of the first: a part of the key */
    uint64_t first;     /* whom the first was about: likewise */
    gint64 worst_ns;    /* how bad the worst is: what `pub` tells of */
    gint64 total_ns;    /* of all together */
    guint32 sites[2];   /* the rest is the rule's own */
    uint64_t others[2]; /* more entities */
    gint64 numbers[5];
    GArray *entities; /* of uint64_t; at most ENTITIES_MAX */
    struct found *hides;
    gboolean provisional, hidden;
};
enum { ENTITIES_MAX = 64 };

/* One more of this fold, about `subject` at `moment_ns`, which lasted ns. Never NULL; severity is
 * raised to this one's. *worst: it is the worst so far (so is the first): pub's range, site and
 * subject and the rule's own facts are to be set to it; its entities are `subject` alone. */
struct found *found_add(weft_findings *f, struct alike fold, uint64_t subject, gint64 moment_ns,
                        gint64 ns, enum weft_severity severity, gboolean *worst);

/* It names this entity, or this one suffers from it. Again is fine, and 0. */
void found_name(struct found *found, uint64_t entity);

/* It changed: it is told anew. */
void found_changed(weft_findings *f);

void found_withdraw(weft_findings *f); /* those that are provisional */

void found_list_init(weft_findings *f);
void found_list_finish(weft_findings *f);

/* ---- Words ---- */

/* "; 12 such slices, 1.20 s in all" when it stands for several. */
void say_more(struct weft_sentence *s, const struct found *found, const char *what);
/* " from a.c:3 to b.c:7" of what is known. */
void say_way(struct weft_sentence *s, const weft_findings *f, guint32 from, guint32 to);

#endif
