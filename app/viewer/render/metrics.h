/* metrics.h: the sizes of the timeline, in px at text scale 1, on a grid of 6.
 *
 *    +--------------------------------------------------------------+
 *    | minimap                                                   54 |
 *    +---------------+----------------------------------------------+
 *    | time from ... | ruler                                     30 |
 *    +---------------+----------------------------------------------+
 *    | names    216  | lanes: loop 60, ready queue 36, tasks 54 ... |
 *    +---------------+----------------------------------------------+
 *    | legend, zoom buttons                                      36 |
 *    +--------------------------------------------------------------+
 */
#ifndef WEFT_RENDER_METRICS_H
#define WEFT_RENDER_METRICS_H

enum {
    WEFT_METRIC_HEADER = 46,
    WEFT_METRIC_MINIMAP = 54,
    WEFT_METRIC_RULER = 30,
    WEFT_METRIC_NAMES = 216,
    WEFT_METRIC_INSPECTOR = 342,
    WEFT_METRIC_BOTTOM = 36,
    WEFT_METRIC_LEGEND_LINE = 24, /* where the legend has several */
    WEFT_METRIC_INDENT = 14,      /* per depth, in the names column */

    WEFT_METRIC_GRID = 6,

    WEFT_LANE_HEIGHT_LOOP = 60,
    WEFT_LANE_HEIGHT_COUNTER = 36,
    WEFT_LANE_HEIGHT_HANDLE = 30,
    WEFT_LANE_HEIGHT_RESOURCE = 42, /* 5 + 23, 3, 8 for who waits, 3 */
    WEFT_LANE_HEIGHT_POOL = 30,
    WEFT_LANE_HEIGHT_CROWD = 36, /* or as high as a task's */
    WEFT_CROWD_COLUMN = 2,       /* px */
    /* A task's lane: the first of these at which all tasks fit the window. Few tasks: it grows, in
     * steps of the grid, from FULL to MOST. No further, and what is left of the window stays empty:
     * words and bars keep their size, and in a higher lane would lie nearer to its neighbours' than
     * to each other. */
    WEFT_LANE_HEIGHT_MOST = 72,
    WEFT_LANE_HEIGHT_GROWN = 66, /* from here on there is room for single events' kinds */
    WEFT_LANE_HEIGHT_FULL = 54,  /* 7 + 40 + 7: two lines of words, the waiting bar the bottom 6 */
    WEFT_LANE_WORDS = 40,        /* two lines of words, and some air */
    WEFT_LANE_HEIGHT_SMALL = 36,
    WEFT_LANE_HEIGHT_LINE = 24,  /* one line of words */
    WEFT_LANE_HEIGHT_STRIP = 12, /* no words */
    WEFT_LANE_HEIGHT_OVERVIEW = 6,

    WEFT_METRIC_BAND = 14,      /* iteration band at the top of the dispatch lane */
    WEFT_METRIC_BAND_MERGE = 6, /* px: iterations shorter than this merge */
    WEFT_BAND_MIN = 22,         /* px: the narrowest iteration with its number */
    WEFT_METRIC_BAR = 6,        /* waiting bar */
    WEFT_METRIC_SLICE_MIN = 2,  /* the narrowest slice */
    WEFT_METRIC_BOX_MIN = 24,   /* the narrowest box with words */
    WEFT_MERGED_CELL = 24,      /* px: within this, what is merged is one */
    WEFT_QUERY_MARGIN = 96,     /* px left and right of the window that are asked for, too */
    WEFT_GAP_SLICES = 4,        /* a pause shorter than so many narrowest slices, */
    WEFT_GAPS_MIN = 3,          /* where so many follow each other, is merged with them */
    WEFT_MERGED_MIN = 6,        /* px: narrower merged spans look like one slice */
    WEFT_WORDS_MIN_FAR = 60,    /* px: the narrowest wait with words, seen from far */
    WEFT_OVERDUE_MIN = 3,       /* px: a shorter delay of a timer is not drawn */
    WEFT_CLOCK_MIN = 6,         /* px: the narrowest nanosecond with a line of its own */
    WEFT_DONE_REACH = 140,      /* px: how far a task's last word reaches */
    WEFT_LOOP_BOX_TOP = 24,     /* below the iteration bands */
    WEFT_READY_BOX_TOP = 5,
    WEFT_TRACK_BOX_TOP = 5, /* of a resource, a pool's thread, a counter */
    WEFT_RESOURCE_BOX = 23,
    WEFT_RESOURCE_WAITERS = 8, /* room for the bar of who waits, */
    WEFT_RESOURCE_GAP = 3,     /* below the box */
    WEFT_LOOP_BOX_DROP = 6,    /* room for the line under a slice that held the loop */
    WEFT_METRIC_GLYPH = 12,
    WEFT_METRIC_CAP = 3, /* end cap of a task that is done */
    WEFT_MINIMAP_GRIP = 8,
    WEFT_METRIC_PAD = 6, /* words from the left edge of what they name */
    WEFT_METRIC_CHEQUER = 6,

    WEFT_FONT_TITLE = 17,
    WEFT_FONT_HEADER = 14,
    WEFT_FONT_WORDS = 13,
    WEFT_FONT_SECONDARY = 12,
    WEFT_FONT_FLOOR = 11,

    /* A frame's budget. */
    WEFT_BUDGET_RECTANGLES = 5000,
    WEFT_BUDGET_LABELS = 300,
    WEFT_BUDGET_PATTERNS = 400,
    WEFT_BUDGET_HEIGHT = 1080,  /* px of a frame that these are for */
    WEFT_PATTERN_MIN_WIDTH = 6, /* narrower boxes get a flat tint */
};

/* Loop blocked: a slice this long has a red line under it; from VEIL a veil through its lanes. */
#define WEFT_BLOCKED_LINE_NS INT64_C(10000000)
#define WEFT_BLOCKED_VEIL_NS INT64_C(100000000)
/* A timer that fires no later than this is in time. */
#define WEFT_OVERDUE_NS INT64_C(1000000)

#endif
