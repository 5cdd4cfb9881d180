/* notes.c: see notes.h. */
#include "tracer/trace/notes.h"
#include "tracer/trace/chunk.h"
#include "tracer/trace/extend.h"
#include "tracer/trace/varint.h"
#include <string.h>

enum { UUID = 16, TEXT_MAX = 1 << 16, NOTE_BYTES = 6 /* the least a note takes */ };

static void free_note(gpointer data)
{
    struct weft_note *note = data;
    g_free(note->text);
    g_free(note);
}

static char *sidecar_path(const weft_trace *trace)
{
    return g_strconcat(weft_trace_path(trace), ".notes", NULL);
}

/* ---- Reading ---- */

/* Takes the place of the note of its id. */
static void take_note(GHashTable *notes, struct weft_note *note)
{
    if (note->text)
        g_hash_table_replace(notes, &note->id, note);
    else {
        g_hash_table_remove(notes, &note->id);
        free_note(note);
    }
}

static struct weft_note *get_note(struct weft_varints *in)
{
    struct weft_note *note = g_new0(struct weft_note, 1);
    note->id = weft_get_varint(in);
    note->time_ns = weft_unzigzag(weft_get_varint(in));
    note->entity = weft_get_varint(in);
    note->ring = (guint32)weft_get_varint(in) - 1;
    gboolean deleted = weft_get_varint(in) == 0;
    guint64 size = weft_get_varint(in);
    const guint8 *text = weft_get_bytes(in, size);
    if (!deleted && text && size <= TEXT_MAX)
        note->text = g_utf8_make_valid((const char *)text, (gssize)size);
    return note;
}

/* uuid: of the trace that they must be about; NULL: they are in its file. */
static void get_notes(GHashTable *notes, GBytes *chunk, const guint8 uuid[UUID])
{
    gsize size;
    const guint8 *data = g_bytes_get_data(chunk, &size);
    struct weft_varints in = { data, data + size, FALSE };
    const guint8 *of = weft_get_bytes(&in, UUID);
    if (!of || (uuid && memcmp(of, uuid, UUID) != 0))
        return;
    for (guint64 n = weft_get_count(&in, NOTE_BYTES); n > 0; n--) {
        struct weft_note *note = get_note(&in);
        if (in.bad || note->id == 0)
            free_note(note);
        else
            take_note(notes, note);
    }
}

static void read_file(GHashTable *notes, const char *path, const guint8 uuid[UUID])
{
    g_autoptr(weft_trace) file = weft_trace_open(path, NULL);
    gboolean own = file && memcmp(weft_trace_uuid(file), uuid, UUID) == 0;
    for (guint i = 0; file && i < weft_trace_n_additions(file); i++) {
        g_autoptr(GBytes) chunk = weft_trace_addition(file, i, WEFT_CHUNK_NOTES);
        if (chunk)
            get_notes(notes, chunk, own ? NULL : uuid);
    }
}

static gint by_time(gconstpointer a, gconstpointer b)
{
    const struct weft_note *x = *(const struct weft_note *const *)a;
    const struct weft_note *y = *(const struct weft_note *const *)b;
    if (x->time_ns != y->time_ns)
        return x->time_ns < y->time_ns ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

GPtrArray *weft_notes_read(const weft_trace *trace)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(free_note);
    if (!weft_trace_path(trace))
        return list;
    g_autoptr(GHashTable)
        notes = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_note);
    g_autofree char *sidecar = sidecar_path(trace);
    read_file(notes, weft_trace_path(trace), weft_trace_uuid(trace));
    read_file(notes, sidecar, weft_trace_uuid(trace));
    GHashTableIter iter;
    gpointer id, note;
    g_hash_table_iter_init(&iter, notes);
    while (g_hash_table_iter_next(&iter, &id, &note)) {
        g_hash_table_iter_steal(&iter);
        g_ptr_array_add(list, note);
    }
    g_ptr_array_sort(list, by_time);
    return list;
}

/* ---- Writing ---- */

static GByteArray *begin_notes(const guint8 uuid[UUID], guint n)
{
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, uuid, UUID);
    weft_put_varint(out, n);
    return out;
}

static void put_note(GByteArray *out, const struct weft_note *note)
{
    gsize size = note->text ? MIN(strlen(note->text), TEXT_MAX) : 0;
    weft_put_varint(out, note->id);
    weft_put_varint(out, weft_zigzag(note->time_ns));
    weft_put_varint(out, note->entity);
    weft_put_varint(out, (guint32)(note->ring + 1));
    weft_put_varint(out, note->text != NULL);
    weft_put_varint(out, size);
    if (size)
        g_byte_array_append(out, (const guint8 *)note->text, (guint)size);
}

static gboolean append_to_sidecar(const char *path, const struct weft_addition *addition,
                                  GError **error)
{
    g_autoptr(weft_trace) sidecar = weft_trace_open(path, NULL);
    return sidecar ? weft_file_extend(path, weft_trace_uuid(sidecar), addition, 1, error)
                   : weft_file_create(path, addition, 1, error);
}

/* Whether the file is another trace's by now. */
static gboolean is_another(const weft_trace *trace)
{
    g_autoptr(weft_trace) file = weft_trace_open(weft_trace_path(trace), NULL);
    return file && memcmp(weft_trace_uuid(file), weft_trace_uuid(trace), UUID) != 0;
}

gboolean weft_notes_append(const weft_trace *trace, struct weft_note *note, GError **error)
{
    const char *path = weft_trace_path(trace);
    if (!path) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                    "a note needs a file: save the trace first");
        return FALSE;
    }
    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                    "%s is gone, and a note is kept with its trace", path);
        return FALSE;
    }
    if (is_another(trace)) { /* beside it nobody would find the note */
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED, "%s is another trace by now",
                    path);
        return FALSE;
    }
    while (note->id == 0)
        note->id = (guint64)g_random_int() << 32 | g_random_int();
    g_autoptr(GByteArray) bytes = begin_notes(weft_trace_uuid(trace), 1);
    put_note(bytes, note);
    struct weft_addition addition = {
        .kind = WEFT_CHUNK_NOTES, .n = 1, .bytes = bytes->data, .size = bytes->len
    };
    g_autofree char *sidecar = sidecar_path(trace);
    if (!g_file_test(sidecar, G_FILE_TEST_EXISTS) &&
        weft_file_extend(path, weft_trace_uuid(trace), &addition, 1, NULL))
        return TRUE;
    return append_to_sidecar(sidecar, &addition, error);
}

gboolean weft_notes_write(weft_filewriter *writer, const GPtrArray *notes, GError **error)
{
    if (notes->len == 0)
        return TRUE;
    g_autoptr(GByteArray) bytes = begin_notes(weft_filewriter_uuid(writer), notes->len);
    for (guint i = 0; i < notes->len; i++)
        put_note(bytes, notes->pdata[i]);
    struct weft_chunk_header header = { .kind = WEFT_CHUNK_NOTES, .n = notes->len };
    g_autoptr(GByteArray) packed = g_byte_array_new();
    const guint8 *payload = weft_chunk_pack(&header, bytes->data, bytes->len, packed);
    return weft_filewriter_copy(writer, &header, payload, error);
}
