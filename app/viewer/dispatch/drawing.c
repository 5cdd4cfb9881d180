/* drawing.c: see drawing.h. All sizes are at text scale 1, and grow with the text. */
#include "app/viewer/dispatch/drawing.h"

#include "app/viewer/render/draw.h"
#include <math.h>
#include <string.h>

enum {
    MARGIN = 24,
    GAP = 42,      /* between columns: room for an arrow */
    TOP = 60,      /* where the columns begin */
    HEAD = 54,     /* a column's title */
    INSET = 18,    /* inside a column */
    STRIP = 78,    /* under Ready and Running: the return path */
    TOKEN = 36,    /* a token's height, */
    CALLBACK = 22, /* a callback's */
    SPACE = 6,     /* between tokens */
    LINE = 24,     /* of code */
    LABEL = 20,    /* "next iteration" */
    ROW_WORD = 96, /* "Threads" */
    TOKEN_MOST = 250,
    RADIUS = 8,
    PATH = 3,
    LEAST_WIDTH = 860,
    LEAST_HEIGHT = 430,
};

struct drawing {
    struct weft_render *render;
    GtkSnapshot *snapshot;
    const struct weft_dispatch_view *view;
    uint64_t selected;
    const struct weft_dispatch_motion *motion; /* NULL: none */
    GtkSnapshot *over, *under; /* motion: where tokens that move are drawn, and all else; of the
                                  two, `snapshot` is in use */
    GArray *hits;
    double scale;
    graphene_rect_t ready, running, waiting;
    double ghost_x, ghost_y; /* where the way of what was woken begins, in its row */
};

static double px(const struct drawing *d, double at_scale_1)
{
    return round(at_scale_1 * d->scale);
}

static double right(const graphene_rect_t *box)
{
    return (double)(box->origin.x + box->size.width);
}

static double bottom(const graphene_rect_t *box)
{
    return (double)(box->origin.y + box->size.height);
}

static graphene_rect_t rect(double x, double y, double width, double height)
{
    return GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height);
}

/* Words, up and down in the middle of a line; returns their width. */
static double words(struct drawing *d, enum weft_style style, enum weft_role role, const char *text,
                    double x, double y, double height, double max)
{
    if (max < px(d, 12))
        return 0;
    struct weft_label *label = weft_text_cut(d->render, style, text, max);
    weft_text_draw(d->render, d->snapshot, label, role, x, y + (height - label->height) / 2);
    return label->width;
}

static double words_right(struct drawing *d, enum weft_style style, enum weft_role role,
                          const char *text, double x, double y, double height, double max)
{
    struct weft_label *label = weft_text_cut(d->render, style, text, max);
    weft_text_draw(d->render, d->snapshot, label, role, x - label->width,
                   y + (height - label->height) / 2);
    return label->width;
}

/* A frame of dashes: where something was. */
static void dashed_frame(struct drawing *d, enum weft_role role, double x, double y, double width,
                         double height)
{
    for (int side = 0; side < 2; side++) {
        weft_dashes(d->render, d->snapshot, role, x, side ? y + height - 2 : y, width, FALSE, 2, 6,
                    4);
        weft_dashes(d->render, d->snapshot, role, side ? x + width - 2 : x, y, height, TRUE, 2, 6,
                    4);
    }
}

/* Where a token was; NULL: nowhere, or nothing moves. */
static const graphene_rect_t *comes_from(const struct drawing *d, uint64_t id)
{
    for (guint i = 0; d->motion && id && i < d->motion->from->len; i++) {
        const struct weft_dispatch_hit *hit = &g_array_index(d->motion->from,
                                                             struct weft_dispatch_hit, i);
        if (hit->id == id)
            return &hit->box;
    }
    return NULL;
}

/* A token is drawn from here on, and until token_ends(). */
static void token_begins(struct drawing *d, uint64_t id, double x, double y)
{
    const graphene_rect_t *from = comes_from(d, id);
    if (!from)
        return;
    float left = 1 - (float)d->motion->passed;
    d->snapshot = d->over;
    gtk_snapshot_save(d->over);
    gtk_snapshot_translate(d->over, &GRAPHENE_POINT_INIT((from->origin.x - (float)x) * left,
                                                         (from->origin.y - (float)y) * left));
}

