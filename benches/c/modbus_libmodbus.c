/* A Modbus server by libmodbus for many connections: `modbus_libmodbus PORT`. Its own example for many (bandwidth-server-many-up.c) waits
 * with select; this one waits with epoll, which costs less, and then does the same: modbus_set_socket, modbus_receive, modbus_reply.
 *
 * 100 holding registers, register n is n. Prints READY once it listens.
 */
#include <modbus/modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 64, POINTS = 100 };

int main(int argc, char **argv) {
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_t *context = modbus_new_tcp("127.0.0.1", argc > 1 ? atoi(argv[1]) : 502);
    modbus_mapping_t *points = modbus_mapping_new(0, 0, POINTS, 0);
    int epoll = epoll_create1(0), listener, on = 1;
    if (context == NULL || points == NULL || epoll < 0) return 1;
    for (int n = 0; n < POINTS; n++) points->tab_registers[n] = (uint16_t)n;
    listener = modbus_tcp_listen(context, 1024);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (listener < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) {
        perror("modbus_libmodbus");
        return 1;
    }
    puts("READY");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int index = 0; index < count; index++) {
            int fd = events[index].data.fd;
            if (fd == listener) {
                int client = accept(listener, NULL, NULL);
                if (client < 0) continue;
                setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                event.data.fd = client;
                epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event);
                continue;
            }
            modbus_set_socket(context, fd);
            int length = modbus_receive(context, query);
            if (length > 0)
                modbus_reply(context, query, length, points);
            else if (length < 0)
                close(fd);
        }
    }
}
