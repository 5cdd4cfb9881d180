/* preferences.c: each row is bound to its setting: what is chosen is so at once. */
#include "app/viewer/preferences.h"

#include "app/viewer/settings.h"

static const char *const colors[] = { "Like the desktop", "Light", "Dark", NULL };

static void color_chosen(AdwComboRow *row, GParamSpec *what, GSettings *settings)
{
    g_settings_set_enum(settings, "colors", (int)adw_combo_row_get_selected(row));
    (void)what;
}

static GtkWidget *color_row(GSettings *settings)
{
    AdwComboRow *row = ADW_COMBO_ROW(adw_combo_row_new());
    g_autoptr(GtkStringList) titles = gtk_string_list_new(colors);
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), "Colours");
    adw_combo_row_set_model(row, G_LIST_MODEL(titles));
    adw_combo_row_set_selected(row, (guint)g_settings_get_enum(settings, "colors"));
    g_signal_connect_object(row, "notify::selected", G_CALLBACK(color_chosen), settings, 0);
    return GTK_WIDGET(row);
}

static GtkWidget *restore_row(GSettings *settings)
{
    AdwActionRow *row = ADW_ACTION_ROW(adw_action_row_new());
    GtkWidget *button = gtk_switch_new();
    adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), "Open Again What Was Open");
    adw_action_row_set_subtitle(row, "When Weft is started without a trace");
    gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
    adw_action_row_add_suffix(row, button);
    adw_action_row_set_activatable_widget(row, button);
    g_settings_bind(settings, "restore", button, "active", G_SETTINGS_BIND_DEFAULT);
    return GTK_WIDGET(row);
}

void weft_preferences_show(GtkWindow *parent)
{
    GSettings *settings = weft_settings();
    if (!settings)
        return;
    GtkWidget *window = adw_preferences_window_new();
    GtkWidget *page = adw_preferences_page_new(), *group = adw_preferences_group_new();
    adw_preferences_group_add(ADW_PREFERENCES_GROUP(group), color_row(settings));
    adw_preferences_group_add(ADW_PREFERENCES_GROUP(group), restore_row(settings));
    adw_preferences_page_add(ADW_PREFERENCES_PAGE(page), ADW_PREFERENCES_GROUP(group));
    adw_preferences_window_add(ADW_PREFERENCES_WINDOW(window), ADW_PREFERENCES_PAGE(page));
    adw_preferences_window_set_search_enabled(ADW_PREFERENCES_WINDOW(window), FALSE);
    gtk_window_set_default_size(GTK_WINDOW(window), 480, 280);
    gtk_window_set_transient_for(GTK_WINDOW(window), parent);
    gtk_window_set_modal(GTK_WINDOW(window), parent != NULL);
    gtk_window_present(GTK_WINDOW(window));
}
