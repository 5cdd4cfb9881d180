/* relocate.c: see relocate.h. */
#include "tracer/trace/relocate.h"
#include "tracer/probe/strings.h"
#include "tracer/trace/parties.h"
#include "tracer/trace/replayer.h"

enum {
    RINGS = 1 << WEFT_ID_RING_BITS,
    DENSE = 1 << 20, /* numbers below this are looked up in an array: a segment's are */
};

struct numbers { /* theirs -> the file's */
    GArray *dense;
    GHashTable *sparse;
    guint32 *last; /* the last one given in the file */
    guint32 none;  /* what stands for those that come when all are given */
};

struct place {
    guint32 theirs, ring;
};

struct weft_relocation {
    struct weft_filenumbers *file;
    const weft_trace *trace; /* NULL: one process */
    guint32 owner;           /* the first of its processes, in the file's count */
    guint32 rings[RINGS];    /* + 1; 0: not seen */
    struct numbers strings, sites;
    weft_relocation *rings_of; /* another's rings are its own; NULL */
    GArray *places;            /* of struct place: to be said */
    gboolean overflowed;
    weft_time_converter *convert;
    const void *convert_data;
    gint64 deadlines;
};

static void init_numbers(struct numbers *numbers, guint32 *last, guint32 none)
{
    numbers->dense = g_array_new(FALSE, TRUE, sizeof(guint32));
    numbers->sparse = g_hash_table_new(NULL, NULL);
    numbers->last = last;
    numbers->none = none;
}

static void finish_numbers(struct numbers *numbers)
{
    g_array_unref(numbers->dense);
    g_hash_table_unref(numbers->sparse);
}

weft_relocation *weft_relocation_new(struct weft_filenumbers *file, const weft_trace *trace)
{
    weft_relocation *r = g_new0(weft_relocation, 1);
    r->file = file;
    r->trace = trace;
    r->owner = file->n_owners + 1;
    file->n_owners += trace ? weft_trace_n_sources(trace) : 1;
    init_numbers(&r->strings, &file->strings, WEFT_STRING_FULL);
    init_numbers(&r->sites, &file->sites, 0);
    r->places = g_array_new(FALSE, FALSE, sizeof(struct place));
    return r;
}

void weft_relocation_free(weft_relocation *r)
{
    if (!r)
        return;
    finish_numbers(&r->strings);
    finish_numbers(&r->sites);
    g_array_unref(r->places);
    g_free(r);
}

void weft_relocation_set_clock(weft_relocation *r, weft_time_converter *convert, const void *data,
                               gint64 deadlines)
{
    r->convert = convert;
    r->convert_data = data;
    r->deadlines = deadlines;
}

void weft_relocation_share_rings(weft_relocation *r, weft_relocation *with)
{
    r->rings_of = with;
}

gboolean weft_relocation_overflowed(const weft_relocation *r)
{
    return r->rings_of ? weft_relocation_overflowed(r->rings_of) : r->overflowed;
}

/* ---- Numbers ---- */

static guint32 next_number(struct numbers *numbers)
{
    return *numbers->last < WEFT_STRING_FULL - 1 ? ++*numbers->last : numbers->none;
}

static guint32 renumber(struct numbers *numbers, guint32 id)
{
    if (id == 0)
        return 0;
    if (id >= DENSE) {
        gpointer given = g_hash_table_lookup(numbers->sparse, GUINT_TO_POINTER(id));
        if (!given) {
            given = GUINT_TO_POINTER(next_number(numbers));
            g_hash_table_insert(numbers->sparse, GUINT_TO_POINTER(id), given);
        }
        return GPOINTER_TO_UINT(given);
    }
    if (id >= numbers->dense->len)
        g_array_set_size(numbers->dense, id + 1);
    guint32 *given = &g_array_index(numbers->dense, guint32, id);
    if (*given == 0)
        *given = next_number(numbers);
    return *given;
}

guint32 weft_relocate_string(weft_relocation *r, guint32 id)
{
    return id == WEFT_STRING_FULL ? id : renumber(&r->strings, id);
}

guint32 weft_relocate_site(weft_relocation *r, guint32 id)
{
    return renumber(&r->sites, id);
}

/* ---- Rings ---- */

/* Whose a ring would be by what the file says of those before it. */
static guint32 implied_owner(const struct weft_filenumbers *file, guint32 ring)
{
    for (guint32 i = MIN(ring, file->rings); i > 0; i--)
        if (file->owners[i - 1])
            return file->owners[i - 1];
    return file->first;
}

static void add_place(weft_relocation *r, guint32 theirs, guint32 ring)
{
    struct place place = { theirs, ring };
    g_array_append_val(r->places, place);
}

