/* textrow.c: see textrow.h. */
#include "tracer/export/textrow.h"
#include "tracer/export/export.h"
#include <math.h>
#include <string.h>

#define RUNNING    0x2588 /* █ */
#define SLICE      0x2502 /* │ a slice shorter than half a cell */
#define READY      0x2592 /* ▒ */
#define CANCELLING 0x259a /* ▚ */
#define UNKNOWN    0x003f /* ? */
#define CAP        0x2524 /* ┤ the end */
#define HELD       0x2594 /* ▔ */
#define COVERED    0x0000 /* by the wide character before it */

const char *const textrow_legend[] = {
    "█ runs", "│ briefly",     "▒ ready", "▚ cancelling", "┤ end",  "waits for: ┄ timer",
    "─ I/O",  "═ lock, queue", "╌ task",  "┅ thread",     "? lost", NULL,
};

static const gunichar wait_lines[WEFT_WAIT_CLASSES] = {
    [WEFT_WAIT_TIMER] = 0x2504,  /* ┄ */
    [WEFT_WAIT_IO] = 0x2500,     /* ─ */
    [WEFT_WAIT_SYNC] = 0x2550,   /* ═ */
    [WEFT_WAIT_TASK] = 0x254c,   /* ╌ */
    [WEFT_WAIT_THREAD] = 0x2505, /* ┅ */
};

enum { DECODED_CHUNKS = 8 }; /* a row: small traces exactly, large ones merged */
enum { RUNS, IS_READY, CANCELS, LOST, WAITS, KINDS };

struct row {
    struct textrow_range range;
    gunichar *cells;
    double (*share)[KINDS]; /* per cell: parts of it */
    guint8 *await;          /* per cell: the await kind that waits longest */
    double *await_share;
    GArray *views;
};

static double column_ns(const struct row *row)
{
    return (double)(row->range.to_ns - row->range.from_ns) / row->range.columns;
}

/* Where t is, in cells; clamped. */
static double place(const struct row *row, gint64 t_ns)
{
    double x = (double)(t_ns - row->range.from_ns) / column_ns(row);
    return CLAMP(x, 0, (double)row->range.columns);
}

static void row_init(struct row *row, weft_model *model, guint lane, struct textrow_range range)
{
    *row = (struct row){ .range = range };
    row->cells = g_new(gunichar, range.columns);
    for (guint i = 0; i < range.columns; i++)
        row->cells[i] = ' ';
    row->share = g_malloc0_n(range.columns, sizeof *row->share);
    row->await = g_new0(guint8, range.columns);
    row->await_share = g_new0(double, range.columns);
    row->views = g_array_new(FALSE, FALSE, sizeof(struct weft_segment_view));
    guint chunks = DECODED_CHUNKS;
    weft_model_segments(model, lane, range.from_ns, range.to_ns,
                        MAX(1, (gint64)(column_ns(row) / 4)), &chunks, row->views);
}

/* Puts the cells out, trailing blanks cut, and frees the row. */
static void row_finish(struct row *row, GString *out)
{
    guint n = row->range.columns;
    while (n > 0 && row->cells[n - 1] == ' ')
        n--;
    for (guint i = 0; i < n; i++)
        if (row->cells[i] != COVERED)
            g_string_append_unichar(out, row->cells[i]);
    g_free(row->cells);
    g_free(row->share);
    g_free(row->await);
    g_free(row->await_share);
    g_array_unref(row->views);
}

static void add_share(struct row *row, guint cell, guint kind, double part, guint8 await)
{
    row->share[cell][kind] += part;
    if (kind == WAITS && part > row->await_share[cell]) {
        row->await_share[cell] = part;
        row->await[cell] = await;
    }
}

