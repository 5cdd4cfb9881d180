/* scene.h: what is to be drawn: pure data, computed from a model and a view, with no GTK in it.
 *
 *     weft_view (in)  ------------------+
 *       viewport, folds, filter,        |  weft_scene_build(), once a frame
 *       selection, hover, playhead      v
 *     weft_model --> rows (all lanes shown, in order, with y and height)
 *                      +-- those in the window: their segments, clipped to it
 *                    losses, blocked stretches, edges of the selection
 *
 * A scene is built again for every frame and keeps its arrays. The row list is kept while the
 * model's lanes, the folds, the filter and the window's height stay the same; of very many tasks a
 * worker makes it, and that of before is drawn meanwhile.
 * All times are nanoseconds since the trace's start; pixels are relative to the lanes area (right
 * of the names, under the ruler) and already include the scroll offset.
 *
 * Thread: the model's. */
#ifndef WEFT_RENDER_SCENE_H
#define WEFT_RENDER_SCENE_H

#include "app/viewer/render/matches.h"
#include "app/viewer/render/metrics.h"
#include "tracer/model/crowd.h"
#include "tracer/model/findings.h"
#include "tracer/model/tracks.h"

G_BEGIN_DECLS

/* ---- The window onto the trace ---- */

struct weft_viewport {
    gint64 from_ns;       /* at the left edge */
    double ns_per_px;     /* > 0 */
    double width, height; /* of the lanes area, px */
    double scroll_y;      /* px of rows above the window */
};

/* Integer nanoseconds first, the origin subtracted, then float. */
static inline double weft_viewport_x(const struct weft_viewport *viewport, gint64 ns)
{
    return (double)(ns - viewport->from_ns) / viewport->ns_per_px;
}
static inline gint64 weft_viewport_ns(const struct weft_viewport *viewport, double x)
{
    return viewport->from_ns + (gint64)(x * viewport->ns_per_px);
}
static inline gint64 weft_viewport_to_ns(const struct weft_viewport *viewport)
{
    return weft_viewport_ns(viewport, viewport->width);
}
/* Zooms by factor (> 1: closer) with what is at x staying there; bounded at 0.01 ns a pixel. */
void weft_viewport_zoom(struct weft_viewport *viewport, double x, double factor);
/* Shows from_ns … to_ns in the whole width. */
void weft_viewport_show(struct weft_viewport *viewport, gint64 from_ns, gint64 to_ns);

/* What a pixel's worth of time lets one see (visual.md, "Zoom"). */
enum weft_zoom {
    WEFT_ZOOM_OVERVIEW, /* > 10 ms a pixel */
    WEFT_ZOOM_WAITS,    /* 0.1 – 10 ms */
    WEFT_ZOOM_SLICES,   /* 1 – 100 µs */
    WEFT_ZOOM_EVENTS,   /* 10 ns – 1 µs */
    WEFT_ZOOM_CLOCK,    /* < 10 ns: the clock's own resolution */
};
enum weft_zoom weft_zoom_class(double ns_per_px);

/* ---- In ---- */

#define WEFT_NO_LANE G_MAXUINT
#define WEFT_NO_TIME G_MININT64

struct weft_mark { /* of a finding, over the minimap */
    gint64 ns;
    guint8 severity; /* enum weft_severity */
};

struct weft_view {
    struct weft_viewport viewport;
    const char *filter; /* shows tasks whose name contains it, and their parents; NULL: all */
    GHashTable *folded; /* set of entity ids (gpointer to guint64 keys: g_int64_hash) whose children
                           are hidden; NULL: none */
    GHashTable *pinned; /* likewise: tasks that come first, whatever the filter; NULL: none */
    gboolean by_site;   /* tasks are grouped by where they were created, else by parent */
    GHashTable
        *unfolded; /* by site: the first tasks of the groups whose tasks are shown; likewise */
    GHashTable *singled;  /* by site: tasks shown though their group is folded; likewise */
    gint64 playhead_ns;   /* WEFT_NO_TIME: none */
    gint64 origin_ns;     /* the ruler's zero */
    gboolean of_day;      /* it is a midnight: times are those of the day */
    guint selected_lane;  /* WEFT_NO_LANE: none */
    gint64 selected_ns;   /* a moment within the selected segment; WEFT_NO_TIME: the lane alone */
    guint selected_track; /* instead of a lane: WEFT_TRACK_LANE + its number; WEFT_NO_LANE: none */
    gint64 track_ns;      /* a moment within its selected step */
    guint hover_lane;     /* of the model, a track's, or that of many tasks; WEFT_NO_LANE: none */
    gint64 hover_ns;
    gboolean hover_tip;          /* the pointer has rested: show the words too */
    gint64 range_from, range_to; /* a dragged range; none when equal */
    guint max_chunks;            /* how many chunks may be decoded in one build; 0: any number */
    double lane_height;  /* of task lanes; 0: the largest at which all fit, at least one of words */
    double text_scale;   /* of fonts and of the lanes that hold them; 0: 1.0 */
    guint8 end_signal;   /* the process was killed: a red edge at the model's end */
    weft_tracks *tracks; /* borrowed: locks, threads, counters as lanes; NULL: none */
    const struct weft_mark *marks; /* borrowed until the next build: in whatever order */
    guint n_marks;
};
/* An empty view: nothing selected, at the trace's start, decoding a few chunks a build. */
void weft_view_init(struct weft_view *view);

