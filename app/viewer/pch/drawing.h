/* drawing.h: what every file of render/ includes, compiled once. */
#include <gtk/gtk.h>
