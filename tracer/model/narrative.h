/* narrative.h: one sentence per event, as rules (who does what to whom, why, and what follows).
 *
 * Computed from the events and the state, never canned; what was lost is said to be unknown. */
#ifndef WEFT_MODEL_NARRATIVE_H
#define WEFT_MODEL_NARRATIVE_H

#include "tracer/model/model.h"

G_BEGIN_DECLS

/* A run of text that may stand for an entity (a link) or be emphasised. */
struct weft_text_run {
    char *text;
    uint64_t entity; /* 0: plain text */
    gboolean bold;
};
struct weft_sentence {
    gint64 time_ns;
    uint64_t subject;
    GPtrArray *runs; /* of struct weft_text_run * */
    guint merged;    /* how many like events it stands for: 1 mostly */
};
void weft_sentence_free(struct weft_sentence *sentence);
char *weft_sentence_text(const struct weft_sentence *sentence); /* plain; g_free */

/* The story of one task (or loop) around t: at most max sentences, those nearest to t, in order of
 * time; repeated waits for the same thing are merged, and tasks created in a row. *current: the
 * index of the one in force at t. *whole: this is the whole story, not a part of a longer one;
 * FALSE also where finding that out would mean to read far. */
GPtrArray *weft_model_story(weft_model *model, uint64_t id, gint64 t_ns, guint max, guint *current,
                            gboolean *whole);

/* "It waits for lock cache, which fetch-1 has held for 63 ms." Why id was not running at t; NULL
 * when it was. */
struct weft_sentence *weft_model_why(weft_model *model, uint64_t id, gint64 t_ns);

G_END_DECLS

#endif
