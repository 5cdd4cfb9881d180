/* trace-page-private.h: what trace-page.c (the widget) and trace-page-actions.c (its actions and
 * keys) share. */
#ifndef WEFT_VIEWER_TRACE_PAGE_PRIVATE_H
#define WEFT_VIEWER_TRACE_PAGE_PRIVATE_H

#include "app/viewer/panels/inspector.h"
#include "app/viewer/timeline/lanes.h"
#include "app/viewer/timeline/legend.h"
#include "app/viewer/timeline/minimap.h"
#include "app/viewer/timeline/names.h"
#include "app/viewer/timeline/ruler.h"
#include "app/viewer/trace-page.h"

struct _WeftTracePage {
    AdwBin parent_instance;
    WeftSession *session; /* NULL: a failed page */
    struct weft_render *render;

    GtkWidget *timeline; /* all of it; or else: */
    AdwStatusPage *status;
    GtkInfoBar *notice;
    GtkLabel *notice_text;
    GtkSearchBar *search;
    GtkSearchEntry *search_entry;
    GtkLabel *search_count;
    AdwFlap *flap;
    WeftMinimap *minimap;
    WeftRuler *ruler;
    WeftNames *names;
    WeftLanes *lanes;
    WeftLegend *legend;
    WeftInspector *inspector;
    GtkProgressBar *progress;
    GtkAdjustment *scroll;
    GtkWidget *scrollbar;
    GtkLabel *clock_text, *shown;

    guint load_source;          /* steps of the pass; 0: done */
    guint poll_source;          /* follows a live process; 0: it has ended */
    gint64 load_began;          /* monotonic µs */
    gboolean scrolling;         /* the adjustment is being set from the session */
    gboolean prefers_inspector; /* it is seen where there is room beside the timeline */
};

/* Installs the "timeline.*" actions and their keys. */
void weft_trace_page_install_actions(GtkWidgetClass *class);

#endif
