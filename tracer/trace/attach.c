/* attach.c: see attach.h. */
#include "tracer/trace/attach.h"
#include "tracer/probe/session.h"
#include "tracer/probe/stale.h"
#include "tracer/trace/guard.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    STRINGS_MAX = 1 << 30,
    AREAS_MAX = 64, /* of one ring; each is larger than the one before */
};

static void free_ring(gpointer data)
{
    struct weft_attached_ring *ring = data;
    if (!ring)
        return;
    weft_guard_unmap(ring->page, WEFT_PAGE);
    for (guint i = 0; i < ring->areas->len; i++) {
        struct weft_attached_area *area = &g_array_index(ring->areas, struct weft_attached_area, i);
        weft_guard_unmap(area->mapping, area->size);
    }
    g_array_unref(ring->areas);
    g_free(ring);
}

static void free_block(gpointer block)
{
    if (block)
        weft_guard_unmap(block, WEFT_TABLE_BLOCK);
}

void weft_attachment_free(struct weft_attachment *a)
{
    if (!a)
        return;
    g_ptr_array_unref(a->rings);
    g_ptr_array_unref(a->live.rings);
    g_ptr_array_unref(a->live.blocks);
    if (a->tables)
        weft_guard_unmap(a->tables, sizeof *a->tables);
    if (a->heap.heap)
        weft_guard_unmap(a->heap.heap, a->heap.size);
    if (a->directory)
        weft_guard_unmap(a->directory, WEFT_RINGS_MAX * sizeof *a->directory);
    if (a->segment)
        weft_guard_unmap(a->segment, WEFT_PAGE);
    if (a->fd >= 0)
        close(a->fd);
    g_free(a->path);
    g_free(a->program);
    g_free(a->executable);
    g_free(a);
}

/* ---- Opening ---- */

static int open_segment(const char *path, gboolean writable, guint64 *size)
{
    int fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() ||
        st.st_size < WEFT_PAGE) {
        close(fd);
        errno = EPERM;
        return -1;
    }
    *size = (guint64)st.st_size;
    return fd;
}

/* NULL when [offset, offset + size) does not lie in the file. */
static void *map(const struct weft_attachment *a, guint64 offset, guint64 size)
{
    if (size == 0 || offset % WEFT_PAGE != 0 || offset > a->file_size ||
        size > a->file_size - offset)
        return NULL;
    return weft_guard_map(a->fd, offset, size, a->drains);
}

static gboolean map_tables(struct weft_attachment *a)
{
    guint64 offset = a->segment->strings_offset, size = a->segment->strings_size;
    if (size < sizeof(struct weft_heap) || size > STRINGS_MAX)
        return FALSE;
    const struct weft_heap *heap = map(a, offset, size);
    if (!heap)
        return FALSE;
    weft_heapreader_init(&a->heap, heap, size);
    a->directory = map(a, a->segment->directory_offset,
                       WEFT_RINGS_MAX * sizeof(struct weft_directory_entry));
    a->tables = map(a, a->segment->tables_offset, sizeof *a->tables);
    return a->directory && a->tables;
}

static void copy_description(struct weft_attachment *a)
{
    const struct weft_segment *segment = a->segment;
    a->pid = segment->pid;
    a->start_time = segment->start_time;
    memcpy(a->boot_id, segment->boot_id, sizeof a->boot_id);
    a->clock_kind = (enum weft_clock_kind)segment->clock_kind;
    a->start = (struct weft_clock_anchor){ segment->first_ticks, segment->first_mono_ns,
                                           segment->first_real_ns };
    a->program = g_strndup(segment->program, sizeof segment->program);
    a->executable = g_strndup(segment->executable, sizeof segment->executable);
}

/* One drains at a time. The lease says who, but is three words, of which the program believes one
 * after the other: what keeps two recorders apart is a lock, which ends with its holder. */
static gboolean become_recorder(const struct weft_attachment *a, GError **error)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1 };
    gboolean locked = fcntl(a->fd, F_OFD_SETLK, &lock) == 0 ||
                      (errno != EAGAIN && errno != EACCES); /* no locks here: the lease must do */
    guint64 holder = weft_attachment_recorder(a);
    if (locked && (holder == 0 || holder == (guint64)getpid()))
        return TRUE;
    if (holder)
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                    "process %" G_GUINT64_FORMAT " is being recorded already, by process "
                    "%" G_GUINT64_FORMAT,
                    a->pid, holder);
    else
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_FAILED,
                    "process %" G_GUINT64_FORMAT " is being recorded already", a->pid);
    return FALSE;
}

