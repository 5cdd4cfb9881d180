/* site.c: numbering call sites, and publishing them in the segment.
 *
 * Registered sites stay in a private list, so that they can be published again, with the same
 * numbers, in a segment that is made later. When all numbers are given, sites stay unknown. One
 * mutex: registering happens once per call site. */
#include "tracer/probe/site.h"
#include "tracer/probe/publish.h"
#include "tracer/probe/strings.h"
#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static weft_site *sites; /* newest first */
static uint32_t last_id;

/* Sites of one file or function follow each other: remember the last one's string. */
static struct {
    const struct weft_heap *heap;
    const char *file, *func;
    uint32_t file_id, func_id;
} last;

static void publish(struct weft_heap *heap, const weft_site *site)
{
    if (last.heap != heap || last.file != site->file) {
        last.file_id = weft_heap_add(heap, WEFT_HEAP_STRING, site->file, strlen(site->file));
        last.file = site->file;
    }
    if (last.heap != heap || last.func != site->func) {
        last.func_id = weft_heap_add(heap, WEFT_HEAP_STRING, site->func, strlen(site->func));
        last.func = site->func;
    }
    last.heap = heap;
    struct weft_heap_site entry = { site->id, site->line, last.file_id, last.func_id };
    weft_heap_add(heap, WEFT_HEAP_SITE, &entry, sizeof entry);
}

uint32_t weft_site_register(weft_site *site)
{
    if (!site)
        return 0;
    pthread_mutex_lock(&lock);
    if (site->id == 0 && last_id < UINT32_MAX) {
        uint32_t id = ++last_id;
        site->next = sites;
        sites = site;
        struct weft_heap *heap = weft_probe_heap();
        if (heap) {
            weft_site numbered = *site;
            numbered.id = id;
            publish(heap, &numbered);
        }
        __atomic_store_n(&site->id, id, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&lock);
    return site->id;
}

void weft_site_publish_all(struct weft_heap *heap)
{
    pthread_mutex_lock(&lock);
    last.heap = NULL; /* another one may lie where the old one lay */
    for (const weft_site *site = sites; site; site = site->next)
        publish(heap, site);
    pthread_mutex_unlock(&lock);
}

void weft_site_lock(void)
{
    pthread_mutex_lock(&lock);
}

void weft_site_unlock(void)
{
    pthread_mutex_unlock(&lock);
}
