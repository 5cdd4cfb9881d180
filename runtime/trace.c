/* trace.c: the emits that are not on the hot path, out of line. */
#include "runtime/trace.h"
#include "runtime/error.h"
#include "runtime/loop.h"
#include "tracer/probe/intern.h"

uint64_t weft__emit(weft_loop *loop, uint64_t time, enum weft_record_kind kind, unsigned detail,
                    weft_site *site, uint64_t subject, uint64_t object)
{
    uint32_t site_id = weft_site_id(site);
    loop->stamp = 0; /* no longer the last event's */
    time = weft_emit_shared(loop->writer, time ? time : weft_event_time(loop->writer), kind, detail,
                            site_id, subject, object);
    return weft_probe_recording() ? time : 0;
}

void weft__emit_name(weft_loop *loop, enum weft_record_kind kind, uint64_t subject,
                     const char *name)
{
    loop->stamp = 0;
    weft_emit_name(loop->writer, kind, subject, name);
}

void weft__emit_failure(weft_loop *loop, enum weft_record_kind kind, unsigned detail,
                        uint64_t subject, uint64_t object, int code, const weft_error *error)
{
    if (!weft_probe_recording()) { /* then that it failed is all that is told */
        weft__emit(loop, 0, kind, detail, NULL, subject, object);
        return;
    }
    struct weft_ext_error ext = {
        .code = code,
        .name = weft_string_intern(weft_err_name(code)),
        .message = weft_string_intern(error && error->message ? error->message
                                                              : weft_strerror(code)),
        .site = error ? weft_site_id(error->site) : 0,
    };
    if (error && error->cause) {
        ext.cause = error->cause->code;
        ext.cause_message = weft_string_intern(weft_error_message(error->cause));
    }
    loop->stamp = 0;
    weft_emit_ext(loop->writer, kind, detail, 0, subject, object, &ext);
}

void weft__emit_request(weft_loop *loop, weft_site *site, uint64_t task, uint64_t by,
                        const char *message)
{
    struct weft_ext_text ext = { .text = weft_string_intern(message) };
    loop->stamp = 0;
    weft_emit_ext(loop->writer, WEFT_RECORD_CANCEL_REQUEST, 0, weft_site_id(site), task, by, &ext);
}
