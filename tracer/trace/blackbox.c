/* blackbox.c: see blackbox.h. */
#include "tracer/trace/blackbox.h"
#include "tracer/probe/process.h"
#include "tracer/probe/session.h"
#include "tracer/probe/stale.h"
#include "tracer/trace/attach.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEAP_MAX = 1 << 30,
    TOLD = 4, /* faults; the others are counted */
};
#define COUNT_MAX (UINT64_C(1) << 62) /* no ring ever held so many slots */

struct area {
    guint64 begin, end;
};

void weft_blackbox_add_damage(struct weft_blackbox *box, const char *format, ...)
{
    if (box->n_damages++ >= TOLD)
        return;
    if (box->damage->len)
        g_string_append(box->damage, "; ");
    va_list args;
    va_start(args, format);
    g_string_append_vprintf(box->damage, format, args);
    va_end(args);
}

char *weft_blackbox_damage(const struct weft_blackbox *box)
{
    if (box->n_damages <= TOLD)
        return box->n_damages ? g_strdup(box->damage->str) : NULL;
    return g_strdup_printf("%s; and %u more such faults", box->damage->str, box->n_damages - TOLD);
}

/* ---- Bytes ---- */

static gboolean read_at(const struct weft_blackbox *box, guint64 offset, void *to, gsize size,
                        GError **error)
{
    for (gsize done = 0; done < size;) {
        ssize_t n = pread(box->fd, (char *)to + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO, "cannot read %s: %s",
                        box->path, g_strerror(errno));
            return FALSE;
        }
        if (n == 0) {
            g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_CORRUPT,
                        "the ring file %s was cut while it was read: it ends at byte "
                        "%" G_GUINT64_FORMAT,
                        box->path, offset + done);
            return FALSE;
        }
        done += (gsize)n;
    }
    return TRUE;
}

/* Whether [offset, offset + size) lies in the file and in no area claimed before; then it is. */
static gboolean claim(struct weft_blackbox *box, guint64 offset, guint64 size)
{
    if (size == 0 || offset % WEFT_PAGE != 0 || offset > box->size || size > box->size - offset)
        return FALSE;
    struct area area = { offset, offset + size };
    for (guint i = 0; i < box->areas->len; i++) {
        const struct area *other = &g_array_index(box->areas, struct area, i);
        if (area.begin < other->end && other->begin < area.end)
            return FALSE;
    }
    g_array_append_val(box->areas, area);
    return TRUE;
}

/* ---- Chunks ---- */

static gboolean chunk_of(const struct weft_chunk *header, guint64 offset,
                         struct weft_blackbox_chunk *chunk)
{
    guint64 committed = header->committed;
    *chunk = (struct weft_blackbox_chunk){ .offset = offset,
                                           .seq = header->seq,
                                           .base_ticks = header->base_ticks,
                                           .base_mono_ns = header->base_mono_ns,
                                           .first_event = header->first_event,
                                           .dropped = header->dropped_total,
                                           .current_task = header->current_task };
    if (!weft_chunk_committed_makes_sense(committed) || header->first_event > COUNT_MAX)
        return FALSE;
    chunk->slots = (guint)((committed - WEFT_CHUNK_HEADER) / WEFT_SLOT_SIZE);
    return TRUE;
}

static gint by_seq(gconstpointer a, gconstpointer b)
{
    guint64 x = ((const struct weft_blackbox_chunk *)a)->seq;
    guint64 y = ((const struct weft_blackbox_chunk *)b)->seq;
    return x < y ? -1 : x > y;
}

/* The writer counts without gaps, so what two chunks in a row say of each other must agree. A chunk
 * with such neighbours, of which none agrees with it, is not believed. */
static gboolean fits(const GArray *found, guint i)
{
    const struct weft_blackbox_chunk *all = (const void *)found->data, *at = &all[i];
    gboolean follows = i > 0 && at[-1].seq + 1 == at->seq;
    gboolean leads = i + 1 < found->len && at->seq + 1 == at[1].seq;
    return (!follows && !leads) ||
           (follows && at[-1].first_event + at[-1].slots == at->first_event) ||
           (leads && at->first_event + at->slots == at[1].first_event);
}

