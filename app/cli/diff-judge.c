/* diff-judge.c: what of two runs is not the same, and not by chance.
 *
 * With 8 tasks or more in both runs, the tasks' times are two samples: a change is one when they
 * differ by more than chance (Mann-Whitney U: it asks for no distribution), divided by how many
 * such questions are asked of the two runs (Bonferroni), and when the median moved by enough. Where
 * it did not, the slowest are looked at: whether they are of one run more often than by chance, and
 * whether the 95th percentile moved by enough. With fewer tasks nothing can be said about chance:
 * the mean must have moved five times as far. */
#include "app/cli/diff.h"

#include <math.h>

enum { TASKS_FOR_STATISTICS = 8, WITHOUT_STATISTICS = 5, MEDIAN = 50, SLOWEST = 95 };
static const double by_chance = 0.01;

struct judging {
    struct diff *diff;
    const struct diff_limits *limits;
    guint questions; /* that statistics are asked */
};

/* ---- Statistics ---- */

static gint ascending(gconstpointer a, gconstpointer b)
{
    gint64 x = *(const gint64 *)a;
    gint64 y = *(const gint64 *)b;
    return x < y ? -1 : x > y;
}

static gint64 value_at(const GArray *values, guint i)
{
    return g_array_index(values, gint64, i);
}

/* How many of the array from `i` on are `value`. */
static guint equal_from(const GArray *values, guint i, gint64 value)
{
    guint n = 0;
    while (i + n < values->len && value_at(values, i + n) == value)
        n++;
    return n;
}

double diff_mann_whitney(GArray *a, GArray *b)
{
    double na = a->len, nb = b->len, n = na + nb;
    double rank_sum = 0, ties = 0; /* of a's values; sum of t³ - t */
    guint i = 0, j = 0;
    if (a->len == 0 || b->len == 0)
        return 1;
    g_array_sort(a, ascending);
    g_array_sort(b, ascending);
    while (i < a->len || j < b->len) {
        gint64 value = j == b->len || (i < a->len && value_at(a, i) < value_at(b, j))
                           ? value_at(a, i)
                           : value_at(b, j);
        guint of_a = equal_from(a, i, value), of_b = equal_from(b, j, value);
        double t = of_a + of_b;
        rank_sum += of_a * (i + j + (t + 1) / 2); /* all that are equal share the middle rank */
        ties += t * t * t - t;
        i += of_a;
        j += of_b;
    }
    double u = rank_sum - na * (na + 1) / 2;
    double variance = na * nb / 12 * (n + 1 - ties / (n * (n - 1)));
    if (variance <= 0)
        return 1; /* all are equal */
    double distance = MAX(fabs(u - na * nb / 2) - 0.5, 0);
    return erfc(distance / sqrt(variance) / G_SQRT2);
}

static guint count_above(const GArray *values, gint64 limit)
{
    guint n = 0;
    while (n < values->len && value_at(values, values->len - 1 - n) > limit)
        n++;
    return n;
}

/* The chance of `k` or more, and of `k` or fewer, of n that each are with chance `share`. */
static void binomial(guint k, guint n, double share, double *or_more, double *or_fewer)
{
    *or_more = *or_fewer = 0;
    for (guint i = 0; i <= n; i++) {
        double chance = exp(lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0) +
                            i * log(share) + (n - i) * log1p(-share));
        *or_more += i >= k ? chance : 0;
        *or_fewer += i <= k ? chance : 0;
    }
}

double diff_chance_of_tail(const GArray *a, const GArray *b)
{
    guint i = a->len, j = b->len;
    if (i == 0 || j == 0)
        return 1;
    for (guint left = (a->len + b->len) / 20; left > 0; left--) {
        if (j == 0 || (i > 0 && value_at(a, i - 1) > value_at(b, j - 1)))
            i--;
        else
            j--;
    }
    gint64 limit = MAX(i ? value_at(a, i - 1) : 0, j ? value_at(b, j - 1) : 0);
    guint of_a = count_above(a, limit), of_b = count_above(b, limit);
    double more, fewer;
    binomial(of_b, of_a + of_b, (double)b->len / ((double)a->len + b->len), &more, &fewer);
    return MIN(1, 2 * MIN(more, fewer));
}

/* Of sorted values: the least that so many percent are not above. */
static gint64 at_quantile(const GArray *values, guint percent)
{
    return value_at(values, (guint)(((guint64)values->len * percent + 99) / 100) - 1);
}

static gint64 mean_or_longest(const GArray *values, enum diff_measure measure)
{
    gint64 sum = 0, most = 0;
    for (guint i = 0; i < values->len; i++) {
        sum += value_at(values, i);
        most = MAX(most, value_at(values, i));
    }
    return measure == DIFF_SLICE ? most : sum / (gint64)values->len;
}

static gboolean has_statistics(const struct diff_row *row)
{
    return row->sides[DIFF_A].values[0]->len >= TASKS_FOR_STATISTICS &&
           row->sides[DIFF_B].values[0]->len >= TASKS_FOR_STATISTICS;
}

/* ---- Changes ---- */

static gboolean is_enough(gint64 was, gint64 is, double share)
{
    return fabs((double)is - (double)was) >= share * (double)MIN(was, is) && was != is;
}

