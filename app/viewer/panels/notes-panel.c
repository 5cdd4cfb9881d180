/* notes-panel.c: an entry for a new note, or for another text of one, over the list of those there
 * are. */
#include "app/viewer/panels/notes-panel.h"

#include "app/viewer/accessible.h"
#include "app/viewer/note-item.h"
#include "app/viewer/side-by-side.h"

struct _WeftNotesPanel {
    AdwBin parent_instance;
    WeftSession *session;
    gboolean of_day; /* as the rows' words say */
    GtkEntry *entry;
    WeftNoteItem *edited; /* whose text is in the entry; NULL: a new note's */
    GtkListView *view;
    GtkWidget *scrolled, *nothing;
    GtkNoSelection *rows;
};
G_DEFINE_FINAL_TYPE(WeftNotesPanel, weft_notes_panel, ADW_TYPE_BIN)

static void say(WeftNotesPanel *panel, const char *text)
{
    gtk_widget_activate_action(GTK_WIDGET(panel), "win.say", "s", text);
}

/* ---- Changes ---- */

static void changed(WeftNotesPanel *panel, WeftSession *session, GAsyncResult *result,
                    const char *what)
{
    g_autoptr(GError) error = NULL;
    if (weft_session_note_finish(session, result, &error)) {
        say(panel, what);
        return;
    }
    g_autofree char *text = g_strdup_printf("Not kept: %s", error->message);
    say(panel, text);
}

static void note_added(GObject *session, GAsyncResult *result, gpointer panel)
{
    changed(panel, WEFT_SESSION(session), result, "Note kept with the trace");
    g_object_unref(panel);
}

static void bookmark_added(GObject *session, GAsyncResult *result, gpointer panel)
{
    changed(panel, WEFT_SESSION(session), result, "Bookmark kept with the trace");
    g_object_unref(panel);
}

static void note_changed(GObject *session, GAsyncResult *result, gpointer panel)
{
    changed(panel, WEFT_SESSION(session), result, "Note changed");
    g_object_unref(panel);
}

static void note_deleted(GObject *session, GAsyncResult *result, gpointer panel)
{
    changed(panel, WEFT_SESSION(session), result, "Note deleted");
    g_object_unref(panel);
}

void weft_notes_panel_bookmark(WeftNotesPanel *panel)
{
    if (panel->session)
        weft_session_add_note(panel->session, "", bookmark_added, g_object_ref(panel));
}

static void follow(WeftNotesPanel *panel);