static void keep_those_that_fit(struct weft_blackbox *box, struct weft_blackbox_ring *ring,
                                const GArray *found)
{
    guint64 next = 0;
    for (guint i = 0; i < found->len; i++) {
        struct weft_blackbox_chunk chunk = g_array_index(found, struct weft_blackbox_chunk, i);
        if (fits(found, i) && chunk.first_event >= next) {
            g_array_append_val(ring->chunks, chunk);
            next = chunk.first_event + chunk.slots;
        } else {
            weft_blackbox_add_damage(box,
                                     "ring %u: the chunk at byte %" G_GUINT64_FORMAT
                                     " does not fit its neighbours and is left out",
                                     ring->index, chunk.offset);
        }
    }
}

/* Counts of dropped slots never go down, up to the ring's own at the end. */
static void check_dropped(struct weft_blackbox *box, struct weft_blackbox_ring *ring)
{
    guint64 most = ring->dropped;
    for (guint i = ring->chunks->len; i > 0; i--) {
        struct weft_blackbox_chunk *chunk = &g_array_index(ring->chunks, struct weft_blackbox_chunk,
                                                           i - 1);
        if (chunk->dropped > most) {
            weft_blackbox_add_damage(box,
                                     "ring %u: the chunk at byte %" G_GUINT64_FORMAT
                                     " counts more dropped events than there were",
                                     ring->index, chunk->offset);
            chunk->dropped = most;
        }
        most = chunk->dropped;
    }
}

static gboolean find_chunks(struct weft_blackbox *box, struct weft_blackbox_ring *ring, guint64 at,
                            guint64 n_chunks, GError **error)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct weft_blackbox_chunk));
    for (guint64 slot = 0; slot < n_chunks; slot++) {
        struct weft_chunk header;
        struct weft_blackbox_chunk chunk;
        guint64 offset = at + slot * WEFT_CHUNK_SIZE;
        if (!read_at(box, offset, &header, sizeof header, error))
            return FALSE;
        if (header.seq == 0)
            continue; /* never used, or just being rewritten */
        if (!chunk_of(&header, offset, &chunk) || (chunk.seq - 1) % n_chunks != slot)
            weft_blackbox_add_damage(box,
                                     "ring %u: the header of the chunk at byte %" G_GUINT64_FORMAT
                                     " makes no sense: it is left out",
                                     ring->index, offset);
        else
            g_array_append_val(found, chunk);
    }
    g_array_sort(found, by_seq);
    keep_those_that_fit(box, ring, found);
    check_dropped(box, ring);
    return TRUE;
}

gint weft_blackbox_read(struct weft_blackbox *box, const struct weft_blackbox_chunk *chunk,
                        struct weft_record *records, guint *events, GError **error)
{
    *events = 0;
    if (!read_at(box, chunk->offset + WEFT_CHUNK_HEADER, records,
                 (gsize)chunk->slots * WEFT_SLOT_SIZE, error))
        return -1;
    guint whole = weft_whole_events(records, chunk->slots, events);
    if (whole < chunk->slots)
        weft_blackbox_add_damage(box, "the event at byte %" G_GUINT64_FORMAT " was never written",
                                 chunk->offset + WEFT_CHUNK_HEADER +
                                     (guint64)whole * WEFT_SLOT_SIZE);
    return (gint)whole;
}

/* ---- Rings ---- */

static void free_ring(gpointer data)
{
    struct weft_blackbox_ring *ring = data;
    g_array_unref(ring->chunks);
    g_free(ring);
}

/* The header of a ring at `offset`; FALSE in *ok when it is none. */
static gboolean read_header(struct weft_blackbox *box, guint32 index, guint64 offset,
                            struct weft_ring *header, gboolean *ok, GError **error)
{
    *ok = claim(box, offset, WEFT_PAGE);
    if (!*ok) {
        weft_blackbox_add_damage(
            box, "ring %u cannot be at byte %" G_GUINT64_FORMAT ": it is left out", index, offset);
        return TRUE;
    }
    if (!read_at(box, offset, header, sizeof *header, error))
        return FALSE;
    *ok = header->index == index;
    if (!*ok)
        weft_blackbox_add_damage(
            box, "ring %u: the header at byte %" G_GUINT64_FORMAT " is another's: it is left out",
            index, offset);
    return TRUE;
}

