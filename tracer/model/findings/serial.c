/* serial.c: accidental-serial: a task makes others at one place in the program, each after it has
 * awaited the one before, while its loop is idle: a gather would have awaited them together.
 *
 *   parent:  make A, await A ....... make B, await B ....... make C, await C ....... goes on
 *   loop:    ---------- polls ------------- polls -------------- polls -------
 *
 * Whether B needs what A returned the trace does not say: so it "may". The parent waits for nothing
 * else between: one that handles what arrives, one after the other, is as it should be. */
#include "tracer/model/findings/found.h"
#include "tracer/trace/idtable.h"

struct chain {
    uint64_t id; /* the parent */
    uint64_t child;
    gint64 from_ns, to_ns;
    gint64 polled_from_ns, polled_to_ns; /* how long the loop had polled by then */
    guint n;                             /* awaited, and done */
    guint32 site;                        /* where they are made */
    gboolean awaits;                     /* `child` */
};

struct loop_idle {
    gint64 ns, since_ns; /* G_MININT64: it does not poll now */
};

struct serial {
    weft_findings *f;
    struct weft_idtable chains; /* of struct chain */
    GArray *idle;               /* by ring, of struct loop_idle */
};

static char *tell(const weft_findings *f, const struct found *found, struct weft_sentence *s)
{
    say_subject(s, f->model, found->pub.subject);
    say(s, " made %" G_GINT64_FORMAT " tasks", found->numbers[0]);
    say_site(s, f->model, " at ", found->pub.site);
    say(s, ", each once the one before was done, while the loop was idle for ");
    say_duration(s, found->numbers[1]);
    say(s, " of ");
    say_duration(s, found->worst_ns);
    say(s, ": they may as well run at the same time");
    say_more(s, found, "rows of tasks");
    return g_strdup("Await them together, with weft_gather() or in a task group (Python: "
                    "asyncio.gather(), asyncio.TaskGroup), unless each needs the result of the one "
                    "before");
}

static struct loop_idle *idle_of(struct serial *serial, uint32_t ring)
{
    for (guint n = serial->idle->len; n <= ring; n++) {
        struct loop_idle none = { 0, G_MININT64 };
        g_array_append_val(serial->idle, none);
    }
    return &g_array_index(serial->idle, struct loop_idle, ring);
}

static gboolean is_over(const struct serial *serial, uint64_t child)
{
    const struct weft_task_at *task = weft_state_task(serial->f->state, child);
    return !task || task->state == WEFT_STATE_DONE;
}

/* The parent goes on: what it awaited is counted if it is done. */
static void count(struct serial *serial, struct chain *chain)
{
    const struct weft_task_at *parent = weft_state_task(serial->f->state, chain->id);
    if (!chain->awaits || !parent || !is_over(serial, chain->child))
        return;
    gboolean runs = parent->state == WEFT_STATE_RUNNING || parent->state == WEFT_STATE_CANCELLING;
    chain->awaits = FALSE;
    chain->child = 0;
    chain->n++;
    chain->to_ns = runs ? findings_time(parent->since_ns) : chain->to_ns;
    chain->polled_to_ns = idle_of(serial, weft_id_ring(chain->id))->ns;
}

static void judge(struct serial *serial, const struct chain *chain)
{
    weft_findings *f = serial->f;
    const struct watched_ring *ring = findings_ring(f, weft_id_ring(chain->id));
    if (!ring)
        return;
    gint64 ns = findings_span(ring, chain->from_ns, chain->to_ns);
    gint64 idle_ns = MIN(chain->polled_to_ns - chain->polled_from_ns, ns);
    if (chain->n < findings_threshold(f, WEFT_THRESHOLD_SERIAL_TASKS) || ns == 0 ||
        (double)idle_ns * 100 < (double)ns * findings_threshold(f, WEFT_THRESHOLD_SERIAL_IDLE))
        return;
    gboolean worst;
    struct alike alike = { RULE_ACCIDENTAL_SERIAL,
                           { chain->site ? chain->site : chain->id, chain->site != 0 } };
    struct found *found = found_add(f, alike, chain->id, chain->from_ns, ns, WEFT_SEVERITY_HINT,
                                    &worst);
    found->tell = tell;
    if (!worst)
        return;
    found->pub.proved = FALSE;
    found->pub.site = chain->site;
    found->pub.from_ns = chain->from_ns;
    found->pub.to_ns = chain->to_ns;
    found->numbers[0] = chain->n;
    found->numbers[1] = idle_ns;
}