/* Whether it has changed at this quantile, by more than chance `p`. */
static gboolean judge_quantile(struct judging *j, const struct diff_row *row,
                               enum diff_measure measure, guint quantile, double p)
{
    const GArray *a = row->sides[DIFF_A].values[measure];
    const GArray *b = row->sides[DIFF_B].values[measure];
    gint64 was = quantile ? at_quantile(a, quantile) : mean_or_longest(a, measure);
    gint64 is = quantile ? at_quantile(b, quantile) : mean_or_longest(b, measure);
    double share = j->limits->share * (quantile ? 1 : WITHOUT_STATISTICS);
    double tasks = measure == DIFF_SLICE ? 1 : MIN(a->len, b->len);
    if (quantile == SLOWEST && measure != DIFF_SLICE)
        tasks *= (100 - SLOWEST) / 100.0;
    if (p * j->questions >= by_chance || !is_enough(was, is, share) ||
        fabs((double)is - (double)was) * tasks < (double)j->limits->least_ns)
        return FALSE;
    struct diff_change change = { .kind = is > was ? DIFF_MORE : DIFF_LESS,
                                  .measure = measure,
                                  .row = row,
                                  .quantile = quantile,
                                  .was = was,
                                  .is = is,
                                  .of = { a->len, b->len },
                                  .p = p };
    g_array_append_val(j->diff->changes, change);
    return TRUE;
}

static void judge_measure(struct judging *j, const struct diff_row *row, enum diff_measure measure)
{
    GArray *a = row->sides[DIFF_A].values[measure];
    GArray *b = row->sides[DIFF_B].values[measure];
    if (a->len == 0 || b->len == 0)
        return;
    if (!has_statistics(row))
        judge_quantile(j, row, measure, 0, -1);
    else if (!judge_quantile(j, row, measure, MEDIAN, diff_mann_whitney(a, b)))
        judge_quantile(j, row, measure, SLOWEST, diff_chance_of_tail(a, b));
}

/* Counts vary by their square root when what makes them is chance. */
static double chance_of_counts(double a, double b)
{
    return erfc(fabs(b - a) / sqrt(a + b) / G_SQRT2);
}

static gboolean is_one_sided(const struct diff_row *row)
{
    return row->sides[DIFF_A].tasks == 0 || row->sides[DIFF_B].tasks == 0;
}

static void judge_count(struct judging *j, const struct diff_row *row)
{
    const struct diff *diff = j->diff;
    gint64 was = (gint64)row->sides[DIFF_A].tasks, is = (gint64)row->sides[DIFF_B].tasks;
    struct diff_change change = { .measure = DIFF_MEASURES,
                                  .row = row,
                                  .was = was,
                                  .is = is,
                                  .of = { (guint64)was, (guint64)is },
                                  .p = -1 };
    if ((diff->part[DIFF_A] && is > was) || (diff->part[DIFF_B] && is < was))
        return; /* the others may lie outside */
    if (is_one_sided(row)) {
        change.kind = was == 0 ? DIFF_NEW : DIFF_GONE;
    } else {
        change.kind = is > was ? DIFF_MORE : DIFF_LESS;
        change.p = chance_of_counts((double)was, (double)is);
        if (change.p * j->questions >= by_chance || !is_enough(was, is, j->limits->share))
            return;
    }
    g_array_append_val(j->diff->changes, change);
}

static void judge_row(struct judging *j, const struct diff_row *row)
{
    for (guint measure = 0; measure < DIFF_MEASURES; measure++)
        judge_measure(j, row, measure);
}

/* New and gone first, then what has changed most. */
static gint by_weight(gconstpointer a, gconstpointer b)
{
    const struct diff_change *x = a;
    const struct diff_change *y = b;
    gboolean x_new = x->kind >= DIFF_NEW, y_new = y->kind >= DIFF_NEW;
    if (x_new != y_new)
        return x_new ? -1 : 1;
    gboolean x_counts = x->measure == DIFF_MEASURES, y_counts = y->measure == DIFF_MEASURES;
    if (x_counts != y_counts)
        return x_counts ? -1 : 1;
    double dx = fabs((double)x->is - (double)x->was) * (double)MIN(x->of[DIFF_A], x->of[DIFF_B]);
    double dy = fabs((double)y->is - (double)y->was) * (double)MIN(y->of[DIFF_A], y->of[DIFF_B]);
    return dx > dy ? -1 : dx < dy;
}

void diff_judge(struct diff *diff, const struct diff_limits *limits)
{
    struct judging j = { diff, limits, diff->sites->len };
    const guint questions = 2 * DIFF_MEASURES; /* of a row: the median, and the slowest */
    for (guint i = 0; i < diff->sites->len; i++)
        j.questions += has_statistics(diff->sites->pdata[i]) ? questions : 0;
    for (guint i = 0; i < diff->tasks->len; i++)
        j.questions += has_statistics(diff->tasks->pdata[i]) ? questions : 0;
    for (guint i = 0; i < diff->sites->len; i++) {
        judge_count(&j, diff->sites->pdata[i]);
        judge_row(&j, diff->sites->pdata[i]);
    }
    for (guint i = 0; i < diff->tasks->len; i++) {
        const struct diff_row *row = diff->tasks->pdata[i];
        judge_row(&j, row);
        if (is_one_sided(row) && !is_one_sided(diff->sites->pdata[row->site]))
            judge_count(&j, row);
    }
    g_array_sort(diff->changes, by_weight);
}
