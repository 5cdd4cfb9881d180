/* score.c: see score.h. */
#include "app/viewer/dispatch/score.h"

void weft_score_init(struct weft_score *score)
{
    *score = (struct weft_score){ 0 };
    score->places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void weft_score_clear(struct weft_score *score)
{
    g_clear_pointer(&score->places, g_hash_table_unref);
}

void weft_score_add(struct weft_score *score, const struct weft_prediction *asked,
                    gboolean answered, guint choice)
{
    char *place = g_strdup_printf("%" G_GINT64_FORMAT ":%d", asked->place.time_ns,
                                  asked->place.after);
    if (!g_hash_table_add(score->places, place) || !answered)
        return;
    gboolean right = choice == asked->right;
    score->asked++;
    score->right += right;
    score->in_a_row[asked->stake] = right ? score->in_a_row[asked->stake] + 1 : 0;
}

guint weft_score_known(const struct weft_score *score)
{
    guint known = 0;
    for (guint stake = 0; stake < WEFT_STAKES; stake++)
        known |= (guint)(score->in_a_row[stake] >= WEFT_KNOWN_AFTER) << stake;
    return known;
}
