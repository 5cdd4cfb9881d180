/* palette.h: every colour of the viewer, in one table: a row per role, a column per palette.
 *
 * Form carries state, hue carries detail: a role says what a colour stands for, never how it looks.
 * Words are drawn in TEXT or DIM, never in a kind's colour. Static, any thread. */
#ifndef WEFT_RENDER_PALETTE_H
#define WEFT_RENDER_PALETTE_H

#include "tracer/model/model.h"
#include <gdk/gdk.h>

G_BEGIN_DECLS

enum weft_palette_id {
    WEFT_PALETTE_LIGHT,
    WEFT_PALETTE_DARK,
    WEFT_PALETTE_PRESENTER,
    WEFT_PALETTE_PRINT,
    WEFT_PALETTE_CONTRAST_LIGHT, /* high contrast: black or white text, 2 px frames, dashes */
    WEFT_PALETTE_CONTRAST_DARK,
    WEFT_PALETTES
};

enum weft_role {
    /* States. The five WAIT roles are in the order of enum weft_wait_class. */
    WEFT_ROLE_RUNNING,
    WEFT_ROLE_READY,
    WEFT_ROLE_CANCELLING,
    WEFT_ROLE_WAIT_TIMER,
    WEFT_ROLE_WAIT_IO,
    WEFT_ROLE_WAIT_SYNC,
    WEFT_ROLE_WAIT_TASK,
    WEFT_ROLE_WAIT_THREAD,
    WEFT_ROLE_UNKNOWN,
    /* Surfaces. */
    WEFT_ROLE_CANVAS,  /* behind the lanes and the ruler */
    WEFT_ROLE_SIDEBAR, /* behind the names, the minimap's veil */
    WEFT_ROLE_BAND,    /* an iteration's band in the dispatch lane */
    WEFT_ROLE_LINE,    /* between lanes, around panels */
    WEFT_ROLE_GRID,    /* the ruler's lines through the lanes */
    WEFT_ROLE_TICK,    /* the ruler's ticks */
    /* Words. */
    WEFT_ROLE_TEXT,
    WEFT_ROLE_DIM,        /* second lines, the ruler's numbers */
    WEFT_ROLE_ON_RUNNING, /* on a solid running box */
    WEFT_ROLE_ON_ACCENT,  /* on a tag */
    /* Marks. */
    WEFT_ROLE_ACCENT, /* selection, edges, minimap frame */
    WEFT_ROLE_ERROR,  /* failed, loop blocked, killed */
    WEFT_ROLE_WARNING,
    WEFT_ROLE_HINT,
    WEFT_ROLES
};

struct weft_palette {
    const char *name; /* "light": as --palette takes it */
    gboolean dark;
    gboolean dashes;    /* waiting bars carry their kind's dash, for grey paper and high contrast */
    float frame;        /* px: frames of boxes and rings */
    float running_fade; /* alpha of other tasks' slices in the dispatch lane under a selection */
    GdkRGBA color[WEFT_ROLES];
};

const struct weft_palette *weft_palette(enum weft_palette_id id);
/* By its name; NULL when there is none of that name. */
const struct weft_palette *weft_palette_named(const char *name);
/* The palette for the desktop's two settings. */
const struct weft_palette *weft_palette_for(gboolean dark, gboolean high_contrast);

static inline enum weft_role weft_role_of_wait(enum weft_wait_class wait)
{
    return (enum weft_role)(WEFT_ROLE_WAIT_TIMER + wait);
}
/* "RUNNING": for logs and tests. */
const char *weft_role_name(enum weft_role role);
/* The role's colour with its alpha multiplied. */
GdkRGBA weft_palette_tint(const struct weft_palette *palette, enum weft_role role, float alpha);

G_END_DECLS

#endif
