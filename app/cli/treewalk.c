/* treewalk.c: see tree.h. */
#include "app/cli/tree.h"

/* ---- Whom a task awaits ---- */

static gboolean is_alive(const weft_state *state, uint64_t id)
{
    if (weft_id_kind(id) != WEFT_ENTITY_TASK)
        return weft_id_kind(id) == WEFT_ENTITY_GROUP; /* a gather in a gather */
    const struct weft_task_at *task = weft_state_task(state, id);
    return task && task->state != WEFT_STATE_DONE;
}

static void add_alive(const weft_state *state, const struct weft_waits_for *waits, GArray *to)
{
    for (guint i = 0; i < waits->n; i++) {
        uint64_t id = weft_waits_on(waits, i);
        if (is_alive(state, id))
            g_array_append_val(to, id);
    }
}

/* Through what lies between: a lock's holder, the members of a gather. */
static void add_awaited(const weft_state *state, uint64_t id, GArray *to)
{
    struct weft_waits_for waits = weft_waits_for(state, id);
    if (weft_id_kind(id) == WEFT_ENTITY_TASK && waits.n == 1 &&
        weft_id_kind(weft_waits_on(&waits, 0)) != WEFT_ENTITY_TASK)
        waits = weft_waits_for(state, weft_waits_on(&waits, 0));
    add_alive(state, &waits, to);
}

static GArray *children_of(const struct tree *tree, uint64_t id)
{
    GArray *children = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    if (!tree->by_parent) {
        add_awaited(tree->moment->state, id, children);
        return children;
    }
    const GArray *known = g_hash_table_lookup(tree->children, &id);
    if (known)
        g_array_append_vals(children, known->data, known->len);
    return children;
}

/* ---- Roots ---- */

static GHashTable *new_ids(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

/* Adds to `found` what `id` awaits, unless that was said before: many wait for one thing. */
static void add_new(const weft_state *state, uint64_t id, GHashTable *seen, GArray *found)
{
    const struct weft_task_at *task = weft_state_task(state, id);
    uint64_t through = task ? task->other : id;
    if (weft_waits_for(state, id).n > 0 &&
        g_hash_table_add(seen, g_memdup2(&through, sizeof through)))
        add_awaited(state, id, found);
}

/* All that can be come to from `from`, itself too, is in `reached` then. */
static void reach(const weft_state *state, uint64_t from, GHashTable *reached, GHashTable *seen)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    g_array_append_val(found, from);
    while (found->len > 0) {
        uint64_t id = g_array_index(found, uint64_t, found->len - 1);
        g_array_set_size(found, found->len - 1);
        if (g_hash_table_add(reached, g_memdup2(&id, sizeof id)))
            add_new(state, id, seen, found);
    }
    g_array_unref(found);
}

/* Those that nobody awaits; and one of each circle that can still be left. */
static void find_unawaited(struct tree *tree, const struct weft_task_at *const *tasks, guint n)
{
    const weft_state *state = tree->moment->state;
    GHashTable *awaited = new_ids(), *seen = new_ids(), *reached = new_ids();
    GArray *found = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    for (guint i = 0; i < n; i++)
        add_new(state, tasks[i]->id, seen, found);
    for (guint i = 0; i < found->len; i++) {
        uint64_t id = g_array_index(found, uint64_t, i);
        if (g_hash_table_add(awaited, g_memdup2(&id, sizeof id)) &&
            weft_id_kind(id) == WEFT_ENTITY_GROUP)
            add_new(state, id, seen, found);
    }
    g_array_unref(found);
    g_hash_table_remove_all(seen);
    for (guint i = 0; i < tree->circles->len; i++) {
        const struct weft_waits_circle *circle = tree->circles->pdata[i];
        reach(state, g_array_index(circle->ids, uint64_t, 0), reached, seen);
    }
    for (guint pass = 0; pass < 2; pass++)
        for (guint i = 0; i < n; i++) {
            uint64_t id = tasks[i]->id;
            if (!is_alive(state, id) || g_hash_table_contains(reached, &id) ||
                (pass == 0 && g_hash_table_contains(awaited, &id)))
                continue;
            g_array_append_val(tree->roots, id);
            reach(state, id, reached, seen);
        }
    g_hash_table_unref(awaited);
    g_hash_table_unref(seen);
    g_hash_table_unref(reached);
}

