#include "weft.h"

WEFT_ASYNC(void, run_shell, const char *, name, const char *, command)
{
    weft_set_name(weft_current_task(), name);
    weft_own weft_process *child = NULL;
    WEFT_TRY(weft_create_subprocess_shell(&child, command, .out = WEFT_PIPE, .err = WEFT_PIPE));
    weft_bytes out, err;
    WEFT_TRY(weft_communicate(child, (weft_bytes){ 0 }, &out, &err));
    printf("['%s' exited with %d]\n", command, weft_process_returncode(child));
    if (out.len)
        printf("[stdout] %s", out.data);
    if (err.len)
        printf("[stderr] %s", err.data);
    return 0;
}

WEFT_ASYNC(void, listen_to_clock)
{
    weft_own weft_process *clock = NULL;
    WEFT_TRY(weft_create_subprocess_exec(
        &clock, ("sh", "-c", "while echo tick; do sleep 0.2; done"), .out = WEFT_PIPE));
    for (int i = 1; i <= 3; i++) {
        weft_bytes line;
        WEFT_TRY(weft_readline(weft_process_stdout(clock), &line));
        printf("%d: %s", i, line.data);
    }
    weft_process_terminate(clock);
    int returncode;
    WEFT_TRY(weft_process_wait(clock, &returncode));
    printf("the clock ended with %d\n", returncode);
    return 0;
}

WEFT_ASYNC(void, children)
{
    weft_own weft_future *both = weft_gather((run_shell("good", "sleep 0.3; echo warp"),
                                              run_shell("bad", "sleep 0.6; ls /zzz; exit 3")));
    WEFT_TRY(both);
    return listen_to_clock();
}

int main(void)
{
    return weft_main(children());
}
