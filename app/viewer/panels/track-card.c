/* track-card.c: see track-card.h. One question at a time; what is shown meanwhile is what is known
 * without it: the step at the playhead, in words. */
#include "app/viewer/panels/track-card.h"

#include "app/viewer/panels/markup.h"
#include <string.h>

enum { WAITERS_TOLD = 6 };

struct _WeftTrackCard {
    GtkWidget parent_instance;
    GtkWidget *box, *name, *words, *parties;
    WeftSession *session;
    guint track;            /* whose parties are asked, */
    gint64 t_ns, end_ns;    /* and when */
    uint64_t owner;         /* whom its words name as its holder; 0: nobody */
    gboolean of_day;        /* as its words say */
    gboolean asking, again; /* a question is under way; another is wanted after it */
};
G_DEFINE_FINAL_TYPE(WeftTrackCard, weft_track_card, GTK_TYPE_WIDGET)

/* ---- Who holds it, and who waits ---- */

struct question {
    uint64_t id;
    uint64_t owner; /* is told already */
    gint64 t_ns;
    GArray *holders, *waiters; /* of struct weft_party; of uint64_t */
};

static void question_free(gpointer data)
{
    struct question *question = data;
    g_array_unref(question->holders);
    g_array_unref(question->waiters);
    g_free(question);
}

static void find_parties(GTask *task, gpointer session, gpointer data, GCancellable *cancellable)
{
    struct question *question = data;
    weft_model_parties(weft_session_model(session), question->id, question->t_ns, question->holders,
                       question->waiters);
    g_task_return_boolean(task, TRUE);
    (void)cancellable;
}

static void add_link(GString *markup, weft_model *model, uint64_t id, gint64 t_ns)
{
    g_autofree char *name = weft_model_name(model, id);
    g_autofree char *link = weft_markup_link(name, id, t_ns);
    g_string_append_printf(markup, "%s%s", markup->len ? ", " : "", link);
}

static char *describe(weft_model *model, const struct question *question)
{
    g_autoptr(GString) held = g_string_new(NULL), wait = g_string_new(NULL);
    for (guint i = 0; i < MIN(question->holders->len, WAITERS_TOLD); i++) {
        uint64_t holder = g_array_index(question->holders, struct weft_party, i).id;
        if (holder != question->owner)
            add_link(held, model, holder, question->t_ns);
    }
    for (guint i = 0; i < MIN(question->waiters->len, WAITERS_TOLD); i++)
        add_link(wait, model, g_array_index(question->waiters, uint64_t, i), question->t_ns);
    if (question->holders->len > WAITERS_TOLD)
        g_string_append_printf(held, " and %u more", question->holders->len - WAITERS_TOLD);
    if (question->waiters->len > WAITERS_TOLD)
        g_string_append_printf(wait, " and %u more", question->waiters->len - WAITERS_TOLD);
    return g_strdup_printf("%s%s%s%s%s", held->len ? "Held by " : "", held->str,
                           held->len && wait->len ? "\n" : "", wait->len ? "Waiting: " : "",
                           wait->str);
}

static void ask(WeftTrackCard *card);

static void answered(GObject *session, GAsyncResult *result, gpointer data)
{
    WeftTrackCard *card = data;
    const struct question *question = g_task_get_task_data(G_TASK(result));
    card->asking = FALSE;
    if (card->box && card->session == WEFT_SESSION(session) && !card->again) {
        g_autofree char *markup = describe(weft_session_model(card->session), question);
        gtk_label_set_markup(GTK_LABEL(card->parties), markup);
    }
    if (card->box && card->again)
        ask(card);
    g_object_unref(card);
}

static void ask(WeftTrackCard *card)
{
    struct weft_track track;
    card->again = card->asking;
    if (card->asking ||
        !weft_tracks_get(weft_session_view(card->session)->tracks, card->track, &track))
        return;
    struct question *question = g_new0(struct question, 1);
    question->id = track.id;
    question->owner = card->owner;
    question->t_ns = card->t_ns;
    question->holders = g_array_new(FALSE, FALSE, sizeof(struct weft_party));
    question->waiters = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    card->asking = TRUE;
    g_autoptr(GTask) task = g_task_new(card->session, NULL, answered, g_object_ref(card));
    g_task_set_task_data(task, question, question_free);
    weft_session_work(card->session, task, find_parties);
}

/* ---- What is known at once ---- */

/* Who holds it, in markup that says so, becomes a link. */
static char *linked(const char *markup, weft_model *model, uint64_t holder, gint64 t_ns)
{
    g_autofree char *name = weft_model_name(model, holder);
    g_autofree char *link = weft_markup_link(name, holder, t_ns);
    g_autofree char *says = g_markup_printf_escaped("held by %s", name);
    return g_str_has_prefix(markup, says)
               ? g_strdup_printf("held by %s%s", link, markup + strlen(says))
               : g_strdup(markup);
}

