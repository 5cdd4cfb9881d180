/* tasks.h: all tasks of a session as they are at the playhead, in numbers: sorted, filtered, as a
 * list that makes its items when they are looked at.
 *
 *      query + model + playhead --a worker--> rows, in order --swapped in--> GListModel
 *
 * An item stands for a position; what is there is asked by it.
 *
 * Thread: main. */
#ifndef WEFT_VIEWER_TASKS_H
#define WEFT_VIEWER_TASKS_H

#include "app/viewer/session.h"

G_BEGIN_DECLS

enum weft_task_column {
    WEFT_TASK_NAME,
    WEFT_TASK_STATE,
    WEFT_TASK_AWAITS,
    WEFT_TASK_SITE,
    WEFT_TASK_RUNNING,
    WEFT_TASK_READY,
    WEFT_TASK_WAITING,
    WEFT_TASK_RESUMES,
    WEFT_TASK_LONGEST,
    WEFT_TASK_CREATED,
    WEFT_TASK_LIVED,
    WEFT_TASK_COLUMNS
};

/* What a task is doing at the playhead, or how it has ended. */
enum weft_task_is {
    WEFT_TASK_IS_RUNNING,
    WEFT_TASK_IS_CANCELLING,
    WEFT_TASK_IS_READY,
    WEFT_TASK_IS_WAITING,
    WEFT_TASK_IS_UNKNOWN, /* events are missing */
    WEFT_TASK_IS_FAILED,
    WEFT_TASK_IS_CANCELLED,
    WEFT_TASK_IS_DONE,
    WEFT_TASK_IS_NOT_YET, /* it is created later */
    WEFT_TASK_IS_END
};
const char *weft_task_is_name(enum weft_task_is is); /* "running", "not yet created" */

struct weft_task_row {
    guint lane;
    guint8 is; /* enum weft_task_is */
    guint32 resumes;
    gint64 running_ns, ready_ns, waiting_ns, longest_ns; /* of its whole life */
    gint64 created_ns, lived_ns; /* where it was not born in the trace: since it is in it; */
    gint64 unseen_ns;            /* and it was as it was met for so long before */
    gboolean born;               /* its creation is in the trace */
};

struct weft_tasks_query {
    enum weft_task_column column;
    gboolean descending;
    char *text;            /* in its name or site, letters of either case; NULL: any */
    int is;                /* enum weft_task_is; -1: any */
    gint64 longest_ns;     /* its longest slice is at least as long as this */
    gint64 from_ns, to_ns; /* it lives at some time between them; equal: at any */
};

#define WEFT_TYPE_TASKS weft_tasks_get_type()
G_DECLARE_FINAL_TYPE(WeftTasks, weft_tasks, WEFT, TASKS, GObject)

/* Empty until it is asked. "refreshed": what is in the rows may be another, and which task is in
 * which. */
WeftTasks *weft_tasks_new(WeftSession *session);
/* Lists anew, in a worker; the last query counts. Nothing before the session is loaded. */
void weft_tasks_ask(WeftTasks *tasks, const struct weft_tasks_query *query);
gboolean weft_tasks_asking(WeftTasks *tasks);

/* Borrowed until the list changes. */
const struct weft_task_row *weft_tasks_row(WeftTasks *tasks, guint position);
guint weft_tasks_total(WeftTasks *tasks); /* without the filter */
/* Where a lane is in the list; G_MAXUINT: nowhere. */
guint weft_tasks_position(WeftTasks *tasks, guint lane);
/* Of a row that waits: for what. */
enum weft_wait_class weft_tasks_wait(WeftTasks *tasks, guint position);
/* What a cell says; g_free it. */
char *weft_tasks_text(WeftTasks *tasks, guint position, enum weft_task_column column);

G_END_DECLS

#endif
