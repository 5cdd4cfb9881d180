/* matches.c: see matches.h. */
#include "app/viewer/render/matches.h"

#include <string.h>

enum { LOOKS = 1024 }; /* between two that ask whether it was cancelled */

struct look {
    guint32 name; /* the string that was looked at */
    guint8 is;
};
enum { NOT_LOOKED_AT, NO, YES };

struct weft_matches {
    char *filter, *folded;
    GArray *looks; /* of struct look, by lane */
    guint found;
};

struct weft_matches *weft_matches_new(const char *filter)
{
    struct weft_matches *matches = g_new0(struct weft_matches, 1);
    matches->filter = g_strdup(filter ? filter : "");
    matches->folded = g_utf8_casefold(matches->filter, -1);
    matches->looks = g_array_new(FALSE, TRUE, sizeof(struct look));
    return matches;
}

void weft_matches_free(struct weft_matches *matches)
{
    if (!matches)
        return;
    g_array_unref(matches->looks);
    g_free(matches->folded);
    g_free(matches->filter);
    g_free(matches);
}

const char *weft_matches_filter(const struct weft_matches *matches)
{
    return matches->filter;
}

gboolean weft_matches_name(const struct weft_matches *matches, const char *name)
{
    g_autofree char *folded = g_utf8_casefold(name, -1);
    return strstr(folded, matches->folded) != NULL;
}

gboolean weft_matches_lane(struct weft_matches *matches, weft_model *model, guint lane)
{
    if (!matches->folded[0])
        return TRUE;
    if (lane >= matches->looks->len)
        g_array_set_size(matches->looks, lane + 1);
    struct look *look = &g_array_index(matches->looks, struct look, lane);
    const struct weft_lane *its = weft_model_lane(model, lane);
    if (look->is == NOT_LOOKED_AT || look->name != its->name) {
        g_autofree char *name = weft_model_name(model, its->id);
        look->name = its->name;
        look->is = weft_matches_name(matches, name) ? YES : NO;
    }
    return look->is == YES;
}

gboolean weft_matches_look(struct weft_matches *matches, weft_model *model,
                           GCancellable *cancellable)
{
    guint found = 0;
    for (guint lane = 0; lane < weft_model_n_lanes(model); lane++) {
        if (lane % LOOKS == 0 && g_cancellable_is_cancelled(cancellable))
            return FALSE;
        found += weft_matches_lane(matches, model, lane) &&
                 weft_model_lane(model, lane)->kind == WEFT_LANE_TASK;
    }
    matches->found = found;
    return TRUE;
}

guint weft_matches_found(const struct weft_matches *matches)
{
    return matches->found;
}
