/* flight.c: see flight.h. */
#include "app/cli/flight.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/summarise.h"
#include "tracer/trace/numbering.h"

#include <glib/gstdio.h>
#include <pthread.h>
#include <string.h>

enum { DESCRIBED = 8 }; /* dumps in the last line: the others are counted */

struct dump {   /* asked for, or being written */
    char *path; /* NULL: the next name */
    char *why;
    flight_answer *answer;
    void *data;
    /* Once it is being written: */
    weft_tracepicture *picture;
    gboolean numbered, whole; /* nothing was let go yet */
    gint64 sync_ns, span_ns;
    pthread_t thread;
    gboolean threaded;
    gint done; /* atomic */
    guint64 size;
    GError *error;
};

struct flight {
    struct flight_settings settings;
    weft_recorder *recorder;
    struct progress *progress;
    struct weft_numbering *names;
    GQueue asked; /* of struct dump *, first come first served */
    struct dump *current;
    GString *written; /* what the last line says */
    guint n_written;
    gboolean failed, ending;

    /* The condition held, and its dump is due then; g_get_monotonic_time(). */
    gboolean triggered;
    gint64 due_us;
    char *trigger;
    guint hits;           /* since the last dump that it asked for */
    gint64 not_before_us; /* half of the window after the last dump */
};

static void free_dump(gpointer data)
{
    struct dump *dump = data;
    weft_tracepicture_free(dump->picture);
    g_clear_error(&dump->error);
    g_free(dump->path);
    g_free(dump->why);
    g_free(dump);
}

struct flight *flight_new(const struct flight_settings *settings, weft_recorder *recorder,
                          struct progress *progress)
{
    struct flight *f = g_new0(struct flight, 1);
    f->settings = *settings;
    f->recorder = recorder;
    f->progress = progress;
    f->names = weft_numbering_new(settings->path, settings->keep);
    f->written = g_string_new(NULL);
    g_queue_init(&f->asked);
    return f;
}

void flight_free(struct flight *f)
{
    if (!f)
        return;
    g_queue_clear_full(&f->asked, free_dump);
    weft_numbering_free(f->names);
    g_string_free(f->written, TRUE);
    g_free(f->trigger);
    g_free(f);
}

/* ---- Writing one ---- */

static void *write_dump(void *data)
{
    struct dump *dump = data;
    GStatBuf status;
    if (weft_tracepicture_write(dump->picture, dump->path, dump->sync_ns, &dump->size,
                                &dump->error)) {
        summarise(dump->path);
        if (g_stat(dump->path, &status) == 0)
            dump->size = (guint64)status.st_size;
    }
    g_atomic_int_set(&dump->done, 1);
    return NULL;
}

static void begin_dump(struct flight *f, struct dump *dump)
{
    struct weft_tracewindow_stats window = weft_recorder_stats(f->recorder).window;
    f->current = dump;
    f->not_before_us = g_get_monotonic_time() + (gint64)(window.ns / 2000);
    dump->span_ns = (gint64)window.ns;
    dump->whole = window.evicted_slots + window.evicted_lost == 0;
    dump->sync_ns = f->settings.sync_ns;
    dump->numbered = dump->path == NULL;
    if (dump->numbered)
        dump->path = g_strdup(weft_numbering_next(f->names));
    dump->picture = weft_recorder_picture(f->recorder, &dump->error);
    if (!dump->picture)
        dump->done = 1;
    else if (pthread_create(&dump->thread, NULL, write_dump, dump) == 0)
        dump->threaded = TRUE;
    else
        write_dump(dump);
}

/* "'t.weft' holds the last 30.2 s, 12,345 events, 1.20 MiB: SIGUSR2 came" */
static void say_written(struct flight *f, const struct dump *dump)
{
    char *events = quantity_format_count(weft_tracepicture_events(dump->picture));
    char *size = quantity_format_size(dump->size);
    char *span = dump->whole ? g_strdup("all of it")
                             : g_strdup_printf("the last %.1f s", (double)dump->span_ns / 1e9);
    if (f->n_written++ < DESCRIBED)
        g_string_append_printf(f->written, "%s'%s', %s (%s)", f->written->len ? "; " : "",
                               dump->path, size, dump->why);
    if (!f->settings.quiet && !f->ending) { /* at the end, the last line says it */
        progress_clear(f->progress);
        output_message("'%s' holds %s, %s events, %s: %s", dump->path, span, events, size,
                       dump->why);
    }
    g_free(span);
    g_free(events);
    g_free(size);
}

