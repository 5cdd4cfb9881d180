/* widgets.h: what nearly every file of the viewer includes, compiled once. */
#include <adwaita.h>
#include <gtksourceview/gtksource.h>
