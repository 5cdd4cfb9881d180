/* tell_callback.c: see tell_callback.h. */
#include "tracer/model/tell_callback.h"
#include "tracer/model/sentence.h"

static const struct {
    const char *word;
    unsigned handle; /* what kind of callback an entity has, where only its id is known */
} entities[WEFT_ENTITY_END] = {
    [WEFT_ENTITY_TIMER] = { "timer", WEFT_HANDLE_TIMER },
    [WEFT_ENTITY_TIMEOUT] = { "timeout", WEFT_HANDLE_TIMER },
    [WEFT_ENTITY_STREAM] = { "I/O", WEFT_HANDLE_IO },
    [WEFT_ENTITY_JOB] = { "return", WEFT_HANDLE_ASYNC },
    [WEFT_ENTITY_CHILD] = { "exit", WEFT_HANDLE_CHILD },
    [WEFT_ENTITY_GROUP] = { "done", WEFT_HANDLE_DONE },
};

/* What kind of callback it is, in a word; NULL: it has none but its own name. */
static const char *word_of(unsigned kind, uint64_t subject, uint64_t object)
{
    unsigned entity = weft_id_kind(subject);
    gboolean known = entity < WEFT_ENTITY_END && entities[entity].word;
    if (kind == 0 || (known && entities[entity].handle == kind))
        return known ? entities[entity].word : NULL;
    switch (kind) {
    case WEFT_HANDLE_DONE:
        return object ? "done" : NULL;
    case WEFT_HANDLE_IO:
        return "I/O";
    case WEFT_HANDLE_SIGNAL:
        return "signal";
    }
    return NULL;
}

/* Whose: a timer has no name, its task does. */
static uint64_t whose(const struct narrator *n, unsigned kind, uint64_t subject, uint64_t object)
{
    unsigned entity = weft_id_kind(subject);
    uint64_t owner = 0;
    if (entity == WEFT_ENTITY_TIMER || entity == WEFT_ENTITY_TIMEOUT)
        owner = narrator_timer_owner(n, subject);
    else if (kind == WEFT_HANDLE_DONE)
        owner = object;
    return owner ? owner : subject;
}

void say_callback(struct weft_sentence *s, const struct narrator *n, unsigned kind,
                  uint64_t subject, uint64_t object)
{
    const char *word = word_of(kind, subject, object);
    uint64_t of = whose(n, kind, subject, object);
    if (word && (of != subject || weft_id_kind(of) != WEFT_ENTITY_TIMER)) {
        say(s, s->runs->len ? "the %s callback of " : "The %s callback of ", word);
        say_entity(s, n->model, of);
        return;
    }
    const char *name = weft_detail_name(WEFT_RECORD_READY, kind);
    say_entity(s, n->model, subject);
    if (kind == WEFT_HANDLE_ASYNC && object) {
        say_text(s, " (from ");
        say_entity(s, n->model, object);
        say_text(s, ")");
    } else if (name && *name && kind != WEFT_HANDLE_OTHER &&
               weft_id_kind(subject) != WEFT_ENTITY_TIMER) {
        say(s, " (%s)", name);
    }
}
