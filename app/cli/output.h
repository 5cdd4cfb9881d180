/* output.h: everything `weft` says: results on stdout, messages on stderr, and nothing from a trace
 * reaches a terminal raw. */
#ifndef WEFT_CLI_OUTPUT_H
#define WEFT_CLI_OUTPUT_H

#include <glib.h>
#include <stdio.h>

/* Makes sure that descriptors 0 to 2 are taken, so that no file opened later becomes "stdout", and
 * lets a reader that goes away be an error of the write, not a signal. First thing in main(). */
void output_start(void);

/* Flushes stdout. Returns `code`, or EXIT_SYSTEM, said on stderr, when something could not be
 * written. A reader that went away (head) wanted no more: that is no failure. Last thing in main().
 */
int output_finish(int code);

/* TRUE when writing on has no use: stdout is broken or closed. */
gboolean output_is_broken(void);

/* One line on stderr: "weft: MESSAGE". Escapes what a terminal must not get. */
void output_message(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* `text` with control characters, bytes that are not UTF-8 and text-direction overrides written as
 * \n, \x1b, \u202e. g_free it. */
char *output_escape(const char *text);

/* Columns that text (valid UTF-8) takes in a terminal. */
guint output_width(const char *text);

/* Cuts *text to `widest` columns, the last one an ellipsis; or the first one, of a place, whose end
 * says more. */
void output_cut(char **text, guint widest);
void output_cut_place(char **text, guint widest);

/* `text`, escaped before, in lines of at most `first` and then `rest` columns, broken between words
 * where that can be; 0: on one line. g_strfreev it. */
char **output_lines(const char *text, guint first, guint rest);

/* Prints `text`, escaped, and a line's end: from column `at` on, where the cursor is; what does not
 * fit the terminal goes on below, at column `indent`. */
void output_wrapped(const char *text, guint at, guint indent);

/* The same of `before`, which is as it is, and `text`; what goes on below is indented by two.
 * `colour`: "1;31"; NULL: none. */
void output_sentence(const char *before, const char *text, const char *colour);

/* Columns and lines of the terminal that stdout is, or what COLUMNS and LINES say; 0: as many as it
 * takes. */
void output_size(guint *columns, guint *lines);

/* What a part of the output is called, on stdout, after an empty line. */
void output_title(const char *title, gboolean colour);

/* Whether to colour stdout: `when` is "always", "never", or "auto": on a terminal, unless NO_COLOR
 * is set or TERM is dumb. */
gboolean output_has_colour(const char *when);

#endif
