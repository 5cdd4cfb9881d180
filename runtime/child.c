/* child.c: starting a program. See process.h.
 *
 * posix_spawn, not uv_spawn: it can close what the program must not inherit in the child, where
 * libuv would have this whole process mark its descriptors; and what fails is known by name. */
#include "runtime/error.h"
#include "runtime/process.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_PATH = 4096 };

/* libuv has no ENOEXEC. */
static int code_of(int number)
{
    return number == ENOEXEC ? UV_EFTYPE : uv_translate_sys_error(number);
}

static int failed(weft_site *site, const char *what, const char *name, int number)
{
    int code = code_of(number);
    return weft_raise_at(site, code, "cannot %s %s: %s", what, name, weft_strerror(code));
}

/* ---- The directory ---- */

/* Entered by descriptor, so that it is known whose failure a failure is. -1: none is wanted. */
static int open_directory(weft_site *site, const char *path, int *out)
{
    *out = -1;
    if (!path)
        return 0;
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return failed(site, "enter the directory", path, errno);
    if (faccessat(fd, ".", X_OK, AT_EACCESS) < 0) {
        int number = errno;
        close(fd);
        return failed(site, "enter the directory", path, number);
    }
    *out = fd;
    return 0;
}

/* ---- The program ---- */

static const char *search_path(const char *const *env)
{
    if (!env)
        return getenv("PATH");
    for (; *env; env++)
        if (strncmp(*env, "PATH=", 5) == 0)
            return *env + 5;
    return NULL;
}

struct spawn {
    const char *const *argv, *const *env;
    int directory; /* -1: this process's */
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

/* What is not there, or may not be executed, is known without asking a child. */
static int spawn(const struct spawn *s, const char *file, pid_t *pid)
{
    if (faccessat(s->directory >= 0 ? s->directory : AT_FDCWD, file, X_OK, AT_EACCESS) < 0)
        return errno;
    /* The strings are not written to: POSIX only cannot say so. */
    char *const *argv = (char *const *)(uintptr_t)s->argv;
    char *const *env = s->env ? (char *const *)(uintptr_t)s->env : environ;
    return posix_spawn(pid, file, &s->actions, &s->attributes, argv, env);
}

/* As the interpreter does: the first directory of PATH, the child's, in which it can be executed.
 * Of several failures the first that is not "not there". */
static int spawn_in_path(const struct spawn *s, pid_t *pid)
{
    const char *at = search_path(s->env);
    int saved = 0, number = ENOENT;
    for (at = at ? at : "/bin:/usr/bin"; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL) {
        char file[LONGEST_PATH];
        int length = (int)strcspn(at, ":");
        if (snprintf(file, sizeof file, "%.*s/%s", length > 0 ? length : 1, length > 0 ? at : ".",
                     s->argv[0]) >= (int)sizeof file)
            continue;
        number = spawn(s, file, pid);
        if (number == 0)
            return 0;
        if (number != ENOENT && number != ENOTDIR && saved == 0)
            saved = number;
    }
    return saved != 0 ? saved : number;
}

static int prepare_actions(struct spawn *s, const weft_process_options *options, const int fds[3])
{
    int number = 0;
    for (int fd = 0; fd < 3 && number == 0; fd++) {
        int source = fds[fd];
        if (fd == STDERR_FILENO && options->err == WEFT_STDOUT)
            source = STDOUT_FILENO;
        if (source >= 0)
            number = posix_spawn_file_actions_adddup2(&s->actions, source, fd);
    }
    if (number == 0 && s->directory >= 0)
        number = posix_spawn_file_actions_addfchdir_np(&s->actions, s->directory);
    if (number == 0)
        number = posix_spawn_file_actions_addclosefrom_np(&s->actions, STDERR_FILENO + 1);
    return number;
}

static void prepare_attributes(struct spawn *s, const weft_process_options *options)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    if (options->start_new_session)
        flags |= POSIX_SPAWN_SETSID;
    posix_spawnattr_setsigdefault(&s->attributes, &all);
    posix_spawnattr_setsigmask(&s->attributes, &none);
    posix_spawnattr_setflags(&s->attributes, flags);
}

int weft__child_start(weft_site *site, const char *const *argv, const weft_process_options *options,
                      const int fds[3], pid_t *pid)
{
    struct spawn s = { .argv = argv, .env = options->env };
    int rc = open_directory(site, options->cwd, &s.directory);
    if (rc < 0)
        return rc;
    posix_spawn_file_actions_init(&s.actions);
    posix_spawnattr_init(&s.attributes);
    prepare_attributes(&s, options);
    int number = prepare_actions(&s, options, fds);
    if (number == 0)
        number = strchr(argv[0], '/') ? spawn(&s, argv[0], pid) : spawn_in_path(&s, pid);
    posix_spawnattr_destroy(&s.attributes);
    posix_spawn_file_actions_destroy(&s.actions);
    if (s.directory >= 0)
        close(s.directory);
    return number == 0 ? 0 : failed(site, "execute", argv[0], number);
}
