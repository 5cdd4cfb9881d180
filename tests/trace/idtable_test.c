/* idtable_test.c: the table of entries by id, against GHashTable. */
#include "tracer/trace/idtable.h"

struct entry {
    uint64_t id, value;
};

static void check_same(const struct weft_idtable *table, GHashTable *model)
{
    g_assert_cmpuint(table->live, ==, g_hash_table_size(model));
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, model);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        const struct entry *entry = weft_idtable_find(table, GPOINTER_TO_SIZE(key));
        g_assert_nonnull(entry);
        g_assert_cmpuint(entry->value, ==, GPOINTER_TO_SIZE(value));
    }
    guint seen = 0;
    for (guint i = 0; i < weft_idtable_n(table); i++)
        seen += weft_idtable_at(table, i) != NULL;
    g_assert_cmpuint(seen, ==, table->live);
}

static void test_random(void)
{
    struct weft_idtable table;
    weft_idtable_init(&table, sizeof(struct entry));
    g_autoptr(GHashTable) model = g_hash_table_new(NULL, NULL);
    g_assert_null(weft_idtable_find(&table, 1));
    weft_idtable_remove(&table, 1);
    weft_idtable_fetch(&table, (uint64_t[]){ 1, 2 }, 2);
    for (guint i = 0; i < 20000; i++) {
        uint64_t id = (uint64_t)g_test_rand_int_range(1, 700) << (i % 2 ? 0 : 44);
        if (g_test_rand_int_range(0, 3)) {
            struct entry *entry = weft_idtable_add(&table, id);
            g_assert_cmpuint(entry->id, ==, id);
            entry->value = i;
            g_hash_table_insert(model, GSIZE_TO_POINTER(id), GSIZE_TO_POINTER(i));
        } else {
            weft_idtable_remove(&table, id);
            g_hash_table_remove(model, GSIZE_TO_POINTER(id));
        }
        weft_idtable_fetch(&table, &id, 1); /* there or not */
        if (i % 1000 == 0)
            check_same(&table, model);
    }
    struct weft_idtable copy;
    weft_idtable_copy(&copy, &table);
    check_same(&copy, model);
    weft_idtable_finish(&copy);
    check_same(&table, model);
    weft_idtable_finish(&table);
}

/* So many that they lie in pages of their own, and none of them a round number. */
static void test_many(void)
{
    enum { MANY = 140001 };
    struct weft_idtable table, copy;
    weft_idtable_init(&table, sizeof(struct entry));
    for (uint64_t id = 1; id <= MANY; id++)
        ((struct entry *)weft_idtable_add(&table, id))->value = id;
    weft_idtable_copy(&copy, &table);
    g_assert_cmpuint(weft_idtable_n(&copy), ==, MANY);
    for (uint64_t id = 1; id <= MANY; id += 1000)
        g_assert_cmpuint(((struct entry *)weft_idtable_find(&copy, id))->value, ==, id);
    weft_idtable_finish(&copy);
    weft_idtable_finish(&table);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/idtable/random", test_random);
    g_test_add_func("/idtable/many", test_many);
    return g_test_run();
}
