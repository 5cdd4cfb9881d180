/* matches.h: which tasks a filter looks for: those whose name holds a text, letters of either case.
 *
 * A name is looked at once: what came of it is kept, and looked at again only when the lane is
 * given another name. So 100,000 names can be looked at beforehand, in a worker.
 *
 * Thread: one at a time; nobody advances the model. */
#ifndef WEFT_RENDER_MATCHES_H
#define WEFT_RENDER_MATCHES_H

#include "tracer/model/model.h"
#include <gio/gio.h>

G_BEGIN_DECLS

struct weft_matches;

struct weft_matches *weft_matches_new(const char *filter); /* NULL or "": all */
void weft_matches_free(struct weft_matches *matches);      /* NULL is fine */
/* "" where it looks for all. */
const char *weft_matches_filter(const struct weft_matches *matches);

/* Looks at all lanes there are. FALSE: it was cancelled. */
gboolean weft_matches_look(struct weft_matches *matches, weft_model *model,
                           GCancellable *cancellable);
/* How many tasks it looks for, as looked at last. */
guint weft_matches_found(const struct weft_matches *matches);
gboolean weft_matches_lane(struct weft_matches *matches, weft_model *model, guint lane);
gboolean weft_matches_name(const struct weft_matches *matches, const char *name);

G_END_DECLS

#endif