static gboolean read_ring(struct weft_blackbox *box, guint32 index, guint64 offset, GError **error)
{
    struct weft_ring header;
    gboolean ok;
    if (!read_header(box, index, offset, &header, &ok, error))
        return FALSE;
    if (!ok)
        return TRUE;
    struct weft_blackbox_ring *ring = g_new0(struct weft_blackbox_ring, 1);
    ring->index = index;
    g_ptr_array_set_size(box->live.rings, (gint)index + 1); /* indices go up */
    box->live.rings->pdata[index] = g_memdup2(&header, sizeof header);
    ring->chunks = g_array_new(FALSE, FALSE, sizeof(struct weft_blackbox_chunk));
    if (header.dropped <= COUNT_MAX && header.nested <= COUNT_MAX)
        ring->dropped = header.dropped + header.nested;
    g_ptr_array_add(box->rings, ring);
    if (header.retired <= COUNT_MAX)
        ring->retired = header.retired;
    guint64 at = weft_area_offset(header.area), n = weft_area_chunks(header.area);
    if (n == 0)
        return TRUE; /* no event was on */
    if (n == 1 || n > box->size / WEFT_CHUNK_SIZE || !claim(box, at, n * WEFT_CHUNK_SIZE)) {
        weft_blackbox_add_damage(box,
                                 "ring %u: %" G_GUINT64_FORMAT
                                 " chunks cannot be at byte %" G_GUINT64_FORMAT
                                 ": they are left out",
                                 index, n, at);
        return TRUE;
    }
    return find_chunks(box, ring, at, n, error);
}

static gboolean read_rings(struct weft_blackbox *box, GError **error)
{
    gsize size = WEFT_RINGS_MAX * sizeof(struct weft_directory_entry);
    g_autofree struct weft_directory_entry *directory = g_malloc(size);
    guint64 offset = box->page.directory_offset;
    if (!claim(box, offset, size)) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_CORRUPT,
                    "the ring file %s is damaged at byte %zu: its directory of rings cannot be at "
                    "byte %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT,
                    box->path, G_STRUCT_OFFSET(struct weft_segment, directory_offset), offset,
                    box->size);
        return FALSE;
    }
    if (!read_at(box, offset, directory, size, error))
        return FALSE;
    for (guint32 i = 0; i < WEFT_RINGS_MAX; i++)
        if (directory[i].offset && !read_ring(box, i, directory[i].offset, error))
            return FALSE;
    return TRUE;
}

static gboolean read_heap(struct weft_blackbox *box, GError **error)
{
    guint64 offset = box->page.strings_offset, size = box->page.strings_size;
    if (size < sizeof *box->heap || size > HEAP_MAX || !claim(box, offset, size)) {
        weft_blackbox_add_damage(box,
                                 "the strings, %" G_GUINT64_FORMAT
                                 " bytes at byte %" G_GUINT64_FORMAT
                                 ", cannot be: names are missing",
                                 size, offset);
        return TRUE;
    }
    box->heap = g_malloc(size);
    box->heap_size = size;
    return read_at(box, offset, box->heap, size, error);
}

/* ---- Live tables ---- */

static gboolean read_block(struct weft_blackbox *box, guint64 offset, GError **error)
{
    if (!claim(box, offset, WEFT_TABLE_BLOCK)) {
        weft_blackbox_add_damage(
            box, "the live tables at byte %" G_GUINT64_FORMAT " are cut off, or cannot be there",
            offset);
        g_ptr_array_add(box->live.blocks, NULL);
        return TRUE;
    }
    void *block = g_malloc(WEFT_TABLE_BLOCK);
    g_ptr_array_add(box->live.blocks, block);
    return read_at(box, offset, block, WEFT_TABLE_BLOCK, error);
}

static gboolean read_tables(struct weft_blackbox *box, GError **error)
{
    g_autofree struct weft_table_directory *tables = g_new0(struct weft_table_directory, 1);
    guint64 offset = box->page.tables_offset;
    gboolean there = claim(box, offset, sizeof *tables);
    if (there && !read_at(box, offset, tables, sizeof *tables, error))
        return FALSE;
    if (!there || tables->blocks > WEFT_TABLE_BLOCKS_MAX) {
        weft_blackbox_add_damage(
            box, "the live tables at byte %" G_GUINT64_FORMAT " are cut off, or cannot be there",
            offset);
        return TRUE;
    }
    for (guint64 i = 0; i < tables->blocks; i++)
        if (!read_block(box, tables->offsets[i], error))
            return FALSE;
    return TRUE;
}

/* ---- Opening ---- */

static gboolean open_file(struct weft_blackbox *box, GError **error)
{
    box->fd = open(box->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (box->fd < 0 || fstat(box->fd, &st) < 0) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_IO,
                    "cannot open the ring file %s: %s", box->path, g_strerror(errno));
        return FALSE;
    }
    if (!S_ISREG(st.st_mode) || st.st_size < WEFT_PAGE) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE, "%s is no ring file: %s",
                    box->path,
                    S_ISREG(st.st_mode) ? "it is smaller than a header" : "it is no file at all");
        return FALSE;
    }
    box->size = (guint64)st.st_size;
    return read_at(box, 0, &box->page, sizeof box->page, error);
}

