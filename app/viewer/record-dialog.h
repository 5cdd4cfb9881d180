/* record-dialog.h: asks for a program, records it with `weft record`, and shows it in a tab while
 * it runs. */
#ifndef WEFT_VIEWER_RECORD_DIALOG_H
#define WEFT_VIEWER_RECORD_DIALOG_H

#include "app/viewer/window.h"

G_BEGIN_DECLS

#define WEFT_TYPE_RECORD_DIALOG weft_record_dialog_get_type()
G_DECLARE_FINAL_TYPE(WeftRecordDialog, weft_record_dialog, WEFT, RECORD_DIALOG, AdwWindow)

void weft_record_dialog_show(WeftWindow *window);

G_END_DECLS

#endif
