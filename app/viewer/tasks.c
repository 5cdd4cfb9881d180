/* tasks.c: see tasks.h. A listing is made in a worker out of the model and the state at the
 * playhead; the state is kept for the words of those rows that are looked at. */
#include "app/viewer/tasks.h"

#include "app/viewer/count.h"
#include "tracer/model/taskline.h"

#include <string.h>

/* What a worker makes: the rows asked for, in order, and what their words come from. */
struct listing {
    struct weft_tasks_query query;
    gint64 t_ns;
    GArray *rows; /* of struct weft_task_row */
    guint total;
    weft_state *state;
    struct weft_moment moment;
};

struct _WeftTasks {
    GObject parent_instance;
    WeftSession *session;
    struct listing *listing; /* NULL: none yet */
    GPtrArray *items;        /* of GObject, by position; NULL: not made yet */
    struct weft_tasks_query query;
    GCancellable *going; /* of the worker's; NULL: nothing is under way */
    gboolean again;      /* it was asked meanwhile */
};

static guint refreshed_signal;

/* ---- Words ---- */

const char *weft_task_is_name(enum weft_task_is is)
{
    static const char *const names[WEFT_TASK_IS_END] = {
        [WEFT_TASK_IS_RUNNING] = "running",     [WEFT_TASK_IS_CANCELLING] = "cancelling",
        [WEFT_TASK_IS_READY] = "ready",         [WEFT_TASK_IS_WAITING] = "waiting",
        [WEFT_TASK_IS_UNKNOWN] = "unknown",     [WEFT_TASK_IS_FAILED] = "failed",
        [WEFT_TASK_IS_CANCELLED] = "cancelled", [WEFT_TASK_IS_DONE] = "done",
        [WEFT_TASK_IS_NOT_YET] = "to come",
    };
    return is < WEFT_TASK_IS_END ? names[is] : "";
}

static enum weft_task_is how_it_ended(const struct weft_lane *lane)
{
    return lane->outcome == WEFT_OUTCOME_ERROR       ? WEFT_TASK_IS_FAILED
           : lane->outcome == WEFT_OUTCOME_CANCELLED ? WEFT_TASK_IS_CANCELLED
           : lane->outcome                           ? WEFT_TASK_IS_DONE
                                                     : WEFT_TASK_IS_UNKNOWN;
}

static enum weft_task_is what_it_does(const struct weft_lane *lane, const weft_state *state,
                                      gint64 t_ns)
{
    const struct weft_task_at *task = weft_state_task(state, lane->id);
    if (t_ns < lane->first_ns)
        return WEFT_TASK_IS_NOT_YET;
    switch (task ? task->state : WEFT_STATE_DONE) {
    case WEFT_STATE_RUNNING:
        return task->delivered ? WEFT_TASK_IS_CANCELLING : WEFT_TASK_IS_RUNNING;
    case WEFT_STATE_NEW:
    case WEFT_STATE_READY:
        return WEFT_TASK_IS_READY;
    case WEFT_STATE_WAITING:
        return WEFT_TASK_IS_WAITING;
    case WEFT_STATE_CANCELLING:
        return WEFT_TASK_IS_CANCELLING;
    case WEFT_STATE_DONE:
        return how_it_ended(lane);
    default:
        return WEFT_TASK_IS_UNKNOWN;
    }
}

/* ---- In a worker: the rows ---- */

static void fill_row(struct weft_task_row *row, weft_model *model, guint index,
                     const weft_state *state, gint64 t_ns)
{
    const struct weft_lane *lane = weft_model_lane(model, index);
    const struct weft_segment_view first = { .from_ns = lane->first_ns };
    struct weft_totals totals;
    weft_model_totals(model, index, &totals);
    *row = (struct weft_task_row){
        .lane = index,
        .is = (guint8)what_it_does(lane, state, t_ns),
        .resumes = lane->resumes,
        .running_ns = totals.running_ns,
        .ready_ns = totals.ready_ns,
        .longest_ns = totals.longest_slice_ns,
        .created_ns = lane->first_ns,
        .lived_ns = lane->last_ns - lane->first_ns,
        .unseen_ns = lane->first_ns - weft_model_since(model, index, &first),
        .born = lane->flags & WEFT_LANE_BORN,
    };
    for (guint i = 0; i < WEFT_WAIT_CLASSES; i++)
        row->waiting_ns += totals.waiting_ns[i];
}

static char *site_of(weft_model *model, guint lane)
{
    return weft_site_text(
        weft_trace_site(weft_model_trace(model), weft_model_lane(model, lane)->site));
}

