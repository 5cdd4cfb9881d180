/* inspector_test.c: a whole tab beside its lanes: what the inspector says of who is selected, and
 * how the tab looks in dark, in large letters, from right to left, and with nothing in it. */
#include "app/viewer/dispatch/transport.h"
#include "app/viewer/panels/chip.h"
#include "app/viewer/panels/inspector.h"
#include "app/viewer/panels/story.h"
#include "app/viewer/panels/track-card.h"
#include "app/viewer/tasks.h"
#include "app/viewer/timeline/lanes.h"
#include "app/viewer/timeline/names.h"
#include "app/viewer/timeline/ruler.h"
#include "tests/viewer/sample.h"
#include "tests/viewer/sample_page.h"
#include "tests/viewer/sample_tracks.h"
#include "tests/viewer/widgets.h"

/* A lock that is selected says once who has it, and who waits, as links. */
static void test_lock_is_told(void)
{
    struct page page;
    page_open_trace(&page, weft_sample_tracks(FALSE));
    guint lane = page_lock_lane(&page);
    weft_tracks *tracks = view_of(&page)->tracks;
    struct weft_track_step held = { 0 };
    for (gint64 t = 0; !held.owner || !held.waiters_max; t += MS)
        weft_tracks_at(tracks, lane - WEFT_TRACK_LANE, t, &held);
    weft_session_set_playhead(page.session, held.from_ns);
    weft_session_select(page.session, lane, held.from_ns);
    GtkWidget *card = widget_of(page.window, WEFT_TYPE_TRACK_CARD, FALSE);
    GtkWidget *parties = gtk_widget_get_last_child(gtk_widget_get_first_child(card));
    GtkWidget *words = gtk_widget_get_prev_sibling(parties);
    while (!gtk_widget_get_visible(card) || !gtk_label_get_text(GTK_LABEL(parties))[0])
        g_main_context_iteration(NULL, TRUE);
    g_autofree char *owner = weft_model_name(weft_session_model(page.session), held.owner);
    g_assert_nonnull(strstr(gtk_label_get_text(GTK_LABEL(words)), owner));
    g_assert_nonnull(strstr(gtk_label_get_label(GTK_LABEL(words)), ": held by <a href"));
    g_assert_true(g_str_has_prefix(gtk_label_get_text(GTK_LABEL(parties)), "Waiting: "));
    g_assert_nonnull(strstr(gtk_label_get_label(GTK_LABEL(parties)), "<a href"));
    act(&page, "timeline.clear");
    while (gtk_widget_get_visible(card))
        g_main_context_iteration(NULL, TRUE);
    page_close(&page);
}

/* A story says a time once, and its lines do not break within "0.4 ms" or "fetch.c:41". */
static void test_story(void)
{
    struct page page;
    g_autofree char *path = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), "09-lock", "trace.weft",
                                             NULL);
    page_open_trace(&page, weft_trace_open(path, NULL));
    GtkWidget *story = widget_of(GTK_WIDGET(page.page), WEFT_TYPE_STORY, FALSE), *row = NULL;
    while (!row || !gtk_widget_get_child_visible(story)) {
        g_main_context_iteration(NULL, TRUE);
        row = gtk_widget_get_first_child(gtk_widget_get_first_child(story));
    }
    guint said = 0, blank = 0, joined = 0;
    g_autofree char *before = NULL;
    for (; row; row = gtk_widget_get_next_sibling(row)) {
        GtkWidget *time = gtk_widget_get_first_child(
            gtk_list_box_row_get_child(GTK_LIST_BOX_ROW(row)));
        const char *when = gtk_label_get_text(GTK_LABEL(time));
        const char *text = gtk_label_get_text(GTK_LABEL(gtk_widget_get_next_sibling(time)));
        joined += strstr(text, ":\342\201\240") != NULL;
        g_assert_false(g_regex_match_simple("[0-9] (ns|µs|ms|s)\\b", text, 0, 0));
        if (*when == 0) {
            g_assert_nonnull(before);
            blank++;
            continue;
        }
        said++;
        g_free(before);
        before = g_strdup(when);
    }
    g_assert_cmpuint(said, >, 0);
    g_assert_cmpuint(blank, >, 0);
    g_assert_cmpuint(joined, >, 0);
    page_close(&page);
}

