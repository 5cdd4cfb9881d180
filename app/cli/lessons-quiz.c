/* lessons-quiz.c: `weft lessons quiz`: a lesson's questions, asked on the terminal. Where the
 * lesson says what the trace tells of a question, the trace judges the answer; else you do. */
#include "app/cli/input.h"
#include "app/cli/lessons.h"
#include "app/cli/output.h"
#include "app/lessons/fact.h"
#include "app/lessons/learned.h"

#include <stdio.h>
#include <string.h>

enum { ANSWER_MAX = 1000 };

static void say(const char *before, const char *text)
{
    output_sentence(before, text, NULL);
}

/* The next line; what is longer than an answer is left out. FALSE: there are no more. */
static gboolean read_line(const char *prompt, char answer[ANSWER_MAX])
{
    fputs(prompt, stdout);
    fflush(stdout);
    if (!fgets(answer, ANSWER_MAX, stdin)) {
        putchar('\n');
        return FALSE;
    }
    if (!strchr(answer, '\n'))
        for (int c; (c = getchar()) != EOF && c != '\n';)
            ;
    g_strstrip(answer);
    return TRUE;
}

/* FALSE: the trace cannot say it. */
static gboolean compute(const struct lesson *lesson, const struct lesson_question *question,
                        struct fact *fact)
{
    *fact = (struct fact){ 0 };
    if (!question->said.query)
        return FALSE;
    g_autofree char *variant = fact_variant(question->said.query);
    g_autofree char *path = lesson_file(lesson, variant, ".weft");
    int code;
    if (!g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return FALSE;
    weft_model *model = input_open(path, &code);
    if (!model)
        return FALSE;
    g_autofree char *problem = fact_compute(model, question->said.query, fact);
    if (problem)
        output_message("%s/lesson.md:%u: %s", lesson->folder, question->said.line, problem);
    weft_model_free(model);
    return !problem;
}

static const char *hint(const struct fact *fact)
{
    static const char *const hints[] = { [FACT_COUNT] = "a number? ",
                                         [FACT_TIME] = "a time, such as 1.5 s? ",
                                         [FACT_NAMES] = "names, with commas between them? ",
                                         [FACT_TRUTH] = "yes or no? " };
    return hints[fact->kind];
}

/* Returns 1 when it was right, 0 when it was not, -1 when nobody answers. */
static int ask(const struct lesson *lesson, const struct lesson_question *question, guint number)
{
    char answer[ANSWER_MAX];
    struct fact fact;
    g_autofree char *label = g_strdup_printf("%u. ", number);
    say(label, question->text);
    gboolean computed = compute(lesson, question, &fact);
    if (!read_line(computed ? hint(&fact) : "your answer? ", answer)) {
        fact_clear(&fact);
        return -1;
    }
    gboolean right = computed && fact_is(&fact, answer);
    if (computed) {
        g_autofree char *why = g_strdup_printf("%s: %s.", question->said.query, fact.text);
        say(right ? "Right. The trace says " : "No. The trace says ", why);
    }
    if (question->answer)
        say("", question->answer);
    fact_clear(&fact);
    if (!computed) {
        if (!read_line("did you say so (y, n)? ", answer))
            return -1;
        right = *answer == 'y' || *answer == 'Y';
    }
    putchar('\n');
    return right;
}

int lessons_quiz(const struct lesson *lesson)
{
    struct learned learned = learned_load(lesson->name);
    guint right = 0, asked = 0;
    if (lesson->questions->len == 0) {
        output_message("lesson '%s' has no questions: weft lessons check says what is wrong",
                       lesson->name);
        return EXIT_INPUT;
    }
    say("", lesson->title);
    putchar('\n');
    for (guint i = 0; i < lesson->questions->len && !output_is_broken(); i++) {
        int said = ask(lesson, lesson->questions->pdata[i], i + 1);
        if (said < 0)
            break;
        asked++;
        right += (guint)said;
    }
    printf("%u of %u right\n", right, asked);
    if (asked < lesson->questions->len)
        return EXIT_DONE; /* left in the middle: the score before stays */
    learned.right = right;
    learned.asked = asked;
    lessons_keep(lesson, &learned);
    return EXIT_DONE;
}
