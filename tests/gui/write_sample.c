/* write_sample.c: write-sample OUT.weft [lossy]: the hand-written sample as a file. */
#include "tests/viewer/sample_file.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (argc < 2)
        return 2;
    if (weft_sample_write(argv[1], argc > 2, &error))
        return 0;
    fprintf(stderr, "write-sample: %s\n", error->message);
    return 4;
}
