/* facts.c: see facts.h. */
#include "tracer/model/facts.h"
#include "tracer/model/model_private.h"
#include <string.h>

enum { MEMBERS_MAX = 1 << 20 };

void facts_init(struct facts *f)
{
    f->groups = g_array_new(FALSE, FALSE, sizeof(struct group_fact));
    f->members = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    f->failures = g_array_new(FALSE, FALSE, sizeof(struct weft_ext_error));
    f->cancels = g_array_new(FALSE, FALSE, sizeof(struct cancel_fact));
    f->amid = g_array_new(FALSE, FALSE, sizeof(struct amid_fact));
}

void facts_finish(struct facts *f)
{
    idmap_finish(&f->names);
    idmap_finish(&f->group_of);
    idmap_finish(&f->numbers);
    idmap_finish(&f->grouped);
    idmap_finish(&f->failure_of);
    idmap_finish(&f->cancel_of);
    idmap_finish(&f->amid_of);
    g_array_unref(f->groups);
    g_array_unref(f->members);
    g_array_unref(f->failures);
    g_array_unref(f->cancels);
    g_array_unref(f->amid);
}

static struct group_fact *group_fact(struct facts *f, uint64_t group)
{
    uint32_t index = idmap_get(&f->group_of, group);
    if (index == 0) {
        struct group_fact fresh = { .first = f->members->len };
        g_array_append_val(f->groups, fresh);
        index = f->groups->len;
        idmap_set(&f->group_of, group, index);
    }
    return &g_array_index(f->groups, struct group_fact, index - 1);
}

void facts_begin_group(struct facts *f, uint64_t group, const struct weft_party *members, guint n,
                       guint total)
{
    struct group_fact *g = group_fact(f, group);
    n = MIN(n, MEMBERS_MAX - MIN(MEMBERS_MAX, f->members->len));
    *g = (struct group_fact){ .first = f->members->len, .n = n, .total = MAX(n, total) };
    for (guint i = 0; i < n; i++)
        g_array_append_val(f->members, members[i].id);
    for (guint i = 0; i < n; i++)
        idmap_set(&f->grouped, members[i].id, 1);
}

static void note_member(struct facts *f, uint64_t group, uint64_t member)
{
    struct group_fact *g = group_fact(f, group);
    if (g->n == g->total && g->first + g->n == f->members->len && f->members->len < MEMBERS_MAX) {
        g_array_append_val(f->members, member);
        g->n++;
    }
    g->total++;
    idmap_set(&f->grouped, member, 1);
}

static void note_name(weft_model *model, uint64_t of, guint32 name)
{
    guint lane = weft_model_lane_of(model, of);
    if (lane != NO_LANE)
        model->lanes[lane].pub.name = name;
    idmap_set(&model->facts.names, of, name);
}

/* The segment that this record began, if it did: one that is known stays as it is. */
static void note_age(weft_model *model, const struct weft_record *r, gint64 age_ns)
{
    guint lane = weft_model_lane_of(model, r->subject);
    const struct segment *open = lane == NO_LANE ? NULL : lane_open(&model->lanes[lane]);
    gint64 since_ns;
    if (age_ns > 0 && open && open->from_ns == (gint64)r->time &&
        !__builtin_sub_overflow(open->from_ns, age_ns, &since_ns))
        facts_note_amid(&model->facts, r->subject, open->from_ns, since_ns);
}

/* What was so, and was named, while nobody recorded. */
static void note_told(weft_model *model, const struct weft_record *r, const struct weft_record *ext)
{
    struct weft_ext_task task;
    struct weft_ext_object object;
    memcpy(&task, ext, sizeof task);
    memcpy(&object, ext, sizeof object);
    guint32 name = r->kind == WEFT_RECORD_TASK_IS ? task.name : object.name;
    if (name)
        note_name(model, r->subject, name);
    if (r->kind == WEFT_RECORD_TASK_IS)
        note_age(model, r, weft_age(&task));
    if (r->kind == WEFT_RECORD_TASK_IS && task.group)
        idmap_set(&model->facts.grouped, r->subject, 1);
    if (r->kind == WEFT_RECORD_OBJECT_IS && r->detail != WEFT_TOLD_OBJECT_HOLDER &&
        weft_id_kind(r->subject) == WEFT_ENTITY_GROUP &&
        !idmap_get(&model->facts.group_of, r->subject))
        facts_begin_group(&model->facts, r->subject, NULL, 0,
                          (guint)MIN(object.capacity, G_MAXUINT));
    if (r->kind == WEFT_RECORD_OBJECT_IS && weft_id_kind(r->subject) == WEFT_ENTITY_GROUP &&
        r->object)
        idmap_set(&model->facts.grouped, r->object, 1);
}

