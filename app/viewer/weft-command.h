/* weft-command.h: the command `weft`, which the viewer records programs with. */
#ifndef WEFT_VIEWER_WEFT_COMMAND_H
#define WEFT_VIEWER_WEFT_COMMAND_H

/* Beside this program, else the installed one; NULL: there is none. g_free it. */
char *weft_command_path(void);

#endif
