/* tree.h: the tasks of a moment as a tree: below each what it awaits, or what it created.
 *
 *      circles, a member each --> roots: whom nobody awaits --> those that they await --> …
 *
 * A task is shown once in full; where it comes again it is only named: it is `above`. Walked with a
 * stack of its own: a chain of a million tasks is as deep. */
#ifndef WEFT_CLI_TREE_H
#define WEFT_CLI_TREE_H

#include "tracer/model/taskline.h"

struct tree_limits {
    guint64 depth, top; /* levels; of each level; 0: all */
};

struct tree {
    const struct weft_moment *moment;
    gboolean by_parent;
    struct tree_limits limits;
    GPtrArray *circles;   /* of struct weft_waits_circle *; none by parent */
    GArray *roots;        /* of uint64_t: those of circles are not among them */
    GHashTable *children; /* by parent: id -> GArray of uint64_t */
    GHashTable *shown;    /* ids of those that were walked over */
};

struct tree tree_new(const struct weft_moment *moment, gboolean by_parent,
                     struct tree_limits limits);
void tree_clear(struct tree *tree);

/* What a walk meets. `rails`: of each level above and of this, whether more of it follows. */
struct tree_visitor {
    void (*enter)(gpointer data, uint64_t id, gboolean above, const GArray *rails);
    void (*leave)(gpointer data, guint64 hidden,
                  const GArray *rails);                            /* children not walked over */
    void (*hidden)(gpointer data, guint64 n, const GArray *rails); /* of this level: not shown */
    gpointer data;
};
/* Over `ids` (of uint64_t) and what is below them; `flat`: nothing is. */
void tree_walk(struct tree *tree, const GArray *ids, gboolean flat,
               const struct tree_visitor *visitor);

#endif