static void say_failed(struct flight *f, const struct dump *dump)
{
    if (!dump->numbered)
        return; /* who gave the path is told */
    f->failed = TRUE;
    progress_clear(f->progress);
    output_message("%s (%s)", dump->error->message, dump->why);
}

static void end_dump(struct flight *f)
{
    struct dump *dump = f->current;
    f->current = NULL;
    if (dump->threaded)
        pthread_join(dump->thread, NULL);
    if (dump->error) {
        say_failed(f, dump);
        if (dump->numbered)
            weft_numbering_take_back(f->names);
    } else {
        say_written(f, dump);
        weft_numbering_trim(f->names, 0);
    }
    char *absolute = g_canonicalize_filename(dump->path, NULL);
    if (dump->answer)
        dump->answer(dump->data, !dump->error, dump->error ? dump->error->message : absolute);
    g_free(absolute);
    free_dump(dump);
}

/* ---- Asking for one ---- */

void flight_ask(struct flight *f, const char *path, const char *why, flight_answer *answer,
                void *data)
{
    if (path && !weft_may_replace(path)) {
        char *refusal = g_strdup_printf("'%s' exists and is no trace: remove it, or name another",
                                        path);
        answer(data, FALSE, refusal);
        g_free(refusal);
        return;
    }
    struct dump *dump = g_new0(struct dump, 1);
    dump->path = g_strdup(path);
    dump->why = g_strdup(why);
    dump->answer = answer;
    dump->data = data;
    g_queue_push_tail(&f->asked, dump);
}

/* ---- The condition ---- */

void flight_trigger(struct flight *f, guint hits, const char *why)
{
    f->hits += hits;
    if (f->triggered)
        return;
    f->triggered = TRUE;
    f->trigger = g_strdup(why);
    gint64 due_us = g_get_monotonic_time() + f->settings.after_ns / 1000;
    f->due_us = MAX(due_us, f->not_before_us);
}

static void look_at_condition(struct flight *f)
{
    struct weft_condition_hit hit;
    guint hits = weft_recorder_hits(f->recorder, &hit);
    g_autofree char *why = hits ? weft_condition_describe(&hit) : NULL;
    if (hits)
        flight_trigger(f, hits, why);
}

/* "slice>100ms: task:0:17 ran for 132 ms, the first of 3"; g_free it. */
static char *take_trigger(struct flight *f)
{
    char *why = f->hits > 1 ? g_strdup_printf("%s, the first of %u", f->trigger, f->hits)
                            : g_strdup(f->trigger);
    g_clear_pointer(&f->trigger, g_free);
    f->triggered = FALSE;
    f->hits = 0;
    return why;
}

void flight_round(struct flight *f)
{
    if (f->current && g_atomic_int_get(&f->current->done))
        end_dump(f);
    look_at_condition(f);
    if (f->triggered && !f->current && g_get_monotonic_time() >= f->due_us) {
        char *why = take_trigger(f);
        flight_ask(f, NULL, why, NULL, NULL);
        g_free(why);
    }
    if (!f->current && f->asked.length > 0)
        begin_dump(f, g_queue_pop_head(&f->asked));
}

/* ---- The end ---- */

gboolean flight_finish(struct flight *f, const char *why)
{
    char *trigger = NULL, *both = NULL;
    f->ending = TRUE;
    look_at_condition(f);
    if (f->triggered) {
        trigger = take_trigger(f);
        why = both = g_strconcat(trigger, "; then ", why, NULL);
    }
    flight_ask(f, NULL, why, NULL, NULL);
    while (f->current || f->asked.length > 0) {
        if (f->current)
            end_dump(f);
        if (f->asked.length > 0)
            begin_dump(f, g_queue_pop_head(&f->asked));
    }
    g_free(both);
    g_free(trigger);
    return !f->failed;
}

char *flight_describe(const struct flight *f)
{
    if (f->n_written > DESCRIBED)
        return g_strdup_printf("%s and %u more", f->written->str, f->n_written - DESCRIBED);
    return g_strdup(f->written->str);
}
