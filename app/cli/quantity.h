/* quantity.h: times and sizes as people write them, exactly: no floating point in between. */
#ifndef WEFT_CLI_QUANTITY_H
#define WEFT_CLI_QUANTITY_H

#include <glib.h>

/* "1500", "10ms", "1.5s", "2m" → ns. Units: ns us ms s m h; a plain number is `plain_ns` each.
 * FALSE: not a time, negative, finer than a nanosecond or beyond 292 years. */
gboolean quantity_parse_time(const char *text, gint64 plain_ns, gint64 *ns);

/* "4096", "64K", "16M", "2G" (powers of 1024; KiB, MB and the like too) → bytes. */
gboolean quantity_parse_size(const char *text, guint64 *bytes);

/* A plain decimal number without sign. */
gboolean quantity_parse_count(const char *text, guint64 *count);

/* "1,234,567". g_free it. */
char *quantity_format_count(guint64 count);

/* "712 B", "5.63 KiB", "1.20 GiB". g_free it. */
char *quantity_format_size(guint64 bytes);

/* "1.002345678s": exact, sorts as text within a column, and quantity_parse_time reads it back. */
char *quantity_format_moment(gint64 ns);

#endif