static void find_parents(struct tree *tree, const struct weft_task_at *const *tasks, guint n)
{
    const weft_state *state = tree->moment->state;
    for (guint i = 0; i < n; i++) {
        uint64_t id = tasks[i]->id, parent = tasks[i]->parent;
        if (!is_alive(state, id))
            continue;
        if (weft_id_kind(parent) != WEFT_ENTITY_TASK || !is_alive(state, parent) || parent >= id) {
            g_array_append_val(tree->roots, id); /* nobody is older than its parent */
            continue;
        }
        GArray *siblings = g_hash_table_lookup(tree->children, &parent);
        if (!siblings) {
            siblings = g_array_new(FALSE, FALSE, sizeof(uint64_t));
            g_hash_table_insert(tree->children, g_memdup2(&parent, sizeof parent), siblings);
        }
        g_array_append_val(siblings, id);
    }
}

/* ---- The tree ---- */

static void free_ids(gpointer ids)
{
    g_array_unref(ids);
}

struct tree tree_new(const struct weft_moment *moment, gboolean by_parent,
                     struct tree_limits limits)
{
    struct tree tree = { moment, by_parent, limits, .shown = new_ids() };
    tree.circles = weft_waits_circles(moment->state, 0);
    tree.roots = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    tree.children = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_ids);
    guint n;
    const struct weft_task_at **tasks = weft_state_tasks(moment->state, &n);
    if (by_parent)
        find_parents(&tree, tasks, n);
    else
        find_unawaited(&tree, tasks, n);
    return tree;
}

void tree_clear(struct tree *tree)
{
    g_ptr_array_unref(tree->circles);
    g_array_unref(tree->roots);
    g_hash_table_unref(tree->children);
    g_hash_table_unref(tree->shown);
}

/* ---- Walking ---- */

struct level {
    GArray *ids;
    guint next, end; /* those from `end` on are hidden */
};

static struct level level_of(const struct tree *tree, GArray *ids)
{
    guint end = tree->limits.top > 0 && tree->limits.top < ids->len ? (guint)tree->limits.top
                                                                    : ids->len;
    return (struct level){ ids, 0, end };
}

static gboolean *rail(GArray *rails, const GArray *levels)
{
    g_array_set_size(rails, levels->len);
    return &g_array_index(rails, gboolean, levels->len - 1);
}

/* The last level is through: what of it is hidden is said, and its parent is left. */
static void end_level(GArray *levels, GArray *rails, const struct tree_visitor *visitor)
{
    struct level *level = &g_array_index(levels, struct level, levels->len - 1);
    *rail(rails, levels) = FALSE;
    if (level->end < level->ids->len)
        visitor->hidden(visitor->data, level->ids->len - level->end, rails);
    g_array_unref(level->ids);
    g_array_set_size(levels, levels->len - 1);
    if (levels->len == 0)
        return;
    g_array_set_size(rails, levels->len);
    visitor->leave(visitor->data, 0, rails);
}

void tree_walk(struct tree *tree, const GArray *ids, gboolean flat,
               const struct tree_visitor *visitor)
{
    GArray *levels = g_array_new(FALSE, FALSE, sizeof(struct level));
    GArray *rails = g_array_new(FALSE, TRUE, sizeof(gboolean));
    GArray *first = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    g_array_append_vals(first, ids->data, ids->len);
    struct level top = level_of(tree, first);
    g_array_append_val(levels, top);
    while (levels->len > 0) {
        struct level *level = &g_array_index(levels, struct level, levels->len - 1);
        if (level->next == level->end) {
            end_level(levels, rails, visitor);
            continue;
        }
        uint64_t id = g_array_index(level->ids, uint64_t, level->next++);
        gboolean above = !g_hash_table_add(tree->shown, g_memdup2(&id, sizeof id));
        *rail(rails, levels) = level->next < level->ids->len;
        visitor->enter(visitor->data, id, above, rails);
        GArray *children = above || flat ? NULL : children_of(tree, id);
        guint n = children ? children->len : 0;
        if (n > 0 && (tree->limits.depth == 0 || levels->len < tree->limits.depth)) {
            struct level below = level_of(tree, children);
            g_array_append_val(levels, below);
            continue;
        }
        visitor->leave(visitor->data, n, rails);
        g_clear_pointer(&children, g_array_unref);
    }
    g_array_unref(levels);
    g_array_unref(rails);
}