static guint sentences_shown(GtkWidget *story)
{
    guint n = 0;
    GtkWidget *row = gtk_widget_get_first_child(gtk_widget_get_first_child(story));
    for (; row; row = gtk_widget_get_next_sibling(row))
        n += gtk_widget_get_mapped(row);
    return n;
}

static gboolean all_seen(GtkWidget *inspector)
{
    GtkAdjustment *down = gtk_scrolled_window_get_vadjustment(
        GTK_SCROLLED_WINDOW(widget_of(inspector, GTK_TYPE_SCROLLED_WINDOW, TRUE)));
    return gtk_adjustment_get_upper(down) <= gtk_adjustment_get_page_size(down);
}

/* Where the window is low the story gives way to the source and the slices below it; the sentence
 * in force stays. And what a task waits for is told to its end, as links. */
static void test_room_and_chain(void)
{
    struct page page;
    g_autofree char *path = g_build_filename(g_getenv("WEFT_TEST_LESSONS"), "09-lock", "trace.weft",
                                             NULL);
    page_open_trace(&page, weft_trace_open(path, NULL));
    GtkWidget *inspector = widget_of(page.window, WEFT_TYPE_INSPECTOR, FALSE), *chain, *story;
    weft_session_jump(
        page.session,
        weft_model_lane(weft_session_model(page.session), page_lane(&page, "Eve"))->id, 1200 * MS);
    while (!(chain = label_shown(inspector, "Eve → ")))
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpstr(gtk_label_get_text(GTK_LABEL(chain)), ==,
                    "Eve → lock \"knife\" → Max → lock \"fork\" → Eve: a circle");
    g_assert_nonnull(strstr(gtk_label_get_label(GTK_LABEL(chain)), "<a href"));
    story = widget_of(inspector, WEFT_TYPE_STORY, FALSE);
    gtk_window_set_default_size(GTK_WINDOW(page.window), 1200, 850);
    while (sentences_shown(story) <= 3 || !all_seen(inspector))
        g_main_context_iteration(NULL, TRUE);
    gtk_window_set_default_size(GTK_WINDOW(page.window), 1200, 400);
    while (sentences_shown(story) > 3)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(sentences_shown(story), ==, 3);
    g_assert_nonnull(label_shown(story, "Eve awaits lock knife"));
    page_close(&page);
}

/* The menu of who is selected, by key: of a file, without what only a live program does. */
static void test_menu(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_select(page.session, page_lane(&page, "fetch-2"), 280 * MS);
    GtkWidget *lanes = widget_of(page.window, WEFT_TYPE_LANES, TRUE), *menu;
    g_assert_true(key_taken(lanes, GDK_KEY_Menu, 0));
    while (!(menu = widget_of(lanes, GTK_TYPE_POPOVER_MENU, TRUE)))
        g_main_context_iteration(NULL, TRUE);
    g_assert_nonnull(label_shown(menu, "Copy"));
    g_assert_null(label_shown(menu, "Cancel Task"));
    gtk_popover_popdown(GTK_POPOVER(menu));
    while (widget_of(lanes, GTK_TYPE_POPOVER_MENU, FALSE))
        g_main_context_iteration(NULL, TRUE);
    page_close(&page);
}

/* The file is not where it was when the program was built: that is said. */
static void test_source_that_moved(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_select(page.session, page_lane(&page, "fetch-2"), 280 * MS);
    while (!label_shown(page.window, "fetch.c:"))
        g_main_context_iteration(NULL, TRUE);
    const char *place = gtk_label_get_text(GTK_LABEL(label_shown(page.window, "fetch.c:")));
    g_assert_true(g_str_has_suffix(place, " (not found here)"));
    page_close(&page);
}

