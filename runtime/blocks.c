/* blocks.c: see blocks.h. */
#include "runtime/blocks.h"
#include "runtime/coroutine.h" /* WEFT__ASAN, WEFT__TSAN */
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

void weft__blocks_init(struct weft__blocks *blocks)
{
#if defined(WEFT__ASAN) || defined(WEFT__TSAN)
    bool watched = true;
#else
    bool watched = RUNNING_ON_VALGRIND;
#endif
    *blocks = (struct weft__blocks){ .room = watched ? 0 : WEFT__BLOCKS_KEPT };
}

void weft__blocks_finish(struct weft__blocks *blocks)
{
    while (blocks->first) {
        struct weft__block *block = blocks->first;
        blocks->first = block->next;
        free(block);
    }
    blocks->count = blocks->room = 0;
}
