/*
 * An echo server as a C task writes it, with lwIP's own socket API: what sockets in Python are measured against, and the
 * proof that C tasks can use that API beside them. Linked into the programs that call it, and no other.
 *
 * Source: lwIP, doc, "Socket API"; RFC 862 (echo).
 */
#include <stdint.h>
#include <string.h>

#include "lwip/sockets.h"

/* Listens at 127.0.0.1:`port`; the listener, or -1. */
int32_t ts_bench_listen(uint32_t port)
{
    struct sockaddr_in address;
    int listener = lwip_socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = lwip_htons((uint16_t)port);
    address.sin_addr.s_addr = lwip_htonl(INADDR_LOOPBACK);
    if (listener < 0 || lwip_bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        lwip_listen(listener, 2) != 0)
    {
        return -1;
    }
    return listener;
}

/* Serves `n` connections, one after another; the bytes that came. */
uint64_t ts_bench_echo(int32_t listener, uint32_t n)
{
    static uint8_t buffer[4096];
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++)
    {
        int connection = lwip_accept(listener, NULL, NULL);
        ssize_t got;
        while ((got = lwip_recv(connection, buffer, sizeof buffer, 0)) > 0)
        {
            ssize_t sent = 0;
            total += (uint64_t)got;
            while (sent < got)
            {
                ssize_t part = lwip_send(connection, buffer + sent, (size_t)(got - sent), 0);
                if (part <= 0)
                {
                    break;
                }
                sent += part;
            }
        }
        lwip_close(connection);
    }
    lwip_close(listener);
    lwip_socket_thread_cleanup();
    return total;
}
