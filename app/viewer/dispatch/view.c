/* view.c: see view.h. */
#include "app/viewer/dispatch/view.h"

#include "app/viewer/panels/markup.h"
#include "app/viewer/panels/source-panel.h"
#include "tracer/model/taskline.h"
#include <string.h>

enum {
    LINES_TOLD = 4,
    SOURCE_MAX = 4 << 20,
    INDENT_MOST = 8, /* of a line of code, more than the others' */
};

/* ---- Words ---- */

static char *ring_names(weft_model *model, const uint64_t *ids, guint n)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < n; i++) {
        g_autofree char *name = weft_model_name(model, ids[i]);
        g_string_append_printf(text, "%s › ", name);
    }
    return g_string_free(text, FALSE);
}

static char *to_go(const struct weft_token *token, gint64 t_ns)
{
    if (token->deadline_ns == WEFT_NO_DEADLINE)
        return NULL;
    gint64 left = token->deadline_ns - t_ns;
    g_autofree char *text = weft_format_duration(ABS(left));
    return g_strdup_printf(left >= 0 ? "%s to go" : "%s late", text);
}

/* What it waits for, as its lane says it. The lane itself is not asked: its chunks may be anywhere,
 * and a step is to be seen at once. */
static char **lane_words(weft_model *model, const struct weft_token *token, gint64 t_ns)
{
    guint lane = weft_model_lane_of(model, token->id);
    const struct weft_segment_view segment = { .from_ns = token->since_ns,
                                               .to_ns = t_ns,
                                               .state = token->cancelling ? WEFT_SEGMENT_CANCELLING
                                                                          : WEFT_SEGMENT_WAITING,
                                               .detail = token->detail,
                                               .other = token->other,
                                               .site = token->site,
                                               .count = 1 };
    return lane == G_MAXUINT32 ? NULL : weft_model_segment_words(model, lane, &segment);
}

/* "fork, held by Ada", "fork"; "await GET :9083/", "GET :9083/": the row says the verb. */
static char **words_of(weft_model *model, const struct weft_token *token, gint64 t_ns)
{
    char **words = lane_words(model, token, t_ns);
    gboolean named = token->detail == WEFT_AWAIT_FUTURE || token->detail == WEFT_AWAIT_TASK;
    if (!words || token->cancelling || (!token->holder && !named))
        return words;
    g_autofree char *name = weft_model_name(model, token->other);
    g_autofree char *holder = token->holder ? weft_model_name(model, token->holder) : NULL;
    g_autofree char *held = holder ? g_strdup_printf("%s, held by %s", name, holder) : NULL;
    char **notes = g_strdupv((char *[]){ held ? held : words[1] ? words[0] : name, name, NULL });
    g_strfreev(words);
    return notes;
}

static void add_token(struct weft_tokens_view *tokens, weft_model *model,
                      const struct weft_token *token)
{
    tokens->n++;
    if (tokens->n_shown == WEFT_TOKENS_SHOWN)
        return;
    tokens->shown[tokens->n_shown++] = (struct weft_token_view){
        .id = token->id,
        .name = weft_model_name(model, token->id),
        .callback = weft_id_kind(token->id) != WEFT_ENTITY_TASK,
        .cancelling = token->cancelling,
    };
}

static struct weft_token_view *last_token(struct weft_tokens_view *tokens)
{
    return &tokens->shown[tokens->n_shown - 1];
}

static void add_waiting(struct weft_dispatch_view *view, weft_model *model, guint row,
                        const struct weft_token *token)
{
    struct weft_tokens_view *tokens = &view->waiting[row];
    gboolean is_shown = tokens->n_shown < WEFT_TOKENS_SHOWN;
    gint64 t = view->place.time_ns;
    add_token(tokens, model, token);
    if (!is_shown)
        return;
    g_autofree char *left = to_go(token, t);
    g_autofree char *until = left && token->deadline_ns >= t
                                 ? weft_format_duration(token->deadline_ns - t)
                                 : NULL;
    if (row == WEFT_WAIT_TIMER && left) {
        last_token(tokens)->notes = g_strdupv((char *[]){ left, until, NULL });
        return;
    }
    last_token(tokens)->notes = words_of(model, token, t);
    last_token(tokens)->chip = until ? g_steal_pointer(&until) : g_steal_pointer(&left);
}

/* ---- Code ---- */

