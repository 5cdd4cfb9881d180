/* proc = await asyncio.create_subprocess_shell(cmd, stdout=PIPE, stderr=PIPE)
 * stdout, stderr = await proc.communicate()
 * print(f'[{cmd!r} exited with {proc.returncode}]')
 * if stdout: print(f'[stdout]\n{stdout.decode()}')
 * if stderr: print(f'[stderr]\n{stderr.decode()}')                                              */
#include "weft.h"

WEFT_ASYNC(void, run_shell, const char *, cmd)
{
    weft_own weft_process *proc = NULL;
    WEFT_TRY(weft_create_subprocess_shell(&proc, cmd, .out = WEFT_PIPE, .err = WEFT_PIPE));
    weft_bytes out, err;
    WEFT_TRY(weft_communicate(proc, (weft_bytes){ 0 }, &out, &err));
    printf("['%s' exited with %d]\n", cmd, weft_process_returncode(proc));
    if (out.len)
        printf("[stdout]\n%s\n", out.data);
    if (err.len)
        printf("[stderr]\n%s\n", err.data);
    return 0;
}

int main(void)
{
    return weft_main(run_shell("ls /zzz"));
}
