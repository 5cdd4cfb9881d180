/* words.c: what the names column, tags and tips say. See scene.h. */
#include "app/viewer/render/scene.h"
#include <string.h>

/* The rung for the names column: whom it waits for where that says who is in the way (a lock, a
 * task), else what it does: "awaits lock "cache"", "awaits GET :9082", "awaits recv", "gather of
 * 3". */
static char *awaits(weft_model *model, guint lane, const struct weft_segment_view *segment)
{
    g_auto(GStrv) ladder = weft_model_segment_words(model, lane, segment);
    guint n = g_strv_length(ladder);
    enum weft_wait_class wait = weft_wait_class(segment->detail);
    if (n == 0)
        return g_strdup("waits");
    const char *rung = ladder[n - 1];
    if (segment->detail == WEFT_AWAIT_GROUP)
        return g_strdup(n > 1 && g_str_has_prefix(ladder[n - 2], "gather of") ? ladder[n - 2]
                                                                              : rung);
    for (guint i = 0; i < n && (wait == WEFT_WAIT_SYNC || wait == WEFT_WAIT_TASK); i++)
        if (!strstr(ladder[i], " · ")) {
            rung = ladder[i];
            break;
        }
    if (g_str_has_prefix(rung, "await"))
        return g_strdup_printf("awaits%s", rung + strlen("await"));
    return g_strcmp0(rung, "waits") == 0 ? g_strdup(rung) : g_strdup_printf("awaits %s", rung);
}

static char *task_word(weft_model *model, guint lane, const struct weft_segment_view *segment)
{
    switch (segment->state) {
    case WEFT_SEGMENT_RUNNING:
        return g_strdup("runs");
    case WEFT_SEGMENT_READY:
        return g_strdup("ready");
    case WEFT_SEGMENT_WAITING:
        return awaits(model, lane, segment);
    case WEFT_SEGMENT_CANCELLING:
        return g_strdup("cancelling");
    default:
        return g_strdup("unknown");
    }
}

char *weft_scene_word(weft_model *model, const struct weft_row *row, gint64 t_ns)
{
    gboolean late = FALSE;
    struct weft_segment_view segment;
    const struct weft_lane *lane = weft_model_lane(model, row->lane);
    if (t_ns == WEFT_NO_TIME || t_ns < lane->first_ns)
        return g_strdup("");
    if (row->kind == WEFT_ROW_TASK && lane->outcome && t_ns >= lane->last_ns)
        return g_strdup(lane->outcome == WEFT_OUTCOME_RESULT  ? "done"
                        : lane->outcome == WEFT_OUTCOME_ERROR ? "failed"
                                                              : "cancelled");
    guint asked = row->kind == WEFT_ROW_LOOP && row->iterations != WEFT_NO_LANE ? row->iterations
                                                                                : row->lane;
    if (!weft_model_segment_soon(model, asked, t_ns, &late, &segment))
        return late ? NULL : g_strdup("");
    if (segment.state == WEFT_SEGMENT_UNKNOWN)
        return g_strdup("unknown");
    switch (row->kind) {
    case WEFT_ROW_LOOP:
        return asked == row->iterations
                   ? g_strdup_printf("iteration %" G_GUINT64_FORMAT, segment.other)
                   : g_strdup(weft_segment_is_pause(&segment)      ? "paused"
                              : segment.state == WEFT_SEGMENT_POLL ? "polls"
                                                                   : "runs");
    case WEFT_ROW_READY:
        return g_strdup_printf("%" G_GUINT64_FORMAT " ready", segment.other);
    case WEFT_ROW_HANDLE:
        return g_strdup("calls back");
    default:
        return task_word(model, row->lane, &segment);
    }
}

/* What a segment is, when the model has no words for it. */
static const char *state_word(guint state)
{
    static const char *const words[WEFT_SEGMENT_STATES] = {
        [WEFT_SEGMENT_UNKNOWN] = "unknown (events are missing)",
        [WEFT_SEGMENT_RUNNING] = "runs",
        [WEFT_SEGMENT_READY] = "ready",
        [WEFT_SEGMENT_WAITING] = "waits",
        [WEFT_SEGMENT_CANCELLING] = "cancelling",
        [WEFT_SEGMENT_POLL] = "poll",
        [WEFT_SEGMENT_CALLBACK] = "callback",
        [WEFT_SEGMENT_LOOP] = "the loop's own work",
    };
    return state < WEFT_SEGMENT_STATES && words[state] ? words[state] : "";
}

char *weft_scene_segment_text(weft_model *model, guint lane,
                              const struct weft_segment_view *segment)
{
    gint64 since_ns = weft_model_since(model, lane, segment);
    g_autofree char *lasts = weft_format_duration(segment->to_ns - since_ns);
    enum weft_lane_kind kind = weft_model_lane(model, lane)->kind;
    if (kind == WEFT_LANE_READY) {
        guint64 most = MAX(segment->value_max, segment->other);
        return segment->flags & WEFT_SEGMENT_MERGED
                   ? g_strdup_printf("up to %" G_GUINT64_FORMAT " ready · %s", most, lasts)
                   : g_strdup_printf("%" G_GUINT64_FORMAT " ready · %s", segment->other, lasts);
    }
    if (segment->flags & WEFT_SEGMENT_MERGED) {
        g_autofree char *ran = weft_format_duration(segment->running_ns);
        return g_strdup_printf("%u× · runs %s of %s", segment->count, ran, lasts);
    }
    g_auto(GStrv) ladder = weft_model_segment_words(model, lane, segment);
    const char *words = ladder[0] && *ladder[0] ? ladder[0] : state_word(segment->state);
    if (segment->state == WEFT_SEGMENT_READY) {
        return g_str_has_prefix(words, "ready") ? g_strdup_printf("%s · %s", words, lasts)
                                                : g_strdup_printf("ready · %s · %s", words, lasts);
    }
    return g_strdup_printf("%s · %s%s", words, lasts,
                           segment->flags & WEFT_SEGMENT_OPEN ? ", still" : "");
}

/* "python3 -m app.server --port 1" → "server" would be guessing: the first word, without its
 * directory. */
char *weft_scene_title(weft_trace *trace)
{
    const char *program = weft_trace_source(trace)->program;
    const char *path = weft_trace_path(trace);
    if (program && program[0]) {
        g_auto(GStrv) words = g_strsplit(program, " ", 2);
        g_autofree char *name = g_path_get_basename(words[0]);
        return g_filename_display_name(name);
    }
    return path ? g_filename_display_basename(path) : g_strdup("trace");
}
