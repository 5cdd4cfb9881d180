/* combine.c: verbs that make one wait of several: gather, wait, wait_for, shield, as_completed; and
 * sleep and threads. */
#include "interpreter.h"
#include <limits.h>
#include <string.h>

/* gather a b work() [errors]: calls become tasks, as in asyncio. */
static weft_future *gather(struct run *run, char **words)
{
    weft_future *children[WORDS_MAX] = { NULL };
    size_t n = 0;
    bool errors = false;
    for (char **word = words + 1; *word; word++) {
        if (strcmp(*word, "errors") == 0)
            errors = true;
        else if (g_str_has_suffix(*word, "()"))
            children[n++] = weft_create_task(run_body(body_of_call(run, *word)));
        else
            children[n++] = weft_ref(need_future(run, *word));
    }
    weft_future *made = weft_gather_all(children, n, .return_errors = errors);
    while (n > 0)
        weft_unref(children[--n]);
    return made;
}

/* In a thread of the pool. */
WEFT_ASYNC(long, block, double, seconds, long, value, int, code)
{
    g_usleep((gulong)(seconds * 1e6));
    *result = value;
    return code;
}

/* to_thread TICKS N, or an error's name: blocks so long, then returns or fails. */
static weft_future *to_thread(struct run *run, char **words)
{
    double seconds = duration(run, words[1]);
    bool fails = g_ascii_isalpha(words[2][0]);
    return fails ? weft_to_thread(block(seconds, NONE, code_of(words[2])))
                 : weft_to_thread(block(seconds, number(run, words[2]), 0));
}

weft_future *create_future(struct run *run, char **words)
{
    if (strcmp(words[0], "future") == 0)
        return weft_future_new();
    if (strcmp(words[0], "gather") == 0)
        return gather(run, words);
    if (strcmp(words[0], "shield") == 0)
        return weft_shield(need_future(run, words[1]));
    if (strcmp(words[0], "to_thread") == 0)
        return to_thread(run, words);
    return NULL;
}

/* await sleep 3 */
static int sleep_for(struct step *step)
{
    return weft_await(weft_sleep(duration(step->run, step->word[1])));
}

static void list(GString *said, const char *head, char **names, weft_future **futures, size_t n,
                 bool done)
{
    g_string_append(said, head);
    for (size_t i = 0; i < n; i++)
        if (weft_done(futures[i]) == done)
            g_string_append_printf(said, " %s", names[i]);
}

/* await wait a b [first_completed] [timeout 3]: says who is done and who is not. */
static int wait_several(struct step *step)
{
    weft_future *given[WORDS_MAX] = { NULL }, *futures[WORDS_MAX] = { NULL };
    char *names[WORDS_MAX];
    size_t n = 0;
    weft_wait_options options = { .return_when = WEFT_ALL_COMPLETED };
    for (char **word = step->word + 1; *word; word++) {
        if (strcmp(*word, "first_completed") == 0) {
            options.return_when = WEFT_FIRST_COMPLETED;
        } else if (strcmp(*word, "first_exception") == 0) {
            options.return_when = WEFT_FIRST_EXCEPTION;
        } else if (strcmp(*word, "timeout") == 0) {
            options.has_timeout = true;
            options.timeout = duration(step->run, *++word);
        } else {
            names[n] = *word;
            given[n] = futures[n] = need_future(step->run, *word);
            n++;
        }
    }
    ssize_t count = weft_wait_at(WEFT_HERE, futures, n, options);
    if (count < 0)
        return (int)count;
    list(step->said, "done", names, given, n, true);
    if (count < (ssize_t)n)
        list(step->said, " pending", names, given, n, false);
    return 0;
}

/* await wait_for a 3, await wait_for work() 3 */
static int wait_for(struct step *step)
{
    const char *word = step->word[1];
    double seconds = duration(step->run, step->word[2]);
    int rc;
    if (g_str_has_suffix(word, "()")) {
        rc = weft_await(weft_wait_for(call_in_place(step->actor, word, &step->got), seconds));
        if (rc == 0)
            write_value(step->said, step->got);
        return rc;
    }
    weft_own weft_future *future = weft_ref(need_future(step->run, word));
    rc = weft_await(weft_wait_for(future, seconds));
    if (rc == 0)
        write_state(step->said, future);
    return rc;
}

static const char *name_of(struct statement *statement, weft_future **futures,
                           const weft_future *wanted)
{
    for (int i = 0; statement->word[i + 3]; i++)
        if (futures[i] == wanted)
            return statement->word[i + 3];
    return "?";
}

/* for NAME as_completed a b c [timeout T]: … */
enum flow for_completed(struct actor *actor, struct statement *statement)
{
    weft_future *futures[WORDS_MAX] = { NULL }, *done = NULL;
    size_t n = 0;
    double timeout = 0;
    for (char **word = statement->word + 3; *word; word++) {
        if (strcmp(*word, "timeout") == 0)
            timeout = duration(actor->run, *++word);
        else
            futures[n++] = need_future(actor->run, *word);
    }
    weft_as_completed completed;
    int rc = weft_as_completed_init(&completed, futures, n, .timeout = timeout);
    enum flow flow = NEXT;
    while (rc == 0 && (flow == NEXT || flow == CONTINUE)) {
        rc = weft_await(weft_as_completed_next(&completed, &done));
        if (rc == WEFT_ESTOPITER)
            flow = conclude(actor, statement, 0, "stop");
        else
            flow = conclude(actor, statement, rc, rc < 0 ? "" : name_of(statement, futures, done));
        if (rc < 0)
            break;
        put_object(actor->run, statement->word[1], FUTURE)->future = weft_ref(done);
        flow = execute(actor, statement->body);
    }
    weft_as_completed_finish(&completed);
    return flow == BREAK ? NEXT : flow;
}

const struct function combine_functions[] = {
    { "sleep", sleep_for },
    { "wait", wait_several },
    { "wait_for", wait_for },
    { NULL, NULL },
};
