/* side_by_side_test.c: what wraps beside others is laid out for one width. */
#include "app/viewer/side-by-side.h"
#include "tests/viewer/widgets.h"

/* As high as 1000 px2 need for its width: a label that wraps. */
#define TEST_TYPE_WRAPPING test_wrapping_get_type()
G_DECLARE_FINAL_TYPE(TestWrapping, test_wrapping, TEST, WRAPPING, GtkWidget)

struct _TestWrapping {
    GtkWidget parent_instance;
    guint narrowed; /* asked how narrow it may be for a height: a label tries many widths */
};
G_DEFINE_FINAL_TYPE(TestWrapping, test_wrapping, GTK_TYPE_WIDGET)

static GtkSizeRequestMode mode(GtkWidget *widget)
{
    return (void)widget, GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void measure(GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                    int *natural, int *minimum_baseline, int *natural_baseline)
{
    gboolean across = orientation == GTK_ORIENTATION_HORIZONTAL;
    *minimum = across ? 10 : 1000 / MAX(for_size, 10);
    *natural = across ? 100 : *minimum;
    TEST_WRAPPING(widget)->narrowed += across && for_size >= 0;
    (void)minimum_baseline, (void)natural_baseline;
}

static void test_wrapping_class_init(TestWrappingClass *class)
{
    GTK_WIDGET_CLASS(class)->get_request_mode = mode;
    GTK_WIDGET_CLASS(class)->measure = measure;
}

static void test_wrapping_init(TestWrapping *wrapping)
{
    (void)wrapping;
}

static GtkWidget *beside_of_width(int width)
{
    GtkWidget *beside = gtk_label_new("");
    gtk_widget_set_size_request(beside, width, 1);
    return beside;
}

static void test_measured_for_one_width(void)
{
    GtkWidget *wrapping = g_object_new(TEST_TYPE_WRAPPING, "hexpand", TRUE, NULL);
    g_autoptr(GtkWidget) row = g_object_ref_sink(
        weft_side_by_side(5, beside_of_width(10), wrapping, beside_of_width(15), NULL));
    int height, narrowest;
    gtk_widget_measure(row, GTK_ORIENTATION_HORIZONTAL, -1, &narrowest, NULL, NULL, NULL);
    g_assert_cmpint(narrowest, ==, 10 + 5 + 10 + 5 + 15);
    gtk_widget_measure(row, GTK_ORIENTATION_VERTICAL, 10 + 5 + 50 + 5 + 15, &height, NULL, NULL,
                       NULL);
    g_assert_cmpint(height, ==, 1000 / 50);
    g_assert_cmpuint(TEST_WRAPPING(wrapping)->narrowed, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gtk_init();
    g_test_add_func("/side_by_side/measured-for-one-width", test_measured_for_one_width);
    return g_test_run();
}
