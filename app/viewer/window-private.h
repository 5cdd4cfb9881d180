/* window-private.h: what window.c (the widget), window-actions.c and window-open.c share. */
#ifndef WEFT_VIEWER_WINDOW_PRIVATE_H
#define WEFT_VIEWER_WINDOW_PRIVATE_H

#include "app/viewer/panels/goto.h"
#include "app/viewer/panels/notes-panel.h"
#include "app/viewer/render/palette.h"
#include "app/viewer/start-page.h"
#include "app/viewer/window.h"

struct _WeftWindow {
    AdwApplicationWindow parent_instance;
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
    GPtrArray *closed;           /* of GFile: to reopen, the latest last */
    GVariant *restoring;         /* what was open, while it is opened again; NULL: it is not */
    gsize n_restored;            /* tabs of it, so far */
};

/* window-actions.c */
void weft_window_install_actions(WeftWindow *window);
/* Enables what the tab shown can do. */
void weft_window_update_actions(WeftWindow *window);
void weft_window_save(WeftWindow *window);

/* window-present.c */
void weft_window_present(WeftWindow *window, gboolean present);

/* window-open.c */
void weft_window_choose(WeftWindow *window); /* by dialog */
void weft_window_accept_drops(WeftWindow *window);

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
void weft_window_show_lessons(WeftWindow *window);
/* The title, subtitle and buttons of the tab shown. */
void weft_window_tell_title(WeftWindow *window);
void weft_window_toast(WeftWindow *window, const char *text);

#endif
