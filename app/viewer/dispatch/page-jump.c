/* page-jump.c: the Dispatch view goes to the next event of a task or of a kind, however far it is;
 * and what is marked on its slider. */
#include "app/viewer/dispatch/page-private.h"
#include "app/viewer/finding-item.h"

static void find(WeftDispatchPage *page, struct weft_replay_wanted wanted, int direction)
{
    dispatch_page_ask(page,
                      (struct wish){ .asked = ASKED_FIND, .steps = direction, .wanted = wanted });
}

void dispatch_page_find_of_task(WeftDispatchPage *page, int direction)
{
    uint64_t task = dispatch_page_selected(page);
    if (task)
        find(page, (struct weft_replay_wanted){ .id = task }, direction);
    else
        gtk_widget_error_bell(GTK_WIDGET(page));
}

void dispatch_page_find_of_kind(WeftDispatchPage *page, int direction)
{
    find(page, page->kind->wanted, direction);
}

void dispatch_page_find_kind(WeftDispatchPage *page, const char *kind)
{
    const struct weft_jump_kind *chosen = weft_jump_kind_named(kind);
    if (!chosen)
        return;
    page->kind = chosen;
    dispatch_page_find_of_kind(page, 1);
}

/* Where somebody noted something, and where something is found: not while the future is hidden. */
void dispatch_page_show_marks(WeftDispatchPage *page)
{
    static const enum weft_slider_mark_kind kinds[] = {
        [WEFT_SEVERITY_HINT] = WEFT_SLIDER_HINT,
        [WEFT_SEVERITY_WARNING] = WEFT_SLIDER_WARNING,
        [WEFT_SEVERITY_ERROR] = WEFT_SLIDER_ERROR
    };
    guint n;
    const gint64 *notes = weft_session_note_times(page->session, &n);
    g_autoptr(GArray) marks = g_array_new(FALSE, FALSE, sizeof(struct weft_slider_mark));
    for (guint i = 0; i < n; i++)
        g_array_append_vals(marks, &(struct weft_slider_mark){ notes[i], WEFT_SLIDER_NOTE }, 1);
    GListModel *findings = weft_session_findings(page->session);
    for (guint i = 0; !page->predicting && i < g_list_model_get_n_items(findings); i++) {
        g_autoptr(WeftFindingItem) item = g_list_model_get_item(findings, i);
        const struct weft_finding *finding = weft_finding_item_get(item);
        g_array_append_vals(
            marks, &(struct weft_slider_mark){ finding->from_ns, kinds[finding->severity] }, 1);
    }
    weft_transport_set_marks(page->transport, (const struct weft_slider_mark *)(void *)marks->data,
                             marks->len);
}
