/* sentence.c: see sentence.h. */
#include "tracer/model/sentence.h"
#include "tracer/model/model_private.h"
#include "tracer/model/plan.h"
#include "tracer/model/taskline.h"
#include "tracer/model/text.h"
#include <string.h>

static void free_run(gpointer data)
{
    struct weft_text_run *run = data;
    g_free(run->text);
    g_free(run);
}

struct weft_sentence *sentence_new(gint64 time_ns, uint64_t subject)
{
    struct weft_sentence *s = g_new0(struct weft_sentence, 1);
    s->time_ns = time_ns;
    s->subject = subject;
    s->merged = 1;
    s->runs = g_ptr_array_new_with_free_func(free_run);
    return s;
}

void weft_sentence_free(struct weft_sentence *s)
{
    if (!s)
        return;
    g_ptr_array_unref(s->runs);
    g_free(s);
}

char *weft_sentence_text(const struct weft_sentence *s)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < s->runs->len; i++)
        g_string_append(text, ((struct weft_text_run *)s->runs->pdata[i])->text);
    return g_string_free(text, FALSE);
}

/* Takes the text. Plain text joins the plain text before it. */
static void add_run(struct weft_sentence *s, char *text, uint64_t entity, gboolean bold)
{
    struct weft_text_run *last = s->runs->len ? s->runs->pdata[s->runs->len - 1] : NULL;
    if (last && !entity && !bold && !last->entity && !last->bold) {
        char *joined = g_strconcat(last->text, text, NULL);
        g_free(last->text);
        g_free(text);
        last->text = joined;
        return;
    }
    struct weft_text_run *run = g_new(struct weft_text_run, 1);
    *run = (struct weft_text_run){ .text = text, .entity = entity, .bold = bold };
    g_ptr_array_add(s->runs, run);
}

void say(struct weft_sentence *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    add_run(s, text, 0, FALSE);
}

void say_text(struct weft_sentence *s, const char *text)
{
    add_run(s, g_strdup(text), 0, FALSE);
}

void say_ordinal(struct weft_sentence *s, guint number)
{
    static const char *const endings[] = { "th", "st", "nd", "rd" };
    gboolean teen = number / 10 % 10 == 1;
    say(s, "%u%s", number, endings[teen || number % 10 > 3 ? 0 : number % 10]);
}

/* "lock cache" where the name alone would not say what it is. */
static char *full_name(const weft_model *model, uint64_t id)
{
    char *name = weft_model_name(model, id);
    switch (weft_id_kind(id)) {
    case WEFT_ENTITY_LOCK:
    case WEFT_ENTITY_EVENT:
    case WEFT_ENTITY_CONDITION:
    case WEFT_ENTITY_SEMAPHORE:
    case WEFT_ENTITY_BARRIER:
    case WEFT_ENTITY_QUEUE:
    case WEFT_ENTITY_FUTURE: {
        const char *kind = weft_entity_name(weft_id_kind(id));
        if (g_str_has_prefix(name, kind))
            return name;
        char *full = g_strdup_printf("%s %s", kind, name);
        g_free(name);
        return full;
    }
    case WEFT_ENTITY_LOOP: {
        if (g_str_has_prefix(name, "loop ")) /* one of several */
            return name;
        char *full = g_strdup_printf("the %s", name);
        g_free(name);
        return full;
    }
    default:
        return name;
    }
}

/* A name that the program did not give begins a sentence as any word does; one that it gave stays
 * as it is, behind what it names. */
static char *opening_name(const weft_model *model, uint64_t id)
{
    char *name = full_name(model, id);
    const char *kind = weft_entity_name(weft_id_kind(id));
    gboolean group = weft_id_kind(id) == WEFT_ENTITY_GROUP, named = model_is_named(model, id);
    gboolean generic = kind && g_str_has_prefix(name, kind) && name[strlen(kind)] == ' ';
    if (g_str_has_prefix(name, "the ") || (!named && (generic || !id))) {
        name[0] = g_ascii_toupper(name[0]);
        return name;
    }
    if (!group && !generic)
        return name;
    char *opening = g_strconcat("The ", name, NULL);
    g_free(name);
    return opening;
}

static void add_entity(struct weft_sentence *s, const weft_model *model, uint64_t id, gboolean bold)
{
    gboolean opens = s->runs->len == 0;
    add_run(s, opens ? opening_name(model, id) : full_name(model, id), id, bold);
}

void say_entity(struct weft_sentence *s, const weft_model *model, uint64_t id)
{
    add_entity(s, model, id, FALSE);
}

void say_subject(struct weft_sentence *s, const weft_model *model, uint64_t id)
{
    add_entity(s, model, id, TRUE);
}

void say_entities(struct weft_sentence *s, const weft_model *model, const uint64_t *ids, guint n)
{
    say_some_entities(s, model, ids, n, n);
}

void say_some_entities(struct weft_sentence *s, const weft_model *model, const uint64_t *ids,
                       guint n, gint64 all)
{
    enum { NAMED = 3 };
    guint named = all <= NAMED ? n : MIN(n, NAMED - 1);
    for (guint i = 0; i < named; i++) {
        if (i > 0)
            say(s, i + 1 == all ? " and " : ", ");
        say_entity(s, model, ids[i]);
    }
    if (all > named)
        say(s, " and %" G_GINT64_FORMAT " more", all - named);
}