/* A moment as the view counts: "315.0 ms" since the trace's start, or "14:03:07.315204". g_free it,
 * like all below. */
char *weft_view_time(const struct weft_view *view, gint64 ns);
/* How it counts: "Time from start", or briefly "From start". */
char *weft_view_clock(const struct weft_view *view, gboolean briefly);
/* The midnight before the trace's start, in local time, by the wall clock that was read when the
 * recording began: where times of the day are counted from. FALSE: the trace does not know. */
gboolean weft_view_midnight(weft_trace *trace, gint64 *ns);
/* "14:03:07.315", so long after a midnight; of the fraction as many digits as asked for (0 ... 9).
 */
char *weft_time_of_day(gint64 ns, int decimals);

/* ---- Out ---- */

enum weft_row_kind {
    WEFT_ROW_LOOP,  /* the dispatch lane, with its iteration bands */
    WEFT_ROW_READY, /* the ready queue's length */
    WEFT_ROW_TASK,
    WEFT_ROW_CROWD, /* tasks created at the same place (tracer/model/crowd.h): no lane of the model
                     */
    WEFT_ROW_HANDLE,
    /* Of tracks (tracer/model/tracks.h): no lane of the model. */
    WEFT_ROW_RESOURCE, /* a lock, semaphore, queue ...: its owner or value, and who waits */
    WEFT_ROW_POOL,     /* a thread of the pool, and its jobs */
    WEFT_ROW_COUNTER,
};

/* A row of a track, and one of many tasks, has a number of its own instead of a lane, which names
 * it among rows and is never given to the model. */
#define WEFT_TRACK_LANE 0x80000000u
#define WEFT_CROWD_LANE 0xc0000000u
static inline gboolean weft_is_model_lane(guint lane)
{
    return lane < WEFT_TRACK_LANE;
}
static inline gboolean weft_is_track_lane(guint lane)
{
    return lane >= WEFT_TRACK_LANE && lane < WEFT_CROWD_LANE;
}
static inline gboolean weft_is_crowd_lane(guint lane)
{
    return lane >= WEFT_CROWD_LANE && lane != WEFT_NO_LANE;
}

struct weft_row {
    guint lane;       /* of the model; of a track: WEFT_TRACK_LANE + its number; of many tasks:
                         WEFT_CROWD_LANE + the first one's */
    guint iterations; /* LOOP rows: the lane of its iterations; WEFT_NO_LANE */
    guint loop;       /* index of its loop's row */
    guint parent;     /* TASK: index of the parent's, or its group's, row; WEFT_NO_LANE */
    guint8 kind;      /* enum weft_row_kind */
    guint8 depth;     /* 0 for loops, ready queues and top tasks */
    gboolean has_children, folded, pinned;
    gboolean last_child; /* no later row has the same parent */
    guint hidden;        /* children hidden by folding */
    double y, height;    /* from the top of all rows (without scroll) */
};

/* A row in the window, with what is drawn in it. Index i of scene->visible is row first + i. */
struct weft_visible_row {
    char *name;       /* "fetch-1" */
    char *word;       /* "awaits lock "cache"": its state at the playhead; "" when there is none */
    GArray *segments; /* of struct weft_segment_view: in order; first and last reach outside */
    GArray *iterations; /* LOOP rows; else NULL */
    GArray *steps;      /* rows of tracks: of struct weft_track_step, as segments; else NULL */
    struct weft_track track;
    gint64 least, most; /* COUNTER: of all its values, and 0 */
    GArray *cells; /* CROWD: of struct weft_crowd_cell, one for WEFT_CROWD_COLUMN px; else NULL */
    guint crowd_tasks;
};

struct weft_blocked { /* a slice that held a loop for WEFT_BLOCKED_VEIL_NS or more */
    guint row;        /* the loop's */
    gint64 from_ns, to_ns;
};

struct weft_tick { /* a single event, where a pixel is so short that they can be told apart */
    gint64 ns;
    guint lane;
    guint8 kind; /* enum weft_record_kind */
};

