/* window-private.h: what window.c (the widget) and window-actions.c, -close.c, -export.c, -open.c,
 * -present.c, -save.c and -session.c share. */
#ifndef WEFT_VIEWER_WINDOW_PRIVATE_H
#define WEFT_VIEWER_WINDOW_PRIVATE_H

#include "app/viewer/panels/goto.h"
#include "app/viewer/panels/notes-panel.h"
#include "app/viewer/render/palette.h"
#include "app/viewer/start-page.h"
#include "app/viewer/window.h"
#include "app/viewer/work-row.h"

struct _WeftWindow {
    AdwApplicationWindow parent_instance;
    GtkBox *works; /* of WeftWorkRow: what goes on, above whatever is seen */
    AdwToastOverlay *toasts;
    AdwTabView *tabs;
    GtkLabel *title, *subtitle, *findings_count;
    GtkWidget *findings_button, *back, *follow, *save, *find, *inspector;
    GtkMenuButton *menu, *notes;
    WeftNotesPanel *notes_panel;
    WeftGoto *go;
    GtkWidget *views;                    /* which of them is seen, of the tab shown */
    GtkWidget *start, *traces, *lessons; /* one of them is seen */

    WeftSession *followed;      /* of the tab shown; NULL: none */
    guint title_timer;          /* the subtitle is due; 0: it is true */
    gboolean prefers_inspector; /* in all tabs, where there is room for it */
    GtkWidget *header, *tab_bar;
    gboolean presenting;         /* before a class: the tab's view alone */
    AdwColorScheme usual_colors; /* … and those before */
    gboolean closing;            /* when the tab is closed that is asked for */
    gboolean ending;             /* nobody is asked anything any more */
    GPtrArray *closed;           /* of GFile: to reopen, the latest last */
    GVariant *restoring;         /* what was open, while it is opened again; NULL: it is not */
    gsize n_restored;            /* tabs of it, so far */
};

/* window-actions.c */
void weft_window_install_actions(WeftWindow *window);
/* Enables what the tab shown can do. */
void weft_window_update_actions(WeftWindow *window);

/* window-close.c */
gboolean weft_window_close_tab(AdwTabView *tabs, AdwTabPage *tab, WeftWindow *window);
/* FALSE: it is asked about something first, and closes when that is answered. */
gboolean weft_window_may_close(WeftWindow *window);

/* window-save.c: what was seen of a process, into a file. A toast says how that went; the caller is
 * told too, unless `done` is NULL. */
typedef void (*weft_window_saved)(gboolean saved, gpointer data);
void weft_window_save(WeftWindow *window, WeftSession *session, weft_window_saved done,
                      gpointer data); /* by dialog */
void weft_window_save_to(WeftWindow *window, WeftSession *session, GFile *file,
                         weft_window_saved done, gpointer data);

/* window-present.c */
void weft_window_present(WeftWindow *window, gboolean present);

/* window-open.c */
void weft_window_choose(WeftWindow *window); /* by dialog */
void weft_window_accept_drops(WeftWindow *window);
void weft_window_remember(GFile *file); /* among the recent ones */

/* Opens a trace that was open when the viewer was closed; `done` gets its page, NULL when it cannot
 * be opened any more, which a toast tells. The window is NULL when it is gone. */
typedef void (*weft_reopened)(WeftWindow *window, WeftTracePage *page, gpointer data);
void weft_window_reopen(WeftWindow *window, GFile *file, weft_reopened done, gpointer data);

/* Opens what is being recorded, once it can be read. The recorder is ended with its tab. */
void weft_window_open_recording(WeftWindow *window, GFile *file, GSubprocess *recorder);

/* Opens a lesson's trace in the Dispatch view; it is no recent file. recorder: as above, or NULL.
 */
void weft_window_open_lesson(WeftWindow *window, GFile *file, GSubprocess *recorder);

/* window-session.c */
void weft_window_keep_session(WeftWindow *window); /* which traces are open, and where in them */

/* window-export.c */
void weft_window_export(WeftWindow *window); /* by dialog */
/* What the timeline of the tab shown shows, into a file whose name says the format: .png (also
 * without any), .svg, .pdf. A toast tells when it is there, or why not. */
void weft_window_export_to(WeftWindow *window, const char *path, const struct weft_palette *palette,
                           gboolean all_lanes);

/* window.c */
void weft_window_add_page(WeftWindow *window, WeftTracePage *page, const char *title,
                          const char *tooltip);
/* The start page, or the tabs; or the lessons. */
void weft_window_show_start(WeftWindow *window, gboolean start);
/* Something is about to be opened: a window that was not seen yet does not begin with the start
 * page. It was opened, or could not be: without any tab there is the start page. */
void weft_window_opens(WeftWindow *window);
void weft_window_opened(WeftWindow *window);
void weft_window_show_lessons(WeftWindow *window);
/* The title, subtitle and buttons of the tab shown. */
void weft_window_tell_title(WeftWindow *window);
void weft_window_toast(WeftWindow *window, const char *text);
/* Says what is done, in every view; whoever does it ends the row. "Cancel" cancels. */
WeftWorkRow *weft_window_show_work(WeftWindow *window, const char *what, GCancellable *cancellable);

#endif
