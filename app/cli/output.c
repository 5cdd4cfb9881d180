/* output.c: stdout, stderr, and what may reach a terminal. */
#include "app/cli/output.h"
#include "app/cli/verb.h"
#include "tracer/export/export.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void output_start(void)
{
    /* Opened for reading only: writing to a stdout that was closed must go on failing. Closed
     * again on exec: a program that is run finds what it would have found without weft. */
    int fd;
    do
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error that can be said */
}

int output_finish(int code)
{
    errno = 0;
    gboolean failed = fflush(stdout) != 0;
    int error = errno;
    /* An earlier write failed, and its errno is gone: the output is cut anyway, one more byte asks
     * the system why. */
    if (!failed && ferror(stdout)) {
        failed = TRUE;
        error = write(STDOUT_FILENO, "\n", 1) < 0 ? errno : EIO;
    }
    if (!failed || error == EPIPE)
        return code;
    output_message("cannot write the output: %s", g_strerror(error));
    return EXIT_SYSTEM;
}

gboolean output_is_broken(void)
{
    return ferror(stdout) != 0;
}

static void append_escaped(GString *to, gunichar c)
{
    switch (c) {
    case '\n':
        g_string_append(to, "\\n");
        break;
    case '\t':
        g_string_append(to, "\\t");
        break;
    case '\r':
        g_string_append(to, "\\r");
        break;
    default:
        g_string_append_printf(to, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
    }
}

char *output_escape(const char *text)
{
    GString *safe = g_string_sized_new(strlen(text) + 1);
    while (*text != '\0') {
        gunichar c = g_utf8_get_char_validated(text, -1);
        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append_printf(safe, "\\x%02x", (unsigned char)*text++);
            continue;
        }
        const char *next = g_utf8_next_char(text);
        if (weft_export_is_unsafe(c))
            append_escaped(safe, c);
        else
            g_string_append_len(safe, text, next - text);
        text = next;
    }
    return g_string_free(safe, FALSE);
}

void output_message(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *raw = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    char *safe = output_escape(raw);
    fflush(stdout);
    fprintf(stderr, "weft: %s\n", safe);
    g_free(safe);
    g_free(raw);
}

static guint width_of(const char *at)
{
    gunichar c = g_utf8_get_char(at);
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

guint output_width(const char *text)
{
    guint width = 0;
    for (; *text != '\0'; text = g_utf8_next_char(text))
        width += width_of(text);
    return width;
}

void output_cut(char **text, guint widest)
{
    if (output_width(*text) <= widest)
        return;
    GString *kept = g_string_new(NULL);
    guint width = 0;
    for (const char *p = *text;; p = g_utf8_next_char(p)) {
        width += width_of(p);
        if (width >= widest)
            break;
        g_string_append_unichar(kept, g_utf8_get_char(p));
    }
    g_string_append(kept, "…");
    g_free(*text);
    *text = g_string_free(kept, FALSE);
}

void output_cut_place(char **text, guint widest)
{
    guint width = output_width(*text);
    const char *kept = *text;
    if (width <= widest)
        return;
    for (; *kept && width >= widest; kept = g_utf8_next_char(kept))
        width -= width_of(kept);
    char *cut = g_strconcat("…", kept, NULL);
    g_free(*text);
    *text = cut;
}

/* Of one line of at most `widest` columns: where it ends, and where the next one begins: behind a
 * blank or a slash. */
static const char *end_of_line(const char *text, guint widest, const char **next)
{
    const char *end = NULL, *p = text;
    for (guint width = 0; *p != '\0'; p = g_utf8_next_char(p)) {
        if (*p == ' ' && p > text)
            end = *next = p;
        width += width_of(p);
        if (width > widest && p > text) {
            if (!end)
                end = *next = p;
            *next += **next == ' ';
            return end;
        }
        if (*p == '/')
            end = *next = p + 1;
    }
    *next = p;
    return p;
}

char **output_lines(const char *text, guint first, guint rest)
{
    GPtrArray *lines = g_ptr_array_new();
    const char *next;
    do {
        guint widest = lines->len == 0 ? first : rest;
        const char *end = end_of_line(text, widest ? widest : G_MAXUINT - 1, &next);
        g_ptr_array_add(lines, g_strndup(text, (gsize)(end - text)));
        text = next;
    } while (*text != '\0');
    g_ptr_array_add(lines, NULL);
    return (char **)g_ptr_array_free(lines, FALSE);
}

/* `after` ends the last line. */
static void print_wrapped(const char *text, guint at, guint indent, const char *after)
{
    guint columns, lines_seen, narrowest = 8;
    output_size(&columns, &lines_seen);
    g_autofree char *safe = output_escape(text);
    g_auto(GStrv) lines = output_lines(safe, columns ? MAX(columns, at + narrowest) - at : 0,
                                       columns ? MAX(columns, indent + narrowest) - indent : 0);
    for (char **line = lines; *line; line++)
        printf("%*s%s%s\n", line > lines ? (int)indent : 0, "", *line, line[1] ? "" : after);
}

void output_wrapped(const char *text, guint at, guint indent)
{
    print_wrapped(text, at, indent, "");
}

void output_sentence(const char *before, const char *text, const char *colour)
{
    if (colour)
        printf("\033[%sm", colour);
    fputs(before, stdout);
    print_wrapped(text, output_width(before), 2, colour ? "\033[0m" : "");
}

static guint size_said(const char *variable)
{
    const char *text = g_getenv(variable);
    guint64 n;
    return text && g_ascii_string_to_unsigned(text, 10, 1, 10000, &n, NULL) ? (guint)n : 0;
}

void output_size(guint *columns, guint *lines)
{
    struct winsize size;
    gboolean terminal = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
    *columns = size_said("COLUMNS");
    *lines = size_said("LINES");
    if (*columns == 0 && terminal)
        *columns = size.ws_col;
    if (*lines == 0 && terminal)
        *lines = size.ws_row;
}

void output_title(const char *title, gboolean colour)
{
    printf(colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", title);
}

gboolean output_has_colour(const char *when)
{
    if (strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    const char *no_color = g_getenv("NO_COLOR");
    const char *term = g_getenv("TERM");
    return isatty(STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') &&
           g_strcmp0(term, "dumb") != 0;
}