static void token_ends(struct drawing *d, uint64_t id, double x, double y, double width,
                       double height)
{
    struct weft_dispatch_hit where = { rect(x, y, width, height), id };
    if (d->hits)
        g_array_append_val(d->hits, where);
    if (id == d->selected)
        weft_frame(d->render, d->snapshot, WEFT_ROLE_ACCENT, 1, x - 3, y - 3, width + 6, height + 6,
                   3, RADIUS + 3);
    if (d->snapshot != d->under) {
        gtk_snapshot_restore(d->over);
        d->snapshot = d->under;
    }
}

/* ---- Tokens ---- */

static const char *longest_note(struct drawing *d, const struct weft_token_view *token, double max)
{
    for (guint i = 0; token->notes && token->notes[i]; i++)
        if (weft_text(d->render, WEFT_STYLE_WORDS, token->notes[i])->width <= max)
            return token->notes[i];
    return NULL;
}

static double chip_width(struct drawing *d, const struct weft_token_view *token)
{
    if (!token->chip)
        return 0;
    return weft_text(d->render, WEFT_STYLE_SECONDARY, token->chip)->width + d->render->glyph +
           px(d, 24);
}

enum token_words { TOKEN_ALL_WORDS, TOKEN_SOME_WORDS, TOKEN_NAME, TOKEN_WORDS };

static double name_width(struct drawing *d, const struct weft_token_view *token)
{
    return weft_text(d->render, WEFT_STYLE_HEADER_STRONG, token->name)->width + px(d, 28);
}

/* As wide as its words, within reason. */
static double token_width(struct drawing *d, const struct weft_token_view *token,
                          enum token_words how)
{
    double width = name_width(d, token);
    guint n = token->notes && how != TOKEN_NAME ? g_strv_length(token->notes) : 0;
    if (n > 0)
        width += weft_text(d->render, WEFT_STYLE_WORDS,
                           token->notes[how == TOKEN_ALL_WORDS ? 0 : n - 1])
                     ->width +
                 px(d, 10);
    if (how != TOKEN_NAME)
        width += chip_width(d, token);
    return ceil(MIN(width, px(d, TOKEN_MOST)));
}

static void draw_chip(struct drawing *d, const struct weft_token_view *token, double x, double y,
                      double width, double height)
{
    weft_frame(d->render, d->snapshot, WEFT_ROLE_WAIT_TIMER, 1, x, y, width, height, 1.5f,
               (float)height / 2);
    weft_glyph(d->render, d->snapshot, WEFT_WAIT_TIMER, x + px(d, 7),
               y + (height - d->render->glyph) / 2);
    words(d, WEFT_STYLE_SECONDARY, WEFT_ROLE_TEXT, token->chip, x + px(d, 11) + d->render->glyph, y,
          height, width);
}

static void draw_waiting(struct drawing *d, const struct weft_token_view *token,
                         enum weft_role role, double x, double y, double width, double height)
{
    double pad = px(d, 12), chip = chip_width(d, token);
    chip = width + 2 >= MIN(name_width(d, token) + chip, px(d, TOKEN_MOST)) ? chip : 0;
    token_begins(d, token->id, x, y);
    role = token->cancelling ? WEFT_ROLE_CANCELLING : role;
    weft_frame(d->render, d->snapshot, role, 1, x, y, width, height, 2, RADIUS);
    if (token->cancelling)
        weft_pattern(d->render, d->snapshot, WEFT_TILE_CANCELLING, x + 4, y + 4, px(d, 6),
                     height - 8, 0);
    double room = width - 2 * pad - (chip > 0 ? chip : 0);
    double name = words(d, WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_TEXT, token->name, x + pad, y,
                        height, room);
    const char *note = longest_note(d, token, room - name - px(d, 8));
    if (note)
        words(d, WEFT_STYLE_WORDS, WEFT_ROLE_DIM, note, x + pad + name + px(d, 8), y, height, room);
    if (chip > 0 && chip < width - 2 * pad)
        draw_chip(d, token, x + width - chip - px(d, 6), y + px(d, 7), chip, height - px(d, 14));
    token_ends(d, token->id, x, y, width, height);
}

