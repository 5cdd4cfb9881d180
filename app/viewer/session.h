/* session.h: one opened trace or live process, as the viewer looks at it: the shared truth of all
 * widgets of a tab.
 *
 *      trace -> model -+
 *                      +- session --"changed"(what)--> minimap, ruler, names, canvas, overlay,
 *      view: viewport, |     |                         inspector, bottom bar
 *      folds, filter,  |     +-> scene: built once for all of them, when somebody asks for it
 *      selection, playhead, hover, marked range, origin of the ruler
 *
 * Widgets never tell each other anything: they set the session, and follow it.
 *
 * Thread: main. */
#ifndef WEFT_VIEWER_SESSION_H
#define WEFT_VIEWER_SESSION_H

#include "app/viewer/render/scene.h"
#include "tracer/model/find.h"
#include "tracer/trace/live.h"
#include "tracer/trace/notes.h"
#include <gio/gio.h>

G_BEGIN_DECLS

enum weft_change {                          /* what "changed" reports: bits */
                   WEFT_CHANGE_MODEL = 1,   /* more lanes, more segments, a later end */
                   WEFT_CHANGE_VISIBLE = 2, /* the visible range, or its width in px */
                   WEFT_CHANGE_ROWS = 4, /* which lanes are shown, where: folds, filter, scroll */
                   WEFT_CHANGE_SELECTION = 8,
                   WEFT_CHANGE_PLAYHEAD = 16,
                   WEFT_CHANGE_MARKED = 32, /* the marked range */
                   WEFT_CHANGE_HOVER = 64,
                   WEFT_CHANGE_ORIGIN = 128,   /* where the ruler counts from */
                   WEFT_CHANGE_STATUS = 256,   /* loaded, following, ended */
                   WEFT_CHANGE_FINDINGS = 512, /* what Weft says unasked */
                   WEFT_CHANGE_NOTES = 1024,   /* bookmarks and notes */
                   WEFT_CHANGE_WORDS = 2048,   /* words at the playhead that were late are known */
                   WEFT_CHANGE_ALL = 4095,
                   WEFT_CHANGE_FILTER = 4096, /* the filter was given up: it hid what is gone to */
                   WEFT_CHANGE_EXACT = 8192,  /* what is seen is known better; no more than that */
};

#define WEFT_TYPE_SESSION weft_session_get_type()
G_DECLARE_FINAL_TYPE(WeftSession, weft_session, WEFT, SESSION, GObject)

/* Takes a reference to the trace. */
WeftSession *weft_session_new(weft_trace *trace);
/* Takes the model of a trace, whose pass may have begun. */
WeftSession *weft_session_new_begun(weft_model *model);
/* Takes over the live process. */
WeftSession *weft_session_new_live(weft_live *live);

weft_trace *weft_session_trace(WeftSession *session);
weft_model *weft_session_model(WeftSession *session);
weft_live *weft_session_live(WeftSession *session); /* NULL: a file */
/* "fetch-three": the program's name, or the file's. Borrowed. */
const char *weft_session_title(WeftSession *session);
gint64 weft_session_end_ns(WeftSession *session); /* where the trace ends so far; ≥ 1 */

/* The view as it is, and what is drawn for it (computed when the view changed since). Borrowed
 * until the session changes. */
const struct weft_view *weft_session_view(WeftSession *session);
const struct weft_scene *weft_session_scene(WeftSession *session);

/* ---- Loading and following ---- */

/* One step of the pass over the trace, of about budget_us. TRUE while more is left. */
gboolean weft_session_load(WeftSession *session, gint64 budget_us);
gboolean weft_session_loaded(WeftSession *session);
/* Reads what a live process has done since; moves the visible range when following. */
void weft_session_poll(WeftSession *session);

/* Follow: the visible range keeps its length and ends at now. Any other change of the visible range
 * ends it. Only for a live process that still runs. */
gboolean weft_session_following(WeftSession *session);
void weft_session_follow(WeftSession *session, gboolean follow);

/* ---- Long queries ---- */

/* Runs `work` in a worker thread. The task's source is the session; until it has returned the model
 * stands still there: a live process is not read on, so it is done in parts of some ms. Only once
 * loaded. */
void weft_session_work(WeftSession *session, GTask *task, GTaskThreadFunc work);

/* ---- Locks, threads, counters ---- */

/* Goes on reading what is no task, in a worker: its lanes are in the view from the first part on,
 * which "changed" (ROWS) tells of. A file is read to its end; of a live process, a part a call.
 * Does nothing before the trace is loaded, or while it is at it. */