static gboolean holds(const char *text, const char *part)
{
    g_autofree char *folded = g_utf8_casefold(text, -1);
    return strstr(folded, part) != NULL;
}

static gboolean passes(const struct weft_task_row *row, const struct weft_tasks_query *query,
                       const char *part, weft_model *model)
{
    if ((query->is >= 0 && row->is != query->is) || row->longest_ns < query->longest_ns)
        return FALSE;
    if (query->from_ns < query->to_ns &&
        (row->created_ns >= query->to_ns || row->created_ns + row->lived_ns <= query->from_ns))
        return FALSE;
    if (!part)
        return TRUE;
    g_autofree char *name = weft_model_name(model, weft_model_lane(model, row->lane)->id);
    g_autofree char *site = site_of(model, row->lane);
    return holds(name, part) || holds(site, part);
}

/* One row to be sorted: by number, or by text. */
struct key {
    gint64 number;
    char *text; /* NULL: by number */
    guint row;
};

static char *text_key(const struct listing *listing, weft_model *model, guint lane)
{
    uint64_t id = weft_model_lane(model, lane)->id;
    g_autofree char *text = NULL;
    const struct weft_task_at *task = weft_state_task(listing->state, id);
    if (listing->query.column == WEFT_TASK_NAME)
        text = weft_model_name(model, id);
    else if (listing->query.column == WEFT_TASK_SITE)
        text = site_of(model, lane);
    else
        text = task ? weft_moment_awaited(&listing->moment, task) : g_strdup("");
    return g_utf8_collate_key_for_filename(text, -1); /* fetch-2 comes before fetch-10 */
}

static gint64 number_key(const struct weft_task_row *row, enum weft_task_column column)
{
    switch (column) {
    case WEFT_TASK_STATE:
        return row->is;
    case WEFT_TASK_RUNNING:
        return row->running_ns;
    case WEFT_TASK_READY:
        return row->ready_ns;
    case WEFT_TASK_WAITING:
        return row->waiting_ns;
    case WEFT_TASK_RESUMES:
        return row->resumes;
    case WEFT_TASK_LONGEST:
        return row->longest_ns;
    case WEFT_TASK_LIVED:
        return row->lived_ns + row->unseen_ns;
    default:
        return row->created_ns;
    }
}

static int compare(gconstpointer a, gconstpointer b, gpointer descending)
{
    const struct key *x = a, *y = b;
    int order = x->text ? strcmp(x->text, y->text)
                        : (x->number > y->number) - (x->number < y->number);
    if (order == 0)
        return x->row < y->row ? -1 : 1; /* those alike stay in the order of their creation */
    return *(const gboolean *)descending ? -order : order;
}

static void sort(struct listing *listing, weft_model *model, GCancellable *cancellable)
{
    enum weft_task_column column = listing->query.column;
    gboolean by_text = column == WEFT_TASK_NAME || column == WEFT_TASK_SITE ||
                       column == WEFT_TASK_AWAITS;
    guint n = listing->rows->len;
    g_autofree struct key *keys = g_new0(struct key, MAX(n, 1));
    for (guint i = 0; i < n && !g_cancellable_is_cancelled(cancellable); i++) {
        const struct weft_task_row *row = &g_array_index(listing->rows, struct weft_task_row, i);
        keys[i].row = i;
        keys[i].number = number_key(row, column);
        keys[i].text = by_text ? text_key(listing, model, row->lane) : NULL;
    }
    if (!g_cancellable_is_cancelled(cancellable)) {
        g_autoptr(GArray) before = listing->rows;
        g_qsort_with_data(keys, (gint)n, sizeof *keys, compare, &listing->query.descending);
        listing->rows = g_array_sized_new(FALSE, FALSE, sizeof(struct weft_task_row), n);
        for (guint i = 0; i < n; i++)
            g_array_append_val(listing->rows,
                               g_array_index(before, struct weft_task_row, keys[i].row));
    }
    for (guint i = 0; i < n; i++)
        g_free(keys[i].text);
}

static void listing_free(gpointer data)
{
    struct listing *listing = data;
    if (!listing)
        return;
    if (listing->state) {
        weft_moment_clear(&listing->moment);
        weft_state_free(listing->state);
    }
    g_array_unref(listing->rows);
    g_free(listing->query.text);
    g_free(listing);
}