static void free_lines(gpointer lines)
{
    g_strfreev(lines);
}

GHashTable *weft_source_cache_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_lines);
}

static char **read_lines(const char *file, const weft_trace *trace)
{
    g_autofree char *path = weft_source_find(file, trace), *text = NULL;
    gsize length;
    if (!path || !g_file_get_contents(path, &text, &length, NULL) || length > SOURCE_MAX ||
        !g_utf8_validate(text, (gssize)length, NULL))
        return NULL;
    return g_strsplit(text, "\n", -1);
}

static char **lines_of(GHashTable *sources, const char *file, const weft_trace *trace)
{
    gpointer lines;
    if (!g_hash_table_lookup_extended(sources, file, NULL, &lines)) {
        lines = read_lines(file, trace);
        g_hash_table_insert(sources, g_strdup(file), lines);
    }
    return lines;
}

static char *without_tabs(const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, "\t", -1);
    return g_strchomp(g_strjoinv("    ", parts));
}

/* What all of them begin with is left out, and most of what only aligns a line with the one above:
 * there is little room beside the numbers. */
static void outdent(struct weft_code_line *lines, guint n)
{
    gsize common = G_MAXSIZE;
    for (guint i = 0; i < n; i++)
        if (*lines[i].text)
            common = MIN(common, strspn(lines[i].text, " "));
    for (guint i = 0; i < n; i++) {
        gsize indent = strspn(lines[i].text, " "), most = common + INDENT_MOST;
        const char *from = lines[i].text + (indent > most ? indent - INDENT_MOST : common);
        if (*lines[i].text)
            memmove(lines[i].text, from, strlen(from) + 1);
    }
}

static void show_code(struct weft_dispatch_view *view, const weft_trace *trace, guint32 site_id,
                      GHashTable *sources)
{
    const struct weft_trace_site *site = site_id ? weft_trace_site(trace, site_id) : NULL;
    if (!site || !site->file || !*site->file || !site->line)
        return;
    char **lines = lines_of(sources, site->file, trace);
    guint n = lines ? g_strv_length(lines) : 0;
    g_autofree char *path = weft_source_find(site->file, trace);
    if (path && weft_source_changed(path, trace))
        view->changed = g_strdup_printf("%s was changed since", weft_site_file_name(site));
    if (site->line > n) {
        view->where = g_strdup_printf("%s:%u %s", weft_site_file_name(site), site->line,
                                      n ? "(no such line now)" : "(not found here)");
        return;
    }
    guint first = site->line > WEFT_CODE_LINES / 2 ? site->line - WEFT_CODE_LINES / 2 : 1;
    for (guint i = 0; i < WEFT_CODE_LINES && first + i <= n; i++) {
        view->code[i].number = first + i;
        view->code[i].text = without_tabs(lines[first + i - 1]);
        view->n_code++;
    }
    view->current = site->line - first;
    outdent(view->code, view->n_code);
}

/* Who began to wait last in this step; 0: nobody. */
static guint32 site_of_wait(const struct weft_dispatch *d, gint64 since_ns)
{
    guint32 site = 0;
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        for (guint i = 0; i < d->waiting[row]->len; i++) {
            const struct weft_token *token = &g_array_index(d->waiting[row], struct weft_token, i);
            if (token->since_ns > since_ns) {
                since_ns = token->since_ns;
                site = token->site;
            }
        }
    return site;
}

static void show_line(struct weft_dispatch_view *view, const weft_trace *trace,
                      const struct weft_dispatch *d)
{
    guint32 id = d->site ? d->site : site_of_wait(d, view->begins_ns);
    const struct weft_trace_site *site = id ? weft_trace_site(trace, id) : NULL;
    if (!site || !site->file || !*site->file || !site->line)
        return;
    view->source = weft_source_find(site->file, trace);
    view->line = site->line;
}

/* ---- The view ---- */

/* An empty queue does not say that the loop polls: who is done may yet put callbacks into it. Who
 * waits puts nothing. */
