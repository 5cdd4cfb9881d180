/* top.c: `weft top`: a program in the terminal, full screen, in the manner of htop.
 *
 *      keys --> struct screen (order, filter, selection) --> draw: head, table, or a task's story
 *      every tenth of a second: top_poll(); every interval: top_take() (topsample.h) */
#include "app/cli/failure.h"
#include "app/cli/look.h"
#include "app/cli/output.h"
#include "app/cli/quantity.h"
#include "app/cli/topsample.h"
#include "tracer/model/narrative.h"

#include <curses.h>
#include <string.h>
#include <unistd.h>

enum {
    HEAD_LINES = 6,
    POLL_MS = 100,
    SENTENCES = 200,
    FILTER_MAX = 60,
    CTRL_C = 3,
    CTRL_L = 12,
    ESCAPE = 27
};

struct settings {
    gint64 delay_ns;
    gboolean json;
    guint64 count; /* 0: until it is interrupted */
};
static const struct settings defaults = { .delay_ns = 1000000000 };

static const struct option options[] = {
    { "delay", 'd', OPTION_SECONDS, "SECONDS", "between two looks (default: 1)",
      G_STRUCT_OFFSET(struct settings, delay_ns), .positive = TRUE },
    { "json", 0, OPTION_FLAG, NULL, "needs no terminal: print a JSON object each time, on a line",
      G_STRUCT_OFFSET(struct settings, json) },
    { "count", 'n', OPTION_COUNT, "N", "with --json: so many, and not until it is interrupted",
      G_STRUCT_OFFSET(struct settings, count), .positive = TRUE },
    { 0 },
};

enum page { PAGE_TASKS, PAGE_STORY, PAGE_HELP };

struct screen {
    top *top;
    const struct top_sample *sample;
    char *title; /* the program and its number */
    enum page page;
    enum top_order order;
    GString *filter;
    gboolean typing, paused,
        gone; /* a filter; stopped looking; it could not be attached to again */
    uint64_t selected;
    guint at, scrolled; /* row of the selection, and the first that is seen */
    guint story_scrolled;
};

/* ---- Drawing ---- */

/* One line, cut to the screen. Takes `text`. */
static void draw_line(int y, char *text, attr_t attributes)
{
    char *safe = output_escape(text);
    output_cut(&safe, (guint)COLS);
    attrset(attributes);
    move(y, 0);
    clrtoeol();
    addstr(safe);
    attrset(A_NORMAL);
    g_free(safe);
    g_free(text);
}

/* `text` in exactly `width` columns, at the left or the right of them. */
static void append_cell(GString *line, const char *text, guint width, gboolean right)
{
    char *safe = output_escape(text);
    output_cut(&safe, width);
    int padding = (int)width - (int)output_width(safe);
    g_string_append_printf(line, "%*s%s%*s  ", right ? padding : 0, "", safe, right ? 0 : padding,
                           "");
    g_free(safe);
}

static void draw_bar(int y, const struct top_sample *s)
{
    GString *line = g_string_new("loop [");
    guint width = 30, full = (guint)(s->busy * width + 0.5);
    for (guint i = 0; i < width; i++)
        g_string_append_c(line, i < full ? '|' : ' ');
    g_string_append_printf(line, "] busy %.1f %%, polling %.1f %%, %.0f iterations/s, %u ready",
                           100 * s->busy, 100 * s->polling, s->iterations, s->ready);
    draw_line(y, g_string_free(line, FALSE), A_NORMAL);
}

static void draw_head(const struct screen *screen)
{
    const struct top_sample *s = screen->sample;
    char *lost = quantity_format_count(s->lost);
    draw_line(0,
              g_strdup_printf("%s: %s%s", screen->title,
                              screen->gone ? "cannot be attached to again"
                                           : weft_live_status(top_live(screen->top)),
                              screen->paused ? " (paused: p goes on)" : ""),
              A_BOLD);
    draw_line(1, g_strdup_printf("%s; %s events lost", s->counts, lost), A_NORMAL);
    draw_bar(2, s);
    draw_line(3,
              s->circle ? g_strconcat("deadlock: ", s->circle, NULL)
                        : g_strdup(s->held ? s->held : ""),
              A_BOLD);
    if (screen->typing || screen->filter->len > 0)
        draw_line(4,
                  g_strdup_printf("filter: %s%s", screen->filter->str, screen->typing ? "_" : ""),
                  A_NORMAL);
    else
        draw_line(4, g_strdup("q quit  P R W N S sort  / filter  Enter story  p pause  ? help"),
                  A_DIM);
    g_free(lost);
}

