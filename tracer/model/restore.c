/* restore.c: see restore.h; and where summaries are kept. */
#include "tracer/model/restore.h"
#include "tracer/model/beginning.h"
#include "tracer/model/summary.h"
#include "tracer/trace/extend.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

enum {
    WORTH_CHUNKS = 16, /* what has fewer opens at once anyway */
    CACHED_FILES = 64, /* the oldest ones go */
};

/* ---- Where ---- */

/* $XDG_CACHE_HOME/weft/UUID-SIZE.summary */
static char *cache_path(const weft_trace *trace)
{
    GString *name = g_string_new(NULL);
    for (guint i = 0; i < 16; i++)
        g_string_append_printf(name, "%02x", weft_trace_uuid(trace)[i]);
    g_string_append_printf(name, "-%" G_GUINT64_FORMAT ".summary", weft_trace_file_size(trace));
    char *path = g_build_filename(g_get_user_cache_dir(), "weft", name->str, NULL);
    g_string_free(name, TRUE);
    return path;
}

struct cached_file {
    char *path;
    gint64 changed;
};

static void free_cached_file(gpointer data)
{
    g_free(((struct cached_file *)data)->path);
}

static gint newest_first(gconstpointer a, gconstpointer b)
{
    gint64 x = ((const struct cached_file *)a)->changed,
           y = ((const struct cached_file *)b)->changed;
    return x > y ? -1 : x < y;
}

/* Deletes all but the newest summaries. */
static void bound_cache(const char *directory)
{
    GDir *dir = g_dir_open(directory, 0, NULL);
    g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(struct cached_file));
    g_array_set_clear_func(files, free_cached_file);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        GStatBuf st;
        struct cached_file file = { g_build_filename(directory, name, NULL), 0 };
        if (g_str_has_suffix(name, ".summary") && g_stat(file.path, &st) == 0) {
            file.changed = st.st_mtime;
            g_array_append_val(files, file);
        } else {
            g_free(file.path);
        }
    }
    g_clear_pointer(&dir, g_dir_close);
    g_array_sort(files, newest_first);
    for (guint i = CACHED_FILES; i < files->len; i++)
        g_unlink(g_array_index(files, struct cached_file, i).path);
}

/* ---- Restoring ---- */

struct restoring {
    weft_model *into, *fresh;
    weft_trace *from;  /* the trace itself, or its cache */
    guint first, next; /* of its additions: piece 0, and the piece to go on with */
    guint intact;      /* EVENTS chunks looked at */
    struct summary_head head;
};

/* Where the last summary's pieces begin in `from`, when it is one of this trace. */
static gboolean find_summary(struct restoring *r)
{
    guint i = weft_trace_n_additions(r->from);
    for (; i > 0; i--) {
        g_autoptr(GBytes) last = weft_trace_addition(r->from, i - 1, WEFT_CHUNK_SUMMARY);
        if (!last || !summary_head_of(last, &r->head))
            continue;
        if (r->head.piece != r->head.pieces - 1 || r->head.piece > i - 1 ||
            r->head.chunks > weft_trace_n_chunks(r->into->trace) ||
            r->head.digest != weft_trace_digest(r->into->trace, r->head.chunks))
            return FALSE;
        r->first = r->next = i - 1 - r->head.piece;
        return TRUE;
    }
    return FALSE;
}

struct restoring *restoring_new(weft_model *model)
{
    const char *path = weft_trace_path(model->trace);
    if (!path || weft_trace_n_chunks(model->trace) < WORTH_CHUNKS)
        return NULL;
    struct restoring *r = g_new0(struct restoring, 1);
    r->into = model;
    r->from = weft_trace_ref(model->trace);
    gboolean found = find_summary(r);
    if (!found) {
        weft_trace_unref(r->from);
        g_autofree char *cache = cache_path(model->trace);
        r->from = weft_trace_open(cache, NULL);
        found = r->from && find_summary(r);
    }
    if (!found) {
        restoring_free(r);
        return NULL;
    }
    r->fresh = weft_model_new(model->trace);
    return r;
}

void restoring_free(struct restoring *r)
{
    if (!r)
        return;
    weft_model_free(r->fresh);
    weft_trace_unref(r->from);
    g_free(r);
}

