/* scenario.c: see scenario.h. */
#include "scenario.h"
#include <gio/gio.h>
#include <string.h>

/* ---- Lines ---- */

char *next_line(const char **text)
{
    if (**text == '\0')
        return NULL;
    const char *line = *text, *end = strchrnul(line, '\n');
    *text = *end ? end + 1 : end;
    return g_strndup(line, (size_t)(end - line));
}

/* Splits at spaces; "…" is one word, without its quotes. */
static int split(const char *line, char **words)
{
    int n = 0;
    while (*line) {
        line += strspn(line, " ");
        size_t length = strcspn(line, " ");
        if (*line == '"') {
            length = strcspn(++line, "\"");
            words[n++] = g_strndup(line, length++);
        } else if (length > 0) {
            words[n++] = g_strndup(line, length);
        }
        g_assert_cmpint(n, <, WORDS_MAX);
        line += MIN(length, strlen(line));
    }
    return n;
}

static struct statement *parse(const char *line)
{
    struct statement *statement = g_new0(struct statement, 1);
    char *words[WORDS_MAX] = { NULL };
    statement->indent = (int)strspn(line, " ");
    statement->text = g_strdup(line + statement->indent);
    g_strchomp(statement->text);
    if (g_str_has_suffix(statement->text, ":"))
        statement->text[strlen(statement->text) - 1] = '\0';
    int n = split(statement->text, words), first = 0;
    if (n > 2 && strcmp(words[1], "=") == 0) {
        statement->target = words[0];
        g_free(words[1]);
        first = 2;
    }
    if (strcmp(words[first], "await") == 0) {
        statement->awaits = true;
        g_free(words[first++]);
    }
    memcpy(statement->word, words + first, sizeof words[0] * (size_t)(n - first));
    char *verb = statement->word[0], *dot = strchr(verb, '.');
    if (dot) {
        statement->object = g_strndup(verb, (size_t)(dot - verb));
        statement->word[0] = g_strdup(dot + 1);
        g_free(verb);
    }
    return statement;
}

static void free_statements(struct statement *statement)
{
    for (struct statement *next; statement; statement = next) {
        next = statement->next;
        free_statements(statement->body);
        for (int i = 0; i < WORDS_MAX; i++)
            g_free(statement->word[i]);
        g_free(statement->target);
        g_free(statement->object);
        g_free(statement->text);
        g_free(statement);
    }
}

/* ---- Scenarios ---- */

static void scenario_free(void *pointer)
{
    struct scenario *scenario = pointer;
    free_statements(scenario->main.body);
    g_string_free(scenario->text, TRUE);
    g_string_free(scenario->log, TRUE);
    g_free(scenario->name);
    g_free(scenario->since);
    g_free(scenario->own_log);
    g_free(scenario);
}

static struct scenario *scenario_new(const char *head)
{
    struct scenario *scenario = g_new0(struct scenario, 1);
    char *words[WORDS_MAX] = { NULL };
    int n = split(head, words);
    scenario->name = words[1];
    scenario->real = n > 2 && strcmp(words[2], "real") == 0;
    g_free(words[0]);
    g_free(words[2]);
    scenario->main.indent = -1;
    scenario->text = g_string_new(NULL);
    scenario->log = g_string_new(NULL);
    return scenario;
}

/* Hangs the statement under the last line that is indented less. */
static void place(struct scenario *scenario, struct statement *statement)
{
    struct statement *above = &scenario->main, *last = above->body;
    while (last) {
        while (last->next)
            last = last->next;
        if (last->indent >= statement->indent)
            break;
        above = last;
        last = above->body;
    }
    if (last)
        last->next = statement;
    else
        above->body = statement;
}

/* One line of a file. Returns the scenario that it belongs to, or begins. */
static struct scenario *read_line(GPtrArray *scenarios, struct scenario *scenario, const char *line)
{
    const char *words = line + strspn(line, " ");
    if (g_str_has_prefix(line, "scenario ")) {
        scenario = scenario_new(line);
        g_ptr_array_add(scenarios, scenario);
    } else if (!scenario || *words == '\0') {
        return scenario;
    } else if (g_str_has_prefix(line, "expect ")) {
        scenario->since = g_strdup(line + strlen("expect "));
    } else if (scenario->since) {
        g_string_append_printf(scenario->log, "%s\n", words);
    } else {
        g_string_append_printf(scenario->text, "%s\n", line);
        if (*words != '#')
            place(scenario, parse(line));
    }
    return scenario;
}

GPtrArray *scenarios_read(const char *text)
{
    GPtrArray *scenarios = g_ptr_array_new_with_free_func(scenario_free);
    struct scenario *scenario = NULL;
    for (char *line; (line = next_line(&text)); g_free(line))
        scenario = read_line(scenarios, scenario, line);
    return scenarios;
}

static char *decompress(char *bytes, size_t size)
{
    GInputStream *memory = g_memory_input_stream_new_from_data(bytes, (gssize)size, g_free);
    GConverter *gunzip = G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    GInputStream *stream = g_converter_input_stream_new(memory, gunzip);
    GString *text = g_string_new(NULL);
    char buffer[65536];
    GError *error = NULL;
    for (gssize n; (n = g_input_stream_read(stream, buffer, sizeof buffer, NULL, &error)) > 0;)
        g_string_append_len(text, buffer, n);
    g_assert_no_error(error);
    g_object_unref(stream);
    g_object_unref(gunzip);
    g_object_unref(memory);
    return g_string_free(text, FALSE);
}

GPtrArray *scenarios_load(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    GError *error = NULL;
    g_file_get_contents(path, &text, &size, &error);
    g_assert_no_error(error);
    if (g_str_has_suffix(path, ".gz"))
        text = decompress(text, size);
    GPtrArray *scenarios = scenarios_read(text);
    g_free(text);
    return scenarios;
}

static struct statement *find(struct statement *statement, const char *call)
{
    struct statement *found = NULL;
    for (; statement && !found; statement = statement->next) {
        if (strcmp(statement->word[0], "def") == 0 && strcmp(statement->word[1], call) == 0)
            return statement;
        found = find(statement->body, call);
    }
    return found;
}

struct statement *scenario_find(struct scenario *scenario, const char *name)
{
    return find(scenario->main.body, name);
}
