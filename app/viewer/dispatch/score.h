/* score.h: how somebody does at predicting: each place counts once, as it was answered first. What
 * was said right three times in a row is known, and not asked again. No GTK. Thread: main. */
#ifndef WEFT_VIEWER_DISPATCH_SCORE_H
#define WEFT_VIEWER_DISPATCH_SCORE_H

#include "tracer/model/predict.h"

G_BEGIN_DECLS

enum { WEFT_KNOWN_AFTER = 3 };

struct weft_score {
    guint asked, right;
    guint in_a_row[WEFT_STAKES];
    GHashTable *places; /* set of those that have counted, as text */
};

void weft_score_init(struct weft_score *score);
void weft_score_clear(struct weft_score *score);
/* An answer; or, `answered` FALSE: it was revealed, and counts no more. */
void weft_score_add(struct weft_score *score, const struct weft_prediction *asked,
                    gboolean answered, guint choice);
/* A bit (1 << stake) for each that is known. */
guint weft_score_known(const struct weft_score *score);

G_END_DECLS

#endif
