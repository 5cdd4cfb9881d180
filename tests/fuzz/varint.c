/* varint.c: numbers in few bytes: never behind the end, and what is read is written the same. */
#include "tracer/trace/varint.h"
#include "tests/fuzz/fuzz.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weft_varints in = { data, data + size, FALSE };
    while (in.at < in.end && !in.bad) {
        const guint8 *from = in.at;
        uint64_t value = weft_get_varint(&in);
        guint8 back[WEFT_VARINT_MAX];
        gsize length = (gsize)(weft_write_varint(back, value) - back);
        if (in.bad)
            break;
        if (length > (gsize)(in.at - from) ||
            weft_unzigzag(weft_zigzag((int64_t)value)) != (int64_t)value)
            abort();
        if (length == (gsize)(in.at - from) && memcmp(from, back, length) != 0)
            abort();
        const guint8 *bytes = weft_get_bytes(&in, value % 5);
        if (bytes && bytes + value % 5 > in.end)
            abort();
        if (weft_get_count(&in, 1 + (guint)(value % 7)) > size)
            abort();
    }
    if (in.at > data + size || (in.bad && in.at != in.end))
        abort();
    return 0;
}

void fuzz_seeds(fuzz_seed *seed)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (guint shift = 0; shift < 64; shift++)
        weft_put_varint(bytes, UINT64_C(1) << shift);
    weft_put_varint(bytes, UINT64_MAX);
    seed("powers", bytes->data, bytes->len);
    seed("endless", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12);
    seed("small", "\0\1\2\3\4\5\6\7", 8);
}
