/* look.c: see look.h. */
#include "app/cli/look.h"
#include "app/cli/quantity.h"
#include "app/cli/tasklist.h"
#include "tracer/model/model.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct weft_trace_source *look_source(const struct weft_look *look)
{
    return weft_trace_source(weft_live_trace(look->live));
}

gint64 look_age_ns(const struct weft_look *look)
{
    struct timespec now;
    long hertz = sysconf(_SC_CLK_TCK);
    if (look->ended || hertz <= 0 || clock_gettime(CLOCK_BOOTTIME, &now) < 0)
        return -1;
    gint64 ticks = (gint64)look_source(look)->start_time;
    gint64 began = ticks / hertz * 1000000000 + ticks % hertz * 1000000000 / hertz;
    return MAX(0, (gint64)now.tv_sec * 1000000000 + now.tv_nsec - began);
}

char *look_program_text(const char *program)
{
    gsize name = strcspn(program, " ");
    const char *slash = g_strrstr_len(program, (gssize)name, "/");
    return g_strdup(*program == '\0' ? "a program without a name" : slash ? slash + 1 : program);
}

const char *look_word(const struct weft_look *look, char **why)
{
    return weft_standing_word(weft_look_standing(look, why));
}

char *look_counts_text(const struct weft_look *look)
{
    guint64 unlisted, objects;
    char *counts = tasklist_counts_text(look->moment.state);
    weft_live_unlisted(look->live, &unlisted, &objects);
    if (unlisted == 0)
        return counts;
    char *number = quantity_format_count(unlisted);
    char *text = g_strdup_printf("%s; %s more found no place in its tables", counts, number);
    g_free(number);
    g_free(counts);
    return text;
}

char *look_head_text(const struct weft_look *look)
{
    const struct weft_trace_source *source = look_source(look);
    g_autofree char *program = look_program_text(source->program);
    g_autofree char *counts = look_counts_text(look);
    if (look->ended)
        return g_strdup_printf("%s (%" G_GUINT64_FORMAT ") %s; when it last did something it had "
                               "%s",
                               program, (guint64)source->pid, weft_live_status(look->live), counts);
    g_autofree char *age = weft_format_duration(look_age_ns(look));
    return g_strdup_printf("%s (%" G_GUINT64_FORMAT "), for %s: %s", program, (guint64)source->pid,
                           age, counts);
}
