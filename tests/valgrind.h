/* valgrind.h: RUNNING_ON_VALGRIND, also where valgrind's own header is not installed. */
#ifndef WEFT_TESTS_VALGRIND_H
#define WEFT_TESTS_VALGRIND_H

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#endif