void say_duration(struct weft_sentence *s, gint64 ns)
{
    add_run(s, weft_format_duration(ns), 0, FALSE);
}

void say_moment(struct weft_sentence *s, gint64 t_ns)
{
    add_run(s, weft_format_time(t_ns), 0, FALSE);
}

void say_site(struct weft_sentence *s, const weft_model *model, const char *before, guint32 site)
{
    const struct weft_trace_site *at = site ? weft_trace_site(model->trace, site) : NULL;
    if (!at || !*at->file)
        return;
    say(s, "%s%s:%u", before, weft_site_file_name(at), at->line);
}

/* ---- What is awaited ---- */

static const char *const io_phrases[WEFT_AWAIT_END] = {
    [WEFT_AWAIT_READ] = "recv from ",     [WEFT_AWAIT_WRITE] = "send to ",
    [WEFT_AWAIT_CONNECT] = "connect to ", [WEFT_AWAIT_ACCEPT] = "a connection on ",
    [WEFT_AWAIT_DNS] = "the address of ", [WEFT_AWAIT_FILE] = "file ",
    [WEFT_AWAIT_CHILD] = "the end of ",   [WEFT_AWAIT_QUEUE_GET] = "an item from ",
    [WEFT_AWAIT_QUEUE_PUT] = "room in ",  [WEFT_AWAIT_QUEUE_JOIN] = "all work of ",
    [WEFT_AWAIT_SIGNAL] = "signal ",
};
static const char *const bare_phrases[WEFT_AWAIT_END] = {
    [WEFT_AWAIT_YIELD] = "its next turn", [WEFT_AWAIT_FUTURE] = "a result",
    [WEFT_AWAIT_TASK] = "a task",         [WEFT_AWAIT_GROUP] = "a gather",
    [WEFT_AWAIT_READ] = "data",           [WEFT_AWAIT_WRITE] = "room to send",
    [WEFT_AWAIT_CONNECT] = "a connect",   [WEFT_AWAIT_ACCEPT] = "a connection",
    [WEFT_AWAIT_DNS] = "an address",      [WEFT_AWAIT_FILE] = "a file",
    [WEFT_AWAIT_CHILD] = "a process",     [WEFT_AWAIT_JOB] = "the thread pool",
    [WEFT_AWAIT_SIGNAL] = "a signal",
};

void say_awaited(struct weft_sentence *s, const weft_model *model, unsigned kind, uint64_t other,
                 gint64 planned_ns)
{
    if (kind == WEFT_AWAIT_TIMER) {
        g_autofree char *planned = planned_ns ? format_planned(planned_ns) : NULL;
        if (planned)
            say(s, "sleep(%s)", planned);
        else
            say(s, "a timer");
    } else if (kind == WEFT_AWAIT_JOB && other) {
        say_entity(s, model, other);
        say(s, " in the thread pool");
    } else if (other &&
               (kind == WEFT_AWAIT_FUTURE || kind == WEFT_AWAIT_GROUP ||
                model_is_named(model, other) || kind >= WEFT_AWAIT_END || !bare_phrases[kind])) {
        if (kind < WEFT_AWAIT_END && io_phrases[kind])
            say(s, "%s", io_phrases[kind]);
        say_entity(s, model, other);
    } else {
        const char *bare = kind < WEFT_AWAIT_END ? bare_phrases[kind] : NULL;
        say(s, "%s", bare ? bare : "something");
    }
}

void say_wait(struct weft_sentence *s, const weft_model *model, const weft_state *state,
              const struct weft_task_at *task, uint64_t other)
{
    const struct weft_object_at *timer = task->detail == WEFT_AWAIT_TIMER &&
                                                 task->state == WEFT_STATE_WAITING
                                             ? weft_state_object(state, other)
                                             : NULL;
    gint64 planned = 0;
    gboolean seen = task->since_ns > task->created_ns; /* else it was told of amid its wait */
    if (timer && seen && timer->deadline_mono_ns > 0 && timer->deadline_mono_ns < G_MAXINT64)
        planned = weft_trace_from_monotonic(model->trace, (uint64_t)timer->deadline_mono_ns) -
                  task->since_ns;
    say_awaited(s, model, task->detail, other, planned > 0 ? plan_decode(plan_encode(planned)) : 0);
}

void say_bytes(struct weft_sentence *s, guint64 bytes)
{
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    double value = (double)bytes / 1024;
    guint unit = 0;
    if (bytes < 1024) {
        say(s, bytes == 1 ? "%u byte" : "%u bytes", (guint)bytes);
        return;
    }
    for (; value >= 1023.5 && unit + 1 < G_N_ELEMENTS(units); unit++)
        value /= 1024;
    g_ascii_formatd(digits, sizeof digits,
                    value < 9.995   ? "%.2f"
                    : value < 99.95 ? "%.1f"
                                    : "%.0f",
                    value);
    say(s, "%s %s", digits, units[unit]);
}
