/* viewport.c: from time to pixels and back: the window's own, and the minimap's. See scene.h. */
#include "app/viewer/render/scene.h"
#include <math.h>

#define NS_PER_PX_MIN 0.01
#define NS_PER_PX_MAX 1e12
#define MINIMAP_INSET 12 /* px left and right of the trace in the minimap: room for the grips */

void weft_viewport_zoom(struct weft_viewport *viewport, double x, double factor)
{
    double from = viewport->ns_per_px;
    double to = CLAMP(from / factor, NS_PER_PX_MIN, NS_PER_PX_MAX);
    viewport->from_ns += llround(x * (from - to));
    viewport->ns_per_px = to;
}

void weft_viewport_show(struct weft_viewport *viewport, gint64 from_ns, gint64 to_ns)
{
    double width = MAX(viewport->width, 1);
    viewport->from_ns = from_ns;
    viewport->ns_per_px = CLAMP((double)MAX(to_ns - from_ns, 1) / width, NS_PER_PX_MIN,
                                NS_PER_PX_MAX);
}

enum weft_zoom weft_zoom_class(double ns_per_px)
{
    if (ns_per_px > 10e6)
        return WEFT_ZOOM_OVERVIEW;
    if (ns_per_px > 100e3)
        return WEFT_ZOOM_WAITS;
    if (ns_per_px > 1e3)
        return WEFT_ZOOM_SLICES;
    if (ns_per_px >= 10)
        return WEFT_ZOOM_EVENTS;
    return WEFT_ZOOM_CLOCK;
}

/* What the minimap shows; 1 ns at least. */
static double whole_ns(const struct weft_scene *scene)
{
    return (double)MAX(scene->whole_ns - scene->begin_ns, 1);
}

double weft_minimap_x(const struct weft_scene *scene, double width, gint64 ns)
{
    double inner = MAX(width - 2 * MINIMAP_INSET, 1);
    return MINIMAP_INSET + inner * ((double)(ns - scene->begin_ns) / whole_ns(scene));
}

gint64 weft_minimap_ns(const struct weft_scene *scene, double width, double x)
{
    double inner = MAX(width - 2 * MINIMAP_INSET, 1);
    return scene->begin_ns + llround((x - MINIMAP_INSET) / inner * whole_ns(scene));
}

enum weft_minimap_part weft_minimap_hit(const struct weft_scene *scene, double width, double x)
{
    double from, to;
    weft_minimap_window(scene, width, &from, &to);
    double grip = WEFT_MINIMAP_GRIP / 2.0 + 2;
    if (fabs(x - from) <= grip)
        return WEFT_MINIMAP_FROM;
    if (fabs(x - to) <= grip)
        return WEFT_MINIMAP_TO;
    return x > from && x < to ? WEFT_MINIMAP_WINDOW : WEFT_MINIMAP_OUTSIDE;
}

void weft_minimap_window(const struct weft_scene *scene, double width, double *from, double *to)
{
    const struct weft_viewport *viewport = &scene->view.viewport;
    double left = WEFT_MINIMAP_GRIP / 2.0, right = MAX(width - left, left + WEFT_MINIMAP_GRIP);
    *from = CLAMP(weft_minimap_x(scene, width, viewport->from_ns), left, right);
    *to = CLAMP(weft_minimap_x(scene, width, weft_viewport_to_ns(viewport)), left, right);
    double missing = WEFT_MINIMAP_GRIP - (*to - *from); /* never too narrow to take hold of */
    if (missing > 0) {
        *from = CLAMP(*from - missing / 2, left, right - WEFT_MINIMAP_GRIP);
        *to = *from + WEFT_MINIMAP_GRIP;
    }
}