/* Opens the segment at `path`. NULL and an error; NULL without one when it is not ready yet. */
static struct weft_attachment *attach(const char *path, gboolean drains, GError **error)
{
    guint64 size;
    int fd = open_segment(path, drains, &size);
    if (fd < 0) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS,
                    "cannot open the ring file %s: %s", path, g_strerror(errno));
        return NULL;
    }
    struct weft_attachment *a = g_new0(struct weft_attachment, 1);
    a->path = g_strdup(path);
    a->fd = fd;
    a->drains = drains;
    a->file_size = size;
    a->rings = g_ptr_array_new_with_free_func(free_ring);
    a->live.rings = g_ptr_array_new();
    a->live.blocks = g_ptr_array_new_with_free_func(free_block);
    void *page = map(a, 0, WEFT_PAGE);
    a->segment = page;
    if (drains)
        a->writable = page;
    if (page &&
        atomic_load_explicit(&a->segment->magic, memory_order_acquire) != WEFT_SEGMENT_MAGIC) {
        weft_attachment_free(a);
        return NULL;
    }
    if (page && a->segment->abi != WEFT_ABI_VERSION) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_VERSION,
                    "the program's ring file %s has version %u; this is Weft %s, which reads "
                    "version %u: use the Weft that the program was built with",
                    path, a->segment->abi, WEFT_VERSION, WEFT_ABI_VERSION);
    } else if (!page || !map_tables(a)) {
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_CORRUPT,
                    "the ring file %s is damaged: its tables do not lie in it", path);
    } else {
        copy_description(a);
        if (!drains || become_recorder(a, error))
            return a;
    }
    weft_attachment_free(a);
    return NULL;
}

/* ---- Finding ---- */

/* Page 0 of a segment that is ready; unmap it. NULL when it is none. */
static struct weft_segment *look_at(const char *path)
{
    guint64 size;
    int fd = open_segment(path, FALSE, &size);
    if (fd < 0)
        return NULL;
    struct weft_segment *page = weft_guard_map(fd, 0, WEFT_PAGE, FALSE);
    close(fd);
    if (!page)
        return NULL;
    if (atomic_load_explicit(&page->magic, memory_order_acquire) == WEFT_SEGMENT_MAGIC)
        return page;
    weft_guard_unmap(page, WEFT_PAGE);
    return NULL;
}

static GDir *open_directory(char *path, gsize size)
{
    struct stat st;
    if (weft_probe_directory(path, size) < 0 || lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) ||
        st.st_uid != geteuid())
        return NULL;
    return g_dir_open(path, 0, NULL);
}

void weft_visit_segments(GHashTable *skip, weft_segment_visitor *visit, void *data)
{
    char directory[512];
    g_autoptr(GDir) dir = open_directory(directory, sizeof directory);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        if (!g_str_has_suffix(name, ".ring"))
            continue;
        g_autofree char *path = g_build_filename(directory, name, NULL);
        if (skip && g_hash_table_contains(skip, path))
            continue;
        struct weft_segment *page = look_at(path);
        if (!page)
            continue;
        visit(data, path, page);
        weft_guard_unmap(page, WEFT_PAGE);
    }
}

gboolean weft_segment_is_of(const struct weft_segment *page, const char *session)
{
    /* The program cut a token that is too long. */
    return *session && strncmp(page->session, session, sizeof page->session - 1) == 0;
}

struct session_search {
    const char *session;
    GHashTable *rejected;
    guint64 oldest; /* when the program of `found` began */
    char *found;
};

static void match_session(void *data, const char *path, const struct weft_segment *page)
{
    struct session_search *search = data;
    if (!weft_segment_is_of(page, search->session)) {
        g_hash_table_add(search->rejected, g_strdup(path));
    } else if (!search->found || page->first_real_ns < search->oldest) {
        g_free(search->found);
        search->found = g_strdup(path);
        search->oldest = page->first_real_ns;
    }
}

struct weft_attachment *weft_attach_session(const char *session, GHashTable *rejected,
                                            GError **error)
{
    struct session_search search = { session, rejected, 0, NULL };
    weft_visit_segments(rejected, match_session, &search);
    if (!search.found)
        return NULL;
    struct weft_attachment *a = attach(search.found, TRUE, error);
    g_free(search.found);
    return a;
}

