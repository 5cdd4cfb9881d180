/* man_test.c: a verb's manual page and its --help name the same options; weft(1) names every verb.
 */
#include "command.h"

#include <string.h>

static const char *const verbs[] = { "ctl",  "record",  "view",   "report", "dump",  "export",
                                     "diff", "recover", "repair", "cut",    "merge", "lessons",
                                     "ps",   "top",     "tree",   "check" };

/* The page's text with roff's "\-" written as "-". */
static char *read_page(const char *name)
{
    GError *error = NULL;
    char *file = g_strconcat(name, ".1", NULL);
    char *path = g_build_filename(g_getenv("WEFT_MAN"), file, NULL);
    char *text;
    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    GString *page = g_string_new(text);
    g_string_replace(page, "\\-", "-", 0);
    g_free(text);
    g_free(path);
    g_free(file);
    return g_string_free(page, FALSE);
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The long options ("--name") that stand in text at the beginning of an entry, sorted. */
static char **options_in(const char *text, const char *pattern)
{
    GPtrArray *names = g_ptr_array_new();
    GRegex *regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
    GMatchInfo *match;
    g_regex_match(regex, text, 0, &match);
    for (; g_match_info_matches(match); g_match_info_next(match, NULL))
        g_ptr_array_add(names, g_match_info_fetch(match, 1));
    g_match_info_free(match);
    g_regex_unref(regex);
    g_ptr_array_sort(names, by_text);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

static void test_pages_name_the_options(void)
{
    struct command weft;
    command_start(&weft);
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
        char *line = g_strconcat(verbs[i], " --help", NULL);
        char *name = g_strconcat("weft-", verbs[i], NULL);
        char *page = read_page(name);
        command_run(&weft, line);
        char **helped = options_in(weft.out, "^  (?:-.,|   ) (--[a-z-]+)");
        char **described = options_in(page, "^\\.TP\n\\.BI? \"?(?:-., )?(--[a-z-]+)");
        char *in_help = g_strjoinv(" ", helped);
        char *in_page = g_strjoinv(" ", described);
        g_assert_cmpuint(g_strv_length(helped), >=, 2);
        g_assert_cmpstr(in_page, ==, in_help);
        g_free(in_page);
        g_free(in_help);
        g_strfreev(described);
        g_strfreev(helped);
        g_free(page);
        g_free(name);
        g_free(line);
    }
    command_finish(&weft);
}

static void test_weft_names_every_verb(void)
{
    char *page = read_page("weft");
    for (guint i = 0; i < G_N_ELEMENTS(verbs); i++) {
        char *entry = g_strdup_printf(".TP\n.BR weft-%s (1)\n", verbs[i]);
        g_assert_nonnull(strstr(page, entry));
        g_free(entry);
    }
    g_free(page);
}

static void test_pages_name_their_version(void)
{
    char *page = read_page("weft");
    g_assert_nonnull(strstr(page, "\"Weft " WEFT_VERSION "\""));
    g_free(page);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/man/pages-name-the-options", test_pages_name_the_options);
    g_test_add_func("/cli/man/weft-names-every-verb", test_weft_names_every_verb);
    g_test_add_func("/cli/man/pages-name-their-version", test_pages_name_their_version);
    return g_test_run();
}