static void list_tasks(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    struct listing *listing = data;
    weft_model *model = weft_session_model(session);
    const struct weft_tasks_query *query = &listing->query;
    g_autofree char *part = query->text && query->text[0] ? g_utf8_casefold(query->text, -1) : NULL;
    listing->state = weft_model_state_at(model, listing->t_ns);
    listing->moment = weft_moment_new(weft_model_trace(model), listing->state, listing->t_ns);
    for (guint i = 0; i < weft_model_n_lanes(model) && !g_cancellable_is_cancelled(cancellable);
         i++) {
        struct weft_task_row row;
        if (weft_model_lane(model, i)->kind != WEFT_LANE_TASK)
            continue;
        listing->total++;
        fill_row(&row, model, i, listing->state, listing->t_ns);
        if (passes(&row, query, part, model))
            g_array_append_val(listing->rows, row);
    }
    if (query->column != WEFT_TASK_CREATED || query->descending)
        sort(listing, model, cancellable);
    g_task_return_boolean(task, TRUE);
}

/* ---- On the main thread ---- */

static GType item_type(GListModel *model)
{
    (void)model;
    return G_TYPE_OBJECT;
}

static guint n_items(GListModel *model)
{
    return WEFT_TASKS(model)->items->len;
}

static gpointer get_item(GListModel *model, guint position)
{
    GPtrArray *items = WEFT_TASKS(model)->items;
    if (position >= items->len)
        return NULL;
    if (!items->pdata[position])
        items->pdata[position] = g_object_new(G_TYPE_OBJECT, NULL);
    return g_object_ref(items->pdata[position]);
}

