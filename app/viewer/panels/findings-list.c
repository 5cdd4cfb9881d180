/* findings-list.c: the session's list behind a filter and a selection; rows are made for those in
 * sight alone. */
#include "app/viewer/panels/findings-list.h"

#include "app/viewer/accessible.h"
#include "app/viewer/count.h"
#include "app/viewer/finding-item.h"
#include "app/viewer/side-by-side.h"

struct _WeftFindingsList {
    AdwBin parent_instance;
    WeftSession *session;
    gboolean of_day; /* as the rows' words say */
    GtkSearchEntry *search;
    GtkToggleButton *errors, *warnings, *hints;
    GtkSpinner *looking;
    GtkWidget *head, *scrolled;
    GtkListView *view;
    AdwStatusPage *empty;
    GtkFilterListModel *filtered;
    GtkSingleSelection *selection;
    GtkFilter *filter;
};
G_DEFINE_FINAL_TYPE(WeftFindingsList, weft_findings_list, ADW_TYPE_BIN)

const char *weft_severity_icon(enum weft_severity severity)
{
    return severity == WEFT_SEVERITY_ERROR     ? "weft-error-symbolic"
           : severity == WEFT_SEVERITY_WARNING ? "weft-warning-symbolic"
                                               : "weft-hint-symbolic";
}

/* The name of a colour of style.css. */
static const char *severity_class(enum weft_severity severity)
{
    return severity == WEFT_SEVERITY_ERROR     ? "error"
           : severity == WEFT_SEVERITY_WARNING ? "warning"
                                               : "accent";
}

/* ---- A row ---- */

struct row {
    WeftFindingsList *list;
    GtkWidget *icon, *message, *fix, *when, *count, *go;
};

static GtkWidget *label_new(const char *class, gboolean wraps)
{
    GtkWidget *label = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_wrap(GTK_LABEL(label), wraps);
    gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_width_chars(GTK_LABEL(label), wraps ? 12 : -1); /* or GTK tries a letter a line */
    if (class)
        gtk_widget_add_css_class(label, class);
    return label;
}

/* Goes to the proof: the button of a row, which has its item as data. */
static void go_clicked(GtkButton *button, WeftFindingsList *list)
{
    WeftFindingItem *item = g_object_get_data(G_OBJECT(button), "item");
    weft_session_show_finding(list->session, weft_finding_item_get(item));
    gtk_widget_activate_action(GTK_WIDGET(list), "win.view", "s", "timeline");
}

static void setup(GtkSignalListItemFactory *factory, GtkListItem *cell, WeftFindingsList *list)
{
    struct row *row = g_new(struct row, 1);
    row->list = list;
    GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);
    GtkWidget *side = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);
    row->icon = gtk_image_new();
    row->message = label_new(NULL, TRUE);
    row->fix = label_new("secondary", TRUE);
    row->when = label_new("secondary", FALSE);
    row->count = label_new("secondary", FALSE);
    row->go = gtk_button_new_from_icon_name("go-next-symbolic");
    gtk_widget_set_valign(row->icon, GTK_ALIGN_START);
    gtk_widget_set_valign(row->go, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class(row->go, "flat");
    gtk_widget_add_css_class(row->when, "numeric");
    gtk_label_set_xalign(GTK_LABEL(row->when), 1);
    gtk_label_set_xalign(GTK_LABEL(row->count), 1);
    gtk_widget_set_hexpand(words, TRUE);
    gtk_widget_set_tooltip_text(row->go, "Show it in the timeline");
    weft_accessible_name(row->go, "Show it in the timeline");
    g_signal_connect(row->go, "clicked", G_CALLBACK(go_clicked), list);
    gtk_box_append(GTK_BOX(words), row->message);
    gtk_box_append(GTK_BOX(words), row->fix);
    gtk_box_append(GTK_BOX(side), row->when);
    gtk_box_append(GTK_BOX(side), row->count);
    gtk_list_item_set_child(cell, weft_side_by_side(12, row->icon, words, side, row->go, NULL));
    g_object_set_data_full(G_OBJECT(cell), "row", row, g_free);
    (void)factory;
}

