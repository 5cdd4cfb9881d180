/* text.c: the timeline as text: for a terminal, a mail, a test's golden file.
 *
 *               0 ns        100 ms      200 ms
 *               ├───────────┴───────────┴────
 *      loop      ▂█▁ ...    how busy each column was
 *      ready      12        the longest the ready queue was
 *      main      ╌gather of 3╌╌╌╌╌╌╌╌╌╌╌╌█┤ done
 *      ├ fetch-1 ─recv :9081───┤ done
 *      legend
 */
#include "tracer/export/export.h"
#include "tracer/export/textrow.h"
#include <string.h>

enum {
    NAMES_MAX = 28,
    TASKS_MAX = 120,
    LABEL_SPACE = 14,
    COLUMNS_MIN = 20,
    ROOM_PART = 4, /* at most this part of the columns lies behind the trace's end */
};
static const gint64 held_ns = 10 *
                              G_GINT64_CONSTANT(1000000); /* from here a slice holds the loop */

struct page {
    weft_model *model;
    GString *out;
    struct textrow_range range;
    guint names; /* width of the names column */
    guint shown, hidden;
    GArray **children; /* by lane; lanes of tasks */
    GArray *roots;
};

gboolean weft_export_is_unsafe(gunichar c)
{
    if (c < 0x7f)
        return c < 0x20;
    return g_unichar_iscntrl(c) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
           c == 0x200e || c == 0x200f || c == 0x061c || c == 0x2028 || c == 0x2029;
}

static char *without_unsafe(const char *name)
{
    GString *safe = g_string_new(NULL);
    for (; *name; name = g_utf8_next_char(name)) {
        gunichar c = g_utf8_get_char(name);
        g_string_append_unichar(safe, weft_export_is_unsafe(c) ? 0xfffd : c);
    }
    return g_string_free(safe, FALSE);
}

/* The name, cut to the column with an ellipsis, then blanks. */
static void put_name(const struct page *page, const char *prefix, const char *name)
{
    g_autofree char *safe = without_unsafe(name);
    g_autofree char *whole = g_strconcat(prefix, safe, NULL);
    guint width = textrow_width(whole);
    if (width <= page->names) {
        g_string_append_printf(page->out, "%s%*s", whole, (int)(page->names - width), "");
        return;
    }
    g_autoptr(GString) cut = g_string_new(NULL);
    const char *c = whole;
    guint used = 0;
    for (; *c; c = g_utf8_next_char(c)) {
        gunichar u = g_utf8_get_char(c);
        guint w = textrow_char_width(u);
        if (used + w > page->names - 1)
            break;
        g_string_append_unichar(cut, u);
        used += w;
    }
    g_string_append_printf(page->out, "%s…%*s", cut->str, (int)(page->names - used - 1), "");
}

/* ---- The ruler ---- */

/* 1, 2 or 5 times a power of ten: the distance of labels. */
static gint64 label_step(const struct textrow_range *range)
{
    double least = (double)(range->to_ns - range->from_ns) / range->columns * LABEL_SPACE;
    gint64 step = 1;
    while ((double)step < least && step < G_MAXINT64 / 10) {
        gint64 digit = step;
        while (digit >= 10)
            digit /= 10;
        step = digit == 2 ? step / 2 * 5 : step * 2;
    }
    return step;
}

/* In the unit of the range's end, with as many decimals as the step needs. */
static char *tick_label(gint64 t_ns, gint64 step, gint64 to_ns)
{
    static const struct {
        const char *unit;
        gint64 ns;
    } units[] = { { "s", 1000000000 }, { "ms", 1000000 }, { "µs", 1000 }, { "ns", 1 } };
    guint u = 0, decimals = 0;
    while (u + 1 < G_N_ELEMENTS(units) && to_ns < units[u].ns)
        u++;
    for (gint64 unit = units[u].ns; unit > 1 && step % unit; unit /= 10)
        decimals++;
    gint64 whole = t_ns / units[u].ns, rest = t_ns % units[u].ns;
    if (decimals == 0)
        return g_strdup_printf("%" G_GINT64_FORMAT " %s", whole, units[u].unit);
    for (gint64 unit = units[u].ns, i = 0; i < decimals; i++, unit /= 10)
        if (i + 1 == decimals)
            rest /= unit / 10;
    return g_strdup_printf("%" G_GINT64_FORMAT ".%0*" G_GINT64_FORMAT " %s", whole, (int)decimals,
                           rest, units[u].unit);
}

