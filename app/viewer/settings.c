/* settings.c: finds the schema where GSettings looks, else beside the program: where it was
 * installed together with it, or in the build directory. */
#include "app/viewer/settings.h"

#define SCHEMA "org.weft.Weft"

static GSettingsSchema *schema_in(const char *directory)
{
    g_autoptr(GSettingsSchemaSource) source = g_settings_schema_source_new_from_directory(
        directory, g_settings_schema_source_get_default(), FALSE, NULL);
    return source ? g_settings_schema_source_lookup(source, SCHEMA, FALSE) : NULL;
}

static GSettingsSchema *find_schema(void)
{
    static const char *const places[] = { "../share/glib-2.0/schemas", "../data/settings" };
    GSettingsSchemaSource *usual = g_settings_schema_source_get_default();
    GSettingsSchema *schema = usual ? g_settings_schema_source_lookup(usual, SCHEMA, TRUE) : NULL;
    g_autofree char *own = schema ? NULL : g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *beside = own ? g_path_get_dirname(own) : NULL;
    for (guint i = 0; !schema && beside && i < G_N_ELEMENTS(places); i++) {
        g_autofree char *directory = g_build_filename(beside, places[i], NULL);
        schema = schema_in(directory);
    }
    return schema;
}

GSettings *weft_settings(void)
{
    static GSettings *settings;
    static gboolean sought;
    if (!sought) {
        g_autoptr(GSettingsSchema) schema = find_schema();
        settings = schema ? g_settings_new_full(schema, NULL, NULL) : NULL;
        sought = TRUE;
    }
    return settings;
}