/* In the queue, but not said where. */
static void draw_hidden(struct drawing *d, const struct weft_token_view *token, double x, double y,
                        double width, double height)
{
    double mark = px(d, 22), room = width - mark - px(d, 26);
    token_begins(d, token->id, x, y);
    dashed_frame(d, WEFT_ROLE_READY, x, y, width, height);
    words(d, token->callback ? WEFT_STYLE_SECONDARY : WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_TEXT,
          token->name, x + px(d, 12), y, height, room);
    words_right(d, WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_READY, "?", x + width - px(d, 14), y, height,
                mark);
    token_ends(d, token->id, x, y, width, height);
}

static void draw_ready(struct drawing *d, const struct weft_token_view *token, double x, double y,
                       double width, double height)
{
    if (d->view->hidden) {
        draw_hidden(d, token, x, y, width, height);
        return;
    }
    token_begins(d, token->id, x, y);
    weft_round(d->render, d->snapshot, WEFT_ROLE_READY, 0.15f, x, y, width, height, RADIUS);
    weft_frame(d->render, d->snapshot, WEFT_ROLE_READY, 1, x, y, width, height, 1.5f, RADIUS);
    weft_pattern(d->render, d->snapshot, WEFT_TILE_READY, x + 4, y + 4, px(d, 12), height - 8, 0);
    words(d, token->callback ? WEFT_STYLE_SECONDARY : WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_TEXT,
          token->name, x + px(d, 26), y, height, width - px(d, 34));
    token_ends(d, token->id, x, y, width, height);
}

/* ---- Columns ---- */

static void draw_column(struct drawing *d, const graphene_rect_t *box, const char *title,
                        const char *number)
{
    double x = (double)box->origin.x, y = (double)box->origin.y, inset = px(d, INSET);
    weft_round(d->render, d->snapshot, WEFT_ROLE_SIDEBAR, 1, x, y, (double)box->size.width,
               (double)box->size.height, RADIUS + 2);
    weft_frame(d->render, d->snapshot, WEFT_ROLE_LINE, 1, x, y, (double)box->size.width,
               (double)box->size.height, 1, RADIUS + 2);
    words(d, WEFT_STYLE_TITLE, WEFT_ROLE_TEXT, title, x + inset, y + px(d, 6), px(d, 36),
          (double)box->size.width);
    if (number)
        words_right(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, number, right(box) - inset, y + px(d, 6),
                    px(d, 36), (double)box->size.width / 2);
}

static void draw_more(struct drawing *d, guint n, double x, double y, double height)
{
    g_autofree char *count = weft_text_count(n);
    g_autofree char *text = g_strdup_printf("+%s", count);
    words(d, WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_DIM, text, x, y, height, px(d, 120));
}

