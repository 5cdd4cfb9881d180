/* log.h: the one place that Weft's libraries speak through: "ring halved: the runtime directory is
 * full", a task destroyed while pending, a debug report. Programs see it through weft.h. */
#ifndef WEFT_PROBE_LOG_H
#define WEFT_PROBE_LOG_H

#pragma GCC visibility push(default)

/* The message has no newline and is borrowed. Any thread. The default prints "weft: MESSAGE" on
 * stderr; NULL restores it. */
typedef void weft_log_function(const char *message);
void weft_set_log_function(weft_log_function *function);
void weft_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#pragma GCC visibility pop

#endif
