/* code-pane.c: see code-pane.h. */
#include "app/viewer/dispatch/code-pane.h"

#include "app/lessons/twin.h"
#include "app/viewer/panels/source-panel.h"
#include <glib/gstdio.h>

enum { FILE_MAX = 1 << 20 };

struct _WeftCodePane {
    GtkWidget parent_instance;
    GtkWidget *box;
    WeftSourcePanel *c, *python;
    char *source; /* whose twins these are; NULL: none yet */
    char *beside; /* the Python; NULL: there is none */
    GArray *twins;
    guint twin;
};
G_DEFINE_FINAL_TYPE(WeftCodePane, weft_code_pane, GTK_TYPE_WIDGET)

static char *read_file(const char *path)
{
    char *text = NULL;
    GStatBuf file;
    if (g_stat(path, &file) == 0 && S_ISREG(file.st_mode) && file.st_size <= FILE_MAX)
        g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

/* Another file: looks for its twin. */
static void take_source(WeftCodePane *pane, const char *source)
{
    g_clear_pointer(&pane->twins, g_array_unref);
    g_clear_pointer(&pane->beside, g_free);
    g_free(pane->source);
    pane->source = g_strdup(source);
    if (!g_str_has_suffix(source, ".c"))
        return;
    g_autofree char *stem = g_strndup(source, strlen(source) - 2);
    g_autofree char *beside = g_strconcat(stem, ".py", NULL);
    g_autofree char *ours = read_file(source), *theirs = read_file(beside);
    if (ours && theirs) {
        pane->twins = lesson_twins(ours, theirs);
        pane->beside = g_steal_pointer(&beside);
    }
}

void weft_code_pane_show(WeftCodePane *pane, const char *source, unsigned line)
{
    if (source && g_strcmp0(source, pane->source) != 0)
        take_source(pane, source);
    pane->twin = source && pane->twins ? lesson_twin_of(pane->twins, line) : 0;
    weft_source_panel_show_file(pane->c, pane->source, source ? line : 0);
    weft_source_panel_show_file(pane->python, pane->beside, pane->twin);
}

guint weft_code_pane_twin(WeftCodePane *pane)
{
    return pane->twin;
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_CODE_PANE(object)->box, gtk_widget_unparent);
    G_OBJECT_CLASS(weft_code_pane_parent_class)->dispose(object);
}

static void finalize(GObject *object)
{
    WeftCodePane *pane = WEFT_CODE_PANE(object);
    g_free(pane->source);
    g_free(pane->beside);
    g_clear_pointer(&pane->twins, g_array_unref);
    G_OBJECT_CLASS(weft_code_pane_parent_class)->finalize(object);
}

static void weft_code_pane_class_init(WeftCodePaneClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
    gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "code");
}

static void weft_code_pane_init(WeftCodePane *pane)
{
    pane->box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    gtk_widget_set_parent(pane->box, GTK_WIDGET(pane));
    gtk_box_set_homogeneous(GTK_BOX(pane->box), TRUE);
    pane->c = g_object_new(WEFT_TYPE_SOURCE_PANEL, "visible", FALSE, NULL);
    pane->python = g_object_new(WEFT_TYPE_SOURCE_PANEL, "visible", FALSE, NULL);
    gtk_box_append(GTK_BOX(pane->box), GTK_WIDGET(pane->c));
    gtk_box_append(GTK_BOX(pane->box), GTK_WIDGET(pane->python));
}