struct pid_search {
    guint64 pid, start_time; /* 0: it has ended */
    guint64 newest;          /* when the program of `found` began */
    char *found;
};

/* A process that became another program has left the segment of the first one. */
static void match_pid(void *data, const char *path, const struct weft_segment *page)
{
    struct pid_search *search = data;
    if (page->pid != search->pid ||
        (search->start_time && page->start_time != search->start_time) ||
        (search->found && page->first_real_ns <= search->newest))
        return;
    search->newest = page->first_real_ns;
    g_free(search->found);
    search->found = g_strdup(path);
}

/* Why there is no segment of this process. */
static void explain_absence(guint64 pid, GError **error)
{
    g_autofree char *proc = g_strdup_printf("/proc/%" G_GUINT64_FORMAT, pid);
    struct stat st;
    if (stat(proc, &st) < 0)
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS,
                    "there is no process %" G_GUINT64_FORMAT ": it may have ended", pid);
    else if (st.st_uid != geteuid())
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS,
                    "process %" G_GUINT64_FORMAT " belongs to another user: attach as that user",
                    pid);
    else
        g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS,
                    "process %" G_GUINT64_FORMAT " has no ring file here: it is not linked with "
                    "libweft, has opened no loop yet, runs with WEFT_TRACE=off, or has another "
                    "XDG_RUNTIME_DIR",
                    pid);
}

char *weft_find_segment(guint64 pid, GError **error)
{
    struct pid_search search = { .pid = pid, .start_time = weft_process_start_time(pid) };
    weft_visit_segments(NULL, match_pid, &search);
    if (!search.found)
        explain_absence(pid, error);
    return search.found;
}

static struct weft_attachment *attach_pid(guint64 pid, gboolean drains, GError **error)
{
    g_autofree char *path = weft_find_segment(pid, error);
    if (!path)
        return NULL;
    GError *problem = NULL;
    struct weft_attachment *a = attach(path, drains, &problem);
    if (problem)
        g_propagate_error(error, problem);
    else if (!a)
        explain_absence(pid, error);
    return a;
}

struct weft_attachment *weft_attach_pid(guint64 pid, GError **error)
{
    return attach_pid(pid, FALSE, error);
}

struct weft_attachment *weft_attach_pid_to_drain(guint64 pid, GError **error)
{
    struct weft_attachment *a = attach_pid(pid, TRUE, error);
    if (!a)
        return NULL;
    gboolean ended = weft_process_ended(a->pid, a->start_time);
    if (!ended && weft_segment_is_held(a->fd))
        return a;
    g_set_error(error, WEFT_TRACE_ERROR, WEFT_TRACE_ERROR_NO_PROCESS,
                ended ? "process %" G_GUINT64_FORMAT " has ended: `weft recover` reads what it left"
                      : "process %" G_GUINT64_FORMAT
                        " has become another program, which is not linked with libweft",
                pid);
    weft_attachment_free(a);
    return NULL;
}

/* ---- Following ---- */

static void add_ring(struct weft_attachment *a, guint index)
{
    guint64 offset = atomic_load_explicit(&a->directory[index].offset, memory_order_acquire);
    if (offset == 0)
        return;
    void *page = map(a, offset, WEFT_PAGE);
    if (!page)
        return;
    struct weft_attached_ring *ring = g_new0(struct weft_attached_ring, 1);
    ring->page = page;
    ring->areas = g_array_new(FALSE, FALSE, sizeof(struct weft_attached_area));
    if (!weft_ringreader_init(&ring->reader, page, index, a->drains ? page : NULL)) {
        free_ring(ring);
        return;
    }
    a->rings->pdata[index] = ring;
}

/* Maps the ring's area of chunks once it has one, or has another one. */
static void look_for_area(struct weft_attachment *a, struct weft_attached_ring *ring)
{
    guint64 where = atomic_load_explicit(&ring->page->area, memory_order_acquire);
    guint64 n = weft_area_chunks(where), offset = weft_area_offset(where);
    if (n < 2)
        return;
    struct weft_attached_area *last = NULL;
    if (ring->areas->len > 0)
        last = &g_array_index(ring->areas, struct weft_attached_area, ring->areas->len - 1);
    if (last && (last->offset == offset || ring->areas->len == AREAS_MAX))
        return;
    struct weft_attached_area area = { offset, n * WEFT_CHUNK_SIZE,
                                       map(a, offset, n * WEFT_CHUNK_SIZE) };
    if (!area.mapping)
        return;
    g_array_append_val(ring->areas, area);
    weft_ringreader_set_area(&ring->reader, area.mapping, n);
}

