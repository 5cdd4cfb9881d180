/* weft-probe.c: marks, spans and counters of programs. See weft-probe.h.
 *
 * An event goes into the ring of the loop that the calling thread runs, else into the thread's own.
 * Who knows the loop is the runtime, if there is one: it says how to find it. */
#include "tracer/probe/weft-probe.h"
#include "tracer/probe/control.h"
#include "tracer/probe/intern.h"
#include "tracer/probe/session.h"
#include "tracer/probe/user.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t weft__recording = WEFT_RECORDING_UNKNOWN;

static struct weft_writer *(*loop_writer)(void);

void weft_probe_find_loop_by(struct weft_writer *(*find)(void))
{
    __atomic_store_n(&loop_writer, find, __ATOMIC_RELEASE);
}

static struct weft_writer *writer_of_loop(void)
{
    struct weft_writer *(*find)(void) = __atomic_load_n(&loop_writer, __ATOMIC_ACQUIRE);
    return find ? find() : NULL;
}

/* The first time in this process, what it is known by is made: a segment with a ring in it. */
static void begin(void)
{
    if (__atomic_load_n(&weft__recording, __ATOMIC_RELAXED) != WEFT_RECORDING_UNKNOWN)
        return;
    if (weft_probe_start() != WEFT_MODE_OFF && !writer_of_loop())
        weft_probe_thread_writer();
}

struct weft_writer *weft_probe_writer_here(void)
{
    begin();
    if (!weft_probe_recording())
        return NULL;
    struct weft_writer *w = writer_of_loop();
    if (!w)
        w = weft_probe_thread_writer();
    return w->ring ? w : NULL;
}

static void say(struct weft_writer *w, enum weft_record_kind kind, uint32_t site, uint64_t subject,
                uint64_t object)
{
    uint64_t now = weft_clock_now();
    if (w->kind == WEFT_RING_THREAD)
        weft_probe_turn(w, now); /* a loop does it itself */
    weft_emit_shared(w, now, kind, 0, site, subject, object);
}

/* Who does it, for events that are about nobody else. */
static uint64_t actor_of(const struct weft_writer *w)
{
    return w->current_task ? w->current_task : w->owner;
}

/* ---- Being looked at ---- */

int weft_probe_open(void)
{
    begin();
    return weft_probe_on() ? weft_control_fd() : -1;
}

void weft_probe_serve(void)
{
    if (!weft_probe_on())
        return;
    weft_control_serve();
    struct weft_writer *w = weft_probe_thread_writer_if_any();
    if (w)
        weft_probe_turn(w, weft_clock_now());
}

/* ---- Marks ---- */

void weft_mark_at(weft_site *site, const char *text)
{
    struct weft_writer *w = weft_probe_writer_here();
    if (w)
        say(w, WEFT_RECORD_MARK, weft_site_id(site), actor_of(w), weft_string_intern(text));
}

void weft_mark_format_at(weft_site *site, const char *format, ...)
{
    char text[WEFT_STRING_MAX + 1];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    weft_mark_at(site, text);
}

/* ---- Spans ---- */

weft_span weft_span_begin_at(weft_site *site, const char *name)
{
    struct weft_writer *w = weft_probe_writer_here();
    if (!w)
        return (weft_span){ 0, 0, 0 };
    weft_span span = { weft_new_id(w, WEFT_ENTITY_SPAN), weft_string_intern(name),
                       weft_intern_generation() };
    say(w, WEFT_RECORD_SPAN_BEGIN, weft_site_id(site), span.id, span.name);
    return span;
}

void weft_span_end_at(weft_site *site, weft_span span)
{
    if (span.id == 0 || span.generation != weft_intern_generation())
        return;
    struct weft_writer *w = weft_probe_writer_here();
    if (w)
        say(w, WEFT_RECORD_SPAN_END, weft_site_id(site), span.id, span.name);
}

/* ---- Counters ---- */

enum { NAMED_RINGS = 8 };

struct counter {
    weft_counter shown;
    uint64_t id;
    weft_site *site; /* where it was made */
    /* In which rings it was named, and at which of their chunks: ring:12 | chunk:52. A ring that
     * goes round forgets the name, so it is named again every quarter of the way. */
    uint64_t named[NAMED_RINGS]; /* atomic */
    char name[];
};

weft_counter *weft_counter_new_at(weft_site *site, const char *name)
{
    static uint64_t last; /* counters are the process's: ring 0 in their ids */
    size_t size = strlen(name) + 1;
    struct counter *counter = calloc(1, sizeof *counter + size);
    if (!counter)
        return NULL;
    counter->id = weft_id(WEFT_ENTITY_COUNTER, 0, __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED));
    counter->site = site;
    memcpy(counter->name, name, size);
    return &counter->shown;
}

void weft_counter_free(weft_counter *counter)
{
    free(counter);
}

static bool must_be_named(struct counter *counter, const struct weft_writer *w)
{
    uint64_t *named = &counter->named[w->index % NAMED_RINGS];
    uint64_t before = __atomic_load_n(named, __ATOMIC_RELAXED);
    uint64_t now = (uint64_t)w->index << 52 | (w->k + 1);
    if (before != 0 && before >> 52 == w->index && now - before <= w->n / 4)
        return false;
    __atomic_store_n(named, now, __ATOMIC_RELAXED);
    return true;
}

void weft__counter_changed(weft_site *site, weft_counter *shown, int64_t value)
{
    struct counter *counter = (struct counter *)shown;
    struct weft_writer *w = weft_probe_writer_here();
    if (!w)
        return;
    if (must_be_named(counter, w))
        say(w, WEFT_RECORD_OBJECT_NAME, weft_site_id(counter->site), counter->id,
            weft_string_intern(counter->name));
    say(w, WEFT_RECORD_COUNTER, weft_site_id(site), counter->id, (uint64_t)value);
}

/* ---- In signal handlers: no lock, no memory, no first time of anything ---- */

struct weft_prepared_mark {
    uint32_t site, text, generation;
};

static struct weft_writer *writer_of_interrupted(void)
{
    if (!weft_probe_recording())
        return NULL;
    struct weft_writer *w = writer_of_loop();
    if (!w)
        w = weft_probe_thread_writer_if_any();
    return w && w->ring ? w : NULL;
}

weft_prepared_mark *weft_mark_prepare_at(weft_site *site, const char *text)
{
    begin();
    weft_prepared_mark *mark = malloc(sizeof *mark);
    if (mark)
        *mark = (weft_prepared_mark){ weft_site_id(site), weft_string_intern(text),
                                      weft_intern_generation() };
    return mark;
}

void weft_mark_from_signal(const weft_prepared_mark *mark)
{
    struct weft_writer *w = mark ? writer_of_interrupted() : NULL;
    if (w)
        weft_emit(w, WEFT_RECORD_MARK, 0, mark->site, actor_of(w),
                  mark->generation == weft_intern_generation() ? mark->text : WEFT_STRING_NONE);
}

void weft_counter_add_from_signal(weft_counter *counter, int64_t delta)
{
    if (!counter)
        return;
    int64_t value = __atomic_add_fetch(&counter->value, delta, __ATOMIC_RELAXED);
    struct weft_writer *w = writer_of_interrupted();
    if (w)
        weft_emit(w, WEFT_RECORD_COUNTER, 0, 0, ((struct counter *)counter)->id, (uint64_t)value);
}