#define SWAP(a, b)                                                                                 \
    do {                                                                                           \
        __typeof__(a) swapped = a;                                                                 \
        a = b;                                                                                     \
        b = swapped;                                                                               \
    } while (0)

/* All that the pass leaves becomes the model's. */
static void take(weft_model *to, weft_model *from)
{
    SWAP(to->lanes, from->lanes);
    SWAP(to->n_lanes, from->n_lanes);
    SWAP(to->lanes_capacity, from->lanes_capacity);
    SWAP(to->loops, from->loops);
    SWAP(to->lane_of, from->lane_of);
    SWAP(to->rings, from->rings);
    SWAP(to->chunks, from->chunks);
    SWAP(to->n_chunks, from->n_chunks);
    SWAP(to->chunks_capacity, from->chunks_capacity);
    SWAP(to->losses, from->losses);
    SWAP(to->facts, from->facts);
    SWAP(to->last_ns, from->last_ns);
    SWAP(to->events, from->events);
    SWAP(to->lost, from->lost);
    SWAP(to->kept_bytes, from->kept_bytes);
    SWAP(to->beginning, from->beginning);
}

static gboolean load_piece(struct restoring *r)
{
    g_autoptr(GBytes) bytes = weft_trace_addition(r->from, r->next, WEFT_CHUNK_SUMMARY);
    struct summary_head head;
    return bytes && summary_head_of(bytes, &head) && head.piece == r->next - r->first &&
           head.pieces == r->head.pieces && head.lanes == r->head.lanes &&
           head.chunks == r->head.chunks && head.digest == r->head.digest &&
           summary_load(r->fresh, bytes, &head);
}

/* Looks at another share of the chunks: what is damaged counts as lost, which a summary of before
 * does not know. */
static gboolean check_chunks(struct restoring *r)
{
    guint64 done = r->next + 1 - r->first;
    guint until = (guint)(done * r->head.chunks / r->head.pieces);
    for (; r->intact < until; r->intact++)
        if (!weft_trace_chunk_intact(r->into->trace, r->intact))
            return FALSE;
    return TRUE;
}

gboolean restoring_step(struct restoring *r)
{
    if (!load_piece(r) || !check_chunks(r))
        return FALSE;
    if (++r->next < r->first + r->head.pieces)
        return TRUE;
    if (summary_check(r->fresh, &r->head)) {
        begin_known(r->fresh);
        take(r->into, r->fresh);
        r->into->restored = TRUE;
    }
    return FALSE;
}

double restoring_progress(const struct restoring *r)
{
    return (double)(r->next - r->first) / r->head.pieces;
}

/* ---- Keeping ---- */

static gboolean cache(const weft_trace *trace, const struct weft_addition *pieces, guint n,
                      GError **error)
{
    g_autofree char *path = cache_path(trace), *directory = g_path_get_dirname(path);
    if (g_mkdir_with_parents(directory, 0700) < 0) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot make %s: %s", directory,
                    g_strerror(errno));
        return FALSE;
    }
    gboolean ok = weft_file_create(path, pieces, n, error);
    if (ok)
        bound_cache(directory);
    return ok;
}

gboolean weft_model_worth_keeping(const weft_model *model)
{
    const weft_trace *trace = model->trace;
    return !model->restored && !model->restoring && weft_trace_path(trace) &&
           model->n_chunks >= WORTH_CHUNKS && model->n_chunks == weft_trace_n_chunks(trace) &&
           model->lost == weft_trace_lost(trace) && !weft_trace_growing(trace);
}

gboolean weft_model_keep(const weft_model *model, GError **error)
{
    const weft_trace *trace = model->trace;
    g_autoptr(GPtrArray) bytes = weft_model_worth_keeping(model) ? summary_save(model) : NULL;
    if (!bytes)
        return TRUE;
    g_autofree struct weft_addition *pieces = g_new0(struct weft_addition, bytes->len);
    for (guint i = 0; i < bytes->len; i++) {
        pieces[i].kind = WEFT_CHUNK_SUMMARY;
        pieces[i].n = 1;
        pieces[i].bytes = g_bytes_get_data(bytes->pdata[i], &pieces[i].size);
    }
    if (weft_trace_whole(trace) &&
        weft_file_extend(weft_trace_path(trace), weft_trace_uuid(trace), pieces, bytes->len, NULL))
        return TRUE;
    return cache(trace, pieces, bytes->len, error);
}