static void named_anew(GtkWidget *name, GParamSpec *what, gboolean *asked)
{
    *asked = label_shown(GTK_WIDGET(gtk_widget_get_root(name)), "Why is it not running") != NULL;
    (void)what;
}

/* Why another task waited is gone before this one's name is there. */
static void test_why_is_of_who_is_selected(void)
{
    struct page page;
    gboolean asked = TRUE;
    page_open(&page, FALSE);
    weft_session_jump(
        page.session,
        weft_model_lane(weft_session_model(page.session), page_lane(&page, "fetch-2"))->id,
        280 * MS);
    GtkWidget *inspector = widget_of(page.window, WEFT_TYPE_INSPECTOR, FALSE), *name;
    while (!label_shown(inspector, "Why is it not running") ||
           !(name = label_shown(inspector, "fetch-2")))
        g_main_context_iteration(NULL, TRUE);
    gulong handler = g_signal_connect(name, "notify::label", G_CALLBACK(named_anew), &asked);
    weft_session_select(page.session, page_lane(&page, "heartbeat"), 280 * MS);
    while (!label_shown(inspector, "heartbeat"))
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(asked);
    while (!label_shown(inspector, "Why is it not running"))
        g_main_context_iteration(NULL, TRUE);
    g_signal_handler_disconnect(name, handler);
    page_close(&page);
}

static void text_read(GObject *clipboard, GAsyncResult *result, gpointer text)
{
    *(char **)text = gdk_clipboard_read_text_finish(GDK_CLIPBOARD(clipboard), result, NULL);
}

/* The selection, and why its task waits, as text. */
static void test_copy(void)
{
    struct page page;
    page_open(&page, FALSE);
    weft_session_select(page.session, page_lane(&page, "fetch-2"), 280 * MS);
    weft_session_set_playhead(page.session, 280 * MS);
    while (!label_shown(page.window, "Why is it not running at 280"))
        g_main_context_iteration(NULL, TRUE);
    act(&page, "timeline.copy");
    char *text = NULL;
    gdk_clipboard_read_text_async(gtk_widget_get_clipboard(page.window), NULL, text_read, &text);
    while (!text)
        g_main_context_iteration(NULL, TRUE);
    g_assert_true(g_str_has_prefix(text, "fetch-2: "));
    g_assert_nonnull(strstr(text, "\nWhy is it not running at 280.0 ms? It "));
    g_free(text);
    page_close(&page);
}

static double left_of(GtkWidget *widget, GtkWidget *in)
{
    double x, y;
    g_assert_true(gtk_widget_translate_coordinates(widget, in, 0, 0, &x, &y));
    return x;
}

/* How far from the left of its label what begins there is drawn. */
static int place_in(GtkWidget *label, const char *at)
{
    PangoRectangle where;
    pango_layout_index_to_pos(gtk_label_get_layout(GTK_LABEL(label)),
                              (int)(at - gtk_label_get_text(GTK_LABEL(label))), &where);
    return MIN(where.x, where.x + where.width);
}

/* The speeds are drawn so: "×1"; returns how many there are. */
static guint assert_speeds(GtkWidget *from)
{
    const char *sign = GTK_IS_LABEL(from) ? strstr(gtk_label_get_text(GTK_LABEL(from)), "×") : NULL;
    if (sign)
        g_assert_cmpint(place_in(from, sign), <, place_in(from, g_utf8_next_char(sign)));
    guint n = sign ? 1 : 0;
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child))
        n += assert_speeds(child);
    return n;
}

/* Where words go from right to left, names are right of the lanes and the inspector is left of
 * them; time goes from left to right all the same, and "+3" is drawn as that. */
