/* drawing-running.c: who runs, who awaits it, and the code: see drawing-parts.h. */
#include "app/viewer/dispatch/drawing-parts.h"

#include <string.h>

/* Where a line of code may be broken so that what is before has at most so many columns: behind a
 * space, else behind a parenthesis; 0: nowhere. */
static gsize code_break(const char *text, double columns)
{
    gsize space = 0, parenthesis = 0, column = 1, indent = strspn(text, " ");
    for (const char *c = text; *c && (double)column <= columns; c = g_utf8_next_char(c), column++)
        if ((gsize)(c - text) >= indent && (*c == ' ' || *c == '('))
            *(*c == ' ' ? &space : &parenthesis) = (gsize)(c - text) + 1;
    gsize at = space ? space : parenthesis;
    return text[at] ? at : 0;
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

/* The current line is said whole, in two rows if it must be. */
static void draw_code(struct drawing *d, double x, double y, double width, double height)
{
    const struct weft_dispatch_view *view = d->view;
    weft_round(d->render, d->snapshot, WEFT_ROLE_CANVAS, 1, x, y, width, height, RADIUS);
    weft_frame(d->render, d->snapshot, WEFT_ROLE_LINE, 1, x, y, width, height, 1, RADIUS);
    double line = MIN(px(d, LINE), floor((height - px(d, 12)) / WEFT_CODE_LINES));
    double gutter = weft_text(d->render, WEFT_STYLE_CODE, "0000")->width, room = width - gutter;
    graphene_rect_t row = rect(x, y + px(d, 6), width, line);
    for (guint i = 0, rows = 0; i < view->n_code && rows < WEFT_CODE_LINES; i++, rows++) {
        gboolean current = i == view->current;
        const char *text = view->code[i].text;
        gsize cut = 0;
        if (current && rows + 1 < WEFT_CODE_LINES &&
            weft_text(d->render, WEFT_STYLE_CODE_STRONG, text)->width > room - px(d, 24))
            cut = code_break(text, (room - px(d, 24)) / (gutter / 4));
        g_autofree char *first = cut ? g_strndup(text, cut) : g_strdup(text);
        draw_code_row(d, first, view->code[i].number, current, &row, gutter);
        row.origin.y += (float)line;
        if (!cut)
            continue;
        const char *more = text + cut + strspn(text + cut, " ");
        g_autofree char *rest = g_strdup_printf("%*s%s", (int)strspn(text, " ") + 4, "", more);
        draw_code_row(d, rest, 0, TRUE, &row, gutter);
        row.origin.y += (float)line;
        rows++;
    }
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

/* Who ran until now, and what comes; returns how much higher that is than a runner. */
static double draw_left(struct drawing *d, const struct weft_token_view *token, double x, double y,
                        double width)
{
    double height = px(d, TOKEN + 6), pad = px(d, 14);
    drawing_dashed_frame(d, WEFT_ROLE_RUNNING, x, y, width, height);
    drawing_words(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, token->name, x + pad, y, height,
                  width - 2 * pad);
    drawing_words(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, d->view->nobody, x, y + height + px(d, 6),
                  px(d, LINE), width);
    return px(d, LINE) + px(d, 6);
}

void drawing_running(struct drawing *d)
{
    const struct weft_dispatch_view *view = d->view;
    double x = (double)d->running.origin.x + px(d, INSET), y = (double)d->running.origin.y;
    double width = (double)d->running.size.width - 2 * px(d, INSET);
    drawing_column(d, &d->running, "Running", view->ran);
    weft_fill(d->render, d->snapshot, WEFT_ROLE_RUNNING, 1, x, y + px(d, 42), width, px(d, 5));
    y += px(d, HEAD) + px(d, 4);
    if (view->running.n_shown > 0)
        draw_runner(d, &view->running.shown[0], x, y, width);
    else if (view->left.n_shown > 0)
        y += draw_left(d, &view->left.shown[0], x, y, width);
    else
        drawing_words(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, view->nobody, x, y, px(d, TOKEN + 6),
                      width);
    y += px(d, TOKEN + 6) + px(d, 14);
    double height = MIN(px(d, LINE * WEFT_CODE_LINES + 12), bottom(&d->running) - y - px(d, 12));
    if (view->n_code > 0 && height > px(d, 60))
        draw_code(d, x, y, width, height);
    else if (view->where)
        drawing_words(d, WEFT_STYLE_CODE, WEFT_ROLE_DIM, view->where, x, y, px(d, LINE), width);
    y += view->n_code > 0 && height > px(d, 60) ? height : px(d, LINE);
    if (view->changed && y + px(d, LINE) < bottom(&d->running))
        drawing_words(d, WEFT_STYLE_SECONDARY, WEFT_ROLE_TEXT, view->changed, x, y, px(d, LINE),
                      width);
}