static const struct {
    const char *title;
    guint width;
    gboolean right;
    int order;     /* of enum top_order, that it is sorted by; -1: none */
    int narrowest; /* screen on which it is seen */
} columns[] = {
    { "TASK", 18, FALSE, TOP_NAME, 0 },     { "STATE", 10, FALSE, -1, 70 },
    { "RUN %", 7, TRUE, TOP_RUNNING, 0 },   { "READY%", 7, TRUE, TOP_READY, 100 },
    { "WAIT %", 7, TRUE, TOP_WAITING, 90 }, { "RESUMES/s", 9, TRUE, -1, 110 },
    { "FOR", 8, TRUE, TOP_SINCE, 0 },
};

/* The cells of a line; then what a task awaits and where, which share what is left of the screen.
 */
static char *join_cells(const char *const *cells, const char *awaits, const char *where)
{
    GString *line = g_string_new(NULL);
    guint used = 0;
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++) {
        if (COLS < columns[i].narrowest)
            continue;
        append_cell(line, cells[i], columns[i].width, columns[i].right);
        used += columns[i].width + 2;
    }
    guint left = (guint)COLS > used ? (guint)COLS - used : 0;
    append_cell(line, awaits, left > 60 ? left / 2 : MIN(left, 30), FALSE);
    g_string_append(line, where);
    return g_string_free(line, FALSE);
}

static void draw_row(const struct screen *screen, guint index, int y)
{
    const struct top_row *row = &g_array_index(screen->sample->rows, struct top_row, index);
    char *since = weft_format_duration(row->for_ns);
    char shares[3][16], resumes[32];
    const double values[] = { row->running, row->ready, row->waiting };
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        g_snprintf(shares[i], sizeof shares[i], "%.1f", 100 * values[i]);
    g_snprintf(resumes, sizeof resumes, "%.0f", row->resumes);
    const char *const cells[G_N_ELEMENTS(columns)] = { row->name, row->state, shares[0], shares[1],
                                                       shares[2], resumes,    since };
    draw_line(y, join_cells(cells, row->awaits, row->where),
              index == screen->at ? A_REVERSE : A_NORMAL);
    g_free(since);
}

static guint rows_seen(void)
{
    return LINES > HEAD_LINES ? (guint)(LINES - HEAD_LINES) : 0;
}

static void draw_tasks(struct screen *screen)
{
    guint n = screen->sample->rows->len, seen = rows_seen();
    char *titles[G_N_ELEMENTS(columns)];
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
        titles[i] = g_strconcat(columns[i].order == (int)screen->order ? ">" : "", columns[i].title,
                                NULL);
    draw_head(screen);
    draw_line(HEAD_LINES - 1, join_cells((const char *const *)titles, "AWAITS", "WHERE"),
              A_UNDERLINE);
    for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
        g_free(titles[i]);
    top_describe(screen->top, screen->scrolled, seen);
    for (guint i = 0; i < seen && screen->scrolled + i < n; i++)
        draw_row(screen, screen->scrolled + i, (int)(HEAD_LINES + i));
}

static void draw_story(struct screen *screen)
{
    guint current;
    gboolean whole;
    weft_model *model = top_model(screen->top);
    gint64 now = weft_model_end_ns(model);
    char *name = weft_model_name(model, screen->selected);
    draw_line(0, g_strdup_printf("the story of %s (q or Esc: back)", name), A_BOLD);
    g_free(name);
    struct weft_sentence *why = weft_model_why(model, screen->selected, now);
    draw_line(1, why ? weft_sentence_text(why) : g_strdup("It runs."), A_NORMAL);
    if (why)
        weft_sentence_free(why);
    GPtrArray *story = weft_model_story(model, screen->selected, now, SENTENCES, &current, &whole);
    guint n = story ? story->len : 0, lines = LINES > 3 ? (guint)LINES - 3 : 0;
    guint last = n > lines ? n - lines : 0; /* the newest are seen, unless one scrolls back */
    screen->story_scrolled = MIN(screen->story_scrolled, last);
    for (guint i = 0; i < lines && last - screen->story_scrolled + i < n; i++) {
        const struct weft_sentence *sentence = story->pdata[last - screen->story_scrolled + i];
        char *when = weft_format_time(sentence->time_ns), *text = weft_sentence_text(sentence);
        draw_line((int)(3 + i), g_strdup_printf("%14s  %s", when, text), A_NORMAL);
        g_free(text);
        g_free(when);
    }
    if (story)
        g_ptr_array_unref(story);
}