void facts_note(weft_model *model, uint64_t actor, const struct weft_record *r,
                const struct weft_record *ext)
{
    struct facts *f = &model->facts;
    switch (r->kind) {
    case WEFT_RECORD_TASK_NAME:
    case WEFT_RECORD_OBJECT_NAME:
        note_name(model, r->subject, (guint32)r->object);
        break;
    case WEFT_RECORD_TASK_IS:
    case WEFT_RECORD_OBJECT_IS:
        if (ext)
            note_told(model, r, ext);
        break;
    case WEFT_RECORD_GROUP_ADD:
        note_member(f, r->subject, r->object);
        break;
    case WEFT_RECORD_OP_START:
        if (ext) {
            struct weft_ext_op op;
            memcpy(&op, ext, sizeof op);
            if (op.fd >= 0 && r->object)
                idmap_set(&f->numbers, r->object, (uint32_t)op.fd + 1);
        }
        break;
    case WEFT_RECORD_TASK_DONE:
        if (ext) {
            struct weft_ext_error error;
            memcpy(&error, ext, sizeof error);
            g_array_append_val(f->failures, error);
            idmap_set(&f->failure_of, r->subject, f->failures->len);
        }
        break;
    case WEFT_RECORD_CANCEL_REQUEST: {
        struct weft_ext_text text = { 0 };
        if (ext)
            memcpy(&text, ext, sizeof text);
        struct cancel_fact cancel = { .time_ns = (gint64)r->time,
                                      .by = r->object ? r->object : actor,
                                      .message = text.text,
                                      .previous = idmap_get(&f->cancel_of, r->subject) };
        g_array_append_val(f->cancels, cancel);
        idmap_set(&f->cancel_of, r->subject, f->cancels->len);
        break;
    }
    }
}

const uint64_t *facts_members(const struct facts *f, uint64_t group, guint *n, guint *total)
{
    *n = *total = 0;
    uint32_t index = idmap_get(&f->group_of, group);
    if (index == 0)
        return NULL;
    const struct group_fact *g = &g_array_index(f->groups, struct group_fact, index - 1);
    *n = g->n;
    *total = g->total;
    return g->n ? &g_array_index(f->members, uint64_t, g->first) : NULL;
}

gboolean facts_grouped(const struct facts *f, uint64_t task)
{
    return idmap_get(&f->grouped, task) != 0;
}

const struct weft_ext_error *facts_failure(const struct facts *f, uint64_t task)
{
    uint32_t index = idmap_get(&f->failure_of, task);
    return index ? &g_array_index(f->failures, struct weft_ext_error, index - 1) : NULL;
}

const struct cancel_fact *facts_cancel(const struct facts *f, uint64_t task, gint64 t_ns)
{
    uint32_t index = idmap_get(&f->cancel_of, task);
    while (index) {
        const struct cancel_fact *fact = &g_array_index(f->cancels, struct cancel_fact, index - 1);
        if (fact->time_ns <= t_ns)
            return fact;
        index = fact->previous;
    }
    return NULL;
}

void facts_note_amid(struct facts *f, uint64_t id, gint64 from_ns, gint64 since_ns)
{
    struct amid_fact amid = { from_ns, since_ns, idmap_get(&f->amid_of, id) };
    g_array_append_val(f->amid, amid);
    idmap_set(&f->amid_of, id, f->amid->len);
}

gint64 facts_since(const struct facts *f, uint64_t id, gint64 from_ns)
{
    uint32_t index = f->amid->len ? idmap_get(&f->amid_of, id) : 0;
    while (index) {
        const struct amid_fact *fact = &g_array_index(f->amid, struct amid_fact, index - 1);
        if (fact->from_ns == from_ns)
            return fact->since_ns;
        index = fact->previous;
    }
    return from_ns;
}

gsize facts_memory(const struct facts *f)
{
    return idmap_memory(&f->names) + idmap_memory(&f->group_of) + idmap_memory(&f->numbers) +
           idmap_memory(&f->grouped) + idmap_memory(&f->failure_of) + idmap_memory(&f->cancel_of) +
           idmap_memory(&f->amid_of) + f->groups->len * sizeof(struct group_fact) +
           f->members->len * sizeof(uint64_t) + f->failures->len * sizeof(struct weft_ext_error) +
           f->cancels->len * sizeof(struct cancel_fact) + f->amid->len * sizeof(struct amid_fact);
}
