/* The event table: names, details, ids. */
#include "tracer/probe/event.h"
#include <glib.h>

static void ids_say_what_they_name(void)
{
    uint64_t id = weft_id(WEFT_ENTITY_TASK, 0xabc, 17);
    g_assert_cmpuint(weft_id_kind(id), ==, WEFT_ENTITY_TASK);
    g_assert_cmpuint(weft_id_ring(id), ==, 0xabc);
    g_assert_cmpuint(weft_id_counter(id), ==, 17);
    g_assert_cmpstr(weft_entity_name(WEFT_ENTITY_TASK), ==, "task");
    g_assert_cmpstr(weft_entity_name(WEFT_ENTITY_COUNTER), ==, "counter");
    g_assert_null(weft_entity_name(0));
    g_assert_null(weft_entity_name(WEFT_ENTITY_END));
}

static void every_kind_has_a_row(void)
{
    for (unsigned kind = 1; kind < WEFT_RECORD_KIND_END; kind++) {
        const struct weft_event_info *info = weft_event_info(kind);
        g_assert_nonnull(info);
        g_assert_nonnull(info->name);
        g_assert_nonnull(info->group);
        g_assert_cmpint((int)strlen(info->meaning), >, 5);
    }
    g_assert_null(weft_event_info(0));
    g_assert_null(weft_event_info(WEFT_RECORD_KIND_END));
    g_assert_null(weft_event_info(255));
    g_assert_cmpstr(weft_event_info(WEFT_RECORD_SUSPEND)->name, ==, "SUSPEND");
    g_assert_cmpint(weft_event_info(WEFT_RECORD_ITERATION)->site, ==, WEFT_FIELD_COUNT);
}

static void details_have_names(void)
{
    g_assert_cmpstr(weft_detail_name(WEFT_RECORD_SUSPEND, WEFT_AWAIT_QUEUE_GET), ==, "queue-get");
    g_assert_cmpstr(weft_detail_name(WEFT_RECORD_WAKE, WEFT_WAKE_UNKNOWN), ==, "unknown");
    g_assert_cmpstr(weft_detail_name(WEFT_RECORD_TASK_DONE, WEFT_OUTCOME_CANCELLED), ==,
                    "cancelled");
    g_assert_cmpstr(weft_detail_name(WEFT_RECORD_SUSPEND, 0), ==, "");
    g_assert_cmpstr(weft_detail_name(WEFT_RECORD_RESUME, 0), ==, "");
    g_assert_null(weft_detail_name(WEFT_RECORD_SUSPEND, WEFT_AWAIT_END));
    g_assert_null(weft_detail_name(WEFT_RECORD_RESUME, 1));
    g_assert_null(weft_detail_name(200, 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/probe/event/ids", ids_say_what_they_name);
    g_test_add_func("/probe/event/table", every_kind_has_a_row);
    g_test_add_func("/probe/event/details", details_have_names);
    return g_test_run();
}