static void draw_help(void)
{
    static const char *const lines[] = {
        "weft top: keys",
        "",
        "P R W   sort by the share of time running, ready, waiting",
        "N S     sort by name, by how long in its state",
        "/       show only tasks with this in their line; Enter ends it, Esc forgets it",
        "Up Down PageUp PageDown Home End   select",
        "Enter   the selected task's story",
        "p       pause, and go on",
        "q       back, or quit",
        "",
        "A share is of the time between two looks. The program records while it is looked at,",
        "and stands by again afterwards.",
    };
    for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
        draw_line((int)i, g_strdup(lines[i]), i == 0 ? A_BOLD : A_NORMAL);
}

static void draw(struct screen *screen)
{
    erase();
    if (screen->page == PAGE_STORY)
        draw_story(screen);
    else if (screen->page == PAGE_HELP)
        draw_help();
    else
        draw_tasks(screen);
    refresh();
}

/* ---- The selection ---- */

static void select_row(struct screen *screen, gint64 at)
{
    guint n = screen->sample->rows->len, seen = MAX(1, rows_seen());
    screen->at = n == 0 ? 0 : (guint)CLAMP(at, 0, (gint64)n - 1);
    if (screen->at < screen->scrolled)
        screen->scrolled = screen->at;
    if (screen->at >= screen->scrolled + seen)
        screen->scrolled = screen->at - seen + 1;
    screen->selected = n == 0 ? 0
                              : g_array_index(screen->sample->rows, struct top_row, screen->at).id;
}

/* A new sample; the same task stays selected where it has moved to. */
static void take(struct screen *screen)
{
    screen->sample = top_take(screen->top, screen->order, screen->filter->str);
    guint at = screen->at;
    for (guint i = 0; i < screen->sample->rows->len && screen->at > 0; i++)
        if (g_array_index(screen->sample->rows, struct top_row, i).id == screen->selected)
            at = i;
    if (screen->page == PAGE_TASKS)
        select_row(screen, at);
}

/* ---- Keys ---- */

static void type_filter(struct screen *screen, wint_t key, gboolean function)
{
    GString *filter = screen->filter;
    if (key == '\n' || key == '\r' || (function && key == KEY_ENTER)) {
        screen->typing = FALSE;
    } else if (key == ESCAPE) {
        screen->typing = FALSE;
        g_string_truncate(filter, 0);
    } else if ((function && key == KEY_BACKSPACE) || key == 127 || key == 8) {
        const char *last = g_utf8_find_prev_char(filter->str, filter->str + filter->len);
        g_string_truncate(filter, last ? (gsize)(last - filter->str) : 0);
    } else if (!function && key >= ' ' && filter->len < FILTER_MAX && g_unichar_validate(key)) {
        g_string_append_unichar(filter, key);
    }
    take(screen);
}

static gboolean choose_order(struct screen *screen, wint_t key)
{
    static const char keys[] = "PRWNS"; /* as enum top_order */
    const char *found = key < 128 && key ? strchr(keys, (int)key) : NULL;
    if (!found)
        return FALSE;
    screen->order = (enum top_order)(found - keys);
    screen->at = 0;
    take(screen);
    return TRUE;
}

static void move_selection(struct screen *screen, wint_t key)
{
    gint64 seen = rows_seen(), at = screen->at;
    int step = key == KEY_UP ? 1 : key == KEY_DOWN ? -1 : 0;
    if (screen->page == PAGE_STORY) {
        step = key == KEY_PPAGE ? 10 : key == KEY_NPAGE ? -10 : step;
        screen->story_scrolled = (guint)MAX(0, (gint64)screen->story_scrolled + step);
        return;
    }
    at = key == KEY_UP      ? at - 1
         : key == KEY_DOWN  ? at + 1
         : key == KEY_PPAGE ? at - seen
         : key == KEY_NPAGE ? at + seen
         : key == KEY_HOME  ? 0
         : key == KEY_END   ? G_MAXUINT
                            : at;
    select_row(screen, at);
}