static const char *say_nobody(const struct weft_dispatch *d)
{
    static const char *const idle[] = {
        [WEFT_PHASE_UNKNOWN] = "Unknown: events are missing",
        [WEFT_PHASE_POLL] = "The loop polls",
        [WEFT_PHASE_IO] = "The loop sees to its I/O",
        [WEFT_PHASE_TIMERS] = "The loop sees to its timers",
        [WEFT_PHASE_READY] = "The loop takes the next one",
        [WEFT_PHASE_CLOSED] = "The loop does not run",
    };
    if (d->phase != WEFT_PHASE_READY || d->ready->len > 0)
        return idle[d->phase];
    return d->left.detail ? "Nobody is ready: poll is next" : "Nobody is ready";
}

static void show_running(struct weft_dispatch_view *view, weft_model *model,
                         const struct weft_dispatch *d)
{
    struct weft_token callback = { .id = d->callback, .deadline_ns = WEFT_NO_DEADLINE };
    if (d->running.id || d->callback)
        add_token(&view->running, model, d->running.id ? &d->running : &callback);
    else
        view->nobody = g_strdup(say_nobody(d));
    if (d->running.id) {
        g_autofree char *path = ring_names(model, d->path, d->n_path);
        view->ran = weft_format_duration(view->place.time_ns - d->running.since_ns);
        if (d->n_path > 0) {
            g_autofree char *whole = g_strconcat(path, view->running.shown[0].name, NULL);
            view->running.shown[0].notes = g_strdupv((char *[]){ whole, NULL });
        }
    }
}

static void show_told(struct weft_dispatch_view *view, weft_replay *replay)
{
    struct weft_replay_telling *told = weft_replay_tell(replay, view->place, WEFT_REPLAY_GIST,
                                                        LINES_TOLD);
    GString *lines = g_string_new(NULL);
    guint n = told->lines->len, first = n > LINES_TOLD ? n - LINES_TOLD : 0;
    for (guint i = first; i < n; i++) {
        g_autofree char *line = weft_markup_sentence(told->lines->pdata[i], 0);
        g_string_append_printf(lines, "%s%s", i > first ? "\n" : "", line);
    }
    if (told->headline) {
        view->headline = weft_markup_sentence(told->headline, 0);
        view->plain = weft_sentence_text(told->headline);
    } else {
        view->headline = g_strdup("");
        view->plain = g_strdup("");
    }
    view->lines = g_string_free(lines, FALSE);
    weft_replay_telling_free(told);
}

/* From the end of a step until the next one's; a place may be between the two. */
static void show_when(struct weft_dispatch_view *view, weft_replay *replay,
                      struct weft_replay_place before, struct weft_replay_place place)
{
    struct weft_replay_place step = place, after = { G_MAXINT64, WEFT_WHOLE_MOMENT };
    weft_replay_step(replay, before, WEFT_REPLAY_STEP, 1, &step);
    weft_replay_step(replay, place, WEFT_REPLAY_STEP, 1, &after);
    view->from_ns = step.time_ns > place.time_ns ? before.time_ns : step.time_ns;
    view->until_ns = after.time_ns;
}

struct weft_dispatch_view *weft_dispatch_view_new(weft_replay *replay, weft_model *model,
                                                  struct weft_replay_place place,
                                                  GHashTable *sources)
{
    struct weft_dispatch_view *view = g_new0(struct weft_dispatch_view, 1);
    struct weft_dispatch *d = weft_replay_scene(replay, place);
    struct weft_replay_place before = { -1, WEFT_WHOLE_MOMENT };
    weft_replay_step(replay, place, WEFT_REPLAY_STEP, -1, &before);
    view->begins_ns = before.time_ns;
    show_when(view, replay, before, place);
    view->place = place;
    view->phase = d->phase;
    view->iteration = d->iteration ? g_strdup_printf("Iteration %" G_GUINT64_FORMAT, d->iteration)
                                   : g_strdup("Iteration ?");
    view->split = d->split;
    view->n_this = d->n_this;
    for (guint i = 0; i < d->ready->len; i++)
        add_token(&view->ready, model, &g_array_index(d->ready, struct weft_token, i));
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        for (guint i = 0; i < d->waiting[row]->len; i++)
            add_waiting(view, model, row, &g_array_index(d->waiting[row], struct weft_token, i));
    for (guint i = 0; i < d->done->len; i++) {
        add_token(&view->done, model, &g_array_index(d->done, struct weft_token, i));
        last_token(&view->done)->outcome = g_array_index(d->done, struct weft_token, i).detail;
    }
    view->done.n = d->n_done;
    show_running(view, model, d);
    if (d->left.id)
        add_token(&view->left, model, &d->left);
    show_code(view, weft_model_trace(model), d->site, sources);
    if (d->site_past && (view->n_code || view->where))
        view->past = g_strdup("Last seen at this line: it has ended");
    show_line(view, weft_model_trace(model), d);
    if (d->n_unknown)
        view->unknown = g_strdup_printf("%u unknown: events are missing", d->n_unknown);
    if (d->woken.id) {
        add_token(&view->woken, model, &d->woken);
        view->woken_from = d->woken_from;
        view->cause = weft_dispatch_cause(model, d);
    }
    show_told(view, replay);
    weft_dispatch_free(d);
    return view;
}