static void draw_queue(struct drawing *d)
{
    const struct weft_tokens_view *ready = &d->view->ready;
    g_autofree char *count = weft_text_count(ready->n);
    double x = (double)d->ready.origin.x + px(d, INSET), y = (double)d->ready.origin.y;
    double width = (double)d->ready.size.width - 2 * px(d, INSET);
    double limit = bottom(&d->ready) - px(d, SPACE), need = px(d, TOKEN) + px(d, SPACE);
    draw_column(d, &d->ready, "Ready", count);
    weft_pattern(d->render, d->snapshot, WEFT_TILE_READY, x, y + px(d, 42), width, px(d, 5), 0);
    y += px(d, HEAD);
    for (guint i = 0; i < ready->n_shown; i++) {
        gboolean split = d->view->split && !d->view->hidden;
        gboolean last = i + 1 == ready->n, divides = split && i == d->view->n_this;
        double label = divides || (i == 0 && split) ? px(d, LABEL) : 0;
        double height = px(d, ready->shown[i].callback ? CALLBACK : TOKEN);
        if (y + label + height + (last ? 0 : need) > limit) {
            draw_more(d, ready->n - i, x + px(d, 6), y, px(d, TOKEN));
            return;
        }
        if (divides && i > 0)
            weft_fill(d->render, d->snapshot, WEFT_ROLE_TICK, 1, x, y, width, 1);
        if (label > 0)
            words(d, WEFT_STYLE_SMALL, WEFT_ROLE_DIM, divides ? "next iteration" : "this iteration",
                  x, y, label, width);
        draw_ready(d, &ready->shown[i], x, y + label, width, height);
        y += label + height + px(d, SPACE);
    }
    if (ready->n > ready->n_shown)
        draw_more(d, ready->n - ready->n_shown, x + px(d, 6), y, px(d, TOKEN));
    else if (d->view->hidden && ready->n > 0)
        words(d, WEFT_STYLE_WORDS, WEFT_ROLE_DIM, "order hidden", x, y, px(d, TOKEN), width);
}

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
        words_right(d, WEFT_STYLE_CODE, WEFT_ROLE_DIM, digits, x + gutter, y, high, gutter);
    words(d, current ? WEFT_STYLE_CODE_STRONG : WEFT_STYLE_CODE, WEFT_ROLE_TEXT, text,
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
    token_begins(d, token->id, x, y);
    weft_round(d->render, d->snapshot, role, 1, x, y, width, height, RADIUS);
    double name = words(d, token->callback ? WEFT_STYLE_STRONG : WEFT_STYLE_HEADER_STRONG,
                        WEFT_ROLE_ON_RUNNING, token->name, x + pad, y, height, width - 2 * pad);
    const char *note = longest_note(d, token, width - 3 * pad - name);
    if (note)
        words_right(d, WEFT_STYLE_WORDS, WEFT_ROLE_ON_RUNNING, note, x + width - pad, y, height,
                    width);
    token_ends(d, token->id, x, y, width, height);
}

/* Who ran until now, and what comes; returns how much higher that is than a runner. */
static double draw_left(struct drawing *d, const struct weft_token_view *token, double x, double y,
                        double width)
{
    double height = px(d, TOKEN + 6), pad = px(d, 14);
    dashed_frame(d, WEFT_ROLE_RUNNING, x, y, width, height);
    words(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, token->name, x + pad, y, height, width - 2 * pad);
    words(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, d->view->nobody, x, y + height + px(d, 6),
          px(d, LINE), width);
    return px(d, LINE) + px(d, 6);
}

static void draw_running(struct drawing *d)
{
    const struct weft_dispatch_view *view = d->view;
    double x = (double)d->running.origin.x + px(d, INSET), y = (double)d->running.origin.y;
    double width = (double)d->running.size.width - 2 * px(d, INSET);
    draw_column(d, &d->running, "Running", view->ran);
    weft_fill(d->render, d->snapshot, WEFT_ROLE_RUNNING, 1, x, y + px(d, 42), width, px(d, 5));
    y += px(d, HEAD) + px(d, 4);
    if (view->running.n_shown > 0)
        draw_runner(d, &view->running.shown[0], x, y, width);
    else if (view->left.n_shown > 0)
        y += draw_left(d, &view->left.shown[0], x, y, width);
    else
        words(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, view->nobody, x, y, px(d, TOKEN + 6), width);
    y += px(d, TOKEN + 6) + px(d, 14);
    double height = MIN(px(d, LINE * WEFT_CODE_LINES + 12), bottom(&d->running) - y - px(d, 12));
    if (view->n_code > 0 && height > px(d, 60))
        draw_code(d, x, y, width, height);
    else if (view->where)
        words(d, WEFT_STYLE_CODE, WEFT_ROLE_DIM, view->where, x, y, px(d, LINE), width);
    y += view->n_code > 0 && height > px(d, 60) ? height : px(d, LINE);
    if (view->changed && y + px(d, LINE) < bottom(&d->running))
        words(d, WEFT_STYLE_SECONDARY, WEFT_ROLE_TEXT, view->changed, x, y, px(d, LINE), width);
}