/* FALSE: it is over. */
static gboolean take_key(struct screen *screen, wint_t key, gboolean function)
{
    if (key == CTRL_C && !function)
        return FALSE;
    if (function && key == KEY_RESIZE)
        select_row(screen, screen->at);
    else if (key == CTRL_L && !function)
        clearok(curscr, TRUE);
    else if (screen->typing)
        type_filter(screen, key, function);
    else if (function && key != KEY_ENTER)
        move_selection(screen, key);
    else if ((key == 'q' || key == ESCAPE) && screen->page != PAGE_TASKS)
        screen->page = PAGE_TASKS;
    else if (key == 'q')
        return FALSE;
    else if (key == '?')
        screen->page = PAGE_HELP;
    else if (key == 'p')
        screen->paused = !screen->paused;
    else if (screen->page != PAGE_TASKS || choose_order(screen, key))
        return TRUE;
    else if (key == '/')
        screen->typing = TRUE;
    else if ((key == '\n' || key == '\r' || function) && screen->selected) {
        screen->page = PAGE_STORY;
        screen->story_scrolled = 0;
    }
    return TRUE;
}

/* ---- All ---- */

static void follow(struct screen *screen, gint64 delay_ns)
{
    gint64 next = 0;
    for (gboolean on = TRUE; on;) {
        gint64 now = g_get_monotonic_time() * 1000;
        if (!screen->paused && !screen->gone)
            screen->gone = !top_poll(screen->top);
        if (!screen->sample || (!screen->paused && now >= next)) {
            take(screen);
            next = now + delay_ns;
        }
        draw(screen);
        wint_t key;
        int what = get_wch(&key);
        if (what != ERR)
            on = take_key(screen, key, what == KEY_CODE_YES);
    }
}

static int show(top *t, gint64 delay_ns)
{
    const struct weft_trace_source *source = weft_trace_source(
        weft_live_trace((weft_live *)(gsize)top_live(t)));
    struct screen screen = { .top = t, .filter = g_string_new(NULL) };
    char *program = look_program_text(source->program);
    screen.title = g_strdup_printf("%s (%" G_GUINT64_FORMAT ")", program, (guint64)source->pid);
    g_free(program);
    if (!newterm(NULL, stdout, stdin)) {
        output_message("the terminal '%s' is not known: weft ps --watch needs none",
                       g_getenv("TERM") ? g_getenv("TERM") : "");
        g_string_free(screen.filter, TRUE);
        g_free(screen.title);
        return EXIT_SYSTEM;
    }
    raw();
    noecho();
    keypad(stdscr, TRUE);
    curs_set(0);
    set_escdelay(50);
    timeout(POLL_MS);
    follow(&screen, delay_ns);
    endwin();
    g_string_free(screen.filter, TRUE);
    g_free(screen.title);
    return EXIT_DONE;
}

/* The newest of this user's that runs; 0: none does. */
static guint64 newest(void)
{
    guint64 pid = 0;
    GArray *processes = weft_live_processes();
    for (guint i = 0; i < processes->len && !pid; i++) {
        const struct weft_live_process *p = &g_array_index(processes, struct weft_live_process, i);
        pid = p->alive ? p->pid : 0;
    }
    g_array_unref(processes);
    return pid;
}

static int run(const void *opaque, char **operands)
{
    const struct settings *settings = opaque;
    guint64 pid = 0;
    if (operands[0] && (!quantity_parse_count(operands[0], &pid) || pid == 0))
        return failure_usage(&top_verb, "'%s' is no process: its number is needed", operands[0]);
    if (settings->count && !settings->json)
        return failure_usage(&top_verb, "--count is for --json: on the screen, q ends it");
    if (!settings->json && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
        output_message("top needs a terminal: weft top --json and weft ps --watch do without");
        return EXIT_SYSTEM;
    }
    if (!operands[0] && !(pid = newest())) {
        output_message(
            "no process is traced: those linked with libweft are, unless WEFT_TRACE=off");
        return EXIT_SYSTEM;
    }
    GError *error = NULL;
    top *t = top_new(pid, &error);
    if (!t)
        return failure_error(error);
    int code = settings->json ? top_print_json(t, settings->delay_ns, settings->count)
                              : show(t, settings->delay_ns);
    top_free(t);
    return code;
}

const struct verb top_verb = {
    .name = "top",
    .usage = "[PID] [OPTION…]",
    .summary = "Watch a program's tasks, full screen",
    .details =
        "Without PID: the newest traced process. ? lists the keys. The program records while\n"
        "it is looked at, and stands by again afterwards; one that ends stays shown. With --json\n"
        "it is sampled for another program, until it ends.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .defaults = &defaults,
    .max_operands = 1,
    .run = run,
};
