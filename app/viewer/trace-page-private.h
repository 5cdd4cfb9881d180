/* trace-page-private.h: what trace-page.c (the widget), trace-page-actions.c (its actions and
 * keys), trace-page-about.c, -find.c, -hang.c, -pace.c, -present.c, -quiet.c and -watch.c share. */
#ifndef WEFT_VIEWER_TRACE_PAGE_PRIVATE_H
#define WEFT_VIEWER_TRACE_PAGE_PRIVATE_H

#include "app/viewer/dispatch/page.h"
#include "app/viewer/panels/findings-list.h"
#include "app/viewer/panels/inspector.h"
#include "app/viewer/panels/task-table.h"
#include "app/viewer/timeline/lanes.h"
#include "app/viewer/timeline/legend.h"
#include "app/viewer/timeline/minimap.h"
#include "app/viewer/timeline/names.h"
#include "app/viewer/timeline/ruler.h"
#include "app/viewer/trace-page.h"
#include "app/viewer/work-row.h"
#include "tracer/trace/controller.h"

struct _WeftTracePage {
    AdwBin parent_instance;
    WeftSession *session; /* NULL: a failed page */
    struct weft_render *render;

    GtkWidget *timeline; /* all of it; or else: */
    GtkPaned *columns;   /* names and lanes */
    GtkWidget *clocks;   /* over the names, as high as the ruler */
    double column_scale; /* of the text that the columns were made wide enough for */
    AdwStatusPage *status;
    GtkInfoBar *notice;
    GtkLabel *notice_text;
    GtkWidget *notice_again; /* opens the file again */
    GtkWidget *notice_save;  /* saves what was seen of a process */
    GtkInfoBar *answer;      /* what hangs */
    GtkImage *answer_icon;
    GtkLabel *answer_text, *answer_fix;
    GtkSearchBar *search;
    GtkSearchEntry *search_entry;
    GtkLabel *search_count;
    char *filtered; /* the search's text that filtered last; NULL: none did */
    gboolean bared; /* it does not filter any more: it hid what is gone to */
    char *match_of; /* what is looked for, while search_count says where it is; NULL: it counts */
    AdwFlap *flap;
    WeftMinimap *minimap;
    WeftRuler *ruler;
    WeftNames *names;
    WeftLanes *lanes;
    WeftLegend *legend;
    GtkStack *views;
    WeftTaskTable *tasks;
    WeftDispatchPage *dispatch;
    WeftFindingsList *findings;
    WeftInspector *inspector;
    WeftWorkRow *reading; /* of the pass over a file; NULL: it is over */
    GtkAdjustment *scroll;
    GtkWidget *scrollbar;
    GtkToggleButton *by_site;           /* tasks are grouped by where they were created */
    GtkLabel *clock_text, *clock_brief; /* where room is missing */
    GtkInscription *shown; /* no label: a new text would have the whole window measured */

    /* What is told to a live program: trace-page-pace.c. */
    GtkWidget *pace;      /* the bar; hidden where there is no program */
    GtkWidget *pace_text; /* how it runs */
    GtkLabel *quiet;      /* since when it has run nothing; "": it does */
    GtkWidget *nearest;   /* a button where no task lives in the range that is seen */
    GtkDropDown *pace_factor;
    weft_controller *controller; /* NULL: it cannot be told anything, or not any more */
    GQueue commands;             /* char *: those to come; the first may be under way */
    gboolean asked;              /* … it is: its answer is awaited */
    gint64 pace_at;              /* monotonic µs: when it is asked again how it runs */
    gboolean tellable;           /* it has loops that obey */
    gboolean paused;             /* or about to be */
    gboolean factor_shown;       /* the drop-down is being set from the program */