void weft_session_track(WeftSession *session);

/* ---- Findings ---- */

/* All so far, of WeftFindingItem, the gravest first. Borrowed. */
GListModel *weft_session_findings(WeftSession *session);
/* Goes on looking, in a worker and for a while; "changed" (FINDINGS) tells when that is over. Does
 * nothing before the trace is loaded, or while it is at it. */
void weft_session_look(WeftSession *session);
/* Whether all that was read has been looked at. */
gboolean weft_session_looked(WeftSession *session);
/* The gravest of those that still last, if it is worth a word unasked: what hangs. NULL: nothing
 * does. Borrowed. */
const struct weft_finding *weft_session_hang(WeftSession *session);
/* Shows a finding: its task selected, its range marked and in sight; a filter that hides it is
 * given up. */
void weft_session_show_finding(WeftSession *session, const struct weft_finding *finding);

/* ---- Bookmarks and notes ---- */

/* All there are, of WeftNoteItem, by time. Borrowed. */
GListModel *weft_session_notes(WeftSession *session);
/* Their times: *n of them, until they change. */
const gint64 *weft_session_note_times(WeftSession *session, guint *n);
/* Puts a note at the playhead, about what is selected ("": a bookmark), or deletes one. It is
 * written in a worker; weft_session_note_finish() in `done` tells what came of that: FALSE and an
 * error where nothing can be written. */
void weft_session_add_note(WeftSession *session, const char *text, GAsyncReadyCallback done,
                           gpointer data);
/* Another text for a note: its moment, and what it is about, stay. */
void weft_session_change_note(WeftSession *session, const struct weft_note *note, const char *text,
                              GAsyncReadyCallback done, gpointer data);
void weft_session_delete_note(WeftSession *session, guint64 id, GAsyncReadyCallback done,
                              gpointer data);
gboolean weft_session_note_finish(WeftSession *session, GAsyncResult *result, GError **error);

/* ---- The visible range ---- */

enum weft_move {
    WEFT_MOVE_DRIFT, /* a step of a pan or zoom: successive ones are one entry of the history */
    WEFT_MOVE_JUMP,
};
/* Shows from … to, kept within reach of the trace. */
void weft_session_show(WeftSession *session, gint64 from_ns, gint64 to_ns, enum weft_move move);
void weft_session_pan(WeftSession *session, double by_px);
/* factor > 1 zooms in; the moment at x stays where it is. */
void weft_session_zoom(WeftSession *session, double factor, double x);
void weft_session_fit(WeftSession *session);
/* A jump to a moment: the playhead goes there, and it is seen. */
void weft_session_go(WeftSession *session, gint64 t_ns);
/* Moves the visible range, without zooming, until t is well inside it. */
void weft_session_reveal(WeftSession *session, gint64 t_ns);
/* Back (-1) or forward (+1) through the history of visible ranges, and to what was selected before
 * a jump; FALSE: there is none. */
gboolean weft_session_navigate(WeftSession *session, int direction);
/* What the canvas says of itself: the size of the lanes area, and the text's scale. The visible
 * range stays. */
void weft_session_set_size(WeftSession *session, double width, double height, double text_scale);

/* ---- Rows ---- */

void weft_session_scroll(WeftSession *session, double y); /* px of rows above the window */
/* Brings a lane's row into sight, once there is one: unfolds what hides it; of a folded group, it
 * alone. A filter stays, and so does a folded loop. */
void weft_session_scroll_to(WeftSession *session, guint lane);
/* Folds a lane's children, or a group's tasks. */
void weft_session_fold(WeftSession *session, guint lane, gboolean folded);
/* Groups tasks by where they were created, or by parent: "changed" (ROWS). What has very many tasks
 * is grouped by site at first. */
void weft_session_group(WeftSession *session, gboolean by_site);
/* Tasks' lanes as low as they can be without words, so that very many are seen; or as high as they
 * fit. */
void weft_session_set_compact(WeftSession *session, gboolean compact);
gboolean weft_session_compact(WeftSession *session);
/* Pins a task's lane, so that it comes first and is always shown, or lets go of it. */
void weft_session_pin(WeftSession *session, guint lane, gboolean pinned);
gboolean weft_session_pinned(WeftSession *session, guint lane);
/* Shows only tasks whose name contains `text`, and their parents; NULL or "": all. Of very many, a
 * worker looks at the names first: "changed" (ROWS) tells; until then what is shown stays. */
