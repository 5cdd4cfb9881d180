/* valgrind.h: RUNNING_ON_VALGRIND, also where valgrind's own header is not installed; and SLOW,
 * under valgrind and the sanitizers, where a test does fewer rounds of the same. */
#ifndef WEFT_TESTS_VALGRIND_H
#define WEFT_TESTS_VALGRIND_H

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#ifndef __has_feature /* clang's way to say which sanitizer it builds for */
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOW 1
#else
#define SLOW RUNNING_ON_VALGRIND
#endif

#endif
