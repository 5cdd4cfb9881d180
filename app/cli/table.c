/* table.c: columns of text. */
#include "app/cli/table.h"
#include "app/cli/output.h"

#include <string.h>

enum { WIDEST_CELL = 40, NARROWEST_CELL = 8 };

struct table {
    guint columns;
    GPtrArray *cells; /* the first `columns` are the titles */
    gboolean *right;
    guint width; /* of a row at most; 0: no limit */
};

table *table_new(const char *titles)
{
    table *t = g_new0(table, 1);
    t->cells = g_ptr_array_new_with_free_func(g_free);
    char **words = g_strsplit(titles, "|", -1);
    t->columns = g_strv_length(words);
    t->right = g_new0(gboolean, t->columns);
    for (guint i = 0; i < t->columns; i++) {
        t->right[i] = words[i][0] == '>';
        g_ptr_array_add(t->cells, g_strdup(words[i] + t->right[i]));
    }
    g_strfreev(words);
    return t;
}

void table_free(table *t)
{
    if (!t)
        return;
    g_ptr_array_free(t->cells, TRUE);
    g_free(t->right);
    g_free(t);
}

void table_set_width(table *t, guint columns)
{
    t->width = columns;
}

void table_add(table *t, char *text)
{
    char *safe = output_escape(text);
    g_free(text);
    if ((t->cells->len + 1) % t->columns != 0)
        output_cut(&safe, WIDEST_CELL);
    g_ptr_array_add(t->cells, safe);
}

static void print_cell(const char *text, guint width, gboolean right, gboolean last, FILE *to)
{
    int padding = (int)width - (int)output_width(text);
    fprintf(to, "  %*s%s", right ? padding : 0, "", text);
    if (!right && !last)
        fprintf(to, "%*s", padding, "");
}

/* Takes from the widest until a row fits. */
static void fit(const table *t, guint *widths)
{
    guint all = 0;
    for (guint c = 0; c < t->columns; c++)
        all += 2 + widths[c];
    for (; t->width && all > t->width; all--) {
        guint widest = 0;
        for (guint c = 1; c < t->columns; c++)
            if (widths[c] >= widths[widest])
                widest = c;
        if (widths[widest] <= NARROWEST_CELL)
            return;
        widths[widest]--;
    }
}

void table_print(const table *t, FILE *to, gboolean colour)
{
    guint *widths = g_new0(guint, t->columns);
    for (guint i = 0; i < t->cells->len; i++)
        widths[i % t->columns] = MAX(widths[i % t->columns],
                                     output_width(g_ptr_array_index(t->cells, i)));
    fit(t, widths);
    for (guint i = 0; i < t->cells->len; i++) {
        guint column = i % t->columns;
        if (colour && i == 0)
            fputs("\033[2m", to);
        output_cut((char **)&t->cells->pdata[i], widths[column]);
        print_cell(g_ptr_array_index(t->cells, i), widths[column], t->right[column],
                   column + 1 == t->columns, to);
        if (column + 1 < t->columns)
            continue;
        fputs(colour && i + 1 == t->columns ? "\033[0m\n" : "\n", to);
    }
    g_free(widths);
}
