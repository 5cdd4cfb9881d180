/* reader.c: a stream's reading side: asyncio's StreamReader (Lib/asyncio/streams.py) over the
 * buffer that stream.h draws. */
#include "runtime/stream.h"
#include <stdlib.h>
#include <string.h>

enum {
    SPACE = 4 * 1024,      /* that a read into the buffer should find free at least */
    FIRST_ROOM = 8 * 1024, /* of a new buffer                                       */
};

/* ---- The buffer ---- */

static size_t unread(const weft_stream *stream)
{
    return stream->end - stream->start;
}

/* A larger buffer with what is not read yet; the old one is kept while bytes of it are handed out.
 */
static bool grow(weft_stream *stream)
{
    size_t used = stream->filled - stream->start;
    size_t room = 2 * (used + SPACE);
    char *buffer = malloc(room > FIRST_ROOM ? room : FIRST_ROOM);
    if (!buffer)
        return false;
    if (used > 0)
        memcpy(buffer, stream->buffer + stream->start, used);
    if (stream->nul) {
        buffer[stream->nul - (stream->buffer + stream->start)] = stream->covered;
        stream->nul = NULL;
    }
    if (stream->borrowed && !stream->retired)
        stream->retired = stream->buffer;
    else
        free(stream->buffer);
    stream->buffer = buffer;
    stream->room = room > FIRST_ROOM ? room : FIRST_ROOM;
    stream->end -= stream->start;
    stream->filled = used;
    stream->start = 0;
    return true;
}

/* Room for one more read, and one byte behind it for a NUL. */
static bool make_space(weft_stream *stream)
{
    if (stream->filled + SPACE < stream->room)
        return true;
    if (!stream->borrowed && stream->start > stream->room / 2) {
        memmove(stream->buffer, stream->buffer + stream->start, stream->filled - stream->start);
        stream->end -= stream->start;
        stream->filled -= stream->start;
        stream->start = 0;
        if (stream->filled + SPACE < stream->room)
            return true;
    }
    return grow(stream);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    weft_stream *stream = handle->data;
    (void)suggested;
    if (make_space(stream))
        *out = uv_buf_init(stream->buffer + stream->filled,
                           (unsigned)(stream->room - stream->filled - 1));
    else
        *out = uv_buf_init(NULL, 0); /* libuv then says UV_ENOBUFS */
}

void weft__reader_stop(weft_stream *stream)
{
    if (stream->listening && !stream->plain)
        uv_read_stop(&stream->uv.stream);
    stream->listening = false;
}

/* n bytes more are in the buffer, or it is the end, or an error. */
static void arrived(weft_stream *stream, ssize_t n)
{
    if (n > 0) {
        stream->filled += (size_t)n;
        if (stream->filled - stream->start > 2 * stream->limit)
            weft__reader_stop(stream);
    } else {
        weft__reader_stop(stream);
        stream->ended = true;
        if (n != UV_EOF && !stream->arrived_error)
            stream->arrived_error = n == UV_ECANCELED ? UV_ECONNABORTED : (int)n;
    }
    stream->events |= WEFT__STREAM_DATA;
    weft__io_ready(&stream->io);
}

static void on_read(uv_stream_t *handle, ssize_t n, const uv_buf_t *buffer)
{
    /* Behind the last data of a peer that hung up libuv takes the end for granted, without a
     * buffer, and it may have been a reset: the next read says which. */
    if (n == UV_EOF && !buffer->base && uv_read_start(handle, on_alloc, on_read) == 0)
        return;
    if (n != 0)
        arrived(handle->data, n);
}

void weft__reader_feed(weft_stream *stream, const char *data, ssize_t n)
{
    if (n < 0)
        arrived(stream, n);
    while (n > 0) {
        if (!make_space(stream)) {
            arrived(stream, UV_ENOMEM);
            return;
        }
        size_t space = stream->room - stream->filled - 1;
        size_t piece = (size_t)n < space ? (size_t)n : space;
        memcpy(stream->buffer + stream->filled, data, piece);
        arrived(stream, (ssize_t)piece);
        data += piece;
        n -= (ssize_t)piece;
    }
}

