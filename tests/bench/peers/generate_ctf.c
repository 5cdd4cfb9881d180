/* generate_ctf.c: weft-generate-ctf N TASKS DIRECTORY [SECONDS]: the events that weft-generate
 * writes, as a trace in the Common Trace Format: what babeltrace2 reads beside us. An event is 32
 * bytes, as a ring has it: fixed fields, one stream in packets of 1 MiB, uncompressed. */
#include "tests/bench/workload.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PACKET_EVENTS = 32767 };

struct packet_header { /* as the metadata says */
    uint32_t magic, stream;
    uint64_t content_bits, packet_bits;
    uint64_t unused;
};
_Static_assert(sizeof(struct packet_header) == sizeof(struct weft_record), "packed as written");

static const char metadata[] =
    "/* CTF 1.8 */\n"
    "typealias integer { size = 8; align = 8; signed = false; } := uint8_t;\n"
    "typealias integer { size = 16; align = 8; signed = false; } := uint16_t;\n"
    "typealias integer { size = 32; align = 8; signed = false; } := uint32_t;\n"
    "typealias integer { size = 64; align = 8; signed = false; } := uint64_t;\n"
    "trace {\n"
    "    major = 1; minor = 8; byte_order = le;\n"
    "    packet.header := struct { uint32_t magic; uint32_t stream_id; };\n"
    "};\n"
    "clock { name = ticks; freq = 2500000000; };\n"
    "typealias integer { size = 64; align = 8; signed = false; map = clock.ticks.value; } := "
    "ticks_t;\n"
    "stream {\n"
    "    id = 0;\n"
    "    packet.context := struct { uint64_t content_size; uint64_t packet_size; uint64_t unused; "
    "};\n"
    "    event.header := struct { ticks_t timestamp; uint8_t id; };\n"
    "};\n";

static FILE *create(const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(1);
    }
    return file;
}

/* Every kind of event, by its number, has the same fields. */
static void write_metadata(const char *directory)
{
    FILE *file = create(directory, "metadata");
    fputs(metadata, file);
    for (unsigned kind = 1; kind < WEFT_RECORD_KIND_END; kind++)
        fprintf(file,
                "event { id = %u; name = \"%s\"; stream_id = 0; fields := struct { uint8_t detail; "
                "uint16_t flags; uint32_t site; uint64_t subject; uint64_t object; }; };\n",
                kind, weft_event_info(kind)->name);
    fclose(file);
}

static void write_events(FILE *file, struct weft_workload *workload, uint64_t events)
{
    struct weft_record *records = calloc(PACKET_EVENTS, sizeof *records);
    if (!records)
        abort();
    while (events > 0) {
        size_t n = events < PACKET_EVENTS ? events : PACKET_EVENTS;
        uint64_t bits = (sizeof(struct packet_header) + n * sizeof *records) * 8;
        struct packet_header header = { 0xc1fc1fc1, 0, bits, bits, 0 };
        weft_workload_next(workload, records, n);
        fwrite(&header, sizeof header, 1, file);
        fwrite(records, sizeof *records, n, file);
        events -= n;
    }
    free(records);
}

int main(int argc, char **argv)
{
    uint64_t events = argc > 3 ? strtoull(argv[1], NULL, 10) : 0;
    unsigned tasks = argc > 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    double seconds = argc > 4 ? strtod(argv[4], NULL) : (double)events / 500000;
    if (!events || tasks < 2 || mkdir(argv[3], 0777) < 0) {
        fprintf(stderr, "usage: weft-generate-ctf N TASKS NEW-DIRECTORY [SECONDS]\n");
        return 2;
    }
    write_metadata(argv[3]);
    FILE *file = create(argv[3], "events");
    double period = seconds * 1e9 * tasks * 6 / (double)events; /* as generate.c */
    struct weft_workload *workload = weft_workload_new(tasks, (uint64_t)period, 1, 1);
    write_events(file, workload, events);
    weft_workload_free(workload);
    bool failed = ferror(file);
    if (fclose(file) != 0 || failed) {
        perror("weft-generate-ctf");
        return 4;
    }
    return 0;
}
