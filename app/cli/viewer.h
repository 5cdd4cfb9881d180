/* viewer.h: weft-viewer, the part that draws: the one beside this executable, else the one in PATH.
 * `arguments` end with NULL and are without its own name. */
#ifndef WEFT_CLI_VIEWER_H
#define WEFT_CLI_VIEWER_H

/* Runs it, and returns its exit code; or, when it cannot be run, which is said, EXIT_SYSTEM. */
int viewer_run(const char *const *arguments);

/* Becomes it. Returns only when that fails, which is said: EXIT_SYSTEM. */
int viewer_become(const char *const *arguments);

#endif