static gboolean check_page(struct weft_blackbox *box, GError **error)
{
    struct weft_segment *page = &box->page;
    if (page->magic == 0)
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE,
                    "the ring file %s holds nothing: its program ended before it emitted an event",
                    box->path);
    else if (page->magic != WEFT_SEGMENT_MAGIC)
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NOT_A_TRACE,
                    "%s is no ring file: its first 8 bytes are not a ring file's", box->path);
    else if (page->abi != WEFT_ABI_VERSION)
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_VERSION,
                    "the ring file %s has version %u; this is Weft %s, which reads version %u: use "
                    "the Weft that the program was built with",
                    box->path, page->abi, WEFT_VERSION, WEFT_ABI_VERSION);
    else
        return TRUE;
    return FALSE;
}

static gboolean check_ended(const struct weft_blackbox *box, GError **error)
{
    guint64 pid = box->page.pid;
    if (!weft_segment_is_held(box->fd))
        return TRUE; /* it ended, or it is another program now, or this is a copy */
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                "process %" G_GUINT64_FORMAT ", whose ring file %s is, still runs: `weft view "
                "%" G_GUINT64_FORMAT "` shows it; one just killed needs a moment to end",
                pid, box->path, pid);
    return FALSE;
}

static void end_texts(struct weft_segment *page)
{
    page->session[sizeof page->session - 1] = 0;
    page->program[sizeof page->program - 1] = 0;
    page->executable[sizeof page->executable - 1] = 0;
}

struct weft_blackbox *weft_blackbox_open(const char *path, GError **error)
{
    struct weft_blackbox *box = g_new0(struct weft_blackbox, 1);
    box->path = g_strdup(path);
    box->damage = g_string_new(NULL);
    box->areas = g_array_new(FALSE, FALSE, sizeof(struct area));
    box->rings = g_ptr_array_new_with_free_func(free_ring);
    box->live.blocks = g_ptr_array_new_with_free_func(g_free);
    box->live.rings = g_ptr_array_new_with_free_func(g_free);
    if (open_file(box, error) && check_page(box, error)) {
        guint8 boot_id[16] = { 0 };
        weft_boot_id(boot_id);
        box->same_boot = memcmp(boot_id, box->page.boot_id, sizeof boot_id) == 0;
        box->closed = box->page.exit_state != 0;
        end_texts(&box->page);
        claim(box, 0, WEFT_PAGE);
        if (check_ended(box, error) && read_heap(box, error) && read_rings(box, error) &&
            read_tables(box, error))
            return box;
    }
    weft_blackbox_free(box);
    return NULL;
}

void weft_blackbox_free(struct weft_blackbox *box)
{
    if (!box)
        return;
    if (box->fd >= 0)
        close(box->fd);
    g_free(box->path);
    g_free(box->heap);
    g_ptr_array_unref(box->rings);
    g_ptr_array_unref(box->live.blocks);
    g_ptr_array_unref(box->live.rings);
    g_array_unref(box->areas);
    g_string_free(box->damage, TRUE);
    g_free(box);
}

gboolean weft_blackbox_anchor(const struct weft_blackbox *box, struct weft_clock_anchor *anchor)
{
    const struct weft_segment *page = &box->page;
    *anchor = (struct weft_clock_anchor){ page->anchor_ticks, page->anchor_mono_ns,
                                          page->anchor_real_ns };
    return page->anchor_seq % 2 == 0;
}

/* ---- Finding ---- */

struct search {
    guint64 pid, start_time;
    char *found;
};

static void match(void *data, const char *path, const struct weft_segment *page)
{
    struct search *search = data;
    if (page->pid != search->pid || (search->found && page->start_time < search->start_time))
        return;
    search->start_time = page->start_time;
    g_free(search->found);
    search->found = g_strdup(path);
}

char *weft_blackbox_find(guint64 pid, GError **error)
{
    struct search search = { .pid = pid };
    weft_visit_segments(NULL, match, &search);
    if (!search.found) {
        char directory[512] = "the runtime directory";
        weft_probe_directory(directory, sizeof directory);
        gboolean runs = weft_process_start_time(pid) != 0;
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS,
                    "process %" G_GUINT64_FORMAT " %s no ring file in %s: %s", pid,
                    runs ? "runs, and has" : "left", directory,
                    runs ? "it is not traced there"
                         : "one that ends by itself, or is not traced, leaves none");
    }
    return search.found;
}
