/* statestore_test.c: a state's bytes: many tasks, by columns; files of before; bytes that lie. */
#include "tracer/trace/state.h"
#include "tracer/trace/varint.h"

static uint64_t task(unsigned n)
{
    return weft_id(WEFT_ENTITY_TASK, 3, n);
}

/* More than two columns' length of them, none like the others; numbers of all sizes. */
static weft_state *make_many(void)
{
    enum { MANY = 2500 };
    weft_state *state = weft_state_new();
    for (unsigned i = 1; i <= MANY; i++) {
        struct weft_task_at at = { .id = task(i * 3),
                                   .parent = i % 7 ? task(3) : 0,
                                   .other = weft_id(WEFT_ENTITY_TIMER, 3 - i % 3, i * 65537),
                                   .since_ns = (gint64)i << i % 40,
                                   .created_ns = i % 5 ? i : -(gint64)i,
                                   .name = i % 11 ? i : G_MAXUINT32 - i,
                                   .created_site = i % 3,
                                   .site = i * 1000003,
                                   .state = WEFT_STATE_WAITING,
                                   .detail = WEFT_AWAIT_TIMER,
                                   .cancelling = (uint8_t)i,
                                   .delivered = i % 2 };
        weft_state_put_task(state, &at);
        struct weft_object_at object = { .id = weft_id(i % 2 ? WEFT_ENTITY_TIMER : WEFT_ENTITY_LOCK,
                                                       i % 2, i * 65537),
                                         .owner = i % 4 ? task(i * 3) : 0,
                                         .value = -(gint64)i,
                                         .deadline_mono_ns = i % 2 ? G_MAXINT64 - i : 0,
                                         .capacity = i % 9 ? 0 : G_MAXUINT64,
                                         .name = i,
                                         .site = G_MAXUINT32 - i,
                                         .done = i % 3 == 0 };
        weft_state_put_object(state, &object);
    }
    return state;
}

static void assert_same_tasks(const weft_state *x, const weft_state *y)
{
    guint n, m;
    const struct weft_task_at **a = weft_state_tasks(x, &n), **b = weft_state_tasks(y, &m);
    g_assert_cmpuint(n, ==, m);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpuint(a[i]->id, ==, b[i]->id);
        g_assert_cmpuint(a[i]->parent, ==, b[i]->parent);
        g_assert_cmpuint(a[i]->other, ==, b[i]->other);
        g_assert_cmpint(a[i]->since_ns, ==, b[i]->since_ns);
        g_assert_cmpint(a[i]->created_ns, ==, b[i]->created_ns);
        g_assert_cmpuint(a[i]->name, ==, b[i]->name);
        g_assert_cmpuint(a[i]->created_site, ==, b[i]->created_site);
        g_assert_cmpuint(a[i]->site, ==, b[i]->site);
        g_assert_cmpuint(a[i]->state, ==, b[i]->state);
        g_assert_cmpuint(a[i]->detail, ==, b[i]->detail);
        g_assert_cmpuint(a[i]->cancelling, ==, b[i]->cancelling);
        g_assert_cmpuint(a[i]->delivered, ==, b[i]->delivered);
    }
}

static void assert_same_objects(const weft_state *x, const weft_state *y)
{
    guint n, m;
    const struct weft_object_at **a = weft_state_objects(x, &n), **b = weft_state_objects(y, &m);
    g_assert_cmpuint(n, ==, m);
    for (guint i = 0; i < n; i++) {
        g_assert_cmpuint(a[i]->id, ==, b[i]->id);
        g_assert_cmpuint(a[i]->owner, ==, b[i]->owner);
        g_assert_cmpint(a[i]->value, ==, b[i]->value);
        g_assert_cmpint(a[i]->deadline_mono_ns, ==, b[i]->deadline_mono_ns);
        g_assert_cmpuint(a[i]->capacity, ==, b[i]->capacity);
        g_assert_cmpuint(a[i]->name, ==, b[i]->name);
        g_assert_cmpuint(a[i]->site, ==, b[i]->site);
        g_assert_cmpint(a[i]->done, ==, b[i]->done);
    }
}

