/* process.c: see process.h. */
#include "tracer/probe/process.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t weft_process_start_time(uint64_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%llu/stat", (unsigned long long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return 0;
    text[n] = 0;
    /* The program's name, field 2, may hold anything: count from behind its last parenthesis. */
    char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at ? strtoull(at + 1, NULL, 10) : 0;
}

void weft_boot_id(unsigned char boot_id[16])
{
    memset(boot_id, 0, 16);
    char text[64] = "";
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    int digit = 0;
    for (ssize_t i = 0; i < n && digit < 32; i++) {
        const char *hex = strchr("0123456789abcdef", text[i]);
        if (!hex || !text[i])
            continue;
        unsigned value = (unsigned)(hex - "0123456789abcdef") & 15;
        boot_id[digit / 2] = (unsigned char)(boot_id[digit / 2] << 4 | value);
        digit++;
    }
}

void weft_command_line(char *program, size_t size)
{
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, program, size - 1);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        n = 0;
    while (n > 0 && program[n - 1] == 0)
        n--;
    for (ssize_t i = 0; i < n; i++)
        if (program[i] == 0)
            program[i] = ' ';
    program[n] = 0;
}
