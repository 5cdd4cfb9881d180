/* script.c: see script.h. */
#include "tests/model/script.h"
#include <string.h>

struct script script_new(void)
{
    return (struct script){
        .trace = weft_trace_new(),
        .records = g_array_new(FALSE, TRUE, sizeof(struct weft_record)),
        .next_string = 1,
    };
}

void script_add_ext(struct script *s, gint64 time, unsigned kind, unsigned detail, uint32_t site,
                    uint64_t subject, uint64_t object, const void *ext)
{
    struct weft_record record = { .time = (uint64_t)time,
                                  .kind = (uint8_t)kind,
                                  .detail = (uint8_t)detail,
                                  .flags = ext ? WEFT_RECORD_EXT : 0,
                                  .site = site,
                                  .subject = subject,
                                  .object = object };
    g_array_append_val(s->records, record);
    if (ext)
        g_array_append_vals(s->records, ext, 1);
}

void script_add(struct script *s, gint64 time, unsigned kind, unsigned detail, uint32_t site,
                uint64_t subject, uint64_t object)
{
    script_add_ext(s, time, kind, detail, site, subject, object, NULL);
}

uint32_t script_string(struct script *s, const char *text)
{
    weft_trace_define_string(s->trace, s->next_string, text);
    return s->next_string++;
}

void script_name(struct script *s, gint64 time, uint64_t id, const char *name)
{
    gboolean task = weft_id_kind(id) == WEFT_ENTITY_TASK;
    script_add(s, time, task ? WEFT_RECORD_TASK_NAME : WEFT_RECORD_OBJECT_NAME, 0, 0, id,
               script_string(s, name));
}

void script_cut(struct script *s)
{
    weft_trace_append(s->trace, 0, (struct weft_record *)(void *)s->records->data, s->records->len);
    g_array_set_size(s->records, 0);
}

void script_lose(struct script *s, guint64 slots)
{
    script_cut(s);
    weft_trace_append_loss(s->trace, 0, slots);
}

weft_model *open_model(weft_trace *trace)
{
    weft_model *model = weft_model_new(trace);
    while (weft_model_advance(model, 0))
        ;
    return model;
}

void script_rest(struct script *s)
{
    script_cut(s);
    weft_trace_append_gap(s->trace, 0);
}

weft_model *script_model(struct script *s)
{
    script_cut(s);
    weft_model *model = weft_model_new(s->trace);
    while (weft_model_advance(model, 0))
        ;
    g_array_unref(s->records);
    weft_trace_unref(s->trace);
    return model;
}

struct script script_with_main(void)
{
    struct script s = script_new();
    script_add(&s, 0, WEFT_RECORD_LOOP_OPEN, 0, 0, LOOP, 1);
    script_add(&s, 10, WEFT_RECORD_TASK_NEW, 0, 0, TASK(1), 0);
    script_name(&s, 10, TASK(1), "main");
    script_add(&s, 10, WEFT_RECORD_WAKE, WEFT_WAKE_CREATED, 0, TASK(1), 0);
    script_add(&s, 20, WEFT_RECORD_ITERATION, 0, 1, LOOP, 1);
    script_add(&s, 20, WEFT_RECORD_RESUME, 0, 0, TASK(1), 0);
    return s;
}

char *lane_text(weft_model *model, guint lane)
{
    static const char *const states[WEFT_SEGMENT_STATES] = { "unknown",  "running",    "ready",
                                                             "waiting",  "cancelling", "poll",
                                                             "callback", "loop",       "count" };
    g_autoptr(GArray) views = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    g_assert_true(weft_model_segments(model, lane, 0, G_MAXINT64, 1, NULL, views));
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < views->len; i++) {
        const struct weft_segment_view *v = &g_array_index(views, struct weft_segment_view, i);
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT " %s",
                               i ? "; " : "", v->from_ns, v->to_ns, states[v->state]);
        unsigned kind = v->state == WEFT_SEGMENT_READY      ? WEFT_RECORD_WAKE
                        : v->state == WEFT_SEGMENT_CALLBACK ? WEFT_RECORD_CALLBACK_BEGIN
                                                            : WEFT_RECORD_SUSPEND;
        if (v->detail)
            g_string_append_printf(text, " %s", weft_detail_name(kind, v->detail));
        if (v->state == WEFT_SEGMENT_COUNT) {
            g_string_append_printf(text, " %" G_GUINT64_FORMAT, v->other);
        } else if (v->other) {
            g_autofree char *name = weft_model_name(model, v->other);
            g_string_append_printf(text, " %s", name);
        }
    }
    return g_string_free(text, FALSE);
}
