/* condition.c: `weft record --when`: a condition's text, a 0, and events it is asked of. */
#include "tracer/trace/condition.h"
#include "tests/fuzz/fuzz.h"

static void ask(weft_condition *condition, struct fuzz_input *in)
{
    struct weft_record records[8];
    struct weft_condition_hit hit;
    uint64_t time = 1000;
    weft_condition_set_rate(condition, 1.0 + (double)fuzz_take(in, 1));
    while (in->at < in->end) {
        guint n = 1 + (guint)fuzz_take(in, 1) % 8;
        for (guint i = 0; i < n; i++)
            records[i] = (struct weft_record){ .time = time += fuzz_take(in, 3),
                                               .kind = (uint8_t)fuzz_take(in, 1),
                                               .detail = (uint8_t)fuzz_take(in, 1) % 12,
                                               .subject = weft_id(WEFT_ENTITY_TASK, 0,
                                                                  fuzz_take(in, 1) % 9),
                                               .object = fuzz_take(in, 1) };
        guint hits = weft_condition_events(condition, (guint32)fuzz_take(in, 1) % 3, records, n,
                                           &hit);
        if (weft_condition_needs_strings(condition))
            weft_condition_string(condition, (guint32)fuzz_take(in, 1), "text", 4);
        if (fuzz_take(in, 1) % 4 == 0)
            hits = hits ? hits : weft_condition_loss(condition, 0, fuzz_take(in, 2), time, &hit);
        if (hits || weft_condition_now(condition, time, &hit))
            g_free(weft_condition_describe(&hit));
    }
}

static const struct weft_condition_rule rules[] = { { "deadlock", WEFT_RULE_ALONE },
                                                    { "blocking-call", WEFT_RULE_SPAN },
                                                    { "task-leak", WEFT_RULE_NUMBER },
                                                    { NULL, WEFT_RULE_ALONE } };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, 0, size);
    gsize text = end ? (gsize)(end - data) : size;
    g_autoptr(GError) error = NULL;
    g_autoptr(weft_condition)
        condition = weft_condition_parse((const char *)data, text, rules, &error);
    if ((condition == NULL) != (error != NULL))
        g_error("an error, and a condition");
    struct fuzz_input in = { data + text, data + size };
    struct weft_condition_finding finding;
    for (guint i = 0; condition && weft_condition_finding(condition, i, &finding); i++)
        g_assert_true((finding.rule == NULL) != (finding.severity == NULL));
    if (condition)
        ask(condition, &in);
    return 0;
}

void fuzz_seeds(fuzz_seed *seed)
{
#define SEED(name, text) seed(name, text, sizeof text - 1)
    SEED("slice", "slice>100ms\0\1\7\20\0\0\22\1\3\0\0\1\3\22\0\0\23\1\3\1\1");
    SEED("all", "ready>50ms or wait > 5s or iteration>1.5us or tasks>1000 or lost>0 or error");
    SEED("mark", "mark=\"a \\\" text\" or mark='it' or counter queued > 9\0\2\1\2\3\4\5\6\7\10");
    SEED("findings", "deadlock or blocking-call>20ms or task-leak > 5 or finding = warning");
    SEED("wrong", "slice>100 or or counter > mark=");
}
