/* table.h: columns of text, aligned by what a terminal makes of them.
 *
 *      struct table: titles | cell cell cell …, row by row; widths are known when it is printed */
#ifndef WEFT_CLI_TABLE_H
#define WEFT_CLI_TABLE_H

#include <glib.h>
#include <stdio.h>

typedef struct table table;

/* `titles`: separated by '|'; one that begins with '>' is of a column of numbers, aligned right. */
table *table_new(const char *titles);
void table_free(table *t);

/* The next cell, row by row. Takes `text`; escapes it; more than 40 columns are cut, except in the
 * last column. */
void table_add(table *t, char *text);

/* No row is wider than this when it is printed: the widest columns are cut. 0: no limit. */
void table_set_width(table *t, guint columns);

/* Prints the titles (dim in colour) and the rows, indented by two. */
void table_print(const table *t, FILE *to, gboolean colour);

#endif
