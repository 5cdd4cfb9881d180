/* application.h: the process: its command line, its windows, what a second start hands to the
 * first. */
#ifndef WEFT_VIEWER_APPLICATION_H
#define WEFT_VIEWER_APPLICATION_H

#include <adwaita.h>

G_BEGIN_DECLS

#define WEFT_TYPE_APPLICATION weft_application_get_type()
G_DECLARE_FINAL_TYPE(WeftApplication, weft_application, WEFT, APPLICATION, AdwApplication)

/* org.weft.Weft. Takes `[FILE…] [--pid PID] [--standalone] [--version] [--help]`; exits with 2 for
 * bad usage, 4 when there is no display. */
WeftApplication *weft_application_new(void);

G_END_DECLS

#endif