/* Spreads a segment's parts over the cells it covers. */
static void add_view(struct row *row, const struct weft_segment_view *v)
{
    double from = place(row, v->from_ns), to = place(row, v->to_ns);
    double ns = (double)(v->to_ns - v->from_ns);
    double parts[KINDS] = { 0 };
    if (v->flags & WEFT_SEGMENT_MERGED) {
        parts[RUNS] = (double)v->running_ns / ns;
        parts[IS_READY] = (double)v->ready_ns / ns;
        parts[LOST] = (double)v->unknown_ns / ns;
        guint rest = v->state == WEFT_SEGMENT_CANCELLING ? CANCELS : WAITS;
        parts[rest] = 1 - parts[RUNS] - parts[IS_READY] - parts[LOST];
    } else {
        guint kind = v->state == WEFT_SEGMENT_RUNNING || v->state == WEFT_SEGMENT_CALLBACK ? RUNS
                     : v->state == WEFT_SEGMENT_READY      ? IS_READY
                     : v->state == WEFT_SEGMENT_CANCELLING ? CANCELS
                     : v->state == WEFT_SEGMENT_UNKNOWN    ? LOST
                                                           : WAITS;
        parts[kind] = 1;
    }
    for (guint i = (guint)from; i < row->range.columns && i < to; i++) {
        double covered = MIN(to, i + 1.0) - MAX(from, (double)i);
        for (guint k = 0; k < KINDS; k++)
            if (parts[k] > 0)
                add_share(row, i, k, covered * parts[k], v->detail);
    }
}

static gunichar cell_of(const struct row *row, guint i)
{
    const double *share = row->share[i];
    if (share[LOST] > 0 && share[LOST] >= share[WAITS])
        return UNKNOWN;
    if (share[CANCELS] > 0 && share[CANCELS] >= share[WAITS])
        return CANCELLING;
    if (share[IS_READY] > share[RUNS] && share[IS_READY] >= share[WAITS])
        return READY;
    if (share[RUNS] > 0)
        return share[RUNS] >= share[WAITS] ? RUNNING : SLICE;
    return share[WAITS] > 0 ? wait_lines[weft_wait_class(row->await[i])] : ' ';
}

guint textrow_width(const char *text)
{
    guint width = 0;
    for (; *text; text = g_utf8_next_char(text))
        width += textrow_char_width(g_utf8_get_char(text));
    return width;
}

/* Writes text into the cells from `at` on; what does not fit is cut. A wide character has its own
 * cell and a COVERED one; a mark that takes no cell has no place here. */
static void put(struct row *row, guint at, const char *text)
{
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        c = weft_export_is_unsafe(c) ? 0xfffd : c;
        guint width = textrow_char_width(c);
        if (at + width > row->range.columns)
            return;
        if (width > 0)
            row->cells[at] = c;
        if (width > 1)
            row->cells[at + 1] = COVERED;
        at += width;
    }
}

/* The longest rung that fits into the cells that the segment has to itself. */
static void put_words(struct row *row, weft_model *model, guint lane,
                      const struct weft_segment_view *v)
{
    guint from = (guint)place(row, v->from_ns), to = (guint)place(row, v->to_ns);
    gunichar line = wait_lines[weft_wait_class(v->detail)];
    while (from < to && row->cells[from] != line)
        from++;
    while (to > from && row->cells[to - 1] != line)
        to--;
    g_auto(GStrv) words = weft_model_segment_words(model, lane, v);
    for (guint i = 0; words[i]; i++) {
        if (textrow_width(words[i]) + 3 > to - from)
            continue;
        put(row, from + 1, words[i]);
        return;
    }
}

static gboolean all_waiting(const struct row *row, guint from, guint to)
{
    for (guint i = from; i < to; i++) {
        gboolean line = FALSE;
        for (guint k = 0; k < WEFT_WAIT_CLASSES; k++)
            line = line || row->cells[i] == wait_lines[k];
        if (!line)
            return FALSE;
    }
    return TRUE;
}

char *textrow_end_words(weft_model *model, guint lane, guint columns)
{
    char *words = weft_model_outcome_words(model, lane);
    char *message = strstr(words, ": ");
    if (message && textrow_width(words) > columns)
        *message = '\0';
    return words;
}

/* A cap and how it ended, behind it; at the right edge a failure is said before it. */
static void put_end(struct row *row, weft_model *model, guint lane)
{
    const struct weft_lane *l = weft_model_lane(model, lane);
    if (!l->outcome || l->last_ns < row->range.from_ns || l->last_ns > row->range.to_ns)
        return;
    guint columns = row->range.columns, at = (guint)place(row, l->last_ns);
    at += at < columns && row->cells[at] != ' ';
    guint left = columns - MIN(at + 2, columns);
    g_autofree char *words = textrow_end_words(model, lane, left);
    guint width = textrow_width(words);
    if (at + 2 + width <= columns) {
        row->cells[at] = CAP;
        put(row, at + 2, words);
        return;
    }
    at = MIN(at, columns - 1);
    row->cells[at] = CAP;
    if (l->outcome != WEFT_OUTCOME_RESULT && at > width + 2 &&
        all_waiting(row, at - width - 2, at - 1))
        put(row, at - width - 1, words);
}