static void list_model_init(GListModelInterface *interface)
{
    interface->get_item_type = item_type;
    interface->get_n_items = n_items;
    interface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(WeftTasks, weft_tasks, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static void item_free(gpointer item)
{
    g_clear_object(&item);
}

/* The task's data is the listing: it is taken over. Items stand for positions: they stay, so that a
 * view keeps its widgets, and only their number changes. */
static void take(WeftTasks *tasks, struct listing *listing)
{
    guint before = tasks->items->len, now = listing->rows->len, both = MIN(before, now);
    listing_free(tasks->listing);
    tasks->listing = listing;
    g_ptr_array_set_size(tasks->items, (gint)now);
    if (now != before)
        g_list_model_items_changed(G_LIST_MODEL(tasks), both, before - both, now - both);
    g_signal_emit(tasks, refreshed_signal, 0);
}

static void start(WeftTasks *tasks);

static void listed(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftTasks *tasks = data;
    struct listing *listing = g_object_steal_data(G_OBJECT(result), "listing");
    gboolean cancelled = g_cancellable_is_cancelled(tasks->going);
    g_clear_object(&tasks->going);
    if (cancelled)
        listing_free(listing);
    else
        take(tasks, listing);
    if (tasks->again)
        start(tasks);
    g_object_unref(tasks);
    (void)session;
}

static void start(WeftTasks *tasks)
{
    struct listing *listing = g_new0(struct listing, 1);
    gint64 playhead = weft_session_view(tasks->session)->playhead_ns;
    tasks->again = FALSE;
    listing->query = tasks->query;
    listing->query.text = g_strdup(tasks->query.text);
    listing->t_ns = playhead == WEFT_NO_TIME ? 0 : playhead;
    listing->rows = g_array_new(FALSE, FALSE, sizeof(struct weft_task_row));
    tasks->going = g_cancellable_new();
    g_autoptr(GTask) task = g_task_new(tasks->session, tasks->going, listed, g_object_ref(tasks));
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, listing, NULL);
    g_object_set_data_full(G_OBJECT(task), "listing", listing, listing_free);
    weft_session_work(tasks->session, task, list_tasks);
}

static gboolean same_query(const struct weft_tasks_query *a, const struct weft_tasks_query *b)
{
    return a->column == b->column && a->descending == b->descending && a->is == b->is &&
           a->longest_ns == b->longest_ns && a->from_ns == b->from_ns && a->to_ns == b->to_ns &&
           g_strcmp0(a->text, b->text) == 0;
}

/* What is under way for another query is of no use any more; for another moment it is. */
void weft_tasks_ask(WeftTasks *tasks, const struct weft_tasks_query *query)
{
    gboolean same = same_query(&tasks->query, query);
    char *text = g_strdup(query->text);
    g_free(tasks->query.text);
    tasks->query = *query;
    tasks->query.text = text;
    if (!weft_session_loaded(tasks->session))
        return;
    if (!tasks->going) {
        start(tasks);
        return;
    }
    tasks->again = TRUE;
    if (!same)
        g_cancellable_cancel(tasks->going);
}

gboolean weft_tasks_asking(WeftTasks *tasks)
{
    return tasks->going != NULL;
}

const struct weft_task_row *weft_tasks_row(WeftTasks *tasks, guint position)
{
    return &g_array_index(tasks->listing->rows, struct weft_task_row, position);
}

guint weft_tasks_total(WeftTasks *tasks)
{
    return tasks->listing ? tasks->listing->total : 0;
}

guint weft_tasks_position(WeftTasks *tasks, guint lane)
{
    for (guint i = 0; i < tasks->items->len; i++)
        if (weft_tasks_row(tasks, i)->lane == lane)
            return i;
    return G_MAXUINT;
}

static char *awaited(WeftTasks *tasks, uint64_t id)
{
    const struct weft_task_at *task = weft_state_task(tasks->listing->state, id);
    return task && task->state != WEFT_STATE_DONE
               ? weft_moment_awaited(&tasks->listing->moment, task)
               : g_strdup("");
}

enum weft_wait_class weft_tasks_wait(WeftTasks *tasks, guint position)
{
    const struct weft_lane *lane = weft_model_lane(weft_session_model(tasks->session),
                                                   weft_tasks_row(tasks, position)->lane);
    const struct weft_task_at *task = weft_state_task(tasks->listing->state, lane->id);
    return weft_wait_class(task ? task->detail : WEFT_AWAIT_NONE);
}

static char *duration_or_nothing(gint64 ns)
{
    return ns > 0 ? weft_format_duration(ns) : g_strdup("");
}

static char *lived(const struct weft_task_row *row)
{
    g_autofree char *lived = weft_format_duration(row->lived_ns + row->unseen_ns);
    return row->born ? g_steal_pointer(&lived) : g_strdup_printf("> %s", lived);
}

char *weft_tasks_text(WeftTasks *tasks, guint position, enum weft_task_column column)
{
    const struct weft_task_row *row = weft_tasks_row(tasks, position);
    weft_model *model = weft_session_model(tasks->session);
    uint64_t id = weft_model_lane(model, row->lane)->id;
    switch (column) {
    case WEFT_TASK_NAME:
        return weft_model_name(model, id);
    case WEFT_TASK_STATE:
        return g_strdup(weft_task_is_name(row->is));
    case WEFT_TASK_AWAITS:
        return row->is == WEFT_TASK_IS_NOT_YET ? g_strdup("") : awaited(tasks, id);
    case WEFT_TASK_SITE:
        return weft_site_short(
            weft_trace_site(weft_model_trace(model), weft_model_lane(model, row->lane)->site));
    case WEFT_TASK_RUNNING:
        return duration_or_nothing(row->running_ns);
    case WEFT_TASK_READY:
        return duration_or_nothing(row->ready_ns);
    case WEFT_TASK_WAITING:
        return duration_or_nothing(row->waiting_ns);
    case WEFT_TASK_RESUMES:
        return weft_count(row->resumes);
    case WEFT_TASK_LONGEST:
        return duration_or_nothing(row->longest_ns);
    case WEFT_TASK_CREATED:
        return row->born ? weft_view_time(weft_session_view(tasks->session), row->created_ns)
                         : g_strdup("before");
    case WEFT_TASK_LIVED:
        return lived(row);
    case WEFT_TASK_COLUMNS:
        break;
    }
    return g_strdup("");
}

static void finalize(GObject *object)
{
    WeftTasks *tasks = WEFT_TASKS(object);
    listing_free(tasks->listing);
    g_ptr_array_unref(tasks->items);
    g_free(tasks->query.text);
    g_object_unref(tasks->session);
    G_OBJECT_CLASS(weft_tasks_parent_class)->finalize(object);
}

static void weft_tasks_class_init(WeftTasksClass *class)
{
    G_OBJECT_CLASS(class)->finalize = finalize;
    refreshed_signal = g_signal_new("refreshed", WEFT_TYPE_TASKS, G_SIGNAL_RUN_FIRST, 0, NULL, NULL,
                                    NULL, G_TYPE_NONE, 0);
}

static void weft_tasks_init(WeftTasks *tasks)
{
    tasks->items = g_ptr_array_new_with_free_func(item_free);
}

WeftTasks *weft_tasks_new(WeftSession *session)
{
    WeftTasks *tasks = g_object_new(WEFT_TYPE_TASKS, NULL);
    tasks->session = g_object_ref(session);
    return tasks;
}
