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

guint output_width(const char *text)
{
    guint width = 0;
    for (; *text != '\0'; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (!g_unichar_iszerowidth(c))
            width += g_unichar_iswide(c) ? 2 : 1;
    }
    return width;
}

void output_cut(char **text, guint widest)
{
    if (output_width(*text) <= widest)
        return;
    GString *kept = g_string_new(NULL);
    guint width = 0;
    for (const char *p = *text;; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        width += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
        if (width >= widest)
            break;
        g_string_append_unichar(kept, c);
    }
    g_string_append(kept, "…");
    g_free(*text);
    *text = g_string_free(kept, FALSE);
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