struct weft_asked { /* of a lane of the model, by weft_model_segments() */
    guint lane;
    gint64 from_ns, to_ns, min_ns;
};

struct weft_scene {
    weft_model *model;         /* borrowed */
    struct weft_view view;     /* as built */
    gint64 begin_ns;           /* where the trace begins */
    gint64 end_ns;             /* the model's end: until here the trace has been read */
    gint64 whole_ns;           /* where the trace ends: later than end_ns while it is being read */
    GArray *rows;              /* of struct weft_row: all, in order; borrowed from `made` */
    double content_height;     /* of all rows */
    guint first, n_visible;    /* rows that touch the window */
    GArray *visible;           /* of struct weft_visible_row */
    GArray *blocked;           /* of struct weft_blocked, those in the window */
    GArray *ticks;             /* of struct weft_tick, by time: from WEFT_ZOOM_EVENTS on */
    struct weft_edge edges[4]; /* of the selected segment; an end that is a track has its number */
    guint n_edges;
    gboolean selected_known;
    struct weft_segment_view selected; /* the selected segment, exact, when selected_known */
    gboolean hover_known;
    struct weft_segment_view hover;
    gboolean selected_step_known, hover_step_known; /* the same, of tracks */
    struct weft_track_step selected_step, hover_step;
    char *hover_crowd; /* what many tasks do there, in words; NULL: it is not on such a row */
    GArray *asked;     /* of struct weft_asked: what it was built from */
    guint chunks;      /* of max_chunks: how many are left */
    gboolean coarse;   /* max_chunks left something merged: draw it, and build again; it goes on */
    gboolean fetched; /* of what is coarse: who builds has it decoded elsewhere, and builds again */
    gboolean rows_late;     /* the rows are those of a view before: weft_scene_ask_rows() */
    gboolean words_late;    /* words_us did not suffice: some are of another moment, or ""; look
                               again, it goes on */
    gboolean cells_late;    /* what is drawn of crowds is not exact: weft_scene_ask_crowd() */
    gboolean patient;       /* set it: what takes longer than a frame may is not done in a build; it
                               draws what there is, and says so above */
    gint64 words_us;        /* set it: for so long a build looks for words at the playhead, which
                               may be in parts of the trace not read lately; 0: until it has all */
    struct weft_rows *made; /* rows.h */
    struct weft_scene_cache *cache; /* what outlives a frame (scene.c) */
};

struct weft_scene *weft_scene_new(weft_model *model);
void weft_scene_free(struct weft_scene *scene); /* NULL is fine */

/* Computes everything for this view. Cost: O(rows in the window × pixels × log n), and O(lanes)
 * when lanes, folds, filter or height changed. */
void weft_scene_build(struct weft_scene *scene, const struct weft_view *view);
/* The same where the rows, and what they show, are those of the build before: only what is
 * selected, marked or hovered, the playhead or the origin are others. Cost: the words at the
 * playhead. */
void weft_scene_look(struct weft_scene *scene, const struct weft_view *view);
/* The folds, the filter or the tracks changed in place: the next build makes the rows, and words
 * that are not a model's, anew. */
void weft_scene_forget_rows(struct weft_scene *scene);

/* What a patient scene leaves to a worker. Rows: make them with weft_rows_make() (rows.h), and give
 * them back; a list that was cancelled is freed instead. Crowd: weft_crowd_prepare() for these
 * times and columns; then build again. */
struct weft_rows *weft_scene_ask_rows(struct weft_scene *scene);
void weft_scene_take_rows(struct weft_scene *scene, struct weft_rows *rows);
weft_crowd *weft_scene_ask_crowd(struct weft_scene *scene, gint64 *from_ns, gint64 *to_ns,
                                 guint *columns);

/* Whether a task is one that the filter looked for, as built (not rows_late), not only an ancestor
 * of one. */
gboolean weft_scene_matches(const struct weft_scene *scene, guint lane);

/* How many tasks the filter looked for, as built (not rows_late): also those that are folded, in a
 * group, or not in the window's time. */
guint weft_scene_found(const struct weft_scene *scene);

/* Whether there are tasks, and none of them lives in the window's time; FALSE: also while rows are
 * late. */
gboolean weft_scene_idle(const struct weft_scene *scene);

const struct weft_row *weft_scene_row(const struct weft_scene *scene, guint row);
/* The row of a lane, WEFT_NO_LANE when it has none (folded, filtered, or done before the window).
 */
guint weft_scene_row_of(const struct weft_scene *scene, guint lane);
/* NULL when the row is not in the window. */
const struct weft_visible_row *weft_scene_visible(const struct weft_scene *scene, guint row);
/* y of the row's top in the window. */
double weft_scene_y(const struct weft_scene *scene, guint row);

