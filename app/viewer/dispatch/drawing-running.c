/* drawing-running.c: who runs, who awaits it, and the code: see drawing-parts.h. */
#include "app/viewer/dispatch/drawing-parts.h"

#include <string.h>

enum { CONTINUED = 2 }; /* columns that a line's other rows are indented more than its first */

/* Where a line of code is broken so that what is before has at most so many columns: behind its
 * last space there where the rest then is one row, else behind its last space or parenthesis, else
 * in the middle of a word; 0: it fits. */
static gsize code_break(const char *text, glong columns)
{
    gsize indent = strspn(text, " "), space = 0, any = 0;
    glong length = g_utf8_strlen(text, -1), at = 1, space_at = 0;
    if (length <= columns)
        return 0;
    for (const char *c = text; at <= columns + 1; c = g_utf8_next_char(c), at++)
        if ((gsize)(c - text) >= indent && (*c == ' ' || (*c == '(' && at <= columns))) {
            any = (gsize)(c - text) + 1;
            if (*c == ' ') {
                space = any;
                space_at = at;
            }
        }
    if (space && (glong)indent + CONTINUED + length - space_at <= columns)
        return space;
    return any ? any : (gsize)(g_utf8_offset_to_pointer(text, columns) - text);
}

/* One row of code, its number left of it; 0: it goes on from the row above. */
static void draw_code_row(struct drawing *d, const char *text, unsigned number, gboolean current,
                          const graphene_rect_t *row, double gutter)
{
    double x = (double)row->origin.x, y = (double)row->origin.y, high = (double)row->size.height;
    if (current) {
        weft_fill(d->render, d->snapshot, WEFT_ROLE_RUNNING, 0.25f, x + 1, y,
                  (double)row->size.width - 2, high);
        weft_fill(d->render, d->snapshot, WEFT_ROLE_RUNNING, 1, x + 1, y, 4, high);
    }
    g_autofree char *digits = number ? g_strdup_printf("%u", number) : NULL;
    if (digits)
        drawing_words_right(d, WEFT_STYLE_CODE, WEFT_ROLE_DIM, digits, x + gutter, y, high, gutter);
    drawing_words(d, current ? WEFT_STYLE_CODE_STRONG : WEFT_STYLE_CODE, WEFT_ROLE_TEXT, text,
                  x + gutter + px(d, 14), y, high, (double)row->size.width - gutter - px(d, 24));
}

static GPtrArray *break_code(const char *text, glong columns)
{
    GPtrArray *rows = g_ptr_array_new_with_free_func(g_free);
    gsize indent = MIN(strspn(text, " ") + CONTINUED, (gsize)columns / 2), cut;
    g_autofree char *rest = g_strdup(text);
    while (rows->len + 1 < WEFT_CODE_LINES && (cut = code_break(rest, columns)) > 0) {
        const char *more = rest + cut + strspn(rest + cut, " ");
        g_ptr_array_add(rows, g_strchomp(g_strndup(rest, cut)));
        char *next = g_strdup_printf("%*s%s", (int)indent, "", more);
        g_free(rest);
        rest = next;
    }
    g_ptr_array_add(rows, g_steal_pointer(&rest));
    return rows;
}

/* The current line is said whole, in as many rows as that takes: where they are many, from the left
 * edge on. */
static GPtrArray *code_rows(const char *text, glong columns)
{
    GPtrArray *rows = break_code(text, columns);
    if (rows->len <= WEFT_CODE_LINES / 2 + 1)
        return rows;
    g_ptr_array_unref(rows);
    return break_code(text + strspn(text, " "), columns);
}

/* Returns its height: five rows; more where the current line takes some, and fewer, of which it is
 * the last, where there is little room. */
static double draw_code(struct drawing *d, double x, double y, double width, double height)
{
    const struct weft_dispatch_view *view = d->view;
    double gutter = weft_text(d->render, WEFT_STYLE_CODE, "0000")->width, row_height = px(d, LINE);
    double room = width - gutter - px(d, 24);
    g_autoptr(GPtrArray)
        said = code_rows(view->code[view->current].text, MAX((glong)(room / (gutter / 4)), 8));
    guint n = view->n_code + said->len - 1, most = (guint)MAX((height - px(d, 12)) / row_height, 1);
    if (most < WEFT_CODE_LINES) { /* closer together, and then fewer */
        most = (guint)CLAMP((height - px(d, 12)) / px(d, LINE_LOW), 1, WEFT_CODE_LINES);
        row_height = MIN(row_height, floor((height - px(d, 12)) / most));
    }
    n = MIN(MAX(n, WEFT_CODE_LINES), most);
    height = n * row_height + px(d, 12);
    weft_round(d->render, d->snapshot, WEFT_ROLE_CANVAS, 1, x, y, width, height, RADIUS);
    weft_frame(d->render, d->snapshot, WEFT_ROLE_LINE, 1, x, y, width, height, 1, RADIUS);
    graphene_rect_t row = rect(x, y + px(d, 6), width, row_height);
    guint first = view->current + said->len > n ? MIN(view->current + said->len - n, view->current)
                                                : 0;
    for (guint i = first, rows = 0; i < view->n_code && rows < n; i++)
        for (guint k = 0; k < (i == view->current ? said->len : 1) && rows < n; k++, rows++) {
            gboolean current = i == view->current, cut = current && k + 1 < said->len;
            g_autofree char *text = g_strconcat(current ? said->pdata[k] : view->code[i].text,
                                                cut && rows + 1 == n ? "…" : NULL, NULL);
            draw_code_row(d, text, k == 0 ? view->code[i].number : 0, current, &row, gutter);
            row.origin.y += (float)row_height;
        }
    return height;
}