void weft_session_filter(WeftSession *session, const char *text);
/* Selects the first task that the filter looks for, of those in the visible range if any is, and
 * brings it into sight: its row, and its beginning where none of it was in the visible range.
 * FALSE: there is none. While a worker looks at the names it does so afterwards; then TRUE. */
gboolean weft_session_find(WeftSession *session);

/* Looks, in a worker, for the next (+1) or previous (-1) event in which a text occurs, from the
 * match before or else from the playhead on. weft_session_find_finish() in `done` goes there. FALSE
 * without an error: there is none; with G_IO_ERROR_CANCELLED: another search has begun; with
 * G_IO_ERROR_BUSY: not while the trace is being read, or the process runs. */
void weft_session_find_next(WeftSession *session, const char *text, int direction,
                            GAsyncReadyCallback done, gpointer data);
gboolean weft_session_find_finish(WeftSession *session, GAsyncResult *result,
                                  struct weft_match *match, GError **error);

/* Counts all of a text's matches, and how many there are up to the one found last; FALSE: another
 * search has begun meanwhile. */
void weft_session_count_matches(WeftSession *session, const char *text, GAsyncReadyCallback done,
                                gpointer data);
gboolean weft_session_count_finish(WeftSession *session, GAsyncResult *result, guint64 *total,
                                   guint64 *place);

/* Goes along an edge of what is selected: back (-1) to who woke, cancelled or made it, or on (+1)
 * to what it awaits; where it has none there, along the one before, or the next one of its task.
 * From a lock, to the task that has it. FALSE without an error: there is none; with
 * G_IO_ERROR_CANCELLED: another was asked for meanwhile. */
void weft_session_follow_edge(WeftSession *session, int direction, GAsyncReadyCallback done,
                              gpointer data);
gboolean weft_session_follow_finish(WeftSession *session, GAsyncResult *result, GError **error);

/* Goes to the next (+1) or previous (-1) slice of the selected lane, of those that were chosen.
 * FALSE: as above. */
void weft_session_step_slice(WeftSession *session, int direction, GAsyncReadyCallback done,
                             gpointer data);
gboolean weft_session_step_finish(WeftSession *session, GAsyncResult *result, GError **error);
/* Only slices (RUNNING), or stays in the ready queue (READY), as long as least_ns, and shorter than
 * most_ns, are gone to; most_ns 0: all slices. */
void weft_session_choose_slices(WeftSession *session, enum weft_segment_state state,
                                gint64 least_ns, gint64 most_ns);

/* The scene was coarse, and nobody fetches the rest: builds it again, which decodes a little more.
 */
void weft_session_refine(WeftSession *session);

/* ---- Playhead, selection, hover, marked range, origin ---- */

void weft_session_set_playhead(WeftSession *session, gint64 t_ns);
/* A lane, and its segment at t; a track's is selected instead of a lane. WEFT_NO_LANE, or a
 * crowd's: none; WEFT_NO_TIME: the lane alone. */
void weft_session_select(WeftSession *session, guint lane, gint64 t_ns);
/* Selects what a link names, moves the playhead to t and shows it: unfolds what hides it, and gives
 * up a filter that does, "changed" (FILTER). Of a job, its thread. FALSE: it has no lane. */
gboolean weft_session_jump(WeftSession *session, uint64_t entity, gint64 t_ns);
/* What is selected, in words: "fetch-2: lock "cache" · 25.2 ms, from 306.0 ms"; NULL: nothing is.
 * g_free it. */
char *weft_session_selection_text(WeftSession *session);
/* The selected lane's segment at the selected moment. */
gboolean weft_session_selected_segment(WeftSession *session, struct weft_segment_view *segment);
/* tip: the pointer has rested, its words are to be shown. WEFT_NO_LANE: the pointer has left. */
void weft_session_hover(WeftSession *session, guint lane, gint64 t_ns, gboolean tip);
void weft_session_mark(WeftSession *session, gint64 a_ns, gint64 b_ns); /* equal: unmarks */
void weft_session_set_origin(WeftSession *session, gint64 t_ns);
/* Counts times as those of the day, until an origin is set. FALSE: the trace does not know. */
gboolean weft_session_count_of_day(WeftSession *session);

/* ---- From one time to the next ---- */

/* Where somebody is: range, playhead, selection, origin, and how the rows are folded, grouped and
 * pinned; a dictionary. Floating. */
GVariant *weft_session_place(WeftSession *session);
/* Goes there again, once the trace is loaded. What it does not know stays. */
void weft_session_return_to(WeftSession *session, GVariant *place);

G_END_DECLS

#endif
