/* quantity.c: times and sizes as people write them. Decimal digits are scaled as integers: "1.1s"
 * is 1,100,000,000 ns, not the nearest double. */
#include "app/cli/quantity.h"

#include <string.h>

/* Reads DIGITS[.DIGITS] at *text as a number of units of `scale`, moves *text behind it. FALSE when
 * there is no digit, when the fraction is finer than 1 / scale, or when it overflows. */
static gboolean scale_decimal(const char *text, gsize length, guint64 scale, guint64 *result)
{
    guint64 whole = 0;
    gsize i = 0;
    for (; i < length && g_ascii_isdigit(text[i]); i++) {
        guint64 digit = (guint64)(text[i] - '0');
        if (!g_uint64_checked_mul(&whole, whole, 10) || !g_uint64_checked_add(&whole, whole, digit))
            return FALSE;
    }
    if (i == 0 || !g_uint64_checked_mul(&whole, whole, scale))
        return FALSE;
    if (i == length) {
        *result = whole;
        return TRUE;
    }
    if (text[i] != '.' || i + 1 == length)
        return FALSE;
    guint64 fraction = 0;
    guint64 divisor = 1;
    for (i++; i < length; i++) {
        if (!g_ascii_isdigit(text[i]) || divisor > G_MAXUINT64 / 10 / scale)
            return FALSE;
        divisor *= 10;
        fraction = fraction * 10 + (guint64)(text[i] - '0');
    }
    if (fraction * scale % divisor != 0)
        return FALSE;
    return g_uint64_checked_add(result, whole, fraction * scale / divisor);
}

struct unit {
    const char *name;
    guint64 scale;
};

/* Splits "1.5ms" into its number and its unit, and multiplies. */
static gboolean parse(const char *text, const struct unit *units, guint64 *result)
{
    gsize digits = strspn(text, "0123456789.");
    const char *name = text + digits;
    for (; units->name; units++)
        if (g_ascii_strcasecmp(name, units->name) == 0)
            return scale_decimal(text, digits, units->scale, result);
    return FALSE;
}

gboolean quantity_parse_time(const char *text, gint64 plain_ns, gint64 *ns)
{
    const struct unit units[] = {
        { "", (guint64)plain_ns },
        { "ns", 1 },
        { "us", 1000 },
        { "µs", 1000 },
        { "ms", 1000000 },
        { "s", G_GUINT64_CONSTANT(1000000000) },
        { "m", 60 * G_GUINT64_CONSTANT(1000000000) },
        { "h", 3600 * G_GUINT64_CONSTANT(1000000000) },
        { NULL, 0 },
    };
    guint64 result;
    if (!parse(text, units, &result) || result > G_MAXINT64)
        return FALSE;
    *ns = (gint64)result;
    return TRUE;
}

gboolean quantity_parse_size(const char *text, guint64 *bytes)
{
    static const struct unit units[] = {
        { "", 1 },          { "B", 1 },        { "K", 1 << 10 },   { "KB", 1 << 10 },
        { "KiB", 1 << 10 }, { "M", 1 << 20 },  { "MB", 1 << 20 },  { "MiB", 1 << 20 },
        { "G", 1 << 30 },   { "GB", 1 << 30 }, { "GiB", 1 << 30 }, { NULL, 0 },
    };
    return parse(text, units, bytes);
}

gboolean quantity_parse_count(const char *text, guint64 *count)
{
    static const struct unit units[] = { { "", 1 }, { NULL, 0 } };
    return strchr(text, '.') == NULL && parse(text, units, count);
}

char *quantity_format_count(guint64 count)
{
    char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, count);
    GString *text = g_string_new(NULL);
    gsize length = strlen(digits);
    for (gsize i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            g_string_append_c(text, ',');
        g_string_append_c(text, digits[i]);
    }
    g_free(digits);
    return g_string_free(text, FALSE);
}

char *quantity_format_size(guint64 bytes)
{
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    if (bytes < 1024)
        return g_strdup_printf("%" G_GUINT64_FORMAT " B", bytes);
    double value = (double)bytes / 1024;
    guint unit = 0;
    while (value >= 999.5 && unit + 1 < G_N_ELEMENTS(units)) {
        value /= 1024;
        unit++;
    }
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return g_strdup_printf("%.*f %s", decimals, value, units[unit]);
}

char *quantity_format_moment(gint64 ns)
{
    const gint64 second = 1000000000;
    const char *sign = ns < 0 ? "-" : "";
    guint64 magnitude = ns < 0 ? 0 - (guint64)ns : (guint64)ns;
    return g_strdup_printf("%s%" G_GUINT64_FORMAT ".%09" G_GUINT64_FORMAT "s", sign,
                           magnitude / second, magnitude % second);
}
