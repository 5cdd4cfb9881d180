/* commands.c: see commands.h. */
#include "app/viewer/panels/commands.h"

static const struct weft_command commands[] = {
    { "Zoom in", "timeline.zoom-in", "plus" },
    { "Zoom out", "timeline.zoom-out", "minus" },
    { "Show the whole trace", "timeline.fit", "0" },
    { "Frame the selection", "timeline.frame", "f" },
    { "Mark a range from the playhead, to the left", "timeline.extend-left", "<Shift>Left" },
    { "Mark a range from the playhead, to the right", "timeline.extend-right", "<Shift>Right" },
    { "Zoom to the marked range", "timeline.zoom-range", "Return" },
    { "Group tasks by where they were created, or by parent", "timeline.group", "g" },
    { "Low lanes, or lanes with words", "timeline.compact", "c" },
    { "Pin the selected task, or let go of it", "timeline.pin", "p" },
    { "Next slice", "timeline.next-slice", "period" },
    { "Previous slice", "timeline.previous-slice", "comma" },
    { "Follow to who woke it", "timeline.follow-from", "bracketleft" },
    { "Follow to what it awaits", "timeline.follow-to", "bracketright" },
    { "Go to the start", "timeline.start", "Home" },
    { "Go to the end", "timeline.end", "End" },
    { "Go to the task nearest to this range", "timeline.nearest", NULL },
    { "Scroll up", "timeline.page-up", "Page_Up" },
    { "Scroll down", "timeline.page-down", "Page_Down" },
    { "Earlier", "timeline.pan-left", "Left" },
    { "Later", "timeline.pan-right", "Right" },
    { "Select the lane above", "timeline.lane-up", "Up" },
    { "Select the lane below", "timeline.lane-down", "Down" },
    { "Clear: search, presentation, range, selection", "timeline.clear", "Escape" },
    { "Back to where you were", "timeline.back", "<Alt>Left" },
    { "Forward again", "timeline.forward", "<Alt>Right" },
    { "Count time from the start", "timeline.origin-start", NULL },
    { "Count time from the playhead", "timeline.origin-playhead", NULL },
    { "Count time from the selection", "timeline.origin-selection", NULL },
    { "Show times of the day", "timeline.time-of-day", "t" },
    { "Follow the program", "timeline.follow", NULL },
    { "Pause the program, or let it go on", "timeline.pause-or-resume", "F5" },
    { "Step the paused program: one dispatch", "timeline.step", "F7" },
    { "Cancel the selected task of the program", "timeline.cancel-task", "<Control>Delete" },
    { "Show the timeline", "win.view('timeline')", "<Control>1" },
    { "Show all tasks", "win.view('tasks')", "<Control>2" },
    { "Show the loop's dispatch", "win.view('dispatch')", "<Control>3" },
    { "Show findings", "win.view('findings')", "<Control>4" },
    { "Play, or stop", "dispatch.play", "space" },
    { "Step forward", "dispatch.next", "Right" },
    { "Step back", "dispatch.previous", "Left" },
    { "One event forward", "dispatch.next-event", "<Shift>Right" },
    { "One event back", "dispatch.previous-event", "<Shift>Left" },
    { "Show the loop at the start", "dispatch.start", "Home" },
    { "Show the loop at the end", "dispatch.end", "End" },
    { "Next event of the selected task", "dispatch.next-of-task", "period" },
    { "Previous event of the selected task", "dispatch.previous-of-task", "comma" },
    { "Next event of the same kind", "dispatch.next-of-kind", "n" },
    { "Previous event of the same kind", "dispatch.previous-of-kind", "<Shift>n" },
    { "Predict: ask what comes next", "dispatch.predict", "p" },
    { "Reveal the answer", "dispatch.reveal", "r" },
    { "Play faster", "dispatch.faster", "plus" },
    { "Play slower", "dispatch.slower", "minus" },
    { "Show or hide the code", "dispatch.code", "c" },
    { "Show or hide measured times", "dispatch.times", "t" },
    { "Present: the view alone, large", "win.present", "F11" },
    { "Find", "win.find", "<Control>f" },
    { "Next match", "timeline.find-next", "<Control>g" },
    { "Previous match", "timeline.find-previous", "<Control><Shift>g" },
    { "Put a bookmark", "win.bookmark", "m" },
    { "Write a note", "win.note", "<Control>d" },
    { "Copy the selection as text", "timeline.copy", "<Control>c" },
    { "Copy the picture", "win.copy-picture", "<Control><Shift>c" },
    { "Export the picture", "win.export", NULL },
    { "Show or hide the inspector", "win.inspector", "F9" },
    { "Open a trace", "win.open", "<Control>o" },
    { "Lessons", "win.lessons", "<Control>l" },
    { "Attach to a program", "win.start", NULL },
    { "Record a program", "win.record", "<Control>r" },
    { "Save what was seen of a program", "win.save", "<Control>s" },
    { "Close the tab", "win.close-tab", "<Control>w" },
    { "Reopen a closed tab", "win.reopen-tab", "<Control><Shift>t" },
    { "Preferences", "app.preferences", "<Control>comma" },
    { "Main menu", "win.menu", "F10" },
    { "Keyboard shortcuts", "win.show-help-overlay", "<Control>question" },
    { "About Weft", "win.about", NULL },
    { "Quit", "app.quit", "<Control>q" },
    { NULL, NULL, NULL },
};

const struct weft_command *weft_commands(void)
{
    return commands;
}

char *weft_command_key(const struct weft_command *command)
{
    guint key = 0;
    GdkModifierType modifiers = 0;
    if (command->accelerator)
        gtk_accelerator_parse(command->accelerator, &key, &modifiers);
    return key ? gtk_accelerator_get_label(key, modifiers) : g_strdup("");
}