static void test_right_to_left(void)
{
    struct page page;
    gtk_widget_set_default_direction(GTK_TEXT_DIR_RTL);
    page_open(&page, FALSE);
    GtkWidget *in = GTK_WIDGET(page.page), *lanes = widget_of(in, WEFT_TYPE_LANES, TRUE),
              *names = widget_of(in, WEFT_TYPE_NAMES, TRUE),
              *inspector = widget_of(in, WEFT_TYPE_INSPECTOR, TRUE),
              *ruler = widget_of(in, WEFT_TYPE_RULER, TRUE),
              *slider = widget_of(widget_of(in, WEFT_TYPE_TRANSPORT, FALSE), GTK_TYPE_SCALE, FALSE);
    g_assert_cmpfloat(left_of(names, in), >, left_of(lanes, in));
    g_assert_cmpfloat(left_of(inspector, in), <, left_of(lanes, in));
    g_assert_cmpint(gtk_widget_get_direction(in), ==, GTK_TEXT_DIR_RTL);
    g_assert_cmpint(gtk_widget_get_direction(ruler), ==, GTK_TEXT_DIR_LTR);
    g_assert_cmpint(gtk_widget_get_direction(slider), ==, GTK_TEXT_DIR_LTR);
    g_assert_cmpint(pango_context_get_base_dir(gtk_widget_get_pango_context(ruler)), ==,
                    PANGO_DIRECTION_LTR);
    g_assert_cmpuint(assert_speeds(widget_of(in, WEFT_TYPE_TRANSPORT, FALSE)), >=, 1);
    gint64 before = view_of(&page)->viewport.from_ns;
    act(&page, "timeline.zoom-in");
    act(&page, "timeline.pan-right");
    g_assert_cmpint(view_of(&page)->viewport.from_ns, >, before);
    page_close(&page);
    gtk_widget_set_default_direction(GTK_TEXT_DIR_LTR);
}

static void test_dark_and_lossy(void)
{
    struct page page;
    page_open(&page, TRUE);
    AdwStyleManager *style = adw_style_manager_get_default();
    adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
    settle(page.window);
    adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_LIGHT);
    settle(page.window);
    g_autofree char *subtitle = weft_trace_page_subtitle(page.page);
    g_assert_nonnull(strstr(subtitle, "1,204 lost"));
    page_close(&page);
}

static void test_large_text(void)
{
    struct page page;
    page_open(&page, FALSE);
    GtkSettings *settings = gtk_widget_get_settings(page.window);
    GtkWidget *table = widget_of(page.window, GTK_TYPE_COLUMN_VIEW, FALSE);
    g_autoptr(GtkColumnViewColumn) waits = g_list_model_get_item(
        gtk_column_view_get_columns(GTK_COLUMN_VIEW(table)), WEFT_TASK_WAITING);
    int width = gtk_column_view_column_get_fixed_width(waits);
    g_object_set(settings, "gtk-xft-dpi", 2 * 96 * 1024, NULL);
    while (view_of(&page)->text_scale != 2)
        g_main_context_iteration(NULL, TRUE);
    settle(page.window);
    /* Names stay beside their lanes, and have room. */
    GtkWidget *names = widget_of(page.window, WEFT_TYPE_NAMES, FALSE);
    GtkWidget *lanes = widget_of(page.window, WEFT_TYPE_LANES, FALSE);
    double x, names_y, lanes_y;
    g_assert_true(gtk_widget_translate_coordinates(names, page.window, 0, 0, &x, &names_y));
    g_assert_true(gtk_widget_translate_coordinates(lanes, page.window, 0, 0, &x, &lanes_y));
    g_assert_cmpfloat(names_y, ==, lanes_y);
    g_assert_cmpint(gtk_widget_get_width(names), >, 300);
    /* Columns have room, and times are above their sentences. */
    g_assert_cmpint(gtk_column_view_column_get_fixed_width(waits), ==, 2 * width);
    GtkWidget *story = widget_of(page.window, WEFT_TYPE_STORY, FALSE), *row = NULL;
    while (!(row = gtk_widget_get_first_child(gtk_widget_get_first_child(story))))
        g_main_context_iteration(NULL, TRUE);
    GtkWidget *told = gtk_list_box_row_get_child(GTK_LIST_BOX_ROW(row));
    int column, line;
    gtk_grid_query_child(GTK_GRID(told), gtk_widget_get_last_child(told), &column, &line, NULL,
                         NULL);
    g_assert_cmpint(column, ==, 0);
    g_assert_cmpint(line, ==, 1);
    g_object_set(settings, "gtk-xft-dpi", 96 * 1024, NULL);
    page_close(&page);
}

