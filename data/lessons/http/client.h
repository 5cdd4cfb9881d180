/* client.h: libcurl's multi interface on a libweft loop: any number of transfers, no thread, no
 * polling.
 *
 *      curl says which sockets it wants watched ---> weft_add_reader / weft_add_writer
 *      curl says when it wants to be called     ---> weft_call_later
 *      curl says that a transfer is done        ---> the future that http_get awaits */
#ifndef LESSONS_HTTP_CLIENT_H
#define LESSONS_HTTP_CLIENT_H

#include "weft.h"
#include <curl/curl.h>

struct http_client {
    CURLM *multi;
    weft_handle *timer;
};

/* In a task. 0 or a negative code. */
int http_client_init(struct http_client *client);
/* Transfers must have ended. */
void http_client_finish(struct http_client *client);

struct http_response {
    long status;
    char *body; /* malloc'd, ends in a NUL */
    size_t size;
};
void http_response_finish(struct http_response *response);

/* A coroutine: fetches the URL. When it is cancelled, so is the transfer. `result` is the caller's
 * to finish, whatever is returned: 0, WEFT_ECANCELED, or UV_EIO with curl's words. */
int http_get(struct http_client *client, const char *url, struct http_response *result);

#endif
