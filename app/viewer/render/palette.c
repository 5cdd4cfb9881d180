/* palette.c: the table of colours. See palette.h.
 *
 * The kinds' colours are chosen so that any two stay apart for every kind of colour vision and
 * against the canvas (at least 3:1, UNKNOWN excepted, which is a backdrop): tests/viewer checks it.
 * The two high-contrast palettes are light and dark with black or white words, heavier frames and
 * dashes. */
#include "app/viewer/render/palette.h"
#include <string.h>

/* role, light, dark, presenter, print, high contrast light, high contrast dark */
#define COLOURS(X)                                                                                 \
    X(RUNNING, 0x1a5fb4, 0x4a90e8, 0x5aa2ff, 0x1a4f96, 0x1a5fb4, 0x4a90e8)                         \
    X(READY, 0xc96f00, 0xfa9b23, 0xfd9e3a, 0xb98323, 0xc96f00, 0xfa9b23)                           \
    X(CANCELLING, 0xa50a12, 0xf22c38, 0xea6550, 0xc81640, 0xa50a12, 0xf22c38)                      \
    X(WAIT_TIMER, 0x0f6e43, 0x368f6c, 0x509a89, 0x307c60, 0x0f6e43, 0x368f6c)                      \
    X(WAIT_IO, 0x2f94a8, 0x87dfe7, 0x2fd8fc, 0x4d9a9d, 0x2f94a8, 0x87dfe7)                         \
    X(WAIT_SYNC, 0x652c68, 0xa0649f, 0xba79b4, 0x9b61c4, 0x652c68, 0xa0649f)                       \
    X(WAIT_TASK, 0x5b636d, 0x999da9, 0xb0b9c6, 0x2c323a, 0x5b636d, 0x999da9)                       \
    X(WAIT_THREAD, 0xb08768, 0xf1cda9, 0xedccaa, 0x5a2102, 0xb08768, 0xf1cda9)                     \
    X(UNKNOWN, 0xc9c8c6, 0x4a4a4f, 0x4a4a55, 0x9a9996, 0xc9c8c6, 0x4a4a4f)                         \
    X(CANVAS, 0xffffff, 0x1e1e1e, 0x0b0b0f, 0xffffff, 0xffffff, 0x1e1e1e)                          \
    X(SIDEBAR, 0xfafafa, 0x262626, 0x15151b, 0xffffff, 0xffffff, 0x1e1e1e)                         \
    X(BAND, 0xe3e6ea, 0x33363b, 0x24242e, 0xe6e6e6, 0xd0d4da, 0x45484d)                            \
    X(LINE, 0xe4e4e4, 0x363636, 0x2a2a34, 0xd8d8d8, 0x6a6a6a, 0x9a9a9a)                            \
    X(GRID, 0xececec, 0x2c2c2c, 0x1d1d26, 0xe4e4e4, 0xcfcfcf, 0x4a4a4a)                            \
    X(TICK, 0x9a9996, 0x77767b, 0x8a8a96, 0x77767b, 0x3d3846, 0xdeddda)                            \
    X(TEXT, 0x2e3436, 0xeeeeec, 0xf6f5f4, 0x1a1a1a, 0x000000, 0xffffff)                            \
    X(DIM, 0x6e7173, 0xa3a3a1, 0xb5b5bd, 0x55575a, 0x000000, 0xffffff)                             \
    X(ON_RUNNING, 0xffffff, 0x0a1526, 0x06101f, 0xffffff, 0xffffff, 0x000000)                      \
    X(ON_ACCENT, 0xffffff, 0xffffff, 0xffffff, 0xffffff, 0xffffff, 0xffffff)                       \
    X(ACCENT, 0x1c71d8, 0x3584e4, 0x3584e4, 0x1c71d8, 0x0b57b8, 0x3584e4)                          \
    X(ERROR, 0xa50a12, 0xff5c57, 0xff6b5e, 0xc81640, 0xa50a12, 0xff7b76)                           \
    X(WARNING, 0xc96f00, 0xfa9b23, 0xfd9e3a, 0xb98323, 0xc96f00, 0xfa9b23)                         \
    X(HINT, 0x1c71d8, 0x62a0ea, 0x62a0ea, 0x1c71d8, 0x0b57b8, 0x99c1f1)

#define RGBA(hex)                                                                                  \
    {                                                                                              \
        ((hex) >> 16 & 0xff) / 255.0f, ((hex) >> 8 & 0xff) / 255.0f, ((hex)&0xff) / 255.0f, 1.0f   \
    }

#define LIGHT(role, a, b, c, d, e, f)          [WEFT_ROLE_##role] = RGBA(a),
#define DARK(role, a, b, c, d, e, f)           [WEFT_ROLE_##role] = RGBA(b),
#define PRESENTER(role, a, b, c, d, e, f)      [WEFT_ROLE_##role] = RGBA(c),
#define PRINT(role, a, b, c, d, e, f)          [WEFT_ROLE_##role] = RGBA(d),
#define CONTRAST_LIGHT(role, a, b, c, d, e, f) [WEFT_ROLE_##role] = RGBA(e),
#define CONTRAST_DARK(role, a, b, c, d, e, f)  [WEFT_ROLE_##role] = RGBA(f),

static const struct weft_palette palettes[WEFT_PALETTES] = {
    { "light", FALSE, FALSE, 1.5f, 0.5f, { COLOURS(LIGHT) } },
    { "dark", TRUE, FALSE, 1.5f, 0.5f, { COLOURS(DARK) } },
    { "presenter", TRUE, FALSE, 2.0f, 0.5f, { COLOURS(PRESENTER) } },
    { "print", FALSE, TRUE, 1.5f, 0.5f, { COLOURS(PRINT) } },
    { "contrast-light", FALSE, TRUE, 2.0f, 0.5f, { COLOURS(CONTRAST_LIGHT) } },
    { "contrast-dark", TRUE, TRUE, 2.0f, 0.5f, { COLOURS(CONTRAST_DARK) } },
};

#define NAME(role, ...) [WEFT_ROLE_##role] = #role,

const char *weft_role_name(enum weft_role role)
{
    static const char *const names[WEFT_ROLES] = { COLOURS(NAME) };
    return names[role];
}

const struct weft_palette *weft_palette(enum weft_palette_id id)
{
    g_return_val_if_fail(id < WEFT_PALETTES, &palettes[WEFT_PALETTE_LIGHT]);
    return &palettes[id];
}

const struct weft_palette *weft_palette_named(const char *name)
{
    for (guint i = 0; i < WEFT_PALETTES; i++)
        if (strcmp(palettes[i].name, name) == 0)
            return &palettes[i];
    return NULL;
}

const struct weft_palette *weft_palette_for(gboolean dark, gboolean high_contrast)
{
    if (high_contrast)
        return &palettes[dark ? WEFT_PALETTE_CONTRAST_DARK : WEFT_PALETTE_CONTRAST_LIGHT];
    return &palettes[dark ? WEFT_PALETTE_DARK : WEFT_PALETTE_LIGHT];
}

GdkRGBA weft_palette_tint(const struct weft_palette *palette, enum weft_role role, float alpha)
{
    GdkRGBA color = palette->color[role];
    color.alpha *= alpha;
    return color;
}