    GFileMonitor *watch; /* of the trace's file; NULL: none */
    guint watch_timer;   /* it has changed: 0: not since it was looked at */
    guint64 file_device, file_inode;
    gint64 file_size;           /* never less than this, unless somebody cut it */
    guint load_source;          /* steps of the pass; 0: done */
    guint look_source;          /* until what was loaded is looked into; 0: none is due */
    guint poll_source;          /* follows a live process; 0: it has ended */
    gint64 ran_ns, ran_at;      /* how long its tasks had run; µs of the trace: when that grew */
    gboolean seen_alive;        /* the live process was, with this page */
    gint64 gone_at;             /* wall clock µs: when it ended; 0: not, or nobody knows when */
    guint age_source;           /* says how long ago that is; 0: need not */
    gint64 look_at;             /* when a live process is looked at again for findings: likewise */
    char *answered;             /* the key of what the banner said: not again once it is closed */
    gboolean scrolling;         /* the adjustment is being set from the session */
    gboolean presenting;        /* in the presenter's palette and sizes, and nothing but the view */
    gboolean prefers_inspector; /* it is seen where there is room beside the timeline */
};

/* trace-page-hang.c: the session's findings are others; the banner's button was pressed. */
void weft_trace_page_show_findings(WeftTracePage *page);
void weft_trace_page_answer_response(GtkInfoBar *bar, int response, WeftTracePage *page);

/* trace-page.c */
void weft_trace_page_restyle(WeftTracePage *page); /* colours, contrast or text size are others */
void weft_trace_page_update_inspector(WeftTracePage *page);
/* A sentence above it all; with a button that opens the file again. */
void weft_trace_page_notice(WeftTracePage *page, const char *what, gboolean again);
/* "t.weft: it is cut at byte 300000 …". */
void weft_trace_page_notice_of_file(WeftTracePage *page, const char *what);

/* trace-page-quiet.c: where little happens. */
void weft_trace_page_show_nearest(WeftTracePage *page); /* rows or range are others */
void weft_trace_page_go_nearest(WeftTracePage *page);
void weft_trace_page_show_quiet(
    WeftTracePage *page); /* a look at the live program, twice a second */
/* How the live process or the recording ended. */
void weft_trace_page_say_end(WeftTracePage *page);

/* trace-page-present.c */
double weft_trace_page_presenter_scale(WeftTracePage *page); /* of what is drawn, and of text */
void weft_trace_page_style_presenter(WeftTracePage *page);   /* the widgets' text */
double weft_trace_page_text_scale(WeftTracePage *page);      /* the desktop's */

/* trace-page-watch.c: looks after the trace's file while it is shown. */
void weft_trace_page_watch(WeftTracePage *page);
void weft_trace_page_unwatch(WeftTracePage *page);

/* trace-page-pace.c: pauses, steps and slows the live program, and cancels its tasks. */
void weft_trace_page_pace_begin(WeftTracePage *page);
void weft_trace_page_pace_end(WeftTracePage *page); /* it goes on */
void weft_trace_page_pace_poll(WeftTracePage *page);
void weft_trace_page_pace_selected(WeftTracePage *page); /* another task, or it has ended */
void weft_trace_page_pause(WeftTracePage *page);
void weft_trace_page_resume(WeftTracePage *page);
void weft_trace_page_pause_or_resume(WeftTracePage *page);
void weft_trace_page_step(WeftTracePage *page);
void weft_trace_page_cancel_task(WeftTracePage *page);
void weft_trace_page_factor_chosen(GtkDropDown *factor, GParamSpec *what, WeftTracePage *page);

/* trace-page-find.c */
void weft_trace_page_count_found(WeftTracePage *page); /* the rows are others */
void weft_trace_page_search_changed(GtkSearchEntry *entry, WeftTracePage *page);
void weft_trace_page_search_activated(GtkSearchEntry *entry, WeftTracePage *page);
void weft_trace_page_search_stopped(GtkSearchEntry *entry, WeftTracePage *page);
/* The session has given it up, to show what it hid: says so. */
void weft_trace_page_filter_given_up(WeftTracePage *page);
/* Another view is seen: the search is there, or is not. */
void weft_trace_page_move_search(WeftTracePage *page);
/* To the next or previous event with the text; opens the search where there is none. */
void weft_trace_page_next_match(WeftTracePage *page);
void weft_trace_page_previous_match(WeftTracePage *page);

/* Installs the "timeline.*" actions and their keys. */
void weft_trace_page_install_actions(GtkWidgetClass *class);

#endif