/* ---- Waiting ---- */

static double row_height(const struct drawing *d)
{
    return floor(((double)d->waiting.size.height - px(d, HEAD - 6)) / WEFT_WAIT_CLASSES);
}

/* How tokens stand in a row: one after the other, in lines. */
struct lines {
    double left, limit, height; /* of a token */
    guint n;
    enum token_words words;
    double x, y;
    guint at; /* the line */
};

/* Where the ghost of what was woken stands in its row; returns its width. */
static double draw_ghost(struct drawing *d, enum weft_role role, const struct lines *at)
{
    gboolean alone = at->n == 1; /* else the way from below would cross who waits there */
    d->ghost_x = at->x + (alone ? px(d, 24) : -PATH);
    d->ghost_y = at->y + floor(alone ? at->height : at->height / 2);
    const struct weft_token_view *woken = &d->view->woken.shown[0];
    double width = token_width(d, woken, at->words);
    dashed_frame(d, role, at->x, at->y, width, at->height);
    words(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, woken->name, at->x + px(d, 12), at->y, at->height,
          width - px(d, 18));
    return width;
}

/* Goes to where a token of this width stands; FALSE: there is no room. The last line keeps room for
 * "+37" where others follow. */
static gboolean go_to_token(const struct drawing *d, struct lines *at, double width,
                            gboolean follows)
{
    double more = follows && at->at + 1 == at->n ? px(d, 60) : 0;
    if (at->x + width + more <= at->limit)
        return TRUE;
    if (at->at + 1 == at->n)
        return FALSE;
    at->at++;
    at->x = at->left;
    at->y += at->height + px(d, SPACE);
    return go_to_token(d, at, width, follows);
}

static gboolean from_row(const struct drawing *d, enum weft_wait_class wait)
{
    return d->view->woken.n_shown > 0 && d->view->woken_from == wait;
}

/* Whether all of the row fit so. */
static gboolean all_fit(struct drawing *d, enum weft_wait_class wait, struct lines at)
{
    const struct weft_tokens_view *tokens = &d->view->waiting[wait];
    at.x = at.left;
    at.at = 0;
    if (from_row(d, wait))
        at.x += token_width(d, &d->view->woken.shown[0], at.words) + px(d, SPACE + 2);
    for (guint i = 0; i < tokens->n_shown; i++) {
        double width = MIN(token_width(d, &tokens->shown[i], at.words), at.limit - at.left);
        if (!go_to_token(d, &at, width, i + 1 < tokens->n))
            return FALSE;
        at.x += width + px(d, SPACE + 2);
    }
    return TRUE;
}

/* All words where they fit, in one line or, a little lower, in as many as there is room for; else
 * fewer words: who waits is worth more than for what. */
static struct lines lines_of(struct drawing *d, enum weft_wait_class wait, double left,
                             double limit, double height)
{
    double token = px(d, TOKEN), space = px(d, SPACE);
    struct lines lines = { left, limit, token, 1, TOKEN_ALL_WORDS, 0, 0, 0 };
    guint most = 1;
    while (height - (most + 2) * space >= (most + 1) * token * 0.8)
        most++;
    for (guint words = 0; words < TOKEN_WORDS; words++)
        for (lines.n = 1; lines.n <= most; lines.n++) {
            lines.words = (enum token_words)words;
            lines.height = MIN(token, floor((height - (lines.n + 1) * space) / lines.n));
            if (all_fit(d, wait, lines))
                return lines;
        }
    lines.n = most;
    lines.words = TOKEN_SOME_WORDS;
    return lines;
}

