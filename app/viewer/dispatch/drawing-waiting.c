/* drawing-waiting.c: who waits, in five rows that stay in their places: see drawing-parts.h. */
#include "app/viewer/dispatch/drawing-parts.h"

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
    double width = drawing_token_width(d, woken, at->words);
    drawing_dashed_frame(d, role, at->x, at->y, width, at->height);
    drawing_words(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, woken->name, at->x + px(d, 12), at->y,
                  at->height, width - px(d, 18));
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
        at.x += drawing_token_width(d, &d->view->woken.shown[0], at.words) + px(d, SPACE + 2);
    for (guint i = 0; i < tokens->n_shown; i++) {
        double width = MIN(drawing_token_width(d, &tokens->shown[i], at.words), at.limit - at.left);
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
    drawing_words(d, WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_TEXT, names[wait],
                  left + d->render->glyph + px(d, 8), y, height, px(d, ROW_WORD));
    struct lines at = lines_of(d, wait, left + px(d, ROW_WORD), limit, height);
    at.x = at.left;
    at.y = y + floor((height - at.n * (at.height + space) + space) / 2);
    if (from_row(d, wait))
        at.x += draw_ghost(d, role, &at) + px(d, SPACE + 2);
    for (guint i = 0; i < tokens->n_shown; i++) {
        double width = MIN(drawing_token_width(d, &tokens->shown[i], at.words), at.limit - at.left);
        if (!go_to_token(d, &at, width, i + 1 < tokens->n)) {
            drawing_more(d, tokens->n - i, at.x, at.y, at.height);
            return;
        }
        drawing_waiting_token(d, &tokens->shown[i], role, at.x, at.y, width, at.height);
        at.x += width + px(d, SPACE + 2);
    }
    if (tokens->n > tokens->n_shown)
        drawing_more(d, tokens->n - tokens->n_shown, at.x, at.y, at.height);
}

void drawing_waiting(struct drawing *d)
{
    guint n = 0;
    for (guint wait = 0; wait < WEFT_WAIT_CLASSES; wait++)
        n += d->view->waiting[wait].n;
    g_autofree char *count = weft_text_count(n);
    double y = (double)d->waiting.origin.y + px(d, HEAD - 6), height = row_height(d);
    drawing_column(d, &d->waiting, "Waiting", count);
    if (d->view->unknown) {
        double x = (double)d->waiting.origin.x + px(d, 130), top = (double)d->waiting.origin.y;
        weft_pattern(d->render, d->snapshot, WEFT_TILE_UNKNOWN, x, top + px(d, 18), px(d, 12),
                     px(d, 12), 0);
        drawing_words(d, WEFT_STYLE_WORDS, WEFT_ROLE_TEXT, d->view->unknown, x + px(d, 18),
                      top + px(d, 6), px(d, 36), right(&d->waiting) - x - px(d, 90));
    }
    for (guint wait = 0; wait < WEFT_WAIT_CLASSES; wait++)
        draw_row(d, wait, y + wait * height, height);
}
