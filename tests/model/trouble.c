/* trouble.c: see trouble.h. */
#include "tests/model/trouble.h"
#include "tests/valgrind.h"

void make_task(struct script *s, double ms, unsigned task, const char *name)
{
    script_add(s, MS(ms), WEFT_RECORD_TASK_NEW, 0, 1, TASK(task), TASK(1));
    script_name(s, MS(ms), TASK(task), name);
    wake(s, ms, task, WEFT_WAKE_CREATED, 0);
}

void resume(struct script *s, double ms, unsigned task)
{
    script_add(s, MS(ms), WEFT_RECORD_RESUME, 0, 0, TASK(task), 0);
}

void suspend(struct script *s, double ms, unsigned task, unsigned kind, uint64_t what, guint line)
{
    weft_trace_define_site(s->trace, line, "src/app.c", "work", line);
    script_add(s, MS(ms), WEFT_RECORD_SUSPEND, kind, line, TASK(task), what);
}

void wake(struct script *s, double ms, unsigned task, unsigned cause, uint64_t by)
{
    script_add(s, MS(ms), WEFT_RECORD_WAKE, cause, 0, TASK(task), by);
}

void done(struct script *s, double ms, unsigned task, unsigned outcome)
{
    script_add(s, MS(ms), WEFT_RECORD_TASK_DONE, outcome, 0, TASK(task), 0);
}

void poll(struct script *s, double from, double to)
{
    script_add(s, MS(from), WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, (uint64_t)MS(to - from));
    script_add(s, MS(to), WEFT_RECORD_POLL_END, 0, 0, LOOP, 1);
}

void poll_for_ever(struct script *s, double ms)
{
    script_add(s, MS(ms), WEFT_RECORD_POLL_BEGIN, 0, 0, LOOP, G_MAXINT64);
}

void iterate(struct script *s, double ms, unsigned number, unsigned ready)
{
    script_add(s, MS(ms), WEFT_RECORD_ITERATION, 0, ready, LOOP, number);
}

void use(struct script *s, double ms, uint64_t resource, unsigned op, gint64 value)
{
    script_add(s, MS(ms), WEFT_RECORD_RESOURCE, op, 0, resource, (uint64_t)value);
}

void make_object(struct script *s, double ms, uint64_t id, const char *name, guint capacity)
{
    script_add(s, MS(ms), WEFT_RECORD_OBJECT_NEW, 0, 1, id, capacity);
    script_name(s, MS(ms), id, name);
}

void lay_table(struct script *s)
{
    make_task(s, 1, 2, "Ada");
    make_task(s, 1, 3, "Bob");
    make_object(s, 1, LOCK(1), "fork", 1);
    make_object(s, 1, LOCK(2), "knife", 1);
    suspend(s, 1, 1, WEFT_AWAIT_EVENT, weft_id(WEFT_ENTITY_EVENT, 0, 1), 10);
    resume(s, 2, 2);
    use(s, 2, LOCK(1), WEFT_RESOURCE_ACQUIRE, 1);
    suspend(s, 3, 2, WEFT_AWAIT_YIELD, 0, 20);
    resume(s, 3, 3);
    use(s, 3, LOCK(2), WEFT_RESOURCE_ACQUIRE, 1);
    suspend(s, 4, 3, WEFT_AWAIT_YIELD, 0, 20);
}

void want_both(struct script *s)
{
    resume(s, 5, 2);
    suspend(s, 6, 2, WEFT_AWAIT_LOCK, LOCK(2), 21);
    resume(s, 6, 3);
    suspend(s, 7, 3, WEFT_AWAIT_LOCK, LOCK(1), 31);
}

/* ---- Finding ---- */

static char *text_of(weft_findings *findings, GString *keys)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < weft_findings_n(findings); i++) {
        const struct weft_finding *f = weft_findings_get(findings, i);
        g_assert_cmpint(f->from_ns, <=, f->to_ns);
        g_assert_true(*f->fix && f->count > 0 && f->rule->severity >= f->severity);
        g_assert_true(f->subject == 0 || f->entities[0] == f->subject);
        g_string_append_printf(text, "%s %s%s%s: %s\n", f->rule->id,
                               weft_severity_name(f->severity), f->lasts ? ", lasts" : "",
                               f->proved ? "" : ", may", f->message);
        g_string_append_printf(keys, "%s %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "\n", f->key,
                               f->from_ns, f->to_ns);
    }
    return g_string_free(text, FALSE);
}

/* What is not in a chunk yet becomes chunks of `piece` records; 0: one. */
static void cut_in_pieces(struct script *s, guint piece)
{
    g_autoptr(GArray) all = s->records;
    s->records = g_array_new(FALSE, TRUE, sizeof(struct weft_record));
    for (guint i = 0; i < all->len; i++) {
        const struct weft_record *r = &g_array_index(all, struct weft_record, i);
        gboolean ext = r->flags & WEFT_RECORD_EXT;
        g_array_append_vals(s->records, r, 1 + ext);
        i += ext;
        if (piece && s->records->len >= piece)
            script_cut(s);
    }
    if (s->records->len)
        script_cut(s);
}

enum { PIECES = 500, PIECES_SLOW = 60 }; /* of a long script: a piece is some records then */
enum reading { AT_ONCE, RECORD_BY_RECORD, LIVE, READINGS };

static char *find(write_trouble *write, enum reading reading, gint64 now_ns, gboolean ended,
                  GString *keys)
{
    struct script s = script_with_main();
    weft_trace_define_site(s.trace, 1, "src/app.c", "main", 1);
    write(&s);
    cut_in_pieces(&s, reading == AT_ONCE ? 0 : 1 + s.records->len / (SLOW ? PIECES_SLOW : PIECES));
    weft_model *model = weft_model_new(s.trace);
    guint step = reading == LIVE ? 1 : 0;
    g_autoptr(weft_findings) findings = weft_findings_new(model, NULL);
    gboolean more = TRUE;
    while (more) {
        more = weft_model_advance(model, step);
        while (weft_findings_advance(findings, reading == AT_ONCE ? 0 : 1))
            weft_findings_now(findings, weft_model_end_ns(model), FALSE);
        weft_findings_now(findings, weft_model_end_ns(model), FALSE);
        g_autoptr(GString) ignored = g_string_new(NULL);
        g_free(text_of(findings, ignored));
    }
    weft_findings_now(findings, now_ns >= 0 ? now_ns : weft_model_end_ns(model), ended);
    char *text = text_of(findings, keys);
    g_clear_pointer(&findings, weft_findings_free);
    weft_model_free(model);
    weft_trace_unref(s.trace);
    g_array_unref(s.records);
    return text;
}

void assert_findings_at(write_trouble *write, double now_ms, gboolean ended, const char *expected)
{
    g_autofree char *first_keys = NULL;
    for (guint reading = AT_ONCE; reading < READINGS; reading++) {
        g_autoptr(GString) keys = g_string_new(NULL);
        g_autofree char *text = find(write, reading, now_ms < 0 ? -1 : MS(now_ms), ended, keys);
        g_assert_cmpstr(text, ==, expected);
        if (first_keys)
            g_assert_cmpstr(keys->str, ==, first_keys);
        else
            first_keys = g_strdup(keys->str);
    }
}
