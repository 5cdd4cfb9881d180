/* commands.h: all that can be done without saying to what, in words: the commands of the box for
 * tasks, lanes and commands (goto.h). Whatever has an action and a key is here. */
#ifndef WEFT_VIEWER_COMMANDS_H
#define WEFT_VIEWER_COMMANDS_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

struct weft_command {
    const char *title, *action; /* "win.view('tasks')": with its target */
    const char *accelerator;    /* "<Control>g": one of its keys, as the shortcuts window has it;
                                   NULL: it has none */
};

/* The last has no title. */
const struct weft_command *weft_commands(void);
/* "Ctrl+G"; "" without a key. g_free it. */
char *weft_command_key(const struct weft_command *command);

G_END_DECLS

#endif
