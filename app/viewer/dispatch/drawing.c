/* drawing.c: see drawing.h. */
#include "app/viewer/dispatch/drawing-parts.h"

/* ---- Columns ---- */

char *drawing_count(const struct drawing *d, guint64 n)
{
    return n == 0 && d->view->phase == WEFT_PHASE_UNKNOWN ? g_strdup("?") : weft_text_count(n);
}

void drawing_column(struct drawing *d, const graphene_rect_t *box, const char *title,
                    const char *number)
{
    double x = (double)box->origin.x, y = (double)box->origin.y, inset = across(d, INSET);
    double limit = right(box) - inset, half = (double)box->size.width / 2;
    double beside = number ? weft_text_cut(d->render, WEFT_STYLE_HEADER, number, half)->width +
                                 px(d, SPACE)
                           : 0;
    weft_round(d->render, d->snapshot, WEFT_ROLE_SIDEBAR, 1, x, y, (double)box->size.width,
               (double)box->size.height, RADIUS + 2);
    weft_frame(d->render, d->snapshot, WEFT_ROLE_LINE, 1, x, y, (double)box->size.width,
               (double)box->size.height, 1, RADIUS + 2);
    drawing_words(d, WEFT_STYLE_TITLE, WEFT_ROLE_TEXT, title, x + inset, y + px(d, 6), px(d, 36),
                  limit - beside - x - inset);
    if (number)
        drawing_words_right(d, WEFT_STYLE_HEADER, WEFT_ROLE_DIM, number, limit, y + px(d, 6),
                            px(d, 36), half);
}

/* How high its tokens are, and what says which iteration they are of; 0: that is not said. */
struct queue_sizes {
    double token, label;
};

static double queue_height(struct drawing *d, struct queue_sizes sizes)
{
    const struct weft_tokens_view *ready = &d->view->ready;
    double height = ready->n ? sizes.label : 0;
    if (d->view->n_this > 0 && d->view->n_this < ready->n)
        height += sizes.label;
    for (guint i = 0; i < ready->n_shown; i++)
        height += (ready->shown[i].callback ? px(d, CALLBACK) : sizes.token) + px(d, SPACE);
    return height;
}

/* Where not all has room, who is in the queue is worth more than what it looks like. */
static struct queue_sizes queue_sizes(struct drawing *d, double room)
{
    gboolean split = d->view->split && !d->view->hidden;
    struct queue_sizes sizes = { px(d, TOKEN), split ? px(d, LABEL) : 0 };
    if (queue_height(d, sizes) > room)
        sizes.label = 0;
    if (queue_height(d, sizes) > room)
        sizes.token = px(d, TOKEN_LOW);
    return sizes;
}

static void draw_queue(struct drawing *d)
{
    const struct weft_tokens_view *ready = &d->view->ready;
    g_autofree char *count = drawing_count(d, ready->n);
    double x = (double)d->ready.origin.x + across(d, INSET), y = (double)d->ready.origin.y;
    double width = (double)d->ready.size.width - 2 * across(d, INSET);
    double limit = bottom(&d->ready) - px(d, SPACE);
    drawing_column(d, &d->ready, "Ready", count);
    weft_pattern(d->render, d->snapshot, WEFT_TILE_READY, x, y + px(d, 42), width, px(d, 5), 0);
    y += px(d, HEAD);
    struct queue_sizes sizes = queue_sizes(d, limit - y);
    double need = sizes.token + px(d, SPACE);
    gboolean split = d->view->split && !d->view->hidden;
    for (guint i = 0; i < ready->n_shown; i++) {
        gboolean last = i + 1 == ready->n, divides = split && i == d->view->n_this;
        double label = divides || (i == 0 && split) ? sizes.label : 0;
        double height = ready->shown[i].callback ? px(d, CALLBACK) : sizes.token;
        if (y + label + height + (last ? 0 : need) > limit) {
            drawing_more(d, ready->n - i, x + px(d, 6), y, sizes.token);
            return;
        }
        if (divides && i > 0)
            weft_fill(d->render, d->snapshot, WEFT_ROLE_TICK, 1, x,
                      y - (label > 0 ? 0 : px(d, SPACE) / 2), width, 1);
        if (label > 0)
            drawing_words(d, WEFT_STYLE_SMALL, WEFT_ROLE_DIM,
                          divides ? "next iteration" : "this iteration", x, y, label, width);
        drawing_ready_token(d, &ready->shown[i], x, y + label, width, height);
        y += label + height + px(d, SPACE);
    }
    if (ready->n > ready->n_shown)
        drawing_more(d, ready->n - ready->n_shown, x + px(d, 6), y, sizes.token);
    else if (d->view->hidden && ready->n > 0)
        drawing_words(d, WEFT_STYLE_WORDS, WEFT_ROLE_DIM, "order hidden", x, y, px(d, TOKEN),
                      width);
}