static guint32 give_ring(weft_relocation *r, guint32 theirs)
{
    struct weft_filenumbers *file = r->file;
    guint32 ring = theirs;
    guint32 owner = r->owner + (r->trace ? weft_trace_source_of(r->trace, theirs) : 0);
    if (!file->first) {
        file->first = owner;
        add_place(r, theirs, 0);
    }
    if (file->owners[ring] || implied_owner(file, ring) != owner)
        ring = file->rings;
    if (ring >= RINGS) {
        r->overflowed = TRUE;
        return WEFT_NO_RING;
    }
    if (implied_owner(file, ring) != owner)
        add_place(r, theirs, ring);
    file->owners[ring] = owner;
    file->rings = MAX(file->rings, ring + 1);
    r->rings[theirs] = ring + 1;
    return ring;
}

guint32 weft_relocate_ring(weft_relocation *r, guint32 ring)
{
    if (ring >= RINGS)
        return WEFT_NO_RING;
    if (r->rings_of)
        return weft_relocate_ring(r->rings_of, ring);
    return r->rings[ring] ? r->rings[ring] - 1 : give_ring(r, ring);
}

gboolean weft_relocation_next_place(weft_relocation *r, guint32 *theirs, guint32 *ring)
{
    if (r->places->len == 0)
        return FALSE;
    const struct place *place = &g_array_index(r->places, struct place, 0);
    *theirs = place->theirs;
    *ring = place->ring;
    g_array_remove_index(r->places, 0);
    return TRUE;
}

uint64_t weft_relocate_id(weft_relocation *r, uint64_t id)
{
    if (id == 0)
        return 0;
    guint32 ring = weft_relocate_ring(r, weft_id_ring(id));
    if (ring == WEFT_NO_RING)
        return 0;
    const uint64_t mask = (uint64_t)(RINGS - 1) << WEFT_ID_COUNTER_BITS;
    return (id & ~mask) | (uint64_t)ring << WEFT_ID_COUNTER_BITS;
}

/* ---- Records ---- */

static uint64_t relocate_deadline(const weft_relocation *r, uint64_t mono_ns)
{
    return mono_ns == INT64_MAX ? mono_ns : mono_ns + (uint64_t)r->deadlines; /* for ever stays */
}

static void relocate_ext(weft_relocation *r, enum weft_ext kind, struct weft_record *slot)
{
    union {
        struct weft_record *slot;
        struct weft_ext_text *text;
        struct weft_ext_error *error;
        struct weft_ext_op *op;
        struct weft_ext_task *task;
        struct weft_ext_object *object;
    } ext = { slot };
    switch (kind) {
    case WEFT_EXT_TEXT:
        ext.text->text = weft_relocate_string(r, ext.text->text);
        break;
    case WEFT_EXT_ERROR:
        ext.error->name = weft_relocate_string(r, ext.error->name);
        ext.error->message = weft_relocate_string(r, ext.error->message);
        ext.error->site = weft_relocate_site(r, ext.error->site);
        ext.error->cause_message = weft_relocate_string(r, ext.error->cause_message);
        break;
    case WEFT_EXT_OP:
        ext.op->handle = weft_relocate_id(r, ext.op->handle);
        break;
    case WEFT_EXT_TASK:
        ext.task->parent = weft_relocate_id(r, ext.task->parent);
        ext.task->group = weft_relocate_id(r, ext.task->group);
        ext.task->name = weft_relocate_string(r, ext.task->name);
        ext.task->made = weft_relocate_site(r, ext.task->made);
        break;
    case WEFT_EXT_OBJECT:
        if (ext.object->deadline_mono_ns)
            ext.object->deadline_mono_ns = relocate_deadline(r, ext.object->deadline_mono_ns);
        ext.object->name = weft_relocate_string(r, ext.object->name);
        break;
    case WEFT_EXT_NONE:
        break;
    }
}

static uint64_t relocate_object(weft_relocation *r, enum weft_field field, uint64_t object)
{
    switch (field) {
    case WEFT_FIELD_ENTITY:
        return weft_relocate_id(r, object);
    case WEFT_FIELD_STRING:
        return weft_relocate_string(r, (uint32_t)object);
    case WEFT_FIELD_SITE:
        return weft_relocate_site(r, (uint32_t)object);
    case WEFT_FIELD_DEADLINE:
        return relocate_deadline(r, object);
    case WEFT_FIELD_NONE:
    case WEFT_FIELD_NS:
    case WEFT_FIELD_COUNT:
    case WEFT_FIELD_VALUE:
        break;
    }
    return object;
}

/* Of an event that this build does not know, what all have in common is relocated. */
static void relocate_record(weft_relocation *r, struct weft_record *record, struct weft_record *ext)
{
    const struct weft_event_info *info = weft_event_info(record->kind);
    if (r->convert)
        record->time = r->convert(record->time, r->convert_data);
    record->subject = weft_relocate_id(r, record->subject);
    if (!info || info->site == WEFT_FIELD_SITE)
        record->site = weft_relocate_site(r, record->site);
    if (!info)
        return;
    record->object = relocate_object(r, info->object, record->object);
    if (ext)
        relocate_ext(r, info->ext, ext);
}

