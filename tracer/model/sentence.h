/* sentence.h: putting a sentence together, run by run. */
#ifndef WEFT_MODEL_SENTENCE_H
#define WEFT_MODEL_SENTENCE_H

#include "tracer/model/narrative.h"
#include "tracer/trace/state.h"

struct weft_sentence *sentence_new(gint64 time_ns, uint64_t subject);

/* Appends plain text. */
void say(struct weft_sentence *s, const char *format, ...) G_GNUC_PRINTF(2, 3);
void say_text(struct weft_sentence *s, const char *text);
void say_ordinal(struct weft_sentence *s, guint number); /* "2nd" */
/* Appends an entity's name, as a link: "fetch-1"; objects with what they are: "lock cache"
 * (model.h says why without quotes); and "The lock cache", "Callback 1" where a sentence begins. */
void say_entity(struct weft_sentence *s, const weft_model *model, uint64_t id);
/* The same, bold: the subject. */
void say_subject(struct weft_sentence *s, const weft_model *model, uint64_t id);
/* Up to three entities: "B, C and 4 more". */
void say_entities(struct weft_sentence *s, const weft_model *model, const uint64_t *ids, guint n);
/* The first n of them are known, of all. */
void say_some_entities(struct weft_sentence *s, const weft_model *model, const uint64_t *ids,
                       guint n, gint64 all);
void say_duration(struct weft_sentence *s, gint64 ns);
void say_moment(struct weft_sentence *s, gint64 t_ns); /* of the trace */
/* " in parse_html" when the site is known. */
void say_site(struct weft_sentence *s, const weft_model *model, const char *before, guint32 site);

/* What a wait is for: "recv from :9082", "lock cache", "sleep(1.0 s)". */
void say_awaited(struct weft_sentence *s, const weft_model *model, unsigned await_kind,
                 uint64_t other, gint64 planned_ns);
/* The same of a task that waits for `other`: how long a sleep is to last is in the state. */
void say_wait(struct weft_sentence *s, const weft_model *model, const weft_state *state,
              const struct weft_task_at *task, uint64_t other);
void say_bytes(struct weft_sentence *s, guint64 bytes); /* "512 bytes", "1.50 MiB" */

#endif