/* Blocks of the live tables: one that does not lie in the file stays away. */
static void add_blocks(struct weft_attachment *a)
{
    guint64 blocks = atomic_load_explicit(&a->tables->blocks, memory_order_acquire);
    blocks = MIN(blocks, WEFT_TABLE_BLOCKS_MAX);
    for (guint i = a->live.blocks->len; i < blocks; i++) {
        guint64 offset = atomic_load_explicit(&a->tables->offsets[i], memory_order_relaxed);
        g_ptr_array_add(a->live.blocks, map(a, offset, WEFT_TABLE_BLOCK));
    }
}

gboolean weft_attachment_update(struct weft_attachment *a)
{
    struct stat st;
    if (fstat(a->fd, &st) < 0 || (guint64)st.st_size < a->file_size)
        return FALSE;
    a->file_size = (guint64)st.st_size;
    guint64 rings = atomic_load_explicit(&a->segment->rings, memory_order_acquire);
    rings = MIN(rings, WEFT_RINGS_MAX);
    if (rings > a->rings->len) {
        g_ptr_array_set_size(a->rings, (gint)rings);
        g_ptr_array_set_size(a->live.rings, (gint)rings);
    }
    for (guint i = 0; i < a->rings->len; i++) {
        if (!a->rings->pdata[i])
            add_ring(a, i);
        struct weft_attached_ring *ring = a->rings->pdata[i];
        if (ring)
            look_for_area(a, ring);
        a->live.rings->pdata[i] = ring ? ring->page : NULL;
    }
    add_blocks(a);
    return TRUE;
}

void weft_attachment_lease(struct weft_attachment *a, guint64 ns)
{
    struct weft_lease *lease = &a->writable->lease;
    guint64 until = ns ? weft_clock_monotonic_ns() + ns : 0;
    guint64 pid = (guint64)getpid();
    /* Also when it is given up: the program then knows that its reader does not come any more. */
    atomic_store_explicit(&lease->start_time, weft_process_start_time(pid), memory_order_relaxed);
    atomic_store_explicit(&lease->pid, pid, memory_order_relaxed);
    atomic_store_explicit(&lease->expires_mono_ns, until, memory_order_release);
}

guint64 weft_attachment_recorder(const struct weft_attachment *a)
{
    const struct weft_lease *lease = &a->segment->lease;
    guint64 expires = atomic_load_explicit(&lease->expires_mono_ns, memory_order_acquire);
    guint64 pid = atomic_load_explicit(&lease->pid, memory_order_relaxed);
    guint64 start = atomic_load_explicit(&lease->start_time, memory_order_relaxed);
    return weft_clock_monotonic_ns() < expires && !weft_process_ended(pid, start) ? pid : 0;
}

gboolean weft_attachment_anchor(const struct weft_attachment *a, struct weft_clock_anchor *anchor)
{
    const struct weft_segment *segment = a->segment;
    uint64_t seq = atomic_load_explicit(&segment->anchor_seq, memory_order_acquire);
    anchor->ticks = atomic_load_explicit(&segment->anchor_ticks, memory_order_relaxed);
    anchor->mono_ns = atomic_load_explicit(&segment->anchor_mono_ns, memory_order_relaxed);
    anchor->real_ns = atomic_load_explicit(&segment->anchor_real_ns, memory_order_relaxed);
    atomic_thread_fence(memory_order_acquire);
    return seq % 2 == 0 && atomic_load_explicit(&segment->anchor_seq, memory_order_relaxed) == seq;
}

/* The letter of its state in /proc/PID/stat; 0: there is no such process. */
static char state_letter(guint64 pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%" G_GUINT64_FORMAT "/stat", pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    const char *state = strrchr(text, ')'); /* the name before it may hold anything */
    return state && strlen(state) > 2 ? state[2] : 0;
}

gboolean weft_process_ended(guint64 pid, guint64 start_time)
{
    char state = weft_process_start_time(pid) == start_time ? state_letter(pid) : 0;
    return state == 0 || state == 'Z' || state == 'X';
}

gboolean weft_process_stopped(guint64 pid)
{
    char state = state_letter(pid);
    return state == 'T' || state == 't';
}
