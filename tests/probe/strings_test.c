/* The heap of strings and sites. */
#include "tracer/probe/strings.h"
#include <glib.h>

static struct weft_heap *heap_new(size_t size)
{
    struct weft_heap *heap = g_malloc0(size);
    heap->size = size;
    heap->used = sizeof *heap;
    return heap;
}

static const struct weft_heap_entry *entry_at(const struct weft_heap *heap, uint32_t id)
{
    return (const void *)((const char *)heap + (size_t)id * 8);
}

static void strings_come_back(void)
{
    g_autofree struct weft_heap *heap = heap_new(4096);
    uint32_t a = weft_heap_add(heap, WEFT_HEAP_STRING, "fetch-1", 7);
    uint32_t b = weft_heap_add(heap, WEFT_HEAP_STRING, "", 0);
    g_assert_cmpuint(a, !=, WEFT_STRING_NONE);
    g_assert_cmpuint(b, >, a);
    g_assert_cmpuint(entry_at(heap, a)->state, ==, WEFT_HEAP_STRING);
    g_assert_cmpmem(entry_at(heap, a) + 1, entry_at(heap, a)->size, "fetch-1", 7);
    g_assert_cmpuint(entry_at(heap, b)->size, ==, 0);
}

static void a_full_heap_says_so(void)
{
    g_autofree struct weft_heap *heap = heap_new(128);
    guint stored = 0;
    while (weft_heap_add(heap, WEFT_HEAP_STRING, "sixteen bytes ...", 16) != WEFT_STRING_FULL)
        stored++;
    g_assert_cmpuint(stored, ==, 4);
    g_assert_cmpuint(heap->refused, ==, 1);
    g_assert_cmpuint(heap->used, <=, heap->size);
}

static void long_strings_are_cut_between_characters(void)
{
    g_autofree struct weft_heap *heap = heap_new(16384);
    g_autoptr(GString) text = g_string_new("x");
    while (text->len < 5000)
        g_string_append(text, "\u20ac"); /* three bytes: 4096 falls into one */
    uint32_t id = weft_heap_add(heap, WEFT_HEAP_STRING, text->str, text->len);
    const struct weft_heap_entry *entry = entry_at(heap, id);
    g_assert_cmpuint(entry->size, <=, WEFT_STRING_MAX);
    g_assert_cmpuint(entry->size, >, WEFT_STRING_MAX - 4);
    g_assert_true(g_utf8_validate((const char *)(entry + 1), entry->size, NULL));
}

static void not_utf8_is_cut_all_the_same(void)
{
    g_autofree struct weft_heap *heap = heap_new(16384);
    char bytes[5000];
    memset(bytes, 0x80, sizeof bytes);
    uint32_t id = weft_heap_add(heap, WEFT_HEAP_STRING, bytes, sizeof bytes);
    g_assert_cmpuint(entry_at(heap, id)->size, <=, WEFT_STRING_MAX);
    g_assert_cmpuint(entry_at(heap, id)->size, >, 0);
}

static gpointer add_many(gpointer heap)
{
    for (guint i = 0; i < 10000; i++)
        weft_heap_add(heap, WEFT_HEAP_STRING, "abcdefg", 7);
    return NULL;
}

static void writers_do_not_meet(void)
{
    g_autofree struct weft_heap *heap = heap_new(1 << 20);
    GThread *a = g_thread_new("a", add_many, heap), *b = g_thread_new("b", add_many, heap);
    g_thread_join(a);
    g_thread_join(b);
    guint entries = 0;
    for (uint64_t at = sizeof *heap; at < heap->used; at += 16) {
        const struct weft_heap_entry *entry = entry_at(heap, (uint32_t)(at / 8));
        g_assert_cmpuint(entry->state, ==, WEFT_HEAP_STRING);
        g_assert_cmpmem(entry + 1, entry->size, "abcdefg", 7);
        entries++;
    }
    g_assert_cmpuint(entries, ==, 20000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/probe/strings/round-trip", strings_come_back);
    g_test_add_func("/probe/strings/full", a_full_heap_says_so);
    g_test_add_func("/probe/strings/long", long_strings_are_cut_between_characters);
    g_test_add_func("/probe/strings/not-utf8", not_utf8_is_cut_all_the_same);
    g_test_add_func("/probe/strings/threads", writers_do_not_meet);
    return g_test_run();
}
