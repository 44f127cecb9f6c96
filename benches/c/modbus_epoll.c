/* The measure for Modbus servers: `modbus_epoll PORT`. An epoll loop without a library that answers every 12 bytes with a fixed reply,
 * 10 registers, with the request's transaction id in front, and understands nothing of either.
 *
 * Prints READY once it listens. At most 1,024 connections. A reply that does not fit into the socket ends the connection.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST = 12, REPLY = 29, CHUNK = 64 * REQUEST, EVENTS = 64, DESCRIPTORS = 2048 };

/* Bytes of a request that came in two parts. */
static struct { unsigned char length, bytes[REQUEST]; } begun[DESCRIPTORS];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void answer(int fd) {
    static unsigned char in[CHUNK + REQUEST], out[(CHUNK / REQUEST + 1) * REPLY];
    static const unsigned char fixed[REPLY] = {0, 0, 0, 0, 0, 23, 1, 3, 20, 0, 0, 0, 1, 0, 2, 0,
                                               3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9};
    size_t have = begun[fd].length, done = 0, filled = 0;
    memcpy(in, begun[fd].bytes, have);
    ssize_t count = recv(fd, in + have, CHUNK, 0);
    if (count <= 0) {
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) close(fd);
        return;
    }
    have += (size_t)count;
    for (; have - done >= REQUEST; done += REQUEST, filled += REPLY) {
        memcpy(out + filled, fixed, REPLY);
        memcpy(out + filled, in + done, 2);
    }
    begun[fd].length = (unsigned char)(have - done);
    memcpy(begun[fd].bytes, in + done, have - done);
    if (filled && send(fd, out, filled, MSG_NOSIGNAL) != (ssize_t)filled) close(fd);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: modbus_epoll PORT\n");
        return 2;
    }
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((unsigned short)atoi(argv[1])),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1024) < 0)
        die("modbus_epoll");
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0) die("epoll");
    printf("READY\n");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(epoll, events, EVENTS, -1);
        if (count < 0 && errno != EINTR) die("epoll_wait");
        for (int index = 0; index < count; index++) {
            int fd = events[index].data.fd;
            if (fd != listener) {
                answer(fd);
                continue;
            }
            int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (client < 0) continue;
            if (client >= DESCRIPTORS) {
                close(client);
                continue;
            }
            setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            begun[client].length = 0;
            event.events = EPOLLIN;
            event.data.fd = client;
            if (epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event) < 0) die("epoll_ctl");
        }
    }
}