static void makes(struct serial *serial, const struct happening *h)
{
    const struct weft_record *r = h->record;
    if (weft_id_kind(r->object) != WEFT_ENTITY_TASK)
        return;
    struct chain *chain = weft_idtable_find(&serial->chains, r->object);
    if (chain)
        count(serial, chain);
    if (!chain || chain->child != 0 || chain->site != r->site) {
        if (chain)
            judge(serial, chain);
        chain = weft_idtable_add(&serial->chains, r->object);
        chain->n = 0;
        chain->site = r->site;
        chain->from_ns = chain->to_ns = h->time_ns;
        chain->polled_from_ns = chain->polled_to_ns = idle_of(serial, h->ring->index)->ns;
    }
    chain->child = r->subject;
    chain->awaits = FALSE;
}

static void poll(struct serial *serial, const struct happening *h)
{
    struct loop_idle *idle = idle_of(serial, h->ring->index);
    if (h->record->kind == WEFT_RECORD_POLL_BEGIN) {
        idle->since_ns = h->time_ns;
    } else if (idle->since_ns != G_MININT64) {
        idle->ns += findings_span(h->ring, idle->since_ns, h->time_ns);
        idle->since_ns = G_MININT64;
    }
}

static void on_record(gpointer self, const struct happening *h)
{
    struct serial *serial = self;
    const struct weft_record *r = h->record;
    if (r->kind == WEFT_RECORD_TASK_NEW) {
        makes(serial, h);
        return;
    }
    if (r->kind == WEFT_RECORD_POLL_BEGIN || r->kind == WEFT_RECORD_POLL_END) {
        poll(serial, h);
        return;
    }
    struct chain *chain = weft_idtable_find(&serial->chains, r->subject);
    if (!chain)
        return;
    if (r->kind == WEFT_RECORD_SUSPEND) {
        if (r->detail == WEFT_AWAIT_YIELD)
            return;
        if (r->object == chain->child && chain->child) {
            chain->awaits = TRUE;
            return;
        }
    }
    count(serial, chain);
    judge(serial, chain);
    weft_idtable_remove(&serial->chains, r->subject);
}

static void lose(gpointer self, struct watched_ring *ring, guint64 slots, gint64 from_ns,
                 gint64 to_ns)
{
    (void)slots, (void)from_ns, (void)to_ns;
    struct serial *serial = self;
    idle_of(serial, ring->index)->since_ns = G_MININT64;
    findings_forget(&serial->chains, ring);
}

static void now(gpointer self, gint64 now_ns, gboolean ended)
{
    (void)now_ns, (void)ended;
    struct serial *serial = self;
    for (guint i = 0; i < weft_idtable_n(&serial->chains); i++) {
        const struct chain *chain = weft_idtable_at(&serial->chains, i);
        if (chain)
            judge(serial, chain);
    }
}

static gpointer new_serial(weft_findings *f)
{
    struct serial *serial = g_new0(struct serial, 1);
    serial->f = f;
    serial->idle = g_array_new(FALSE, FALSE, sizeof(struct loop_idle));
    weft_idtable_init(&serial->chains, sizeof(struct chain));
    return serial;
}

static void free_serial(gpointer self)
{
    struct serial *serial = self;
    weft_idtable_finish(&serial->chains);
    g_array_unref(serial->idle);
    g_free(serial);
}

static const guint *awake(gpointer self)
{
    return &((struct serial *)self)->chains.live;
}

const struct family serial_family = {
    .before = KIND(TASK_NEW) | KIND(SUSPEND) | KIND(TASK_DONE) | KIND(TASK_FREE) |
              KIND(POLL_BEGIN) | KIND(POLL_END),
    .lazy = KIND(SUSPEND) | KIND(TASK_DONE) | KIND(TASK_FREE),
    .awake = awake,
    .new = new_serial,
    .free = free_serial,
    .before_record = on_record,
    .lose = lose,
    .now = now,
};
