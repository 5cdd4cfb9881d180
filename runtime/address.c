/* address.c: what addresses are called, in the trace and to programs. */
#include "runtime/datagram.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

static void name_unix(const struct sockaddr_un *address, socklen_t length, char *name)
{
    size_t size = length > offsetof(struct sockaddr_un, sun_path)
                      ? length - offsetof(struct sockaddr_un, sun_path)
                      : 0;
    if (size > sizeof address->sun_path)
        size = sizeof address->sun_path;
    if (size > 0 && address->sun_path[0] != 0)
        size = strnlen(address->sun_path, size); /* a path may or may not be terminated */
    for (size_t i = 0; i < size; i++)
        name[i] = address->sun_path[i] ? address->sun_path[i] : '@';
    name[size] = 0;
}

void weft__address_name(const struct sockaddr *address, socklen_t length, bool brief,
                        char name[WEFT__ADDRESS_TEXT])
{
    char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1] = "";
    if (length < sizeof address->sa_family) { /* a unix socket without a name says nothing */
        name[0] = 0;
        return;
    }
    int port = weft__address_port(address);
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        bool loopback = ntohl(in->sin_addr.s_addr) >> 24 == 127;
        if (!brief || !loopback)
            uv_ip4_name(in, host, sizeof host);
        snprintf(name, WEFT__ADDRESS_TEXT, "%s:%d", host, port);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)address;
        uv_ip6_name(in, host, INET6_ADDRSTRLEN);
        char zone[IF_NAMESIZE];
        if (in->sin6_scope_id != 0 && if_indextoname(in->sin6_scope_id, zone))
            snprintf(host + strlen(host), sizeof host - strlen(host), "%%%s", zone);
        if (brief && IN6_IS_ADDR_LOOPBACK(&in->sin6_addr))
            snprintf(name, WEFT__ADDRESS_TEXT, ":%d", port);
        else
            snprintf(name, WEFT__ADDRESS_TEXT, "[%s]:%d", host, port);
    } else if (address->sa_family == AF_UNIX) {
        name_unix((const void *)address, length, name);
    } else {
        snprintf(name, WEFT__ADDRESS_TEXT, "unknown");
    }
}

int weft__address_port(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
    if (address->sa_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
    return 0;
}

socklen_t weft__address_length(const struct sockaddr *address)
{
    return address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                          : sizeof(struct sockaddr_in);
}

void weft__address_say(weft_address *address)
{
    _Static_assert(sizeof address->text == WEFT__ADDRESS_TEXT, "what is written there");
    weft__address_name((struct sockaddr *)&address->sockaddr, address->length, false,
                       address->text);
}

int weft_address_init(weft_address *address, const char *host, int port)
{
    if (!address || !host || port < 0 || port > 65535)
        return UV_EINVAL;
    *address = (weft_address){ .length = 0 };
    if (uv_ip4_addr(host, port, (struct sockaddr_in *)&address->sockaddr) < 0 &&
        uv_ip6_addr(host, port, (struct sockaddr_in6 *)&address->sockaddr) < 0)
        return UV_EINVAL;
    address->length = weft__address_length((struct sockaddr *)&address->sockaddr);
    weft__address_say(address);
    return 0;
}