void weft_relocate_records(weft_relocation *r, struct weft_record *records, guint n)
{
    for (guint i = 0; i < n; i++) {
        gboolean ext = (records[i].flags & WEFT_RECORD_EXT) && i + 1 < n;
        relocate_record(r, &records[i], ext ? &records[i + 1] : NULL);
        i += ext;
    }
}

/* ---- States ---- */

static gint64 relocate_time(const weft_relocation *r, gint64 time)
{
    return r->convert ? (gint64)r->convert((uint64_t)time, r->convert_data) : time;
}

static void relocate_task(weft_relocation *r, const struct weft_task_at *from, weft_state *into)
{
    uint64_t id = weft_relocate_id(r, from->id);
    if (!id)
        return;
    struct weft_task_entry *task = weft_idtable_add(&into->tasks, id);
    task->at = *from;
    task->at.id = id;
    task->at.parent = weft_relocate_id(r, from->parent);
    task->at.other = weft_relocate_id(r, from->other);
    task->at.since_ns = relocate_time(r, from->since_ns);
    task->at.created_ns = relocate_time(r, from->created_ns);
    task->at.name = weft_relocate_string(r, from->name);
    task->at.created_site = weft_relocate_site(r, from->created_site);
    task->at.site = weft_relocate_site(r, from->site);
    task->ring = weft_id_ring(id);
    task->position = WEFT_NOT_QUEUED; /* until the ready queue names it */
}

static void relocate_held_object(weft_relocation *r, const struct weft_object_at *from,
                                 weft_state *into)
{
    uint64_t id = weft_relocate_id(r, from->id);
    if (!id)
        return;
    struct weft_object_at *object = weft_idtable_add(&into->objects, id);
    *object = *from;
    object->id = id;
    object->owner = weft_relocate_id(r, from->owner);
    if (from->deadline_mono_ns)
        object->deadline_mono_ns = (gint64)relocate_deadline(r, (uint64_t)from->deadline_mono_ns);
    object->name = weft_relocate_string(r, from->name);
    object->site = weft_relocate_site(r, from->site);
}

static void relocate_parties(weft_relocation *r, const struct weft_parties *from, weft_state *into)
{
    uint64_t object = weft_relocate_id(r, from->id);
    if (!object)
        return;
    struct weft_parties *parties = weft_parties_of(into, object);
    parties->ended = from->ended;
    for (guint i = 0; i < from->n; i++) {
        uint64_t id = weft_relocate_id(r, from->at[i].id);
        if (id)
            weft_parties_add(parties, id, from->at[i].units);
    }
}

static void relocate_ready(weft_relocation *r, const weft_state *from, guint index,
                           weft_state *into, guint32 to)
{
    guint n;
    const uint64_t *ready = weft_state_ready(from, index, &n);
    struct weft_ring_state *ring = weft_state_ring(into, to);
    for (guint i = 0; i < n; i++) {
        uint64_t id = weft_relocate_id(r, ready[i]);
        struct weft_task_entry *task = weft_idtable_find(&into->tasks, id);
        if (!id)
            continue;
        guint64 position = weft_readyqueue_push(&ring->ready, id);
        if (task) {
            task->ring = to;
            task->position = position;
        }
    }
}

static void relocate_ring_state(weft_relocation *r, const weft_state *from, guint index,
                                weft_state *into)
{
    const struct weft_ring_state *ring = from->rings[index];
    guint32 to = ring ? weft_relocate_ring(r, index) : WEFT_NO_RING;
    if (to == WEFT_NO_RING)
        return;
    struct weft_ring_state *there = weft_state_ring(into, to);
    there->polling = ring->polling;
    there->poll_since = ring->polling ? relocate_time(r, ring->poll_since) : 0;
    for (guint i = 0; i < ring->n_running; i++) {
        uint64_t id = weft_relocate_id(r, ring->running[i]);
        if (id)
            weft_ring_state_push_running(there, id);
    }
    relocate_ready(r, from, index, into, to);
}

void weft_relocate_state(weft_relocation *r, const weft_state *from, weft_state *into)
{
    for (guint i = 0; i < weft_idtable_n(&from->tasks); i++) {
        const struct weft_task_entry *task = weft_idtable_at(&from->tasks, i);
        if (task)
            relocate_task(r, &task->at, into);
    }
    for (guint i = 0; i < weft_idtable_n(&from->objects); i++) {
        const struct weft_object_at *object = weft_idtable_at(&from->objects, i);
        if (object)
            relocate_held_object(r, object, into);
    }
    for (guint i = 0; i < weft_idtable_n(&from->parties); i++) {
        const struct weft_parties *parties = weft_idtable_at(&from->parties, i);
        if (parties)
            relocate_parties(r, parties, into);
    }
    for (guint i = 0; i < from->n_rings; i++)
        relocate_ring_state(r, from, i, into);
}
