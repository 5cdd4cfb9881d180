/* account.h: what is to be told of a lane at a moment, and takes its time to find out: asked in a
 * worker, so that the window goes on meanwhile. */
#ifndef WEFT_VIEWER_ACCOUNT_H
#define WEFT_VIEWER_ACCOUNT_H

#include "app/viewer/session.h"
#include "tracer/model/narrative.h"

G_BEGIN_DECLS

typedef struct weft_account weft_account;
struct weft_account {
    guint lane;
    gint64 t_ns;
    struct weft_sentence *why; /* it does not run; NULL: it does, or is no task */
    char *chain; /* what it waits for, what that does, and so on, as markup: longer than the why
                    says; NULL: it is not */
    char *holds; /* what it holds, and who waits for that, and for it, as markup; NULL: neither */
    GPtrArray *story; /* of struct weft_sentence *, those around the moment */
    guint current;    /* the one in force */
    gboolean whole;   /* it is all of the story */
    GArray *segments; /* all that it has, of struct weft_segment_view; NULL: not asked for */
};

/* The session is loaded. */
void weft_account_ask(WeftSession *session, guint lane, gint64 t_ns, gboolean segments,
                      GAsyncReadyCallback done, gpointer data);
/* In `done`. Never NULL. */
struct weft_account *weft_account_finish(GAsyncResult *result);
void weft_account_free(struct weft_account *account); /* NULL is fine */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(weft_account, weft_account_free)

G_END_DECLS

#endif