/* The entry is that note's from here on; NULL: a new one's. */
static void edit(WeftNotesPanel *panel, WeftNoteItem *item)
{
    g_set_object(&panel->edited, item);
    gtk_editable_set_text(GTK_EDITABLE(panel->entry), item ? weft_note_item_get(item)->text : "");
    gtk_accessible_update_property(GTK_ACCESSIBLE(panel->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                   item ? "Text of the note" : "New note", -1);
    if (panel->session)
        follow(panel);
}

static void edit_clicked(GtkButton *button, WeftNotesPanel *panel)
{
    edit(panel, g_object_get_data(G_OBJECT(button), "item"));
    gtk_widget_grab_focus(GTK_WIDGET(panel->entry));
}

static void entry_activated(WeftNotesPanel *panel)
{
    const char *text = gtk_editable_get_text(GTK_EDITABLE(panel->entry));
    GtkWidget *popover = gtk_widget_get_ancestor(GTK_WIDGET(panel), GTK_TYPE_POPOVER);
    if (!panel->session || !text[0])
        return;
    if (panel->edited)
        weft_session_change_note(panel->session, weft_note_item_get(panel->edited), text,
                                 note_changed, g_object_ref(panel));
    else
        weft_session_add_note(panel->session, text, note_added, g_object_ref(panel));
    edit(panel, NULL);
    if (popover)
        gtk_popover_popdown(GTK_POPOVER(popover));
}

static void delete_clicked(GtkButton *button, WeftNotesPanel *panel)
{
    WeftNoteItem *item = g_object_get_data(G_OBJECT(button), "item");
    if (item == panel->edited)
        edit(panel, NULL);
    weft_session_delete_note(panel->session, weft_note_item_get(item)->id, note_deleted,
                             g_object_ref(panel));
}

static void row_activated(GtkListView *view, guint position, WeftNotesPanel *panel)
{
    g_autoptr(WeftNoteItem) item = g_list_model_get_item(G_LIST_MODEL(panel->rows), position);
    const struct weft_note *note = weft_note_item_get(item);
    if (!note->entity || !weft_session_jump(panel->session, note->entity, note->time_ns)) {
        weft_session_go(panel->session, note->time_ns);
    }
    (void)view;
}

/* ---- Rows ---- */

static void setup(GtkSignalListItemFactory *factory, GtkListItem *cell, WeftNotesPanel *panel)
{
    GtkWidget *time = gtk_label_new(""), *text = gtk_label_new("");
    GtkWidget *change = gtk_button_new_from_icon_name("document-edit-symbolic");
    GtkWidget *delete = gtk_button_new_from_icon_name("user-trash-symbolic");
    gtk_label_set_xalign(GTK_LABEL(time), 1);
    gtk_label_set_width_chars(GTK_LABEL(time), 9);
    gtk_widget_add_css_class(time, "secondary");
    gtk_widget_add_css_class(time, "numeric");
    gtk_label_set_xalign(GTK_LABEL(text), 0);
    gtk_label_set_wrap(GTK_LABEL(text), TRUE);
    gtk_label_set_wrap_mode(GTK_LABEL(text), PANGO_WRAP_WORD_CHAR);
    /* Or the list is as high as it would be with a letter a line. */
    gtk_label_set_width_chars(GTK_LABEL(text), 20);
    gtk_widget_set_hexpand(text, TRUE);
    gtk_widget_add_css_class(change, "flat");
    gtk_widget_set_valign(change, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text(change, "Change this note");
    weft_accessible_name(change, "Change this note");
    g_signal_connect(change, "clicked", G_CALLBACK(edit_clicked), panel);
    gtk_widget_add_css_class(delete, "flat");
    gtk_widget_set_valign(delete, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text(delete, "Delete this note");
    weft_accessible_name(delete, "Delete this note");
    g_signal_connect(delete, "clicked", G_CALLBACK(delete_clicked), panel);
    gtk_list_item_set_child(cell, weft_side_by_side(12, time, text, change, delete, NULL));
    (void)factory;
}

static void bind(GtkSignalListItemFactory *factory, GtkListItem *cell, WeftNotesPanel *panel)
{
    WeftNoteItem *item = gtk_list_item_get_item(cell);
    const struct weft_note *note = weft_note_item_get(item);
    GtkWidget *time = gtk_widget_get_first_child(gtk_list_item_get_child(cell));
    GtkWidget *text = gtk_widget_get_next_sibling(time);
    g_autofree char *when = weft_view_time(weft_session_view(panel->session), note->time_ns);
    g_autofree char *name = note->entity
                                ? weft_model_name(weft_session_model(panel->session), note->entity)
                                : NULL;
    g_autofree char *words = note->text[0] && name ? g_strdup_printf("%s: %s", name, note->text)
                             : note->text[0]       ? g_strdup(note->text)
                             : name                ? g_strdup_printf("%s, bookmark", name)
                                                   : g_strdup("Bookmark");
    gtk_label_set_text(GTK_LABEL(time), when);
    g_autofree char *whole = g_strdup_printf("%s: %s", when, words);
    gtk_label_set_text(GTK_LABEL(text), words);
    weft_accessible_name_row(cell, whole);
    for (GtkWidget *button = gtk_widget_get_next_sibling(text); button;
         button = gtk_widget_get_next_sibling(button))
        g_object_set_data(G_OBJECT(button), "item", item);
    (void)factory;
}

/* ---- Following the session ---- */

static void follow(WeftNotesPanel *panel)
{
    gint64 playhead = panel->edited    ? weft_note_item_get(panel->edited)->time_ns
                      : panel->session ? weft_session_view(panel->session)->playhead_ns
                                       : 0;
    gint64 t_ns = playhead == WEFT_NO_TIME ? 0 : playhead;
    g_autofree char *when = panel->session ? weft_view_time(weft_session_view(panel->session), t_ns)
                                           : weft_format_time(t_ns);
    g_autofree char *hint = g_strdup_printf("Note at %s", when);
    gboolean any = panel->session &&
                   g_list_model_get_n_items(weft_session_notes(panel->session)) > 0;
    gtk_entry_set_placeholder_text(panel->entry, hint);
    gtk_widget_set_visible(panel->scrolled, any);
    gtk_widget_set_visible(panel->nothing, !any);
}

static void session_changed(WeftSession *session, guint what, WeftNotesPanel *panel)
{
    if (what & (WEFT_CHANGE_NOTES | WEFT_CHANGE_PLAYHEAD | WEFT_CHANGE_ORIGIN))
        follow(panel);
    gboolean of_day = weft_session_view(session)->of_day;
    if (of_day != panel->of_day) { /* binds each again */
        panel->of_day = of_day;
        gtk_no_selection_set_model(panel->rows, NULL);
        gtk_no_selection_set_model(panel->rows, weft_session_notes(session));
    }
}

void weft_notes_panel_set(WeftNotesPanel *panel, WeftSession *session)
{
    if (session == panel->session)
        return;
    if (panel->session)
        g_signal_handlers_disconnect_by_func(panel->session, session_changed, panel);
    gtk_no_selection_set_model(panel->rows, NULL);
    g_set_object(&panel->session, session);
    edit(panel, NULL);
    if (!session)
        return;
    panel->of_day = weft_session_view(session)->of_day;
    gtk_no_selection_set_model(panel->rows, weft_session_notes(session));
    g_signal_connect(session, "changed", G_CALLBACK(session_changed), panel);
    follow(panel);
}

/* What is typed is for the entry, wherever the focus was when the panel was closed. */
static void map(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(weft_notes_panel_parent_class)->map(widget);
    gtk_widget_grab_focus(GTK_WIDGET(WEFT_NOTES_PANEL(widget)->entry));
}

/* Whoever closes the panel has left the note as it is. */
static void unmap(GtkWidget *widget)
{
    GTK_WIDGET_CLASS(weft_notes_panel_parent_class)->unmap(widget);
    if (WEFT_NOTES_PANEL(widget)->edited)
        edit(WEFT_NOTES_PANEL(widget), NULL);
}

static void dispose(GObject *object)
{
    WeftNotesPanel *panel = WEFT_NOTES_PANEL(object);
    if (panel->rows)
        weft_notes_panel_set(panel, NULL);
    g_clear_object(&panel->rows);
    g_clear_object(&panel->edited);
    G_OBJECT_CLASS(weft_notes_panel_parent_class)->dispose(object);
}

static void weft_notes_panel_class_init(WeftNotesPanelClass *class)
{
    GtkWidgetClass *widget = GTK_WIDGET_CLASS(class);
    G_OBJECT_CLASS(class)->dispose = dispose;
    widget->map = map;
    widget->unmap = unmap;
    gtk_widget_class_set_template_from_resource(widget, "/org/weft/Weft/notes-panel.ui");
    gtk_widget_class_bind_template_child(widget, WeftNotesPanel, entry);
    gtk_widget_class_bind_template_child(widget, WeftNotesPanel, view);
    gtk_widget_class_bind_template_child(widget, WeftNotesPanel, scrolled);
    gtk_widget_class_bind_template_child(widget, WeftNotesPanel, nothing);
    gtk_widget_class_bind_template_callback(widget, entry_activated);
    gtk_widget_class_bind_template_callback(widget, row_activated);
}

static void weft_notes_panel_init(WeftNotesPanel *panel)
{
    gtk_widget_init_template(GTK_WIDGET(panel));
    panel->rows = gtk_no_selection_new(NULL);
    GtkListItemFactory *rows = gtk_signal_list_item_factory_new();
    g_signal_connect(rows, "setup", G_CALLBACK(setup), panel);
    g_signal_connect(rows, "bind", G_CALLBACK(bind), panel);
    gtk_list_view_set_factory(panel->view, rows);
    gtk_list_view_set_model(panel->view, GTK_SELECTION_MODEL(panel->rows));
    g_object_unref(rows);
}
