/* site.h: source locations as static descriptors, one per call site, numbered at first use.
 *
 * Programs see it: WEFT_HERE is in the macros of weft.h. */
#ifndef WEFT_PROBE_SITE_H
#define WEFT_PROBE_SITE_H

#include <stdint.h>

typedef struct weft_site {
    const char *file, *func; /* __FILE__, __func__: static */
    uint32_t line;
    uint32_t id;            /* 0: not registered yet; written once, by the probe (atomically) */
    struct weft_site *next; /* the probe's private list of registered sites */
} weft_site;

/* The descriptor of this very place, one per expansion and never freed. */
#define WEFT_HERE                                                                                  \
    (__extension__({                                                                               \
        static weft_site weft__site = { __FILE__, __func__, __LINE__, 0, 0 };                      \
        &weft__site;                                                                               \
    }))

#pragma GCC visibility push(default)

/* The site's number in this process; registers it (and publishes it in the segment) the first time.
 * 0 for NULL. Any thread, not from a signal handler. */
uint32_t weft_site_register(weft_site *site);

#pragma GCC visibility pop

static inline uint32_t weft_site_id(weft_site *site)
{
    if (!site)
        return 0;
    uint32_t id = __atomic_load_n(&site->id, __ATOMIC_ACQUIRE);
    return __builtin_expect(id != 0, 1) ? id : weft_site_register(site);
}

#endif
