/* steps.c: see steps.h. The events of a step are gathered as the trace is walked, and told when it
 * ends: those of steps before the first that is wanted are only counted. Of a loop that sleeps at
 * from_ns, the step in force is the one that sent it to sleep. */
#include "app/lessons/steps.h"
#include "tracer/model/narrative.h"

struct walk {
    weft_model *model;
    step_visitor *visit;
    gpointer data;
    gint64 from_ns;
    guint64 number;
    GArray *events; /* of struct weft_event_view, of the step so far */
    GArray *before; /* the same of the last one that ended by from_ns, until it is told */
    const struct weft_loss *losses;
    guint n_losses, next_loss;
    gboolean enough;
};

static void free_line(gpointer data)
{
    struct step_line *line = data;
    g_free(line->text);
    g_free(line);
}

static void add_line(GPtrArray *lines, gint64 time_ns, char *text)
{
    struct step_line *line = g_new(struct step_line, 1);
    *line = (struct step_line){ time_ns, text };
    g_ptr_array_add(lines, line);
}

/* What was lost until t. */
static void add_losses(struct walk *w, GPtrArray *lines, gint64 t_ns)
{
    for (; w->next_loss < w->n_losses && w->losses[w->next_loss].from_ns < t_ns; w->next_loss++) {
        const struct weft_loss *loss = &w->losses[w->next_loss];
        if (loss->to_ns >= w->from_ns)
            add_line(lines, loss->from_ns,
                     g_strdup_printf("%" G_GUINT64_FORMAT
                                     " events are lost here: what happened until each task is "
                                     "next seen is unknown.",
                                     loss->slots));
    }
}

/* The last line is the headline: the change that ended the step. */
static void tell(struct walk *w, GArray *events, guint64 number)
{
    const struct weft_event_view *all = (const void *)events->data;
    if (events->len == 0 || w->enough)
        return;
    struct step step = { .number = number,
                         .from_ns = (gint64)all[0].record.time,
                         .to_ns = (gint64)all[events->len - 1].record.time,
                         .lines = g_ptr_array_new_with_free_func(free_line) };
    for (guint i = 0; i < events->len; i++) {
        add_losses(w, step.lines, (gint64)all[i].record.time);
        struct weft_sentence *s = weft_model_tell(w->model, &all[i]);
        if (s)
            add_line(step.lines, s->time_ns, weft_sentence_text(s));
        weft_sentence_free(s);
    }
    if (step.lines->len > 0) {
        struct step_line *last = g_ptr_array_steal_index(step.lines, step.lines->len - 1);
        step.headline = *last;
        w->enough = !w->visit(&step, w->data);
        free_line(last);
    }
    g_ptr_array_unref(step.lines);
    g_array_set_size(events, 0);
}

static void end_step(struct walk *w)
{
    w->number++;
    if ((gint64)g_array_index(w->events, struct weft_event_view, w->events->len - 1).record.time <=
        w->from_ns) {
        GArray *last = w->events;
        w->events = w->before;
        w->before = last;
        g_array_set_size(w->events, 0);
        return;
    }
    tell(w, w->before, w->number - 1);
    tell(w, w->events, w->number);
}

static gboolean take(const struct weft_event_view *event, gpointer data)
{
    struct walk *w = data;
    unsigned kind = event->record.kind;
    g_array_append_vals(w->events, event, 1);
    if (kind == WEFT_RECORD_SUSPEND || kind == WEFT_RECORD_TASK_DONE ||
        kind == WEFT_RECORD_POLL_BEGIN)
        end_step(w);
    return !w->enough;
}

void steps_tell(weft_model *model, gint64 from_ns, step_visitor *visit, gpointer data)
{
    struct walk w = { .model = model,
                      .visit = visit,
                      .data = data,
                      .from_ns = from_ns,
                      .events = g_array_new(FALSE, FALSE, sizeof(struct weft_event_view)),
                      .before = g_array_new(FALSE, FALSE, sizeof(struct weft_event_view)) };
    w.losses = weft_model_losses(model, &w.n_losses);
    weft_model_visit(model, G_MININT64, G_MAXINT64, take, &w);
    if (!w.enough && w.events->len > 0) /* after the last change */
        end_step(&w);
    tell(&w, w.before, w.number);
    g_array_unref(w.before);
    g_array_unref(w.events);
}
