/* overflow.h: who overran its stack, said before the process dies of it. */
#ifndef WEFT_OVERFLOW_H
#define WEFT_OVERFLOW_H

/* Handles SIGSEGV on a stack of its own, in this thread, unless the program or a sanitizer already
 * does. A fault in the running task's guard is reported with the task's name; then, as with any
 * other fault, the signal takes its default course. */
void weft__watch_overflows(void);

#endif