static weft_state *deserialize(GBytes *bytes)
{
    return weft_state_deserialize(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void test_many(void)
{
    g_autoptr(weft_state) state = make_many();
    g_autoptr(GBytes) bytes = weft_state_serialize(state);
    g_autoptr(weft_state) back = deserialize(bytes);
    g_assert_nonnull(back);
    assert_same_tasks(state, back);
    assert_same_objects(state, back);
}

static void put_id(GByteArray *out, uint64_t id)
{
    weft_put_varint(out, id << 20 | id >> 44);
}

static void put_signed(GByteArray *out, gint64 value)
{
    weft_put_varint(out, weft_zigzag(value));
}

/* One that is ready, and one that waits at a semaphore of which it holds units. */
static GByteArray *make_of_before(gboolean parties)
{
    static const guint8 ready[4] = { WEFT_STATE_READY, WEFT_WAKE_TIMER, 0, 0 };
    static const guint8 waits[4] = { WEFT_STATE_WAITING, WEFT_AWAIT_SEMAPHORE, 2, 1 };
    uint64_t semaphore = weft_id(WEFT_ENTITY_SEMAPHORE, 3, 9);
    GByteArray *out = g_byte_array_new();
    weft_put_varint(out, 1000); /* the base */
    weft_put_varint(out, 2);
    put_signed(out, (gint64)task(1));
    put_id(out, 0);
    put_id(out, weft_id(WEFT_ENTITY_TIMER, 3, 5));
    put_signed(out, 100);
    put_signed(out, 50);
    for (guint i = 1; i <= 3; i++)
        weft_put_varint(out, i);
    g_byte_array_append(out, ready, sizeof ready);
    put_signed(out, 1);
    put_id(out, task(1));
    put_id(out, semaphore);
    put_signed(out, 0);
    put_signed(out, 7);
    for (guint i = 4; i <= 6; i++)
        weft_put_varint(out, i);
    g_byte_array_append(out, waits, sizeof waits);
    weft_put_varint(out, 1);
    put_signed(out, (gint64)semaphore);
    put_id(out, 0);
    put_signed(out, 0);
    put_signed(out, 0);
    for (guint i = 7; i <= 9; i++)
        weft_put_varint(out, i);
    weft_put_varint(out, 0);
    weft_put_varint(out, 1); /* rings */
    weft_put_varint(out, 3);
    weft_put_varint(out, 1);
    put_signed(out, 10);
    weft_put_varint(out, 0);
    weft_put_varint(out, 1);
    put_id(out, task(1));
    if (!parties)
        return out;
    weft_put_varint(out, 1);
    put_id(out, semaphore);
    weft_put_varint(out, 0);
    weft_put_varint(out, 1);
    put_id(out, task(2));
    weft_put_varint(out, 3);
    return out;
}

/* What was written when tasks and objects followed one by one is read as it was meant. */
static void test_of_before(gconstpointer parties)
{
    g_autoptr(GByteArray) bytes = make_of_before(parties != NULL);
    g_autoptr(weft_state) state = weft_state_deserialize(bytes->data, bytes->len);
    g_assert_nonnull(state);
    const struct weft_task_at *one = weft_state_task(state, task(1)),
                              *two = weft_state_task(state, task(2));
    g_assert_cmpint(one->since_ns, ==, 900);
    g_assert_cmpint(one->created_ns, ==, 850);
    g_assert_cmpuint(one->other, ==, weft_id(WEFT_ENTITY_TIMER, 3, 5));
    g_assert_cmpuint(two->parent, ==, task(1));
    g_assert_cmpint(two->created_ns, ==, 993);
    g_assert_cmpuint(two->site, ==, 6);
    g_assert_cmpuint(two->cancelling, ==, 2);
    const struct weft_object_at *semaphore = weft_state_object(state, two->other);
    g_assert_cmpuint(semaphore->capacity, ==, 7);
    g_assert_cmpuint(semaphore->site, ==, 9);
    guint n;
    gboolean all;
    g_assert_cmpuint(*weft_state_ready(state, 3, &n), ==, task(1));
    const struct weft_party *party = weft_state_parties(state, semaphore->id, &n, &all);
    g_assert_cmpuint(n, ==, parties ? 1 : 0);
    if (parties) {
        g_assert_cmpuint(party->id, ==, task(2));
        g_assert_cmpuint(party->units, ==, 3);
    }
    g_autoptr(GBytes) now = weft_state_serialize(state);
    g_autoptr(weft_state) back = deserialize(now);
    assert_same_tasks(state, back);
    assert_same_objects(state, back);
}

/* The size of a column's numbers, and a count, that cannot be. */
static void test_lies(void)
{
    g_autoptr(weft_state) state = weft_state_new();
    struct weft_task_at at = { .id = task(1), .state = WEFT_STATE_WAITING };
    weft_state_put_task(state, &at);
    g_autoptr(GBytes) bytes = weft_state_serialize(state);
    gsize size = g_bytes_get_size(bytes), count = 11; /* behind the mark and the base, which is 0 */
    const guint8 *data = g_bytes_get_data(bytes, NULL);
    g_assert_cmpuint(data[count], ==, 1);
    for (guint lie = 0; lie < 256; lie++) {
        g_autofree guint8 *changed = g_memdup2(data, size);
        changed[count + 1] = (guint8)lie; /* bytes of an id */
        g_autoptr(weft_state) back = weft_state_deserialize(changed, size);
        g_assert_true((back != NULL) == (lie == data[count + 1]));
        changed[count + 1] = data[count + 1];
        changed[count] = (guint8)lie;
        g_autoptr(weft_state) other = weft_state_deserialize(changed, size);
        g_assert_true((other != NULL) == (lie == 1));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/statestore/many", test_many);
    g_test_add_data_func("/statestore/of-before", GINT_TO_POINTER(1), test_of_before);
    g_test_add_data_func("/statestore/of-before/older", NULL, test_of_before);
    g_test_add_func("/statestore/lies", test_lies);
    return g_test_run();
}