static void put_ruler(const struct page *page)
{
    const struct textrow_range *r = &page->range;
    gint64 step = label_step(r), first = (r->from_ns + step - 1) / step * step;
    double column = (double)(r->to_ns - r->from_ns) / r->columns;
    g_autoptr(GString) labels = g_string_new(NULL), ticks = g_string_new(NULL);
    gint64 end_ns = weft_model_end_ns(page->model);
    guint width = 0, drawn = 0;
    guint end = end_ns < r->to_ns ? (guint)((double)(end_ns - r->from_ns) / column) + 1
                                  : r->columns;
    for (gint64 t = first; t <= MIN(r->to_ns, end_ns); t += step) {
        guint at = (guint)((double)(t - r->from_ns) / column);
        g_autofree char *label = tick_label(t, step, r->to_ns);
        guint label_width = (guint)g_utf8_strlen(label, -1);
        if (at >= r->columns)
            break;
        while (drawn++ < at)
            g_string_append(ticks, "─");
        g_string_append(ticks, at ? "┬" : "├");
        if (at + label_width > r->columns || at < width)
            continue;
        g_string_append_printf(labels, "%*s%s", (int)(at - width), "", label);
        width = at + label_width;
    }
    while (drawn++ < end)
        g_string_append(ticks, "─");
    g_string_append_printf(page->out, "%*s %s\n%*s %s\n", (int)page->names, "", labels->str,
                           (int)page->names, "", ticks->str);
}

/* ---- Rows ---- */

static void put_loop(struct page *page, guint lane)
{
    g_autofree char *name = weft_model_name(page->model, weft_model_lane(page->model, lane)->id);
    put_name(page, "", name);
    g_string_append_c(page->out, ' ');
    textrow_loop(page->model, lane, page->range, page->out);
    g_string_append_c(page->out, '\n');
    g_autoptr(GString) held = g_string_new(NULL);
    if (textrow_held(page->model, lane, page->range, held_ns, held))
        g_string_append_printf(page->out, "%*s %s\n", (int)page->names, "", held->str);
    put_name(page, "", "ready");
    g_string_append_c(page->out, ' ');
    textrow_ready(page->model, lane + 2, page->range, page->out);
    g_string_append_c(page->out, '\n');
}

static gboolean in_range(const struct page *page, guint lane)
{
    const struct weft_lane *l = weft_model_lane(page->model, lane);
    return l->first_ns <= page->range.to_ns && l->last_ns >= page->range.from_ns;
}

static void put_task(struct page *page, guint lane, const char *prefix, const char *branch)
{
    if (page->shown >= TASKS_MAX) {
        page->hidden++;
        return;
    }
    page->shown++;
    g_autofree char *name = weft_model_name(page->model, weft_model_lane(page->model, lane)->id);
    g_autofree char *indent = g_strconcat(prefix, branch, NULL);
    put_name(page, indent, name);
    g_string_append_c(page->out, ' ');
    textrow_task(page->model, lane, page->range, page->out);
    g_string_append_c(page->out, '\n');
}

static void put_tree(struct page *page, GArray *lanes, const char *prefix, guint depth)
{
    for (guint i = 0; i < lanes->len; i++) {
        guint lane = g_array_index(lanes, guint, i);
        gboolean last = i + 1 == lanes->len;
        put_task(page, lane, prefix, depth == 0 ? "" : last ? "└ " : "├ ");
        GArray *children = page->children[lane];
        g_autofree char *deeper = g_strconcat(prefix, depth == 0 ? "" : last ? "  " : "│ ", NULL);
        if (children)
            put_tree(page, children, deeper, depth + 1);
    }
}

/* Every task in the range, below its parent; without one, or with one that is not shown, a root. */
static void build_tree(struct page *page, guint32 ring)
{
    guint n = weft_model_n_lanes(page->model);
    for (guint lane = 0; lane < n; lane++) {
        const struct weft_lane *l = weft_model_lane(page->model, lane);
        gboolean task = l->kind == WEFT_LANE_TASK || l->kind == WEFT_LANE_HANDLE;
        if (!task || l->ring != ring || !in_range(page, lane))
            continue;
        GArray **list = l->parent != G_MAXUINT32 && l->parent < lane && in_range(page, l->parent)
                            ? &page->children[l->parent]
                            : &page->roots;
        if (!*list)
            *list = g_array_new(FALSE, FALSE, sizeof(guint));
        g_array_append_val(*list, lane);
    }
}

