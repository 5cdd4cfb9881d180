/* main.c: `weft`: finds the verb and runs it. A verb that is not in the table does not exist. */
#include "app/cli/failure.h"
#include "app/cli/options.h"
#include "app/cli/output.h"

#include <locale.h>
#include <string.h>

static const struct verb *const verbs[] = {
    &record_verb, &view_verb,   &ps_verb,    &tree_verb,    &top_verb,     &report_verb,
    &dump_verb,   &export_verb, &check_verb, &diff_verb,    &recover_verb, &repair_verb,
    &cut_verb,    &merge_verb,  &ctl_verb,   &lessons_verb,
};

static int print_help(void)
{
    puts("Usage: weft VERB [OPTION…] [ARGUMENT…]\n\n"
         "Shows what the event loop of an asynchronous program does.\n\n"
         "Verbs:");
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        printf("  %-10s%s\n", verbs[i]->name, verbs[i]->summary);
    puts("\n'weft VERB --help' says more about a verb, 'weft --version' which weft this is.\n"
         "Exit codes: 0 done, 1 something was found, 2 usage, 3 the input is bad,\n"
         "4 the system refused.\n"
         "Manual: man weft");
    return EXIT_DONE;
}

static int unknown_verb(const char *name)
{
    const char *names[G_N_ELEMENTS(verbs) + 1] = { NULL };
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        names[i] = verbs[i]->name;
    static const char *const options[] = { "--help", "--version", NULL };
    gboolean option = name[0] == '-';
    const char *what = option ? "option" : "verb";
    const char *nearest = strcmp(name, "help") == 0 ? options[0]
                          : strcmp(name, "version") == 0
                              ? options[1]
                              : options_nearest(name, option ? options : names);
    if (nearest)
        return failure_usage(NULL, "there is no %s '%s'; did you mean '%s'?", what, name, nearest);
    return failure_usage(NULL, "there is no %s '%s'", what, name);
}

static int run_verb(const struct verb *verb, char **argv)
{
    void *settings = g_memdup2(verb->defaults, verb->settings_size);
    char **operands;
    int code = options_parse(verb, argv, settings, &operands);
    if (code < 0)
        code = verb->run(settings, operands);
    g_free(operands);
    options_finish(verb, settings);
    return code;
}

static int run(char **argv)
{
    const char *name = argv[0];
    if (name == NULL)
        return failure_usage(NULL, "what to do? A verb is missing");
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return print_help();
    if (strcmp(name, "--version") == 0) {
        puts("weft " WEFT_VERSION);
        return EXIT_DONE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (strcmp(name, verbs[i]->name) == 0)
            return run_verb(verbs[i], argv + 1);
    return unknown_verb(name);
}

int main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C"); /* 1.5 is 1.5 in every language: in JSON, in options, in tables */
    output_start();
    return output_finish(run(argc > 0 ? argv + 1 : argv));
}
