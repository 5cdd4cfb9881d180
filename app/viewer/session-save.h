/* session-save.h: saves what a session has seen of a process, in a worker, while the process is
 * followed on. */
#ifndef WEFT_VIEWER_SESSION_SAVE_H
#define WEFT_VIEWER_SESSION_SAVE_H

#include "app/viewer/session.h"

G_BEGIN_DECLS

/* How far it is: 0 … 1. Not called any more once `done` was. */
typedef void (*weft_save_progress)(double fraction, gpointer data);

/* What was seen by now, into a trace file, which is there when all is written. copy: for something
 * else than keeping it. Calls back on the main thread. */
void weft_session_save(WeftSession *session, const char *path, gboolean copy,
                       GCancellable *cancellable, weft_save_progress progress,
                       GAsyncReadyCallback done, gpointer data);
gboolean weft_session_save_finish(WeftSession *session, GAsyncResult *result, GError **error);

/* Whether something was seen of a process that is kept in no file. */
gboolean weft_session_unsaved(WeftSession *session);

G_END_DECLS

#endif
