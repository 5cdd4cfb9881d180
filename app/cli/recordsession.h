/* recordsession.h: who of those that a recorded program started still runs, whether recorded or
 * not.
 *
 * They are known by WEFT_SESSION in their environment, which children inherit: who clears it, or
 * belongs to another user, is none of the session. */
#ifndef WEFT_CLI_RECORDSESSION_H
#define WEFT_CLI_RECORDSESSION_H

#include <glib.h>

/* How many processes of this session run. Looks at every process: a few milliseconds. */
guint recordsession_count(const char *session);

#endif
