/* sample_session.h: the session of a tab that shows a sample, without a display. */
#ifndef WEFT_TESTS_VIEWER_SAMPLE_SESSION_H
#define WEFT_TESTS_VIEWER_SAMPLE_SESSION_H

#include "app/viewer/session.h"

enum { WIDTH = 1000, HEIGHT = 600 };

extern guint heard; /* bits of enum weft_change since the last look; whoever looks clears them */

/* Of three fetches, read whole and fitted into WIDTH x HEIGHT; its changes are heard. */
WeftSession *loaded_session(void);

/* The task's lane; there must be one. */
guint lane_named(WeftSession *session, const char *name);

#endif