/* The words of a segment of the window as a ladder, longest first; kept from frame to frame while
 * the model does not grow. NULL-terminated, borrowed until the next build. */
char *const *weft_scene_ladder(const struct weft_scene *scene, guint lane,
                               const struct weft_segment_view *segment);
/* A task's last word: "done", "cancelled", or its error's name. Borrowed as above. */
const char *weft_scene_outcome(const struct weft_scene *scene, guint lane);

/* Whether it is worth a row: groups are in their tasks' words already; what never changed says
 * nothing, unless somebody has it, or waits. */
gboolean weft_track_has_row(const struct weft_track *track);
/* Whether a track is held or not (a lock, an event, a thread), rather than being full to a degree.
 */
gboolean weft_track_is_held(const struct weft_track *track);
/* The words of a track's step as a ladder, and the state of a track at t in two or three words:
 * "fetch-1 holds", "3 items", "idle". Borrowed as above; g_free it. */
char *const *weft_scene_step_ladder(const struct weft_scene *scene, guint row,
                                    const struct weft_track_step *step);
char *weft_scene_track_word(weft_model *model, weft_tracks *tracks, guint track, gint64 t_ns);

/* The whole of a step in words, with its duration: "held by fetch-1 · 1 waits · 63.0 ms". And what
 * a track is called: "lock "cache"". g_free them. */
char *weft_scene_step_text(weft_model *model, weft_tracks *tracks, guint track,
                           const struct weft_track_step *step);
char *weft_scene_track_name(weft_model *model, const struct weft_track *track);

/* The lane of the pool's thread that does a job, of those that are under way at *t_ns, which
 * becomes when it began, if that is later. G_MAXUINT32: none has, as far as is known. */
guint weft_scene_thread_of(weft_tracks *tracks, uint64_t job, gint64 *t_ns);

/* What is at a point of the lanes area. FALSE: no row there. */
struct weft_hit {
    guint row, lane; /* lane: WEFT_NO_LANE on what is no lane of the model */
    guint track;     /* WEFT_TRACK_LANE + its number, on a track; else WEFT_NO_LANE */
    guint crowd;     /* WEFT_CROWD_LANE + the first one's, on many tasks; else WEFT_NO_LANE */
    gint64 ns;
    gboolean on_segment; /* segment is what is drawn there (it may be merged) */
    struct weft_segment_view segment;
};
gboolean weft_scene_hit(const struct weft_scene *scene, double x, double y, struct weft_hit *hit);

/* What the tasks of a CROWD row do at t, in words: "62 wait for timers · 3 run"; most_only: "62
 * wait". Where they wait for other things, too, and only the longest wait is known: "62 wait,
 * longest for a timer". "" where none lives, or t is not in the window. And of those of n that are
 * in one state. g_free them. */
char *weft_scene_crowd_state_words(const struct weft_crowd_cell *cell, guint state, guint n);
char *weft_scene_crowd_words(const struct weft_scene *scene, const struct weft_visible_row *visible,
                             gint64 t_ns, gboolean most_only);

/* Moves the hover alone, without building again: only the overlay changes. */
void weft_scene_set_hover(struct weft_scene *scene, guint lane, gint64 ns, gboolean tip);

/* The part of the whole trace that the minimap's handle covers, and what a point of it is. */
enum weft_minimap_part {
    WEFT_MINIMAP_OUTSIDE,
    WEFT_MINIMAP_WINDOW,
    WEFT_MINIMAP_FROM, /* the left grip */
    WEFT_MINIMAP_TO,
};
double weft_minimap_x(const struct weft_scene *scene, double width, gint64 ns);
gint64 weft_minimap_ns(const struct weft_scene *scene, double width, double x);
/* The handle's edges, wide enough to be taken hold of. */
void weft_minimap_window(const struct weft_scene *scene, double width, double *from, double *to);
enum weft_minimap_part weft_minimap_hit(const struct weft_scene *scene, double width, double x);

/* "fetch-three": the program's name, or the file's. g_free it. */
char *weft_scene_title(weft_trace *trace);

/* The state of a lane at t in two or three words, for the names column: "runs", "ready", "awaits
 * lock "cache"", "iteration 22", "3 ready", "done"; "" where it has none. NULL: more of the trace
 * has to be read, which it does a chunk at a time: ask again. g_free it. */
char *weft_scene_word(weft_model *model, const struct weft_row *row, gint64 t_ns);

/* The whole of a segment in words, with its duration: "lock "cache" · held by fetch-1 · 25.2 ms".
 * For tags, tips and the accessible description. g_free it. */
char *weft_scene_segment_text(weft_model *model, guint lane,
                              const struct weft_segment_view *segment);

G_END_DECLS

#endif
