/* dump.h: one event, one loss, one note, or a process's bad end as one line, of text or of JSON. */
#ifndef WEFT_CLI_DUMP_H
#define WEFT_CLI_DUMP_H

#include "tracer/model/model.h"
#include "tracer/trace/notes.h"

struct dump {
    weft_model *model;
    weft_trace *trace;
    int time_width; /* columns of the trace's last moment */
    GString *line;  /* what the last call made, without its end */
};

void dump_text_event(struct dump *dump, const struct weft_event_view *event);
void dump_text_loss(struct dump *dump, const struct weft_loss *loss);
void dump_text_note(struct dump *dump, const struct weft_note *note);
void dump_text_end(struct dump *dump, const struct weft_trace_source *source);

void dump_json_event(struct dump *dump, const struct weft_event_view *event);
void dump_json_loss(struct dump *dump, const struct weft_loss *loss);
void dump_json_note(struct dump *dump, const struct weft_note *note);
void dump_json_end(struct dump *dump, const struct weft_trace_source *source);

#endif
