/* markup.c: addresses are "weft:ENTITY@TIME", in hexadecimal and ns. */
#include "app/viewer/panels/markup.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_SHOWN = 100, NAME_BEGIN = 60, NAME_END = 30 };

static gboolean is_from_right(gunichar c)
{
    switch (g_unichar_get_script(c)) {
    case G_UNICODE_SCRIPT_HEBREW:
    case G_UNICODE_SCRIPT_ARABIC:
    case G_UNICODE_SCRIPT_SYRIAC:
    case G_UNICODE_SCRIPT_THAANA:
    case G_UNICODE_SCRIPT_NKO:
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean goes_left(const char *text)
{
    while (*text && !is_from_right(g_utf8_get_char(text)))
        text = g_utf8_next_char(text);
    return *text;
}

/* A name in a line of words: on that line, not all of a very long one, and so that the words beside
 * it stay in their order. */
static char *in_line(const char *name)
{
    g_autofree char *line = g_strdelimit(g_utf8_make_valid(name, -1), "\r\n", ' ');
    glong n = g_utf8_strlen(line, -1);
    if (n > NAME_MAX_SHOWN) {
        g_autofree char *begin = g_utf8_substring(line, 0, NAME_BEGIN);
        g_autofree char *end = g_utf8_substring(line, n - NAME_END, n);
        g_free(line);
        line = g_strconcat(begin, "…", end, NULL);
    }
    return goes_left(line) ? g_strconcat("\342\201\250", line, "\342\201\251", NULL)
                           : g_steal_pointer(&line);
}

char *weft_markup_link(const char *text, uint64_t entity, gint64 t_ns)
{
    g_autofree char *name = in_line(text);
    return g_markup_printf_escaped("<a href=\"weft:%" G_GINT64_MODIFIER "x@%" G_GINT64_FORMAT
                                   "\">%s</a>",
                                   (guint64)entity, t_ns, name);
}

static gboolean is_unit(const char *text)
{
    static const char *const units[] = { "ns", "µs", "ms", "s" };
    for (guint i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_str_has_prefix(text, units[i]) && !g_ascii_isalpha(text[strlen(units[i])]))
            return TRUE;
    return FALSE;
}

char *weft_markup_unbroken(const char *markup)
{
    GString *text = g_string_new(NULL);
    gboolean tag = FALSE;
    for (const char *c = markup; *c; c++) {
        tag = *c == '<' || (tag && *c != '>');
        if (!tag && *c == ' ' && c > markup && g_ascii_isdigit(c[-1]) && is_unit(c + 1))
            g_string_append(text, "\302\240");
        else
            g_string_append_c(text, *c);
        if (!tag && *c == ':' && g_ascii_isdigit(c[1]))
            g_string_append(text, "\342\201\240"); /* word joiner */
    }
    return g_string_free(text, FALSE);
}

char *weft_markup_sentence(const struct weft_sentence *sentence, uint64_t self)
{
    GString *markup = g_string_new(NULL);
    for (guint i = 0; i < sentence->runs->len; i++) {
        const struct weft_text_run *run = sentence->runs->pdata[i];
        g_autofree char *line = run->entity ? in_line(run->text) : g_strdup(run->text);
        g_strdelimit(line, "\r\n", ' ');
        g_autofree char *text = run->entity && run->entity != self
                                    ? weft_markup_link(line, run->entity, sentence->time_ns)
                                    : g_markup_escape_text(line, -1);
        g_string_append_printf(markup, run->bold ? "<b>%s</b>" : "%s", text);
    }
    return g_string_free(markup, FALSE);
}

char *weft_markup_marked(const char *text)
{
    GString *markup = g_string_new(NULL);
    while (*text) {
        const char *end = *text == '`' || *text == '*' ? strchr(text + 1, *text) : NULL;
        gboolean marks = end && end > text + 1 && !g_ascii_isspace(text[1]);
        gsize length = marks ? (gsize)(end - text - 1) : 1 + strcspn(text + 1, "`*");
        g_autofree char *part = g_markup_escape_text(text + marks, (gssize)length);
        if (!marks)
            g_string_append(markup, part);
        else
            g_string_append_printf(markup, *text == '`' ? "<tt>%s</tt>" : "<i>%s</i>", part);
        text += length + (marks ? 2 : 0);
    }
    return g_string_free(markup, FALSE);
}

gboolean weft_markup_parse(const char *address, uint64_t *entity, gint64 *t_ns)
{
    guint64 id;
    gint64 t;
    if (sscanf(address, "weft:%" G_GINT64_MODIFIER "x@%" G_GINT64_FORMAT, &id, &t) != 2)
        return FALSE;
    *entity = id;
    *t_ns = t;
    return TRUE;
}

void weft_markup_follow(GtkWidget *widget, WeftSession *session, const char *address)
{
    uint64_t entity;
    gint64 t;
    if (!weft_markup_parse(address, &entity, &t) || weft_session_jump(session, entity, t))
        return;
    g_autofree char *name = weft_model_name(weft_session_model(session), entity);
    g_autofree char *text = g_strdup_printf("%s has no lane of its own", name);
    gtk_widget_activate_action(widget, "win.say", "s", text);
}