static void draw_runner(struct drawing *d, const struct weft_token_view *token, double x, double y,
                        double width)
{
    double height = px(d, token->callback ? CALLBACK : TOKEN + 6), pad = px(d, 14);
    enum weft_role role = token->cancelling ? WEFT_ROLE_CANCELLING : WEFT_ROLE_RUNNING;
    drawing_token_begins(d, token->id, x, y);
    weft_round(d->render, d->snapshot, role, 1, x, y, width, height, RADIUS);
    double name = drawing_words(d, token->callback ? WEFT_STYLE_STRONG : WEFT_STYLE_HEADER_STRONG,
                                WEFT_ROLE_ON_RUNNING, token->name, x + pad, y, height,
                                width - 2 * pad);
    const char *note = drawing_note(d, token, width - 3 * pad - name);
    if (note)
        drawing_words_right(d, WEFT_STYLE_WORDS, WEFT_ROLE_ON_RUNNING, note, x + width - pad, y,
                            height, width);
    drawing_token_ends(d, token->id, x, y, width, height);
}

/* In the largest letters in which it fits, or cut. */
static void draw_nobody(struct drawing *d, double x, double y, double height, double width)
{
    const char *text = d->view->nobody;
    gboolean fits = weft_text(d->render, WEFT_STYLE_HEADER, text)->width <= width;
    drawing_words(d, fits ? WEFT_STYLE_HEADER : WEFT_STYLE_WORDS, WEFT_ROLE_DIM, text, x, y, height,
                  width);
}

/* Who ran until now, and what comes; returns how much higher that is than a runner. */
static double draw_left(struct drawing *d, const struct weft_token_view *token, double x, double y,
                        double width)
{
    double height = px(d, TOKEN + 6), pad = px(d, 14);
    drawing_dashed_frame(d, WEFT_ROLE_RUNNING, x, y, width, height);
    drawing_words(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, token->name, x + pad, y, height,
                  width - 2 * pad);
    draw_nobody(d, x, y + height + px(d, 6), px(d, LINE), width);
    return px(d, LINE) + px(d, 6);
}

void drawing_running(struct drawing *d)
{
    const struct weft_dispatch_view *view = d->view;
    double x = (double)d->running.origin.x + across(d, INSET), y = (double)d->running.origin.y;
    double width = (double)d->running.size.width - 2 * across(d, INSET);
    drawing_column(d, &d->running, "Running", view->ran);
    weft_fill(d->render, d->snapshot, WEFT_ROLE_RUNNING, 1, x, y + px(d, 42), width, px(d, 5));
    y += px(d, HEAD) + px(d, 4);
    if (view->running.n_shown > 0)
        draw_runner(d, &view->running.shown[0], x, y, width);
    else if (view->left.n_shown > 0)
        y += draw_left(d, &view->left.shown[0], x, y, width);
    else
        draw_nobody(d, x, y, px(d, TOKEN + 6), width);
    y += px(d, TOKEN + 6) + px(d, 14);
    double height = bottom(&d->running) - y - px(d, 12);
    const char *where = view->where;
    if (view->n_code > 0) /* where there is no room for more than that line */
        where = view->code[view->current].text + strspn(view->code[view->current].text, " ");
    if (view->n_code > 0 && height >= px(d, LINE_LOW + 12)) {
        y += draw_code(d, x, y, width, height);
    } else if (where && y + px(d, LINE) < bottom(&d->running)) {
        drawing_words(d, WEFT_STYLE_CODE, view->where ? WEFT_ROLE_DIM : WEFT_ROLE_TEXT, where, x, y,
                      px(d, LINE), width);
        y += px(d, LINE);
    }
    const char *const words[] = { view->past, view->changed };
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        if (!words[i] || y + px(d, LINE) >= bottom(&d->running))
            continue;
        drawing_words(d, WEFT_STYLE_SECONDARY, i ? WEFT_ROLE_TEXT : WEFT_ROLE_DIM, words[i], x, y,
                      px(d, LINE), width);
        y += px(d, LINE);
    }
}
