/* viewer.h: handing over to weft-viewer, the part that draws. */
#ifndef WEFT_CLI_VIEWER_H
#define WEFT_CLI_VIEWER_H

/* Becomes weft-viewer, with `arguments` (NULL-terminated, without its own name): the one beside
 * this executable, else the one in PATH. Returns only when that fails, which it has said: the exit
 * code. */
int viewer_become(const char *const *arguments);

#endif
