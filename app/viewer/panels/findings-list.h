/* findings-list.h: what Weft says unasked, the gravest first: to be filtered, and each to be gone
 * to. Selecting one selects its task and its range; activating it goes to the timeline. */
#ifndef WEFT_VIEWER_FINDINGS_LIST_H
#define WEFT_VIEWER_FINDINGS_LIST_H

#include "app/viewer/session.h"
#include "tracer/model/findings.h"
#include <adwaita.h>

G_BEGIN_DECLS

#define WEFT_TYPE_FINDINGS_LIST weft_findings_list_get_type()
G_DECLARE_FINAL_TYPE(WeftFindingsList, weft_findings_list, WEFT, FINDINGS_LIST, AdwBin)

void weft_findings_list_set(WeftFindingsList *list, WeftSession *session); /* NULL: none */
/* The keyboard's focus goes to its search, where there is anything to look for. */
void weft_findings_list_find(WeftFindingsList *list);

/* "weft-error-symbolic": its form tells a severity apart, not its colour alone. */
const char *weft_severity_icon(enum weft_severity severity);

G_END_DECLS

#endif
