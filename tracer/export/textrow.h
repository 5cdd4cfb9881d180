/* textrow.h: one lane as a row of character cells, for text.c.
 *
 *      ──recv :9082──▒█████│──sleep 50 ms┄┄▏done
 *
 * A cell shows the state that takes most of its time, except that a slice too short for that still
 * leaves a thin mark. Words lie on the line they are about, where they fit. */
#ifndef WEFT_EXPORT_TEXTROW_H
#define WEFT_EXPORT_TEXTROW_H

#include "tracer/model/model.h"

struct textrow_range {
    gint64 from_ns, to_ns;
    guint columns;
};

/* Each appends `columns` cells to out, trailing blanks cut. */
void textrow_task(weft_model *model, guint lane, struct textrow_range range, GString *out);
void textrow_loop(weft_model *model, guint lane, struct textrow_range range, GString *out);
void textrow_ready(weft_model *model, guint lane, struct textrow_range range, GString *out);
/* Slices that held the loop for at least min_ns, said below it; FALSE (and blanks at most) when
 * there are none. */
gboolean textrow_held(weft_model *model, guint lane, struct textrow_range range, gint64 min_ns,
                      GString *out);

/* How a task ended, "EINVAL: no such thing", in so many columns: else "EINVAL" (which can be wider
 * still). Free it. */
char *textrow_end_words(weft_model *model, guint lane, guint columns);

/* How many cells a character, a text, takes in a terminal. */
static inline guint textrow_char_width(gunichar c)
{
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}
guint textrow_width(const char *text);

/* The cells' meanings, one an item; NULL ends them. A line may end between two. */
extern const char *const textrow_legend[];

#endif
