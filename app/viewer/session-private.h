/* session-private.h: what session.c (the object) and session-view.c (moves of the view) share. */
#ifndef WEFT_VIEWER_SESSION_PRIVATE_H
#define WEFT_VIEWER_SESSION_PRIVATE_H

#include "app/viewer/session.h"
#include "app/viewer/timeline/history.h"

/* How much of a live process is shown at first: ns. */
#define WEFT_LIVE_SPAN_NS INT64_C(2000000000)

struct _WeftSession {
    GObject parent_instance;
    weft_trace *trace;
    weft_model *model;
    weft_live *live; /* NULL: a file */
    char *title;
    struct weft_view view;
    struct weft_scene *scene;
    gboolean stale; /* the scene is not that of the view */
    struct weft_history history;
    GHashTable *folded; /* set of guint64 ids */
    char *filter;
    gboolean loaded, following, ended;
    gboolean behind;    /* chunks of the trace are not in the model yet */
    guint refine_timer; /* until what was drawn coarsely is drawn finely; 0: none is due */
    gint64 told_us;     /* when "changed" last told of the pass over the trace */
};

/* The scene is stale from here on; tells everybody. */
void weft_session_changed(WeftSession *session, enum weft_change what);

/* Where a newly opened trace is looked at first: its middle, its first task selected; or, where a
 * task holds its loop for long at the end, there, that task selected. */
void weft_session_land(WeftSession *session);

/* Moves the visible range so that it ends at now, keeping its length, without telling. */
void weft_session_show_end(WeftSession *session);

#endif