/* A held loop whose hog has another name. */
static weft_trace *trace_named(const char *name)
{
    enum { NAME = 9 };
    const struct weft_record named = { .time = 3000000,
                                       .kind = WEFT_RECORD_TASK_NAME,
                                       .subject = weft_id(WEFT_ENTITY_TASK, 0, 2),
                                       .object = NAME };
    weft_trace *trace = weft_sample_held();
    weft_trace_define_string(trace, NAME, name);
    weft_trace_append(trace, 0, &named, 1);
    return trace;
}

/* The state stands beside a name that has room, below a long one. */
static void test_long_name(void)
{
    static const struct {
        const char *name;
        gboolean below;
    } cases[] = { { "a", FALSE }, { "consumer-of-all-the-orders-that-are-there", TRUE } };
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct page page;
        page_open_trace(&page, trace_named(cases[i].name));
        GtkWidget *inspector = widget_of(page.window, WEFT_TYPE_INSPECTOR, FALSE), *name;
        weft_session_select(page.session, page_lane(&page, cases[i].name), 0);
        GtkWidget *chip = widget_of(inspector, WEFT_TYPE_CHIP, FALSE);
        while (!(name = label_shown(inspector, cases[i].name)) || !gtk_widget_get_mapped(chip))
            g_main_context_iteration(NULL, TRUE);
        settle(page.window);
        double x, name_y, chip_y;
        g_assert_true(gtk_widget_translate_coordinates(name, inspector, 0, 0, &x, &name_y));
        g_assert_true(gtk_widget_translate_coordinates(chip, inspector, 0, 0, &x, &chip_y));
        g_assert_cmpint(chip_y >= name_y + gtk_widget_get_height(name), ==, cases[i].below);
        page_close(&page);
    }
}

/* The status page that is seen; NULL: none. */
static AdwStatusPage *status_shown(GtkWidget *from)
{
    if (ADW_IS_STATUS_PAGE(from) && gtk_widget_get_mapped(from))
        return ADW_STATUS_PAGE(from);
    for (GtkWidget *child = gtk_widget_get_first_child(from); child;
         child = gtk_widget_get_next_sibling(child)) {
        AdwStatusPage *found = status_shown(child);
        if (found)
            return found;
    }
    return NULL;
}

static void test_empty_trace(void)
{
    struct page page;
    weft_trace *trace = weft_trace_new();
    page.session = weft_session_new(trace);
    weft_trace_unref(trace);
    page.page = weft_trace_page_new(page.session);
    page.window = adw_window_new();
    adw_window_set_content(ADW_WINDOW(page.window), GTK_WIDGET(page.page));
    gtk_window_present(GTK_WINDOW(page.window));
    settle(page.window);
    AdwStatusPage *status = status_shown(page.window);
    g_assert_nonnull(status);
    g_assert_cmpstr(adw_status_page_get_title(status), ==, "Nothing in This Trace");
    page_close(&page);
}

int main(int argc, char **argv)
{
    page_tests_init(&argc, &argv);
    g_test_add_func("/inspector/lock-is-told", test_lock_is_told);
    g_test_add_func("/inspector/story", test_story);
    g_test_add_func("/inspector/room-and-chain", test_room_and_chain);
    g_test_add_func("/inspector/menu", test_menu);
    g_test_add_func("/inspector/right-to-left", test_right_to_left);
    g_test_add_func("/inspector/why-is-of-who-is-selected", test_why_is_of_who_is_selected);
    g_test_add_func("/inspector/copy", test_copy);
    g_test_add_func("/inspector/source-that-moved", test_source_that_moved);
    g_test_add_func("/inspector/dark-and-lossy", test_dark_and_lossy);
    g_test_add_func("/inspector/large-text", test_large_text);
    g_test_add_func("/inspector/long-name", test_long_name);
    g_test_add_func("/inspector/empty-trace", test_empty_trace);
    return g_test_run();
}
