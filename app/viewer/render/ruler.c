/* ruler.c: the axis of time: ticks as far apart as their words need. See render.h.
 *
 * Labels are relative to the view's origin. When all of them would begin with the same digits
 * ("12.345 678 1 s", "12.345 678 2 s"), the common part is written once, at the left, and the ticks
 * count from there: "+100 ns". Of times of the day, the common part is the time as far as the steps
 * do not reach: "14:03:07", "+315 ms". */
#include "app/viewer/render/draw.h"
#include <math.h>

enum { LABEL_PX = 92, MINOR = 5 };

static const gint64 SECOND = 1000000000;

/* Steps of a clock, in seconds. */
static const gint64 of_clock[] = { 60,   120,   300,   600,   900,   1800,
                                   3600, 10800, 21600, 43200, 86400, 172800 };

gint64 weft_ruler_step(const struct weft_scene *scene, gint64 *first_ns)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    double least = viewport->ns_per_px * LABEL_PX * scene->view.text_scale;
    gint64 step = 1;
    for (guint i = 0; (double)step < least; i++)
        step = i % 3 == 1 ? step / 2 * 5 : step * 2; /* 1 2 5 10 20 50 ... */
    for (guint i = 0; scene->view.of_day && step > 50 * SECOND && i < G_N_ELEMENTS(of_clock); i++)
        if ((step = of_clock[i] * SECOND) >= (gint64)least)
            break;
    while ((double)step < least) /* many days */
        step *= 2;
    gint64 from = viewport->from_ns - scene->view.origin_ns;
    gint64 tick = from / step * step;
    if (tick > from)
        tick -= step;
    *first_ns = tick + scene->view.origin_ns;
    return step;
}

/* 123456789 ns in steps of 1 ms: "123 ms". */
static char *tick_text(gint64 ns, gint64 step, const char *sign)
{
    static const struct {
        gint64 ns;
        const char *name;
    } units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "µs" }, { 1, "ns" } };
    guint unit = 0;
    gint64 size = ns < 0 ? -ns : ns;
    while (unit < 3 && MAX(size, step) < units[unit].ns)
        unit++;
    int decimals = 0;
    for (gint64 smallest = units[unit].ns; smallest > step; smallest /= 10)
        decimals++;
    return g_strdup_printf("%s%.*f %s", ns < 0 ? "−" : sign, decimals,
                           (double)size / (double)units[unit].ns, units[unit].name);
}

/* What the labels' common part is a multiple of. */
static gint64 coarse_step(const struct weft_view *view, gint64 step)
{
    if (!view->of_day)
        return step * 1000;
    gint64 coarse = SECOND;
    while (coarse > step * 1000)
        coarse /= 1000;
    return coarse;
}

/* What all labels have in common: 0, or a round moment left of the window. */
static gint64 common_part(const struct weft_view *view, gint64 first, gint64 step)
{
    gint64 from = first - view->origin_ns, coarse = coarse_step(view, step);
    if (view->of_day)
        return step < SECOND ? from / coarse * coarse : 0;
    return from > coarse * 10 ? from / coarse * coarse : 0;
}

/* How many digits of a second a step of `step` needs. */
static int digits(gint64 step)
{
    int decimals = 0;
    for (gint64 smallest = SECOND; smallest > step && smallest > 1; smallest /= 10)
        decimals++;
    return decimals;
}

/* A moment, counted as the view counts, to some step. */
static char *moment_text(const struct weft_view *view, gint64 ns, gint64 step)
{
    return view->of_day ? weft_time_of_day(ns, digits(step)) : tick_text(ns, step, "");
}

static void draw_chip(struct weft_render *render, GtkSnapshot *snapshot,
                      const struct weft_scene *scene, double *from, double *to)
{
    const struct weft_view *view = &scene->view;
    *from = *to = -1;
    if (view->playhead_ns == WEFT_NO_TIME)
        return;
    double x = round(weft_viewport_x(&view->viewport, view->playhead_ns));
    if (x < 0 || x > view->viewport.width)
        return;
    gint64 first, step = weft_ruler_step(scene, &first);
    g_autofree char *text = moment_text(view, view->playhead_ns - view->origin_ns,
                                        MAX(step / 500, 1));
    struct weft_label *label = weft_text(render, WEFT_STYLE_STRONG, text);
    double width = label->width + 14, height = label->height + 4;
    double left = CLAMP(x - floor(width / 2), 0, MAX(view->viewport.width - width, 0));
    *from = left - 4;
    *to = left + width + 4;
    weft_fill(render, snapshot, WEFT_ROLE_TEXT, 1, x, 0, 1, weft_render_ruler_height(render));
    weft_round(render, snapshot, WEFT_ROLE_TEXT, 1, left, 4, width, height, 4);
    weft_text_draw(render, snapshot, label, WEFT_ROLE_CANVAS, left + 7,
                   4 + floor((height - label->height) / 2));
}

double weft_render_ruler_height(const struct weft_render *render)
{
    return round(WEFT_METRIC_RULER * render->scale);
}

void weft_render_ruler(struct weft_render *render, GtkSnapshot *snapshot,
                       const struct weft_scene *scene)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    double width = viewport->width, base = weft_render_ruler_height(render), chip_from, chip_to,
           left = 0;
    gint64 tick, step = weft_ruler_step(scene, &tick),
                 common = common_part(&scene->view, tick, step);
    weft_fill(render, snapshot, WEFT_ROLE_SIDEBAR, 1, 0, 0, width, base);
    weft_fill(render, snapshot, WEFT_ROLE_LINE, 1, 0, base - 1, width, 1);
    draw_chip(render, snapshot, scene, &chip_from, &chip_to);
    if (common) {
        g_autofree char *text = moment_text(&scene->view, common, coarse_step(&scene->view, step));
        struct weft_label *label = weft_text(render, WEFT_STYLE_STRONG, text);
        if (chip_from < 0 || chip_from > label->width + 10)
            weft_text_draw(render, snapshot, label, WEFT_ROLE_TEXT, 6, 3);
        left = label->width + 14;
    }
    for (; tick <= weft_viewport_to_ns(viewport); tick += step) {
        double x = round(weft_viewport_x(viewport, tick));
        for (int i = 1; i < MINOR && step >= MINOR; i++)
            weft_fill(render, snapshot, WEFT_ROLE_TICK, 0.6f,
                      round(weft_viewport_x(viewport, tick + step * i / MINOR)), base - 6, 1, 5);
        weft_fill(render, snapshot, WEFT_ROLE_TICK, 1, x, base - 10, 1, 9);
        gint64 ns = tick - scene->view.origin_ns;
        g_autofree char *text = common ? tick_text(ns - common, step, "+")
                                       : moment_text(&scene->view, ns, step);
        struct weft_label *label = weft_text(render, WEFT_STYLE_WORDS, text);
        double at = x + 4;
        if (at < left || at + label->width > width ||
            (at < chip_to && at + label->width > chip_from))
            continue;
        weft_text_draw(render, snapshot, label, WEFT_ROLE_DIM, at, 2);
    }
}
