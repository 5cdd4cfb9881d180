/* drawing-tokens.c: words and tokens: see drawing-parts.h. */
#include "app/viewer/dispatch/drawing-parts.h"

double drawing_words(struct drawing *d, enum weft_style style, enum weft_role role,
                     const char *text, double x, double y, double height, double max)
{
    if (max < px(d, 12))
        return 0;
    struct weft_label *label = weft_text_cut(d->render, style, text, max);
    weft_text_draw(d->render, d->snapshot, label, role, x, y + (height - label->height) / 2);
    return label->width;
}

double drawing_words_right(struct drawing *d, enum weft_style style, enum weft_role role,
                           const char *text, double x, double y, double height, double max)
{
    struct weft_label *label = weft_text_cut(d->render, style, text, max);
    weft_text_draw(d->render, d->snapshot, label, role, x - label->width,
                   y + (height - label->height) / 2);
    return label->width;
}

void drawing_dashed_frame(struct drawing *d, enum weft_role role, double x, double y, double width,
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

void drawing_token_begins(struct drawing *d, uint64_t id, double x, double y)
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

void drawing_token_ends(struct drawing *d, uint64_t id, double x, double y, double width,
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

const char *drawing_note(struct drawing *d, const struct weft_token_view *token, double max)
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

static double name_width(struct drawing *d, const struct weft_token_view *token)
{
    return weft_text(d->render, WEFT_STYLE_HEADER_STRONG, token->name)->width + px(d, 28);
}

double drawing_token_width(struct drawing *d, const struct weft_token_view *token,
                           enum token_words how)
{
    double width = name_width(d, token) + (how >= TOKEN_SOME_WORDS ? chip_width(d, token) : 0);
    const char *note = NULL;
    if (how == TOKEN_ALL_WORDS)
        note = drawing_note(d, token, px(d, TOKEN_MOST) - width - px(d, 4));
    else if (how != TOKEN_NAME && token->notes && *token->notes)
        note = token->notes[g_strv_length(token->notes) - 1];
    if (note)
        width += weft_text(d->render, WEFT_STYLE_WORDS, note)->width + px(d, 10);
    return ceil(MIN(width, px(d, TOKEN_MOST)));
}

static void draw_chip(struct drawing *d, const struct weft_token_view *token, double x, double y,
                      double width, double height)
{
    weft_frame(d->render, d->snapshot, WEFT_ROLE_WAIT_TIMER, 1, x, y, width, height, 1.5f,
               (float)height / 2);
    weft_glyph(d->render, d->snapshot, WEFT_WAIT_TIMER, x + px(d, 7),
               y + (height - d->render->glyph) / 2);
    drawing_words(d, WEFT_STYLE_SECONDARY, WEFT_ROLE_TEXT, token->chip,
                  x + px(d, 11) + d->render->glyph, y, height, width);
}

/* The chip's width; 0: there is no room for it, or only instead of what the token waits for. */
static double chip_of(struct drawing *d, const struct weft_token_view *token, enum token_words how,
                      double width)
{
    double chip = how >= TOKEN_SOME_WORDS ? chip_width(d, token) : 0, name = name_width(d, token);
    if (width + 2 < MIN(name + chip, px(d, TOKEN_MOST)))
        return 0;
    double room = width - name - px(d, 4);
    return drawing_note(d, token, room) && !drawing_note(d, token, room - chip) ? 0 : chip;
}

void drawing_waiting_token(struct drawing *d, const struct weft_token_view *token,
                           enum token_words how, enum weft_role role, const graphene_rect_t *box)
{
    double x = (double)box->origin.x, y = (double)box->origin.y;
    double width = (double)box->size.width, height = (double)box->size.height, pad = px(d, 12);
    double chip = chip_of(d, token, how, width);
    drawing_token_begins(d, token->id, x, y);
    role = token->cancelling ? WEFT_ROLE_CANCELLING : role;
    weft_frame(d->render, d->snapshot, role, 1, x, y, width, height, 2, RADIUS);
    if (token->cancelling)
        weft_pattern(d->render, d->snapshot, WEFT_TILE_CANCELLING, x + 4, y + 4, px(d, 6),
                     height - 8, 0);
    double room = width - 2 * pad - chip;
    double name = drawing_words(d, WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_TEXT, token->name, x + pad,
                                y, height, room);
    const char *note = how != TOKEN_NAME ? drawing_note(d, token, room - name - px(d, 8)) : NULL;
    if (note)
        drawing_words(d, WEFT_STYLE_WORDS, WEFT_ROLE_DIM, note, x + pad + name + px(d, 8), y,
                      height, room);
    if (chip > 0 && chip < width - 2 * pad)
        draw_chip(d, token, x + width - chip - px(d, 6), y + px(d, 7), chip, height - px(d, 14));
    drawing_token_ends(d, token->id, x, y, width, height);
}

/* In the queue, but not said where. */
static void draw_hidden(struct drawing *d, const struct weft_token_view *token, double x, double y,
                        double width, double height)
{
    double mark = px(d, 22), room = width - mark - px(d, 26);
    drawing_token_begins(d, token->id, x, y);
    drawing_dashed_frame(d, WEFT_ROLE_READY, x, y, width, height);
    drawing_words(d, token->callback ? WEFT_STYLE_SECONDARY : WEFT_STYLE_HEADER_STRONG,
                  WEFT_ROLE_TEXT, token->name, x + px(d, 12), y, height, room);
    drawing_words_right(d, WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_READY, "?", x + width - px(d, 14), y,
                        height, mark);
    drawing_token_ends(d, token->id, x, y, width, height);
}

void drawing_ready_token(struct drawing *d, const struct weft_token_view *token, double x, double y,
                         double width, double height)
{
    if (d->view->hidden) {
        draw_hidden(d, token, x, y, width, height);
        return;
    }
    drawing_token_begins(d, token->id, x, y);
    weft_round(d->render, d->snapshot, WEFT_ROLE_READY, 0.15f, x, y, width, height, RADIUS);
    weft_frame(d->render, d->snapshot, WEFT_ROLE_READY, 1, x, y, width, height, 1.5f, RADIUS);
    weft_pattern(d->render, d->snapshot, WEFT_TILE_READY, x + 4, y + 4, px(d, 12), height - 8, 0);
    drawing_words(d, token->callback ? WEFT_STYLE_SECONDARY : WEFT_STYLE_HEADER_STRONG,
                  WEFT_ROLE_TEXT, token->name, x + px(d, 26), y, height, width - px(d, 34));
    drawing_token_ends(d, token->id, x, y, width, height);
}

void drawing_more(struct drawing *d, guint n, double x, double y, double height)
{
    g_autofree char *count = weft_text_count(n);
    g_autofree char *text = g_strdup_printf("+%s", count);
    drawing_words(d, WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_DIM, text, x, y, height, px(d, 120));
}
