/* recordjoin.c: see recordjoin.h. */
#include "app/cli/recordjoin.h"
#include "app/cli/output.h"
#include "tracer/trace/attach.h"

char *recordjoin_program(guint64 pid, GError **error)
{
    struct weft_attachment *attachment = weft_attach_pid(pid, error);
    if (!attachment)
        return NULL;
    char *whole = g_utf8_make_valid(attachment->executable, -1);
    char *name = *whole ? g_path_get_basename(whole)
                        : g_strdup_printf("%" G_GUINT64_FORMAT, attachment->pid);
    g_free(whole);
    weft_attachment_free(attachment);
    return name;
}

void recordjoin_say_no_events(guint64 pid, const char *name, const char *files)
{
    const char *stopped = weft_process_stopped(pid) ? "is stopped, and " : "";
    if (*files)
        output_message("%s %sdid not begin to record: the state that it was in is in %s", name,
                       stopped, files);
    else
        output_message("%s %sdid not begin to record: nothing was written", name, stopped);
}
