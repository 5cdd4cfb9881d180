/* trace.c: the emits that are not on the hot path, out of line. */
#include "runtime/trace.h"
#include "runtime/error.h"
#include "runtime/loop.h"
#include "tracer/probe/strings.h"

uint64_t weft__emit(weft_loop *loop, uint64_t time, enum weft_record_kind kind, unsigned detail,
                    weft_site *site, uint64_t subject, uint64_t object)
{
    uint32_t site_id = weft_site_id(site);
    loop->stamp = 0; /* no longer the last event's */
    return weft_emit_shared(loop->writer, time ? time : weft_clock_now(), kind, detail, site_id,
                            subject, object);
}

void weft__emit_name(weft_loop *loop, enum weft_record_kind kind, uint64_t subject,
                     const char *name)
{
    loop->stamp = 0;
    weft_emit(loop->writer, kind, 0, 0, subject, weft_string_add(name, SIZE_MAX));
}

void weft__emit_failure(weft_loop *loop, enum weft_record_kind kind, unsigned detail,
                        uint64_t subject, uint64_t object, int code, const weft_error *error)
{
    const char *message = error ? weft_error_message(error) : weft_strerror(code);
    struct weft_ext_error ext = {
        .code = code,
        .name = weft_string_add(weft_err_name(code), SIZE_MAX),
        .message = weft_string_add(message, SIZE_MAX),
        .site = error ? weft_site_id(error->site) : 0,
    };
    if (error && error->cause) {
        ext.cause = error->cause->code;
        ext.cause_message = weft_string_add(weft_error_message(error->cause), SIZE_MAX);
    }
    loop->stamp = 0;
    weft_emit_ext(loop->writer, kind, detail, 0, subject, object, &ext);
}

void weft__emit_request(weft_loop *loop, weft_site *site, uint64_t task, uint64_t by,
                        const char *message)
{
    struct weft_ext_text ext = { .text = weft_string_add(message, SIZE_MAX) };
    loop->stamp = 0;
    weft_emit_ext(loop->writer, WEFT_RECORD_CANCEL_REQUEST, 0, weft_site_id(site), task, by, &ext);
}