/* ---- What is asked for is hidden ---- */

static int by_id(const void *a, const void *b)
{
    const struct weft_token_view *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void shuffle(struct weft_tokens_view *tokens)
{
    qsort(tokens->shown, tokens->n_shown, sizeof(tokens->shown[0]), by_id);
}

void weft_dispatch_view_hide(struct weft_dispatch_view *view, const struct weft_prediction *asked)
{
    struct weft_tokens_view *timers = &view->waiting[WEFT_WAIT_TIMER];
    view->hidden = TRUE;
    shuffle(&view->ready);
    shuffle(timers);
    for (guint i = 0; asked->stake == WEFT_STAKE_TIMERS && i < timers->n_shown; i++)
        g_clear_pointer(&timers->shown[i].notes, g_strfreev);
    g_free(view->headline);
    g_free(view->plain);
    g_free(view->lines);
    view->headline = g_markup_escape_text(asked->said, -1);
    view->plain = g_strdup(asked->said);
    view->lines = g_strdup("");
}

/* ---- Without times ---- */

char *weft_without_times(const char *text)
{
    static GRegex *times; /* workers and the main thread use it alike */
    if (g_once_init_enter(&times))
        g_once_init_leave(&times, g_regex_new("(?<![-\\w(.])[0-9][0-9.,]* "
                                              "?(?:ns|µs|ms|s|min|h|d)\\b(?: [0-9]+ (?:min|h|s))*",
                                              G_REGEX_OPTIMIZE, 0, NULL));
    return g_regex_replace_literal(times, text, -1, 0, "…", 0, NULL);
}

static void mask(char **text)
{
    char *masked = *text ? weft_without_times(*text) : NULL;
    g_free(*text);
    *text = masked;
}

static void mask_tokens(struct weft_tokens_view *tokens)
{
    for (guint i = 0; i < tokens->n_shown; i++) {
        g_clear_pointer(&tokens->shown[i].chip, g_free);
        for (char **note = tokens->shown[i].notes; note && *note; note++)
            mask(note);
    }
}

void weft_dispatch_view_hide_times(struct weft_dispatch_view *view)
{
    struct weft_tokens_view *timers = &view->waiting[WEFT_WAIT_TIMER];
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        mask_tokens(&view->waiting[row]);
    for (guint i = 0; i < timers->n_shown; i++)
        g_clear_pointer(&timers->shown[i].notes, g_strfreev);
    if (view->ran)
        view->ran[0] = '\0';
    mask(&view->headline);
    mask(&view->plain);
    mask(&view->lines);
}

/* ---- The end ---- */

static void clear_tokens(struct weft_tokens_view *tokens)
{
    for (guint i = 0; i < tokens->n_shown; i++) {
        g_free(tokens->shown[i].name);
        g_free(tokens->shown[i].chip);
        g_strfreev(tokens->shown[i].notes);
    }
}

void weft_dispatch_view_free(struct weft_dispatch_view *view)
{
    if (!view)
        return;
    clear_tokens(&view->ready);
    clear_tokens(&view->running);
    clear_tokens(&view->left);
    clear_tokens(&view->done);
    clear_tokens(&view->woken);
    for (guint row = 0; row < WEFT_WAIT_CLASSES; row++)
        clear_tokens(&view->waiting[row]);
    for (guint i = 0; i < view->n_code; i++)
        g_free(view->code[i].text);
    g_free(view->iteration);
    g_free(view->ran);
    g_free(view->nobody);
    g_free(view->where);
    g_free(view->past);
    g_free(view->changed);
    g_free(view->source);
    g_free(view->unknown);
    g_free(view->cause);
    g_free(view->headline);
    g_free(view->plain);
    g_free(view->lines);
    g_free(view);
}
