/* async def wget(host):
 *     print(f'wget {host}...')
 *     reader, writer = await asyncio.open_connection(host, 80)
 *     writer.write(f'GET / HTTP/1.0\r\nHost: {host}\r\n\r\n'.encode())
 *     await writer.drain()
 *     while True:
 *         line = await reader.readline()
 *         if line == b'\r\n' or not line: break
 *         print(f'{host} header > {line.decode().rstrip()}')
 *     writer.close(); await writer.wait_closed()
 * async def main():
 *     await asyncio.gather(wget('www.sina.com.cn'), wget('www.sohu.com'), wget('www.163.com'))   */
#include "weft.h"

WEFT_ASYNC(void, wget, const char *, host)
{
    printf("wget %s...\n", host);
    weft_own weft_stream *stream = NULL;
    WEFT_TRY(weft_open_connection(host, 80, &stream));
    weft_printf(stream, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", host);
    WEFT_TRY(weft_drain(stream));
    for (;;) {
        weft_bytes line;
        WEFT_TRY(weft_readline(stream, &line));
        if (line.len == 0 || (line.len == 2 && line.data[0] == '\r'))
            break;
        printf("%s header > %.*s\n", host, (int)line.len - 2, line.data);
    }
    weft_close(stream);
    return weft_await(weft_wait_closed(stream));
}

WEFT_ASYNC(void, wget_three)
{
    weft_own weft_future *all = weft_gather(
        (wget("www.sina.com.cn"), wget("www.sohu.com"), wget("www.163.com")));
    return weft_await(all);
}

int main(void)
{
    return weft_main(wget_three());
}
