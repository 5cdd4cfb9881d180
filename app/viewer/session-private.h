/* session-private.h: what session.c (the object), session-view.c (moves of the view),
 * session-ahead.c, session-rows.c, session-find.c, session-findings.c, session-follow.c,
 * session-notes.c, session-place.c, session-save.c and session-tracks.c share.
 */
#ifndef WEFT_VIEWER_SESSION_PRIVATE_H
#define WEFT_VIEWER_SESSION_PRIVATE_H

#include "app/viewer/finding-item.h"
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
    guint stale; /* what of the view the scene is not that of: enum weft_change bits */
    struct weft_history history;
    GHashTable *folded, *pinned, *unfolded, *singled; /* sets of guint64 ids: the view's */
    char *filter;
    GCancellable *listing; /* while a worker makes the rows; NULL: none does */
    gboolean adding;       /* one adds up what many tasks did */
    gint64 added_us;       /* when it last began to */
    gboolean group_chosen; /* by somebody */
    gboolean compact;
    guint scroll_lane;      /* to be brought into sight once there are rows; WEFT_NO_LANE */
    gboolean scroll_bares;  /* … and the filter given up, should that hide it */
    gboolean find_awaited;  /* likewise weft_session_find() */
    guint64 select_awaited; /* to be selected once it is known as a track; 0: nothing */
    gboolean loaded, following, ended;
    gboolean saved; /* of a process: it was, and the file has so many events */
    guint64 saved_events;
    gboolean behind;    /* chunks of the trace are not in the model yet */
    gboolean landed;    /* on what hangs: it is not moved to another such */
    gboolean touched;   /* somebody looks at something: he is not taken elsewhere */
    guint working;      /* queries under way in workers: the model stands still */
    guint refines;      /* how often that was done since the view moved */
    guint refine_timer; /* until what was drawn coarsely is drawn finely; 0: none is due */
    guint moves;        /* how often the view moved; read by workers */
    guint read, reread; /* moves when it was last read ahead; how often again, as it was exact */
    guint read_soon;    /* until a worker begins to; 0: it is not due */
    gboolean reading;   /* it does */
    guint words_timer;  /* until words that were late are looked for; 0: none is */
    gint64 told_us;     /* when "changed" last told of the pass over the trace */

    weft_tracks *tracks; /* while `tracking`, the worker's to advance */
    gboolean tracking;
    guint track_timer;                 /* until it goes on; 0: it does, or is over */
    guint track_moves, track_restless; /* moves when last looked; how often there were more */

    weft_findings *finder;   /* while `looking`, the worker's */
    GCancellable *searching; /* of the last search, for a text, an edge, a slice; NULL: none yet */
    guint8 slice_state;      /* and of which state */
    gint64 slice_least_ns, slice_most_ns; /* which slices are gone to; most 0: all */
    struct weft_match matched;            /* what it found; in WEFT_MATCH_NOTHING: nothing yet */
    GListStore *notes;                    /* of WeftNoteItem, by time */
    guint notes_read;                     /* how often they were read */
    GArray *note_times;                   /* of gint64 */
    GArray *marks;                        /* of struct weft_mark: the view's */
    GListStore *findings;                 /* of WeftFindingItem, the gravest first */
    gboolean looking, looked; /* it is at it; it has been over all that was read by then */
};

/* The scene is stale from here on; tells everybody. */
/* The first view: all of the trace; nobody was anywhere before. */
void weft_session_show_first(WeftSession *session);
void weft_session_changed(WeftSession *session, enum weft_change what);

/* Where a newly opened trace is looked at first: its middle, its first task selected; or, where a
 * task holds its loop for long at the end, there, that task selected. */
void weft_session_land(WeftSession *session);

/* session-rows.c: the scene was built: has made in workers what it is late with. */
void weft_session_catch_up(WeftSession *session);
/* session-ahead.c: the scene was built: has decoded, in a worker, what it merged for want of
 * chunks, and what is beside it; or not (scene->fetched), where the model may grow. */
void weft_session_read_ahead(WeftSession *session);
/* There are more lanes: very many tasks are grouped by site, unless somebody chose otherwise. */
void weft_session_choose_group(WeftSession *session);
/* The tasks shown below a group though it is folded are no more. FALSE: there were none. */
gboolean weft_session_forget_singled(WeftSession *session, guint crowd_lane);
/* Tells of what a worker made: what is seen is drawn anew, "changed" (EXACT). */
void weft_session_redrawn(WeftSession *session);

/* Brings what it landed on into sight, where it has a row, until somebody looks elsewhere: the
 * window has another size, or other rows. */
void weft_session_show_landed(WeftSession *session);
/* There may be fewer px of rows than it is scrolled by. */
void weft_session_keep_scroll(WeftSession *session);
/* As weft_session_scroll_to(); bare: what hides the row goes, be it its loop's fold or the filter.
 */
void weft_session_bring(WeftSession *session, guint lane, gboolean bare);
/* All tasks are shown again, as the filter hid what is gone to: "changed" (FILTER). A search for
 * its text goes on. */
void weft_session_give_filter_up(WeftSession *session);

/* Reads the notes that the file has, in a worker. */
void weft_session_read_notes(WeftSession *session);

/* The lane of the task that holds a loop at the end: its slice still lasts, and long enough to
 * matter. WEFT_NO_LANE: nobody does. */
guint weft_session_holder(WeftSession *session);

/* session-place.c: there are more tracks: the one that is to be selected may be among them. */
void weft_session_select_awaited(WeftSession *session);

/* Where it is looked at once it is known what hangs: there, unless somebody looks elsewhere. */
void weft_session_land_on_findings(WeftSession *session);

/* Moves the visible range so that it ends at now, keeping its length, without telling. */
void weft_session_show_end(WeftSession *session);

#endif