static void draw_row(struct drawing *d, enum weft_wait_class wait, double y, double height)
{
    static const char *const names[WEFT_WAIT_CLASSES] = { "Timers", "I/O", "Locks", "Tasks",
                                                          "Threads" };
    const struct weft_tokens_view *tokens = &d->view->waiting[wait];
    enum weft_role role = weft_role_of_wait(wait);
    double left = (double)d->waiting.origin.x + px(d, INSET), space = px(d, SPACE);
    double limit = right(&d->waiting) - px(d, INSET);
    weft_fill(d->render, d->snapshot, WEFT_ROLE_LINE, 1, left, y, limit - left, 1);
    weft_glyph(d->render, d->snapshot, wait, left, y + floor((height - d->render->glyph) / 2));
    words(d, WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_TEXT, names[wait],
          left + d->render->glyph + px(d, 8), y, height, px(d, ROW_WORD));
    struct lines at = lines_of(d, wait, left + px(d, ROW_WORD), limit, height);
    at.x = at.left;
    at.y = y + floor((height - at.n * (at.height + space) + space) / 2);
    if (from_row(d, wait))
        at.x += draw_ghost(d, role, &at) + px(d, SPACE + 2);
    for (guint i = 0; i < tokens->n_shown; i++) {
        double width = MIN(token_width(d, &tokens->shown[i], at.words), at.limit - at.left);
        if (!go_to_token(d, &at, width, i + 1 < tokens->n)) {
            draw_more(d, tokens->n - i, at.x, at.y, at.height);
            return;
        }
        draw_waiting(d, &tokens->shown[i], role, at.x, at.y, width, at.height);
        at.x += width + px(d, SPACE + 2);
    }
    if (tokens->n > tokens->n_shown)
        draw_more(d, tokens->n - tokens->n_shown, at.x, at.y, at.height);
}

static void draw_rows(struct drawing *d)
{
    guint n = 0;
    for (guint wait = 0; wait < WEFT_WAIT_CLASSES; wait++)
        n += d->view->waiting[wait].n;
    g_autofree char *count = weft_text_count(n);
    double y = (double)d->waiting.origin.y + px(d, HEAD - 6), height = row_height(d);
    draw_column(d, &d->waiting, "Waiting", count);
    if (d->view->unknown) {
        double x = (double)d->waiting.origin.x + px(d, 130), top = (double)d->waiting.origin.y;
        weft_pattern(d->render, d->snapshot, WEFT_TILE_UNKNOWN, x, top + px(d, 18), px(d, 12),
                     px(d, 12), 0);
        words(d, WEFT_STYLE_WORDS, WEFT_ROLE_TEXT, d->view->unknown, x + px(d, 18), top + px(d, 6),
              px(d, 36), right(&d->waiting) - x - px(d, 90));
    }
    for (guint wait = 0; wait < WEFT_WAIT_CLASSES; wait++)
        draw_row(d, wait, y + wait * height, height);
}

/* ---- Between the columns ---- */

static void draw_arrow(struct drawing *d, double x, double y)
{
    double length = px(d, GAP) - px(d, 16);
    weft_fill(d->render, d->snapshot, WEFT_ROLE_TICK, 1, x + px(d, 8), y - 2, length - 8, 4);
    weft_triangle(d->render, d->snapshot, WEFT_ROLE_TICK, x + px(d, 8) + length, y, 10, '>');
}

/* From Waiting back to Ready, under Running: dim; or lit in the colour of the row that somebody
 * left, from there. */
