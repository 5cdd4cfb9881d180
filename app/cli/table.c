/* table.c: columns of text. */
#include "app/cli/table.h"
#include "app/cli/output.h"

#include <string.h>

enum { WIDEST_CELL = 40, SHORT_CELL = 16, NARROWEST_CELL = 8, LAST_CELL = 24, BELOW = 6 };

struct column {
    gboolean right, place, left_out;
    guint order; /* in which it is left out; 0: it never is */
    guint width; /* of its widest cell */
};

struct table {
    guint columns;
    struct column *column;
    GPtrArray *cells; /* the first `columns` are the titles */
    guint width;      /* of a row at most; 0: no limit */
    gboolean one_line;
};

table *table_new(const char *titles)
{
    table *t = g_new0(table, 1);
    t->cells = g_ptr_array_new_with_free_func(g_free);
    char **words = g_strsplit(titles, "|", -1);
    t->columns = g_strv_length(words);
    t->column = g_new0(struct column, t->columns);
    for (guint i = 0; i < t->columns; i++) {
        char *order = strchr(words[i], '?');
        if (order) {
            *order = '\0';
            t->column[i].order = (guint)(order[1] - '0');
        }
        t->column[i].right = words[i][0] == '>';
        t->column[i].place = words[i][0] == '<';
        g_ptr_array_add(t->cells, g_strdup(words[i] + (t->column[i].right || t->column[i].place)));
    }
    g_strfreev(words);
    guint lines;
    output_size(&t->width, &lines);
    return t;
}

void table_free(table *t)
{
    if (!t)
        return;
    g_ptr_array_free(t->cells, TRUE);
    g_free(t->column);
    g_free(t);
}

void table_set_width(table *t, guint columns)
{
    t->width = columns;
}

void table_set_one_line(table *t)
{
    t->one_line = TRUE;
}

static void cut(char **text, const struct column *column, guint widest)
{
    if (column->place)
        output_cut_place(text, widest);
    else
        output_cut(text, widest);
}

void table_add(table *t, char *text)
{
    char *safe = output_escape(text);
    g_free(text);
    guint c = t->cells->len % t->columns;
    if (c + 1 != t->columns)
        cut(&safe, &t->column[c], WIDEST_CELL);
    g_ptr_array_add(t->cells, safe);
}

/* ---- Fitting ---- */

static void measure(table *t)
{
    for (guint i = 0; i < t->cells->len; i++) {
        guint *width = &t->column[i % t->columns].width;
        *width = MAX(*width, output_width(t->cells->pdata[i]));
    }
}

/* Columns of all but the last, when text that is longer is cut to `longest`. */
static guint before_last(const table *t, guint longest)
{
    guint sum = 0;
    for (guint c = 0; c + 1 < t->columns; c++)
        if (!t->column[c].left_out)
            sum += 2 + (t->column[c].right ? t->column[c].width : MIN(t->column[c].width, longest));
    return sum;
}

/* What the last column must have at least, to stand beside the others. */
static guint least_last(const table *t)
{
    const struct column *last = &t->column[t->columns - 1];
    guint least = last->right ? last->width : last->place ? SHORT_CELL : LAST_CELL;
    return 2 + MIN(last->width, least);
}

static void leave_out(table *t)
{
    for (guint order = 1; order <= 9; order++)
        for (guint c = 0; c + 1 < t->columns; c++)
            if (t->column[c].order == order &&
                before_last(t, SHORT_CELL) + least_last(t) > t->width)
                t->column[c].left_out = TRUE;
}

/* However narrow the names are, the last cell does not find room beside them. */
static gboolean goes_below(const table *t)
{
    const struct column *last = &t->column[t->columns - 1];
    return !t->one_line && !last->place && !last->right &&
           before_last(t, NARROWEST_CELL) + least_last(t) > t->width;
}

/* Takes from the widest names until a row fits. */
static void cut_names(table *t)
{
    guint beside = goes_below(t) ? 0 : least_last(t);
    while (before_last(t, G_MAXUINT) + beside > t->width) {
        struct column *widest = NULL;
        for (guint c = 0; c + 1 < t->columns; c++)
            if (!t->column[c].right && !t->column[c].left_out &&
                (!widest || t->column[c].width >= widest->width))
                widest = &t->column[c];
        if (!widest || widest->width <= NARROWEST_CELL)
            return;
        widest->width--;
    }
}

/* ---- Printing ---- */

static void append_cell(GString *row, const char *text, const struct column *column)
{
    g_autofree char *fitting = g_strdup(text);
    cut(&fitting, column, column->width);
    int padding = (int)column->width - (int)output_width(fitting);
    g_string_append_printf(row, "  %*s%s%*s", column->right ? padding : 0, "", fitting,
                           column->right ? 0 : padding, "");
}

/* Without the blanks that it ends with. */
static void end_line(GString *row)
{
    while (row->len > 0 && row->str[row->len - 1] == ' ')
        g_string_truncate(row, row->len - 1);
    g_string_append_c(row, '\n');
}

/* The last cell of a row, from column `at` on, or below it. */
static void append_last(GString *row, const table *t, const char *text, guint at)
{
    const struct column *last = &t->column[t->columns - 1];
    if (last->right) {
        append_cell(row, text, last);
        end_line(row);
        return;
    }
    gboolean one_line = t->one_line || last->place;
    gboolean below = t->width && !one_line && at + least_last(t) > t->width;
    guint from = below ? BELOW : at + 2;
    guint room = t->width ? MAX(t->width, from + NARROWEST_CELL) - from : 0;
    g_autofree char *whole = g_strdup(text);
    if (one_line && room)
        cut(&whole, last, room);
    g_auto(GStrv) lines = output_lines(whole, room, room);
    if (below)
        end_line(row);
    for (char **line = lines; *line && (!below || **line); line++) {
        g_string_append_printf(row, "%*s%s", below || line > lines ? (int)from : 2, "", *line);
        end_line(row);
    }
}

static void name_left_out(const table *t, FILE *to)
{
    g_autoptr(GString) names = g_string_new(NULL);
    for (guint order = 1; order <= 9; order++)
        for (guint c = 0; c + 1 < t->columns; c++)
            if (t->column[c].left_out && t->column[c].order == order)
                g_string_append_printf(names, "%s%s", names->len ? ", " : "(too narrow for ",
                                       (const char *)t->cells->pdata[c]);
    if (names->len == 0)
        return;
    g_string_append_c(names, ')');
    guint room = MAX(t->width, NARROWEST_CELL + 2) - 2;
    g_auto(GStrv) lines = output_lines(names->str, room, room);
    for (char **line = lines; *line; line++)
        fprintf(to, "  %s\n", *line);
}

void table_print(table *t, FILE *to, gboolean colour)
{
    measure(t);
    if (t->width) {
        leave_out(t);
        cut_names(t);
    }
    guint at = before_last(t, G_MAXUINT);
    for (guint i = 0; i < t->cells->len; i += t->columns) {
        g_autoptr(GString) row = g_string_new(NULL);
        for (guint c = 0; c + 1 < t->columns; c++)
            if (!t->column[c].left_out)
                append_cell(row, t->cells->pdata[i + c], &t->column[c]);
        append_last(row, t, t->cells->pdata[i + t->columns - 1], at);
        if (colour && i == 0) {
            g_string_truncate(row, row->len - 1);
            fprintf(to, "\033[2m%s\033[0m\n", row->str);
        } else {
            fputs(row->str, to);
        }
    }
    name_left_out(t, to);
}
