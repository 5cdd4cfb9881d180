/* sample_window.h: a whole window under a real X server, and files to open in it. */
#ifndef WEFT_TESTS_VIEWER_SAMPLE_WINDOW_H
#define WEFT_TESTS_VIEWER_SAMPLE_WINDOW_H

#include "app/viewer/window.h"

/* As g_test_init(), with the user's data and what runs in a directory of its own, without
 * animations. */
void window_tests_init(int *argc, char ***argv);
/* As g_test_run(); leaves nothing of that directory behind. */
int window_tests_run(void);
const char *window_tests_directory(void);

WeftWindow *window_open(void);
/* With all that is due behind it. */
void window_close(WeftWindow *window);
/* Until a label that is seen has it in its text. */
void wait_for_text(WeftWindow *window, const char *text);

/* A file of that directory; g_object_unref() it. */
GFile *file_with(const char *name, const char *content, gssize size);
/* Three fetches: 1,081 events. */
GFile *sample_file(void);
/* A window with these in a tab. */
WeftWindow *window_with_sample(void);

#endif