/* ---- Between the columns ---- */

static void draw_arrow(struct drawing *d, double x, double y)
{
    double length = across(d, GAP) - across(d, 16);
    weft_fill(d->render, d->snapshot, WEFT_ROLE_TICK, 1, x + across(d, 8), y - 2, length - 8, 4);
    weft_triangle(d->render, d->snapshot, WEFT_ROLE_TICK, x + across(d, 8) + length, y, 10, '>');
}

/* From Waiting back to Ready, under Running: dim; or lit in the colour of the row that somebody
 * left, from there. */
static void draw_return(struct drawing *d)
{
    gboolean lit = d->view->woken.n_shown > 0;
    enum weft_role role = lit ? weft_role_of_wait(d->view->woken_from) : WEFT_ROLE_LINE;
    double thick = lit ? PATH : 2, strip = bottom(&d->waiting) - bottom(&d->running),
           y = bottom(&d->running) + strip / 2;
    double x = (double)d->ready.origin.x + floor((double)d->ready.size.width / 2);
    double turn = (double)d->waiting.origin.x - floor(across(d, GAP) / 2);
    double from_y = bottom(&d->running), from_x = (double)d->waiting.origin.x;
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
    drawing_words(d, WEFT_STYLE_HEADER_STRONG, WEFT_ROLE_TEXT, d->view->cause,
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
    double x = across(d, MARGIN), y = px(d, 12), height = px(d, 34);
    double limit = (double)d->waiting.origin.x - px(d, 12);
    x += drawing_words(d, WEFT_STYLE_TITLE, WEFT_ROLE_TEXT, d->view->iteration, x, y, height,
                       px(d, 220));
    double begin = MAX(x + px(d, 24), right(&d->ready) - px(d, 60));
    double pad = px(d, 14), words_width = phases_width(d, phases);
    const char *const *names = phases;
    if (begin + words_width + 8 * pad > limit) { /* closer together */
        begin = x + px(d, 12);
        if (begin + words_width + 8 * px(d, 10) > limit)
            words_width = phases_width(d, names = short_phases);
        pad = CLAMP(floor((limit - begin - words_width) / 8), px(d, 3), pad);
    }
    gboolean all = begin + words_width - px(d, 19) + 8 * pad <= limit; /* else: where it is now */
    x = begin;
    for (guint i = 0; i < G_N_ELEMENTS(phases); i++) {
        gboolean now = d->view->phase == WEFT_PHASE_POLL + i;
        if (!all && !now)
            continue;
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
        if (all && i + 1 < G_N_ELEMENTS(phases))
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
    x += drawing_words(d, WEFT_STYLE_TITLE, WEFT_ROLE_DIM, "Done", x, y, height, px(d, 120)) +
         px(d, 14);
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
            drawing_more(d, done->n - i, x, y, height);
            return;
        }
        drawing_token_begins(d, token->id, x, y + px(d, 3));
        weft_frame(d->render, d->snapshot, failed ? WEFT_ROLE_ERROR : WEFT_ROLE_TICK, 1, x,
                   y + px(d, 3), width, height - px(d, 6), 1.5f, RADIUS);
        drawing_words(d, WEFT_STYLE_WORDS, WEFT_ROLE_TEXT, text, x + px(d, 12), y, height, width);
        drawing_token_ends(d, token->id, x, y + px(d, 3), width, height - px(d, 6));
        x += width + px(d, SPACE + 2);
    }
    if (done->n > done->n_shown)
        drawing_more(d, done->n - done->n_shown, x, y, height);
}

/* ---- The whole ---- */

static void lay_out(struct drawing *d, double width, double height)
{
    d->across = MIN(d->scale, width / LEAST_WIDTH);
    double margin = across(d, MARGIN), gap = across(d, GAP), top = px(d, TOP);
    double room = MAX(width - 2 * margin - 2 * gap, 3);
    double first = floor(room * 0.21), second = floor(room * 0.36);
    double high = MAX(height - top - px(d, 12), 1);
    double strip = CLAMP(high - px(d, LOW), px(d, STRIP_LOW), px(d, STRIP));
    double low = MAX(high - strip, 1);
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
    drawing_running(&d);
    drawing_waiting(&d);
    draw_arrow(&d, right(&d.ready), (double)d.ready.origin.y + px(&d, HEAD + TOKEN));
    draw_arrow(&d, right(&d.running), (double)d.ready.origin.y + px(&d, HEAD + TOKEN));
    draw_return(&d);
    g_autoptr(GskRenderNode) moving = motion ? gtk_snapshot_free_to_node(d.over) : NULL;
    if (moving)
        gtk_snapshot_append_node(snapshot, moving);
}

void weft_dispatch_least_size(double scale, double *width, double *height)
{
    *width = LEAST_WIDTH * scale;
    *height = LEAST_HEIGHT * scale;
}