static int resume_reading(weft_stream *stream)
{
    if (stream->listening || stream->ended || stream->closing)
        return 0;
    int rc = stream->plain ? weft__plain_read_start(stream)
                           : uv_read_start(&stream->uv.stream, on_alloc, on_read);
    stream->listening = rc == 0;
    return rc;
}

int weft__reader_start(weft_stream *stream)
{
    return resume_reading(stream);
}

void weft__reader_arrived(weft_stream *stream)
{
    stream->end = stream->filled;
    stream->eof = stream->ended;
    if (stream->reader)
        weft__wake(stream->reader, WEFT_WAKE_IO, stream->io.id);
}

void weft__reader_finish(weft_stream *stream)
{
    free(stream->retired);
    free(stream->buffer);
}

/* ---- Handing out ---- */

/* What was handed out is given back: a new read begins. */
static void take_back(weft_stream *stream)
{
    if (stream->nul)
        *stream->nul = stream->covered;
    stream->nul = NULL;
    stream->borrowed = false;
    free(stream->retired);
    stream->retired = NULL;
    if (stream->start == stream->filled)
        stream->start = stream->end = stream->filled = 0;
}

/* The next n bytes are read; behind them goes a NUL, into the first byte not read or, when there is
 * none, into a byte that what arrives next leaves alone. */
static void hand_out(weft_stream *stream, size_t n, weft_bytes *out)
{
    if (n == 0) {
        *out = (weft_bytes){ "", 0 };
    } else {
        char *at = stream->buffer + stream->start;
        *out = (weft_bytes){ at, n };
        stream->start += n;
        stream->borrowed = true;
        if (stream->start < stream->filled) {
            stream->nul = at + n;
            stream->covered = *stream->nul;
        } else {
            stream->start++;
            stream->end = stream->filled = stream->start;
        }
        at[n] = 0;
    }
    if (unread(stream) <= stream->limit)
        resume_reading(stream);
}

static void drop(weft_stream *stream, size_t n)
{
    stream->start += n;
    if (unread(stream) <= stream->limit)
        resume_reading(stream);
}

/* ---- Reading ---- */

static int begin(weft_stream *stream, weft_bytes *out)
{
    int rc = !out ? UV_EINVAL : weft__stream_check(stream);
    if (rc < 0)
        return rc;
    *out = (weft_bytes){ "", 0 };
    if (!stream->readable)
        return UV_EBADF;
    if (stream->reader)
        return UV_EBUSY;
    take_back(stream);
    return stream->error;
}

/* asyncio's _wait_for_data: until something has arrived, or the end. */
static int wait_for_data(weft_stream *stream, size_t wanted, weft_site *site)
{
    weft_loop *loop = stream->io.loop;
    struct weft__task *task = weft__current();
    int rc = resume_reading(stream);
    if (rc < 0)
        return rc;
    uint64_t op = weft__op_start(loop, WEFT_OP_READ, site, stream->io.id, weft__stream_fd(stream),
                                 wanted);
    size_t before = unread(stream);
    weft_ref(stream);
    stream->reader = task;
    rc = weft__wait(task, WEFT_AWAIT_READ, stream->io.id, site);
    stream->reader = NULL;
    if (rc == 0)
        rc = stream->error;
    weft__op_end(loop, WEFT_OP_READ, op, rc < 0 ? rc : (int64_t)(unread(stream) - before));
    weft_unref(stream);
    return rc;
}

int weft_read_at(weft_site *site, weft_stream *stream, ssize_t max, weft_bytes *out)
{
    int rc = begin(stream, out);
    if (rc < 0 || max == 0)
        return rc;
    while (rc == 0 && !stream->eof && (max < 0 || unread(stream) == 0))
        rc = wait_for_data(stream, max < 0 ? 0 : (size_t)max, site);
    if (rc < 0)
        return rc;
    size_t n = unread(stream);
    hand_out(stream, max < 0 || n < (size_t)max ? n : (size_t)max, out);
    return 0;
}