void textrow_task(weft_model *model, guint lane, struct textrow_range range, GString *out)
{
    struct row row;
    row_init(&row, model, lane, range);
    const struct weft_segment_view *views = (const void *)row.views->data;
    for (guint i = 0; i < row.views->len; i++)
        add_view(&row, &views[i]);
    for (guint i = 0; i < range.columns; i++)
        row.cells[i] = cell_of(&row, i);
    for (guint i = 0; i < row.views->len; i++)
        if (views[i].state == WEFT_SEGMENT_WAITING && !(views[i].flags & WEFT_SEGMENT_MERGED))
            put_words(&row, model, lane, &views[i]);
    put_end(&row, model, lane);
    row_finish(&row, out);
}

void textrow_loop(weft_model *model, guint lane, struct textrow_range range, GString *out)
{
    struct row row;
    row_init(&row, model, lane, range);
    for (guint i = 0; i < row.views->len; i++)
        add_view(&row, &g_array_index(row.views, struct weft_segment_view, i));
    for (guint i = 0; i < range.columns; i++) {
        double busy = row.share[i][RUNS];
        if (row.share[i][LOST] > 0.5)
            row.cells[i] = UNKNOWN;
        else if (busy > 0)
            row.cells[i] = 0x2581 + (gunichar)MIN(7, busy * 8); /* ▁ … █ */
    }
    row_finish(&row, out);
}

void textrow_ready(weft_model *model, guint lane, struct textrow_range range, GString *out)
{
    struct row row;
    row_init(&row, model, lane, range);
    g_autofree guint32 *most = g_new0(guint32, range.columns);
    for (guint i = 0; i < row.views->len; i++) {
        const struct weft_segment_view *v = &g_array_index(row.views, struct weft_segment_view, i);
        double to = place(&row, v->to_ns);
        if (v->state == WEFT_SEGMENT_UNKNOWN) {
            add_view(&row, v);
            continue;
        }
        for (guint k = (guint)place(&row, v->from_ns); k < range.columns && k < to; k++)
            most[k] = MAX(most[k], v->value_max);
    }
    for (guint i = 0; i < range.columns; i++)
        if (row.share[i][LOST] > 0.5)
            row.cells[i] = UNKNOWN;
        else if (most[i])
            row.cells[i] = most[i] < 10 ? '0' + most[i] : '+';
    row_finish(&row, out);
}

gboolean textrow_held(weft_model *model, guint lane, struct textrow_range range, gint64 min_ns,
                      GString *out)
{
    struct row row;
    gboolean any = FALSE;
    guint free_from = 0;
    row_init(&row, model, lane, range);
    for (guint i = 0; i < row.views->len; i++) {
        const struct weft_segment_view *v = &g_array_index(row.views, struct weft_segment_view, i);
        gboolean slice = v->state == WEFT_SEGMENT_RUNNING || v->state == WEFT_SEGMENT_CALLBACK;
        if (!slice || v->flags & WEFT_SEGMENT_MERGED || v->to_ns - v->from_ns < min_ns)
            continue;
        any = TRUE;
        guint from = (guint)place(&row, v->from_ns);
        double to = place(&row, v->to_ns);
        for (guint k = MAX(from, free_from); k < range.columns && k < to; k++)
            row.cells[k] = HELD;
        g_autofree char *name = weft_model_name(model, v->other);
        g_autofree char *held = weft_format_duration(v->to_ns - v->from_ns);
        g_autofree char *words = g_strdup_printf("%s held it %s", name, held);
        guint width = textrow_width(words), end = (guint)ceil(to);
        guint at = end + 1 + width <= range.columns ? end + 1
                   : from > width                   ? from - width - 1
                                                    : range.columns;
        if (at < free_from || at >= range.columns)
            continue;
        put(&row, at, words);
        free_from = MAX(at + width + 1, end + 1);
    }
    row_finish(&row, out);
    return any;
}
