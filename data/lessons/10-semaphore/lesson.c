#include "weft.h"

static int downloads, most;

WEFT_ASYNC(void, download, int, i, weft_semaphore *, connections)
{
    int rc = 0;
    WEFT_WITH_SEMAPHORE(connections, rc) {
        if (++downloads > most)
            most = downloads;
        WEFT_BREAK(rc, weft_sleep(0.3));
        downloads--;
        printf("page %d is here\n", i);
    }
    return rc;
}

WEFT_ASYNC(void, crawl)
{
    __attribute__((cleanup(weft_semaphore_finish))) weft_semaphore connections;
    weft_semaphore_init(&connections, 5, "connections");
    weft_task *pages[12];
    for (int i = 0; i < 12; i++) {
        char name[16];
        snprintf(name, sizeof name, "page-%d", i);
        pages[i] = weft_create_task(download(i, &connections), .name = name);
    }
    weft_own weft_future *all = weft_gather_all(pages, 12);
    for (int i = 0; i < 12; i++)
        weft_unref(pages[i]); /* the gather holds them now */
    WEFT_TRY(all);
    printf("%d at once, at most\n", most);
    return 0;
}

int main(void)
{
    return weft_main(crawl());
}