static void draw_return(struct drawing *d)
{
    gboolean lit = d->view->woken.n_shown > 0;
    enum weft_role role = lit ? weft_role_of_wait(d->view->woken_from) : WEFT_ROLE_LINE;
    double thick = lit ? PATH : 2, y = bottom(&d->running) + px(d, STRIP) / 2;
    double x = (double)d->ready.origin.x + floor((double)d->ready.size.width / 2);
    double turn = (double)d->waiting.origin.x - floor(px(d, GAP) / 2);
    double from_y = bottom(&d->waiting) - px(d, STRIP), from_x = (double)d->waiting.origin.x;
    if (lit) {
        from_y = d->ghost_y + 2;
        from_x = d->ghost_x;
        weft_fill(d->render, d->snapshot, role, 1, from_x, d->ghost_y, thick, 2);
    }
    weft_fill(d->render, d->snapshot, role, 1, turn, from_y, from_x - turn + thick, thick);
    weft_fill(d->render, d->snapshot, role, 1, turn, MIN(from_y, y), thick, fabs(y - from_y));
    weft_fill(d->render, d->snapshot, role, 1, x, y, turn - x + thick, thick);
    weft_fill(d->render, d->snapshot, role, 1, x, bottom(&d->ready) + 10, thick,
              y - bottom(&d->ready) - 10);
    weft_triangle(d->render, d->snapshot, role, x + thick / 2, bottom(&d->ready) + 2, 12, '^');
    if (!lit)
        return;
    struct weft_label *label = weft_text_cut(d->render, WEFT_STYLE_HEADER_STRONG, d->view->cause,
                                             px(d, 260));
    double width = label->width + d->render->glyph + px(d, 36), height = px(d, 34);
    double left = (double)d->running.origin.x + ((double)d->running.size.width - width) / 2;
    double top = y - floor(height / 2) + 1;
    weft_round(d->render, d->snapshot, WEFT_ROLE_CANVAS, 1, left, top, width, height,
               (float)height / 2);
    weft_frame(d->render, d->snapshot, role, 1, left, top, width, height, 2, (float)height / 2);
    weft_glyph(d->render, d->snapshot, d->view->woken_from, round(left + px(d, 14)),
               round(top + (height - d->render->glyph) / 2));
    words(d, WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_TEXT, d->view->cause,
          left + px(d, 20) + d->render->glyph, top, height, px(d, 260));
}

/* ---- The iteration, and who is done ---- */

static const char *const phases[] = { "poll", "I/O callbacks", "due timers", "ready tasks" };
static const char *const short_phases[] = { "poll", "I/O", "timers", "tasks" };

static struct weft_label *phase_label(struct drawing *d, const char *const *names, guint i)
{
    gboolean now = d->view->phase == WEFT_PHASE_POLL + i;
    return weft_text(d->render, now ? WEFT_STYLE_HEADER_STRONG : WEFT_STYLE_HEADER, names[i]);
}

static double phases_width(struct drawing *d, const char *const *names)
{
    double width = 0;
    for (guint i = 0; i < G_N_ELEMENTS(phases); i++)
        width += phase_label(d, names, i)->width + px(d, 19);
    return width;
}

static void draw_phases(struct drawing *d)
{
    double x = px(d, MARGIN), y = px(d, 12), height = px(d, 34);
    double limit = (double)d->waiting.origin.x - px(d, 12);
    x += words(d, WEFT_STYLE_TITLE, WEFT_ROLE_TEXT, d->view->iteration, x, y, height, px(d, 220));
    double begin = MAX(x + px(d, 24), right(&d->ready) - px(d, 60));
    double pad = px(d, 14), words_width = phases_width(d, phases);
    const char *const *names = phases;
    if (begin + words_width + 8 * pad > limit) { /* closer together */
        begin = x + px(d, 12);
        if (begin + words_width + 8 * px(d, 10) > limit)
            words_width = phases_width(d, names = short_phases);
        pad = CLAMP(floor((limit - begin - words_width) / 8), px(d, 3), pad);
    }
    x = begin;
    for (guint i = 0; i < G_N_ELEMENTS(phases); i++) {
        gboolean now = d->view->phase == WEFT_PHASE_POLL + i;
        struct weft_label *label = phase_label(d, names, i);
        double width = label->width + 2 * pad;
        if (x + width > limit)
            return;
        if (now)
            weft_round(d->render, d->snapshot, WEFT_ROLE_RUNNING, 1, x, y, width, height,
                       (float)height / 2);
        else
            weft_frame(d->render, d->snapshot, WEFT_ROLE_TICK, 0.5f, x, y, width, height, 1,
                       (float)height / 2);
        weft_text_draw(d->render, d->snapshot, label, now ? WEFT_ROLE_ON_RUNNING : WEFT_ROLE_DIM,
                       x + pad, y + (height - label->height) / 2);
        x += width + px(d, 6);
        if (i + 1 < G_N_ELEMENTS(phases))
            weft_triangle(d->render, d->snapshot, WEFT_ROLE_TICK, x + px(d, 7), y + height / 2, 7,
                          '>');
        x += px(d, 13);
    }
}

