/* lessons-show.c: `weft lessons show`: the words of a lesson, without the answers. */
#include "app/cli/lessons.h"
#include "app/cli/output.h"

#include <stdio.h>

/* A paragraph a line: its own line ends are where its author's editor broke it. */
static void show_text(const char *text)
{
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
    for (char **paragraph = paragraphs; *paragraph; paragraph++) {
        g_autofree char *line = g_strdelimit(g_strdup(*paragraph), "\n", ' ');
        putchar('\n');
        output_sentence("", line, NULL);
    }
}

int lessons_show(const struct lesson *lesson)
{
    output_sentence("", lesson->title, NULL);
    show_text(lesson->text);
    output_title("What to watch", FALSE);
    for (guint i = 0; i < lesson->watch->len; i++)
        output_sentence("- ", lesson->watch->pdata[i], NULL);
    if (lesson->variants->len)
        output_title("Variants", FALSE);
    for (guint i = 0; i < lesson->variants->len; i++) {
        const struct lesson_variant *variant = lesson->variants->pdata[i];
        g_autofree char *name = g_strdup_printf("- %s: ", variant->name);
        output_sentence(name, variant->text, NULL);
    }
    output_title("Questions", FALSE);
    for (guint i = 0; i < lesson->questions->len; i++) {
        const struct lesson_question *question = lesson->questions->pdata[i];
        g_autofree char *number = g_strdup_printf("%u. ", i + 1);
        output_sentence(number, question->text, NULL);
    }
    return EXIT_DONE;
}
