/* table.h: columns of text, aligned by what a terminal makes of them.
 *
 *      struct table: titles | cell cell cell …, row by row; widths are known when it is printed
 *
 * In a terminal that is too narrow, columns that may be left out are, in their order, and named
 * below; then names and places are cut; the last column is wrapped, if need be below its row. A
 * number is never cut. */
#ifndef WEFT_CLI_TABLE_H
#define WEFT_CLI_TABLE_H

#include <glib.h>
#include <stdio.h>

typedef struct table table;

/* `titles`: separated by '|'; one that begins with '>' is of a column of numbers, aligned right;
 * with '<' of places in the source, which are cut at their beginning, and never wrapped; one that
 * ends with "?1" is the first to be left out, then "?2", … As wide as the terminal. */
table *table_new(const char *titles);
void table_free(table *t);

/* The next cell, row by row. Takes `text`; escapes it; more than 40 columns are cut, except in the
 * last column. */
void table_add(table *t, char *text);

/* No row is wider than this when it is printed. 0: no limit. */
void table_set_width(table *t, guint columns);

/* A row stays on its line: the last column is cut, too. */
void table_set_one_line(table *t);

/* Prints the titles (dim in colour) and the rows, indented by two. Once. */
void table_print(table *t, FILE *to, gboolean colour);

#endif
