/* drawing-waiting.c: who waits, in five rows, always in this order: see drawing-parts.h. They are
 * of one height; but where the words of one need more lines, those with room to spare lend it. */
#include "app/viewer/dispatch/drawing-parts.h"

/* How tokens stand in a row: one after the other, in lines. */
struct lines {
    double left, limit, height; /* of a token */
    guint n;
    enum token_words words[WEFT_TOKENS_SHOWN]; /* of each */
    double x, y;
    guint at; /* the line */
};

/* Beside it there is room for "+3". */
static double ghost_width(struct drawing *d, const struct lines *at)
{
    double more = weft_text(d->render, WEFT_STYLE_HEADER_STRONG, "+3")->width + px(d, SPACE + 2);
    return MIN(drawing_token_width(d, &d->view->woken.shown[0], TOKEN_NAME),
               at->limit - at->left - more);
}

/* Where the ghost of what was woken stands in its row; returns its width. */
static double draw_ghost(struct drawing *d, enum weft_role role, const struct lines *at)
{
    gboolean alone = at->n == 1; /* else the way from below would cross who waits there */
    d->ghost_x = at->x + (alone ? px(d, 24) : -PATH);
    d->ghost_y = at->y + floor(alone ? at->height : at->height / 2);
    const struct weft_token_view *woken = &d->view->woken.shown[0];
    double width = ghost_width(d, at);
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
        at.x += ghost_width(d, &at) + px(d, SPACE + 2);
    for (guint i = 0; i < tokens->n_shown; i++) {
        double width = MIN(drawing_token_width(d, &tokens->shown[i], at.words[i]),
                           at.limit - at.left);
        if (!go_to_token(d, &at, width, i + 1 < tokens->n))
            return FALSE;
        at.x += width + px(d, SPACE + 2);
    }
    return TRUE;
}

static void set_words(struct lines *lines, enum token_words words)
{
    for (guint i = 0; i < WEFT_TOKENS_SHOWN; i++)
        lines->words[i] = words;
}

static void set_height(const struct drawing *d, struct lines *lines, guint n, double height)
{
    lines->n = n;
    lines->height = MIN(px(d, TOKEN), floor((height - (n + 1) * px(d, SPACE)) / n));
}

/* All words where they fit, in one line or, a little lower, in as many as there is room for; else
 * names, for who waits is worth more than for what, and then each as many words as there is still
 * room for, from the first on. */
static struct lines lines_of(struct drawing *d, enum weft_wait_class wait, double left,
                             double limit, double height)
{
    struct lines lines = { .left = left, .limit = limit };
    double space = px(d, SPACE);
    guint most = 1, n_shown = d->view->waiting[wait].n_shown;
    while (height - (most + 2) * space >= (most + 1) * px(d, TOKEN) * 0.8)
        most++;
    set_words(&lines, TOKEN_ALL_WORDS);
    for (guint n = 1; n <= most; n++) {
        set_height(d, &lines, n, height);
        if (all_fit(d, wait, lines))
            return lines;
    }
    set_words(&lines, TOKEN_NAME);
    for (guint words = TOKEN_SHORT_NOTE; words <= TOKEN_ALL_WORDS; words++)
        for (guint i = 0; i < n_shown; i++) {
            enum token_words fewer = lines.words[i];
            lines.words[i] = (enum token_words)words;
            if (!all_fit(d, wait, lines))
                lines.words[i] = fewer;
        }
    return lines;
}

static double row_left(const struct drawing *d)
{
    return (double)d->waiting.origin.x + across(d, INSET);
}

static double row_limit(const struct drawing *d)
{
    return right(&d->waiting) - across(d, INSET);
}

/* The height that a row needs for all its words. */
static double need_of(struct drawing *d, enum weft_wait_class wait)
{
    struct lines lines = {
        .left = row_left(d) + px(d, ROW_WORD), .limit = row_limit(d), .height = px(d, TOKEN), .n = 1
    };
    set_words(&lines, TOKEN_ALL_WORDS);
    while (lines.n < d->view->waiting[wait].n_shown && !all_fit(d, wait, lines))
        lines.n++;
    return lines.n * lines.height + (lines.n + 1) * px(d, SPACE);
}

/* The rows' heights: of those that need more than their part, and of those that lend it. */
static void share(struct drawing *d, double height, double heights[WEFT_WAIT_CLASSES])
{
    double part = floor(height / WEFT_WAIT_CLASSES), want = 0, spare = 0;
    for (guint wait = 0; wait < WEFT_WAIT_CLASSES; wait++) {
        heights[wait] = need_of(d, wait) - part; /* what is missing; below 0: what is left */
        want += MAX(heights[wait], 0);
        spare -= MIN(heights[wait], 0);
    }
    double lent = MIN(want, spare);
    for (guint wait = 0; wait < WEFT_WAIT_CLASSES; wait++) {
        double all = heights[wait] > 0 ? want : spare;
        heights[wait] = part + (all > 0 ? floor(lent * heights[wait] / all) : 0);
    }
}

static void draw_row(struct drawing *d, enum weft_wait_class wait, double y, double height)
{
    static const char *const names[WEFT_WAIT_CLASSES] = { "Timers", "I/O", "Locks", "Tasks",
                                                          "Threads" };
    const struct weft_tokens_view *tokens = &d->view->waiting[wait];
    enum weft_role role = weft_role_of_wait(wait);
    double left = row_left(d), limit = row_limit(d), space = px(d, SPACE);
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
        double width = MIN(drawing_token_width(d, &tokens->shown[i], at.words[i]),
                           at.limit - at.left);
        if (!go_to_token(d, &at, width, i + 1 < tokens->n)) {
            drawing_more(d, tokens->n - i, at.x, at.y, at.height);
            return;
        }
        graphene_rect_t box = rect(at.x, at.y, width, at.height);
        drawing_waiting_token(d, &tokens->shown[i], at.words[i], role, &box);
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
    g_autofree char *count = drawing_count(d, n);
    double y = (double)d->waiting.origin.y + px(d, HEAD - 6), heights[WEFT_WAIT_CLASSES];
    drawing_column(d, &d->waiting, "Waiting", count);
    if (d->view->unknown) {
        double x = (double)d->waiting.origin.x + px(d, 130), top = (double)d->waiting.origin.y;
        weft_pattern(d->render, d->snapshot, WEFT_TILE_UNKNOWN, x, top + px(d, 18), px(d, 12),
                     px(d, 12), 0);
        drawing_words(d, WEFT_STYLE_WORDS, WEFT_ROLE_TEXT, d->view->unknown, x + px(d, 18),
                      top + px(d, 6), px(d, 36), right(&d->waiting) - x - px(d, 90));
    }
    share(d, bottom(&d->waiting) - y, heights);
    for (guint wait = 0; wait < WEFT_WAIT_CLASSES; y += heights[wait++])
        draw_row(d, wait, y, heights[wait]);
}
