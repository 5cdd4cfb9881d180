/* level0.h: segments that are not kept, decoded again on demand.
 *
 *   leaf (lane, number) --in the cache?--> its 64 segments
 *           | no
 *           v
 *   chunks from its place on --run again--> operations by lane --fold this lane's--> 64 segments
 *
 * Two caches, each bounded: leaves, and whole chunks as operations sorted by lane (many lanes ask
 * about the same stretch of time). A leaf may need many chunks, more than a caller grants at a
 * time: it stays half done, and goes on when whoever asks decodes its next chunk, which begins with
 * the first that any of those asked for together needs. So fifty lanes that want the same chunks
 * decode each of them once; when very many leaves wait, only for the lanes that they are of.
 *
 * Thread: under the model's lock, while nobody advances. Whoever took it once is without it while
 * a chunk is decoded, which is most of the work: others come in between, and may decode, too. */
#ifndef WEFT_MODEL_LEVEL0_H
#define WEFT_MODEL_LEVEL0_H

#include "tracer/model/pyramid.h"

struct level0;

struct level0 *level0_new(weft_model *model); /* borrows the model */
void level0_free(struct level0 *level0);
gsize level0_memory(const struct level0 *level0);

/* The 64 segments of a lane's leaf; valid until the next call, or until the lock is given up.
 * *budget is how many chunks may be decoded (G_MAXUINT: any number), and goes down; NULL when it
 * was not enough. Who keeps the lock, and has a bound, does not decode what another is decoding:
 * then he has none left. */
const struct segment *level0_leaf(struct level0 *level0, guint lane, guint leaf, guint *budget);

#endif
