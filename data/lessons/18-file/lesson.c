#include "weft.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char page[1 << 20]; /* 32768 lines */

WEFT_ASYNC(void, write_book, const char *, path, int, pages)
{
    weft_own weft_file *book = NULL;
    WEFT_TRY(weft_file_open(path, "w", &book));
    for (int i = 0; i < pages; i++)
        WEFT_TRY(weft_file_write(book, page, sizeof page));
    return weft_await(weft_file_close(book));
}

WEFT_ASYNC(int, count_lines, const char *, path)
{
    weft_own weft_file *book = NULL;
    WEFT_TRY(weft_file_open(path, "r", &book));
    int lines = 0;
    for (;;) {
        weft_bytes text;
        WEFT_TRY(weft_file_read(book, sizeof page, &text));
        if (text.len == 0)
            break;
        for (size_t i = 0; i < text.len; i++)
            lines += text.data[i] == '\n';
    }
    *result = lines;
    return weft_await(weft_file_close(book));
}

WEFT_ASYNC(int, publish, const char *, path, int, pages)
{
    WEFT_TRY(write_book(path, pages));
    WEFT_TRY(count_lines(path, result));
    return weft_await(weft_unlink(path));
}

WEFT_ASYNC(void, library)
{
    weft_own weft_task *essay = weft_create_task(publish("essay", 4), .name = "essay");
    weft_own weft_task *novel = weft_create_task(publish("novel", 8), .name = "novel");
    weft_own weft_task *atlas = weft_create_task(publish("atlas", 16), .name = "atlas");
    weft_own weft_future *all = weft_gather_all(((weft_future *[]){ essay, novel, atlas }), 3);
    WEFT_TRY(all);
    for (size_t i = 0; i < weft_gather_count(all); i++) {
        weft_task *book = weft_gather_child(all, i);
        printf("%s: %d lines\n", weft_get_name(book), weft_result(book, int));
    }
    return 0;
}

int main(void)
{
    for (size_t i = 0; i < sizeof page; i += 32)
        memcpy(page + i, "weft warp loom shuttle thread .\n", 32);
    char directory[] = "/tmp/weft-lesson-XXXXXX";
    if (!mkdtemp(directory) || chdir(directory) < 0)
        return 1;
    int rc = weft_main(library());
    rmdir(directory);
    return rc;
}