static void draw_done(struct drawing *d)
{
    const struct weft_tokens_view *done = &d->view->done;
    double x = (double)d->waiting.origin.x, y = px(d, 12), height = px(d, 34);
    double limit = right(&d->waiting), more = px(d, 60);
    x += words(d, WEFT_STYLE_TITLE, WEFT_ROLE_DIM, "Done", x, y, height, px(d, 120)) + px(d, 14);
    for (guint i = 0; i < done->n_shown; i++) {
        const struct weft_token_view *token = &done->shown[i];
        gboolean failed = token->outcome == WEFT_OUTCOME_ERROR;
        g_autofree char *text = g_strdup_printf("%s %s", token->name,
                                                failed ? "✗"
                                                : token->outcome == WEFT_OUTCOME_CANCELLED
                                                    ? "cancelled"
                                                    : "✓");
        double width = weft_text(d->render, WEFT_STYLE_WORDS, text)->width + px(d, 24);
        if (x + width > limit - (i + 1 < done->n ? more : 0)) {
            draw_more(d, done->n - i, x, y, height);
            return;
        }
        token_begins(d, token->id, x, y + px(d, 3));
        weft_frame(d->render, d->snapshot, failed ? WEFT_ROLE_ERROR : WEFT_ROLE_TICK, 1, x,
                   y + px(d, 3), width, height - px(d, 6), 1.5f, RADIUS);
        words(d, WEFT_STYLE_WORDS, WEFT_ROLE_TEXT, text, x + px(d, 12), y, height, width);
        token_ends(d, token->id, x, y + px(d, 3), width, height - px(d, 6));
        x += width + px(d, SPACE + 2);
    }
    if (done->n > done->n_shown)
        draw_more(d, done->n - done->n_shown, x, y, height);
}

/* ---- The whole ---- */

static void lay_out(struct drawing *d, double width, double height)
{
    double margin = px(d, MARGIN), gap = px(d, GAP), top = px(d, TOP);
    double room = MAX(width - 2 * margin - 2 * gap, 3);
    double first = floor(room * 0.21), second = floor(room * 0.36);
    double high = MAX(height - top - px(d, 12), 1), low = MAX(high - px(d, STRIP), 1);
    d->ready = rect(margin, top, first, low);
    d->running = rect(margin + first + gap, top, second, low);
    d->waiting = rect(margin + first + second + 2 * gap, top, room - first - second, high);
}

void weft_dispatch_draw(struct weft_render *render, GtkSnapshot *snapshot,
                        const struct weft_dispatch_view *view, double width, double height,
                        uint64_t selected, const struct weft_dispatch_motion *motion, GArray *hits)
{
    struct drawing d = { .render = render,
                         .snapshot = snapshot,
                         .view = view,
                         .selected = selected,
                         .motion = motion,
                         .over = motion ? gtk_snapshot_new() : NULL,
                         .under = snapshot,
                         .hits = hits,
                         .scale = render->scale };
    if (hits)
        g_array_set_size(hits, 0);
    weft_render_begin_still(render);
    lay_out(&d, width, height);
    weft_fill(render, snapshot, WEFT_ROLE_CANVAS, 1, 0, 0, width, height);
    draw_phases(&d);
    draw_done(&d);
    draw_queue(&d);
    draw_running(&d);
    draw_rows(&d);
    draw_arrow(&d, right(&d.ready), (double)d.ready.origin.y + px(&d, HEAD + TOKEN));
    draw_arrow(&d, right(&d.running), (double)d.ready.origin.y + px(&d, HEAD + TOKEN));
    draw_return(&d);
    g_autoptr(GskRenderNode) moving = motion ? gtk_snapshot_free_to_node(d.over) : NULL;
    if (moving)
        gtk_snapshot_append_node(snapshot, moving);
}

void weft_dispatch_least_size(const struct weft_render *render, double *width, double *height)
{
    *width = LEAST_WIDTH * render->scale;
    *height = LEAST_HEIGHT * render->scale;
}
