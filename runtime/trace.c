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

/* Strings are only ever added to the segment: the names and messages of codes, which come again and
 * again, once a loop. */
static uint32_t static_string(weft_loop *loop, const char *text)
{
    size_t n = sizeof loop->known_strings / sizeof loop->known_strings[0];
    struct weft__known_string *known = &loop->known_strings[(uintptr_t)text / 8 % n];
    if (known->text != text)
        *known = (struct weft__known_string){ text, weft_string_add(text, SIZE_MAX) };
    return known->id;
}

void weft__emit_static_name(weft_loop *loop, enum weft_record_kind kind, uint64_t subject,
                            const char *name)
{
    loop->stamp = 0;
    weft_emit(loop->writer, kind, 0, 0, subject, static_string(loop, name));
}

void weft__emit_failure(weft_loop *loop, enum weft_record_kind kind, unsigned detail,
                        uint64_t subject, uint64_t object, int code, const weft_error *error)
{
    struct weft_ext_error ext = {
        .code = code,
        .name = static_string(loop, weft_err_name(code)),
        .message = error && error->message ? weft_string_add(error->message, SIZE_MAX)
                                           : static_string(loop, weft_strerror(code)),
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