/* "252.0 ms", "26.3 s before the trace", "before 2.0 ms". */
static char *since_when(WeftSession *session, const struct weft_track *what,
                        const struct weft_track_step *step)
{
    const struct weft_view *view = weft_session_view(session);
    gint64 since_ns = weft_track_since(what, step),
           begin_ns = weft_trace_begin_ns(weft_session_trace(session));
    g_autofree char *seen = weft_view_time(view, step->from_ns);
    if (since_ns == G_MININT64)
        return step->from_ns <= begin_ns ? g_strdup("before the trace")
                                         : g_strdup_printf("before %s", seen);
    return view->of_day ? weft_view_time(view, since_ns) : weft_format_since(since_ns, begin_ns);
}

/* "At 315.0 ms: held by fetch-1 · 1 waits · 63.0 ms, since 252.0 ms", and whom it names. */
static char *words_at(WeftSession *session, guint track, gint64 t_ns, uint64_t *owner)
{
    const struct weft_view *view = weft_session_view(session);
    weft_model *model = weft_session_model(session);
    weft_tracks *tracks = view->tracks;
    struct weft_track_step step;
    struct weft_track what;
    g_autofree char *when = weft_view_time(view, t_ns);
    *owner = 0;
    if (!weft_tracks_get(tracks, track, &what) || !weft_tracks_at(tracks, track, t_ns, &step))
        return g_strdup_printf("At %s it is not there.", when);
    g_autofree char *text = weft_scene_step_text(model, tracks, track, &step);
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    if (what.kind == WEFT_TRACK_RESOURCE)
        *owner = step.owner;
    g_autofree char *says = *owner ? linked(escaped, model, *owner, t_ns) : g_strdup(escaped);
    g_autofree char *since = since_when(session, &what, &step);
    return g_strdup_printf("At %s: %s, since %s.", when, says, since);
}

void weft_track_card_show(WeftTrackCard *card, WeftSession *session)
{
    const struct weft_view *view = weft_session_view(session);
    gboolean any = view->selected_track != WEFT_NO_LANE && view->tracks;
    gtk_widget_set_visible(GTK_WIDGET(card), any);
    if (!any)
        return;
    guint track = view->selected_track - WEFT_TRACK_LANE;
    gint64 t_ns = view->playhead_ns == WEFT_NO_TIME ? view->track_ns : view->playhead_ns;
    gint64 end_ns = MIN(t_ns, weft_model_end_ns(weft_session_model(session)));
    gboolean same = card->session == session && card->track == track && card->t_ns == t_ns &&
                    card->end_ns == end_ns && card->of_day == view->of_day;
    struct weft_track what;
    if (same || !weft_tracks_get(view->tracks, track, &what))
        return;
    if (card->session != session || card->track != track)
        gtk_label_set_text(GTK_LABEL(card->parties), "");
    g_set_object(&card->session, session);
    card->track = track;
    card->t_ns = t_ns;
    card->end_ns = end_ns;
    card->of_day = view->of_day;
    g_autofree char *name = weft_scene_track_name(weft_session_model(session), &what);
    g_autofree char *words = words_at(session, track, t_ns, &card->owner);
    g_autofree char *markup = weft_markup_unbroken(words);
    gtk_label_set_text(GTK_LABEL(card->name), name);
    gtk_label_set_markup(GTK_LABEL(card->words), markup);
    if (what.kind == WEFT_TRACK_RESOURCE)
        ask(card);
    else
        gtk_label_set_text(GTK_LABEL(card->parties), "");
}

static gboolean link_activated(GtkLabel *label, const char *address, WeftTrackCard *card)
{
    weft_markup_follow(GTK_WIDGET(label), card->session, address);
    return TRUE;
}

static void dispose(GObject *object)
{
    g_clear_pointer(&WEFT_TRACK_CARD(object)->box, gtk_widget_unparent);
    g_clear_object(&WEFT_TRACK_CARD(object)->session);
    G_OBJECT_CLASS(weft_track_card_parent_class)->dispose(object);
}

static void weft_track_card_class_init(WeftTrackCardClass *class)
{
    G_OBJECT_CLASS(class)->dispose = dispose;
    gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name(GTK_WIDGET_CLASS(class), "trackcard");
}

static GtkWidget *add_label(WeftTrackCard *card, const char *class)
{
    GtkWidget *label = gtk_label_new("");
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_wrap(GTK_LABEL(label), TRUE);
    gtk_widget_add_css_class(label, class);
    g_signal_connect(label, "activate-link", G_CALLBACK(link_activated), card);
    gtk_box_append(GTK_BOX(card->box), label);
    return label;
}

static void weft_track_card_init(WeftTrackCard *card)
{
    card->track = WEFT_NO_LANE;
    card->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 8);
    card->name = add_label(card, "entity");
    card->words = add_label(card, "numeric");
    card->parties = add_label(card, "numeric");
    gtk_widget_set_parent(card->box, GTK_WIDGET(card));
}