struct match {
    size_t at, end; /* of the separator, in what is unread */
    bool found;
};

/* The separator that ends first, of several that end there the shortest. */
static bool match_any(const char *bytes, size_t from, size_t size, const weft_bytes *separators,
                      size_t n, struct match *match)
{
    match->found = false;
    for (size_t i = 0; i < n; i++) {
        const weft_bytes *separator = &separators[i];
        const char *hit = memmem(bytes + from, size - from, separator->data, separator->len);
        size_t at = hit ? (size_t)(hit - bytes) : 0, end = at + separator->len;
        if (hit && (!match->found || end < match->end || (end == match->end && at > match->at)))
            *match = (struct match){ at, end, true };
    }
    return match->found;
}

/* Waits until a separator is there: 0. WEFT_EINCOMPLETE: the stream ended. WEFT_ELIMIT: none begins
 * within the limit, whether it is there (match->found) or not. */
static int find(weft_stream *stream, const weft_bytes *separators, size_t n, weft_site *site,
                struct match *match)
{
    size_t searched = 0, longest = 0;
    for (size_t i = 0; i < n; i++)
        longest = separators[i].len > longest ? separators[i].len : longest;
    for (;;) {
        size_t size = unread(stream);
        const char *bytes = size > 0 ? stream->buffer + stream->start : "";
        if (match_any(bytes, searched, size, separators, n, match))
            return match->at > stream->limit ? WEFT_ELIMIT : 0;
        if (size + 1 > longest)
            searched = size + 1 - longest;
        if (searched > stream->limit)
            return WEFT_ELIMIT;
        if (stream->eof)
            return WEFT_EINCOMPLETE;
        int rc = wait_for_data(stream, 0, site);
        if (rc < 0)
            return rc;
    }
}

int weft_readuntil_any_at(weft_site *site, weft_stream *stream, const weft_bytes *separators,
                          size_t n, weft_bytes *out)
{
    if (!separators || n == 0)
        return UV_EINVAL;
    for (size_t i = 0; i < n; i++)
        if (separators[i].len == 0 || !separators[i].data)
            return UV_EINVAL;
    int rc = begin(stream, out);
    if (rc < 0)
        return rc;
    struct match match = { 0 };
    rc = find(stream, separators, n, site, &match);
    if (rc == 0)
        hand_out(stream, match.end, out);
    else if (rc == WEFT_EINCOMPLETE)
        hand_out(stream, unread(stream), out);
    return rc;
}

int weft_readuntil_at(weft_site *site, weft_stream *stream, weft_bytes separator, weft_bytes *out)
{
    return weft_readuntil_any_at(site, stream, &separator, 1, out);
}

int weft_readline_at(weft_site *site, weft_stream *stream, weft_bytes *out)
{
    static const weft_bytes newline = { "\n", 1 };
    int rc = begin(stream, out);
    if (rc < 0)
        return rc;
    struct match match = { 0 };
    rc = find(stream, &newline, 1, site, &match);
    if (rc == WEFT_ELIMIT)
        drop(stream, match.found ? match.end : unread(stream));
    else if (rc == 0 || rc == WEFT_EINCOMPLETE)
        hand_out(stream, rc == 0 ? match.end : unread(stream), out);
    return rc == WEFT_EINCOMPLETE ? 0 : rc;
}

int weft_readexactly_at(weft_site *site, weft_stream *stream, size_t n, weft_bytes *out)
{
    int rc = begin(stream, out);
    while (rc == 0 && unread(stream) < n && !stream->eof)
        rc = wait_for_data(stream, n - unread(stream), site);
    if (rc < 0)
        return rc;
    if (unread(stream) < n) {
        hand_out(stream, unread(stream), out);
        return WEFT_EINCOMPLETE;
    }
    hand_out(stream, n, out);
    return 0;
}

bool weft_at_eof(weft_stream *stream)
{
    return !stream || (stream->eof && unread(stream) == 0);
}