static guint widest_name(const struct page *page)
{
    guint widest = 6;
    for (guint lane = 0; lane < MIN(weft_model_n_lanes(page->model), 4 * TASKS_MAX); lane++) {
        const struct weft_lane *l = weft_model_lane(page->model, lane);
        g_autofree char *name = weft_model_name(page->model, l->id);
        guint depth = 0;
        for (guint32 p = l->parent; p != G_MAXUINT32 && depth < 8; depth++)
            p = weft_model_lane(page->model, p)->parent;
        if (l->kind == WEFT_LANE_TASK && in_range(page, lane))
            widest = MAX(widest, textrow_width(name) + 2 * depth);
    }
    return MIN(widest, NAMES_MAX);
}

/* ---- The room behind the trace's end ---- */

/* How many of the columns tell a task's end that come after it: "┤ done". */
static guint columns_behind(const struct page *page, guint lane)
{
    const struct weft_lane *l = weft_model_lane(page->model, lane);
    g_autofree char *words = textrow_end_words(page->model, lane, 0);
    /* Its end is at (columns - room) * life from the left: solved for room. */
    double life = (double)(l->last_ns - page->range.from_ns) /
                  (double)(page->range.to_ns - page->range.from_ns);
    double needs = textrow_width(words) + 4;
    double room = page->range.columns - (page->range.columns - needs) / MAX(life, 0.5);
    return (guint)CLAMP(room, 0, page->range.columns);
}

/* Where the whole end of the trace is shown, the tasks that end last get room for their words. */
static void make_room(struct page *page)
{
    guint most = page->range.columns / ROOM_PART, room = 0;
    if (page->range.to_ns < weft_model_end_ns(page->model))
        return;
    for (guint lane = 0; lane < MIN(weft_model_n_lanes(page->model), 4 * TASKS_MAX); lane++) {
        const struct weft_lane *l = weft_model_lane(page->model, lane);
        if (l->kind == WEFT_LANE_TASK && l->outcome && in_range(page, lane)) {
            guint wanted = columns_behind(page, lane);
            room = wanted <= most ? MAX(room, wanted) : room;
        }
    }
    double column = (double)(page->range.to_ns - page->range.from_ns) /
                    (page->range.columns - room);
    page->range.to_ns += (gint64)(column * room);
}

static void put_loops(struct page *page)
{
    for (guint lane = 0; lane < weft_model_n_lanes(page->model); lane++) {
        const struct weft_lane *l = weft_model_lane(page->model, lane);
        if (l->kind != WEFT_LANE_LOOP)
            continue;
        put_loop(page, lane);
        page->roots = NULL;
        build_tree(page, l->ring);
        if (page->roots) {
            put_tree(page, page->roots, "", 0);
            g_array_unref(page->roots);
        }
    }
}

/* As many items a line as fit. */
static void put_legend(const struct page *page, guint columns)
{
    guint width = 0;
    g_string_append_c(page->out, '\n');
    for (const char *const *item = textrow_legend; *item; item++) {
        guint needs = textrow_width(*item);
        gboolean fits = width == 0 || width + 2 + needs <= columns;
        g_string_append(page->out, !fits ? "\n" : width > 0 ? "  " : "");
        g_string_append(page->out, *item);
        width = !fits || width == 0 ? needs : width + 2 + needs;
    }
    g_string_append_c(page->out, '\n');
}

static void put_losses(const struct page *page)
{
    guint n;
    const struct weft_loss *losses = weft_model_losses(page->model, &n);
    for (guint i = 0; i < n; i++) {
        g_autofree char *at = weft_format_time(losses[i].from_ns);
        g_autofree char *number = weft_format_count(losses[i].slots);
        g_string_append_printf(page->out, "%s events are lost from %s on (ring %u).\n", number, at,
                               losses[i].ring);
    }
}

char *weft_export_text(weft_model *model, gint64 from_ns, gint64 to_ns, guint columns)
{
    guint n = weft_model_n_lanes(model);
    struct page page = { .model = model,
                         .out = g_string_new(NULL),
                         .range = { from_ns, MAX(to_ns, from_ns + 1), 0 },
                         .children = g_new0(GArray *, n + 1) };
    columns = MAX(columns, 2 * COLUMNS_MIN);
    page.names = MIN(widest_name(&page), columns - COLUMNS_MIN - 1);
    page.range.columns = columns - page.names - 1;
    make_room(&page);
    put_ruler(&page);
    put_loops(&page);
    if (page.hidden)
        g_string_append_printf(page.out, "… and %u more tasks\n", page.hidden);
    put_losses(&page);
    put_legend(&page, columns);
    for (guint i = 0; i < n; i++)
        if (page.children[i])
            g_array_unref(page.children[i]);
    g_free(page.children);
    return g_string_free(page.out, FALSE);
}
