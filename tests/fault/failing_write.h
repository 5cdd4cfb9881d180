/* failing_write.h: a disk that fails, or takes only so much at a time: linked into a program, or
 * preloaded (WEFT_TEST_FAIL_PATH, _AFTER, _ERRNO, _PIECE, _INTERRUPT say what failing_write says),
 * failing_write.c stands before the system's write, writev, pwrite, pwritev, fsync and fdatasync.
 */
#ifndef WEFT_TESTS_FAILING_WRITE_H
#define WEFT_TESTS_FAILING_WRITE_H

#include <stddef.h>

struct failing_write {
    const char *path; /* of files with this in their path; NULL: of none */
    size_t after;     /* bytes that are still written */
    int error;        /* errno then; 0: never */
    size_t piece;     /* at most so many bytes at a time; 0: all */
    int interrupt;    /* every second call fails with EINTR */
};
extern struct failing_write failing_write;

#endif
