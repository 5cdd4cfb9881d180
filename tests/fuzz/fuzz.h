/* fuzz.h: what a fuzz target is: one function that takes any bytes, and must neither crash, hang
 * nor take absurd memory; and one that gives inputs to begin with, made by the real writers.
 *
 *      target.c + driver.c           runs files, or mutations of the seeds (driver.c); with AFL++,
 *                                    what that thinks of (./dev fuzz --afl NAME)
 *      target.c + -fsanitize=fuzzer  libFuzzer (option `fuzz`; ./dev fuzz NAME)
 */
#ifndef WEFT_TESTS_FUZZ_H
#define WEFT_TESTS_FUZZ_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Calls back for each; a name is a file's. */
typedef void fuzz_seed(const char *name, const void *data, size_t size);
void fuzz_seeds(fuzz_seed *seed);

/* Input as numbers, least byte first; zeros when it is used up. */
struct fuzz_input {
    const uint8_t *at, *end;
};
static inline uint64_t fuzz_take(struct fuzz_input *in, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes && in->at < in->end; i++)
        value |= (uint64_t)*in->at++ << 8 * i;
    return value;
}

#endif