static void fill(WeftFindingItem *item, GtkListItem *cell)
{
    static const char *const classes[] = { "error", "warning", "accent" };
    const struct row *row = g_object_get_data(G_OBJECT(cell), "row");
    const struct weft_finding *finding = weft_finding_item_get(item);
    g_autofree char *when = weft_finding_item_when(item, weft_session_view(row->list->session));
    g_autofree char *n = weft_count(finding->count);
    g_autofree char *count = g_strdup_printf("%s times", n);
    gtk_image_set_from_icon_name(GTK_IMAGE(row->icon), weft_severity_icon(finding->severity));
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
        gtk_widget_remove_css_class(row->icon, classes[i]);
    gtk_widget_add_css_class(row->icon, severity_class(finding->severity));
    gtk_accessible_update_property(GTK_ACCESSIBLE(row->icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   weft_severity_name(finding->severity), -1);
    gtk_label_set_text(GTK_LABEL(row->message), finding->message);
    gtk_label_set_text(GTK_LABEL(row->fix), finding->fix);
    gtk_label_set_text(GTK_LABEL(row->when), when);
    gtk_label_set_text(GTK_LABEL(row->count), count);
    gtk_widget_set_visible(row->count, finding->count > 1);
    gtk_widget_set_tooltip_text(GTK_WIDGET(row->icon), finding->rule->meaning);
    g_object_set_data(G_OBJECT(row->go), "item", item);
    weft_accessible_name_row(cell, finding->message);
}

static void bind(GtkSignalListItemFactory *factory, GtkListItem *cell, gpointer data)
{
    WeftFindingItem *item = gtk_list_item_get_item(cell);
    g_signal_connect(item, "changed", G_CALLBACK(fill), cell);
    fill(item, cell);
    (void)factory, (void)data;
}

static void unbind(GtkSignalListItemFactory *factory, GtkListItem *cell, gpointer data)
{
    g_signal_handlers_disconnect_by_func(gtk_list_item_get_item(cell), fill, cell);
    (void)factory, (void)data;
}

static void selected(WeftFindingsList *list)
{
    WeftFindingItem *item = gtk_single_selection_get_selected_item(list->selection);
    if (item && list->session)
        weft_session_show_finding(list->session, weft_finding_item_get(item));
}

/* The one that has the keys need not be selected yet. */
static void row_activated(GtkListView *view, guint position, WeftFindingsList *list)
{
    if (gtk_single_selection_get_selected(list->selection) == position)
        selected(list);
    else
        gtk_single_selection_set_selected(list->selection, position);
    gtk_widget_activate_action(GTK_WIDGET(list), "win.view", "s", "timeline");
    (void)view;
}

static void copy_activated(GtkWidget *widget, const char *name, GVariant *parameter)
{
    WeftFindingsList *list = WEFT_FINDINGS_LIST(widget);
    WeftFindingItem *item = gtk_single_selection_get_selected_item(list->selection);
    if (!item)
        return;
    g_autofree char *text = weft_finding_item_text(item, weft_session_view(list->session));
    gdk_clipboard_set_text(gtk_widget_get_clipboard(widget), text);
    gtk_widget_activate_action(widget, "win.say", "s", "Finding copied");
    (void)name, (void)parameter;
}

/* ---- The filter ---- */

static gboolean passes(gpointer object, gpointer data)
{
    WeftFindingsList *list = data;
    const struct weft_finding *finding = weft_finding_item_get(object);
    GtkToggleButton *wanted = finding->severity == WEFT_SEVERITY_ERROR     ? list->errors
                              : finding->severity == WEFT_SEVERITY_WARNING ? list->warnings
                                                                           : list->hints;
    if (!gtk_toggle_button_get_active(wanted))
        return FALSE;
    g_autofree char *text = weft_finding_item_text(object, weft_session_view(list->session));
    g_autofree char *all = g_utf8_casefold(text, -1);
    g_autofree char *part = g_utf8_casefold(gtk_editable_get_text(GTK_EDITABLE(list->search)), -1);
    return strstr(all, part) != NULL;
}

/* "Nothing to report" where nothing was found, or what to undo where the filter hides all. */
static void show_empty(WeftFindingsList *list)
{
    guint shown = g_list_model_get_n_items(G_LIST_MODEL(list->filtered));
    guint all = list->session ? g_list_model_get_n_items(weft_session_findings(list->session)) : 0;
    gboolean looked = list->session && weft_session_looked(list->session);
    gtk_widget_set_visible(list->head, all > 0);
    gtk_widget_set_visible(list->scrolled, shown > 0);
    gtk_widget_set_visible(GTK_WIDGET(list->empty), shown == 0);
    gtk_spinner_set_spinning(list->looking, !looked);
    if (shown > 0)
        return;
    adw_status_page_set_icon_name(list->empty, all      ? "edit-find-symbolic"
                                               : looked ? "emblem-ok-symbolic"
                                                        : "org.weft.Weft-symbolic");
    adw_status_page_set_title(list->empty, all      ? "No Such Finding"
                                           : looked ? "Nothing to Report"
                                                    : "Looking…");
    adw_status_page_set_description(
        list->empty, all      ? "Change the filter: findings are hidden."
                     : looked ? "No deadlock, no task that holds the loop up, no error that nobody "
                                "looked at."
                              : NULL);
}

static void show_counts(WeftFindingsList *list)
{
    GtkToggleButton *const buttons[WEFT_SEVERITIES] = {
        [WEFT_SEVERITY_ERROR] = list->errors,
        [WEFT_SEVERITY_WARNING] = list->warnings,
        [WEFT_SEVERITY_HINT] = list->hints,
    };
    GListModel *all = weft_session_findings(list->session);
    guint counts[WEFT_SEVERITIES] = { 0 };
    for (guint i = 0; i < g_list_model_get_n_items(all); i++) {
        g_autoptr(WeftFindingItem) item = g_list_model_get_item(all, i);
        counts[weft_finding_item_get(item)->severity]++;
    }
    for (guint i = WEFT_SEVERITY_HINT; i < WEFT_SEVERITIES; i++) {
        g_autofree char *text = g_strdup_printf("%u %s%s", counts[i], weft_severity_name(i),
                                                counts[i] == 1 ? "" : "s");
        gtk_button_set_label(GTK_BUTTON(buttons[i]), text);
        gtk_widget_set_visible(GTK_WIDGET(buttons[i]), counts[i] > 0);
    }
    show_empty(list);
}

static void filter_changed(WeftFindingsList *list)
{
    gtk_filter_changed(list->filter, GTK_FILTER_CHANGE_DIFFERENT);
    show_empty(list);
}

/* ---- The session ---- */

static void session_changed(WeftSession *session, guint what, WeftFindingsList *list)
{
    if (what & WEFT_CHANGE_FINDINGS)
        show_counts(list);
    gboolean of_day = weft_session_view(session)->of_day;
    if (of_day != list->of_day) { /* binds each again */
        list->of_day = of_day;
        gtk_filter_list_model_set_model(list->filtered, NULL);
        gtk_filter_list_model_set_model(list->filtered, weft_session_findings(session));
    }
}

void weft_findings_list_set(WeftFindingsList *list, WeftSession *session)
{
    if (list->session)
        g_signal_handlers_disconnect_by_func(list->session, session_changed, list);
    g_set_object(&list->session, session);
    gtk_filter_list_model_set_model(list->filtered,
                                    session ? weft_session_findings(session) : NULL);
    if (!session)
        return;
    list->of_day = weft_session_view(session)->of_day;
    g_signal_connect(session, "changed", G_CALLBACK(session_changed), list);
    show_counts(list);
}

void weft_findings_list_find(WeftFindingsList *list)
{
    if (!gtk_widget_get_visible(list->head) || !gtk_widget_grab_focus(GTK_WIDGET(list->search)))
        gtk_widget_error_bell(GTK_WIDGET(list));
}

static void dispose(GObject *object)
{
    WeftFindingsList *list = WEFT_FINDINGS_LIST(object);
    if (list->filtered)
        weft_findings_list_set(list, NULL);
    g_clear_object(&list->selection);
    g_clear_object(&list->filtered);
    g_clear_object(&list->filter);
    G_OBJECT_CLASS(weft_findings_list_parent_class)->dispose(object);
}

static gboolean grab_focus(GtkWidget *widget)
{
    return gtk_widget_grab_focus(GTK_WIDGET(WEFT_FINDINGS_LIST(widget)->view));
}

static void weft_findings_list_class_init(WeftFindingsListClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    widget->grab_focus = grab_focus;
    gtk_widget_class_set_accessible_role(widget, GTK_ACCESSIBLE_ROLE_GROUP);
    gtk_widget_class_set_template_from_resource(widget, "/org/weft/Weft/findings-list.ui");
    gtk_widget_class_bind_template_child(widget, WeftFindingsList, search);
    gtk_widget_class_bind_template_child(widget, WeftFindingsList, errors);
    gtk_widget_class_bind_template_child(widget, WeftFindingsList, warnings);
    gtk_widget_class_bind_template_child(widget, WeftFindingsList, hints);
    gtk_widget_class_bind_template_child(widget, WeftFindingsList, looking);
    gtk_widget_class_bind_template_child(widget, WeftFindingsList, head);
    gtk_widget_class_bind_template_child(widget, WeftFindingsList, scrolled);
    gtk_widget_class_bind_template_child(widget, WeftFindingsList, view);
    gtk_widget_class_bind_template_child(widget, WeftFindingsList, empty);
    gtk_widget_class_bind_template_callback(widget, filter_changed);
    gtk_widget_class_bind_template_callback(widget, row_activated);
    gtk_widget_class_install_action(widget, "findings.copy", NULL, copy_activated);
    gtk_widget_class_add_binding_action(widget, GDK_KEY_c, GDK_CONTROL_MASK, "findings.copy", NULL);
}

static void weft_findings_list_init(WeftFindingsList *list)
{
    gtk_widget_init_template(GTK_WIDGET(list));
    list->filter = GTK_FILTER(gtk_custom_filter_new(passes, list, NULL));
    list->filtered = gtk_filter_list_model_new(NULL, g_object_ref(list->filter));
    list->selection = gtk_single_selection_new(g_object_ref(G_LIST_MODEL(list->filtered)));
    gtk_single_selection_set_autoselect(list->selection, FALSE);
    gtk_single_selection_set_can_unselect(list->selection, TRUE);
    g_signal_connect_object(list->selection, "notify::selected", G_CALLBACK(selected), list,
                            G_CONNECT_SWAPPED);
    GtkListItemFactory *rows = gtk_signal_list_item_factory_new();
    g_signal_connect(rows, "setup", G_CALLBACK(setup), list);
    g_signal_connect(rows, "bind", G_CALLBACK(bind), NULL);
    g_signal_connect(rows, "unbind", G_CALLBACK(unbind), NULL);
    gtk_list_view_set_factory(list->view, rows);
    gtk_list_view_set_model(list->view, GTK_SELECTION_MODEL(list->selection));
    g_object_unref(rows);
}
