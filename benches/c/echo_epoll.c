/* A TCP echo server on 127.0.0.1 without any library: `echo_epoll PORT`. The measure for the others.
 *
 * Prints READY once it listens. Level-triggered epoll, one buffer for all connections, interest in writing only while
 * bytes wait: what a careful programmer writes by hand. At most 1,024 connections.
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

enum { CHUNK = 4096, EVENTS = 64, DESCRIPTORS = 2048 };

struct behind {
    size_t from, to;
    char bytes[CHUNK];
};

static char chunk[CHUNK];
/* What a connection could not send at once; memory that no client needs is never allocated. */
static struct behind *unsent[DESCRIPTORS];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void end(int fd) {
    free(unsent[fd]);
    unsent[fd] = NULL;
    close(fd); /* takes it out of the epoll set */
}

static void want(int epoll, int fd, unsigned events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event) < 0) die("epoll_ctl");
}

static void flush(int epoll, int fd) {
    struct behind *rest = unsent[fd];
    ssize_t sent = send(fd, rest->bytes + rest->from, rest->to - rest->from, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) end(fd);
        return;
    }
    rest->from += (size_t)sent;
    if (rest->from == rest->to) {
        free(rest);
        unsent[fd] = NULL;
        want(epoll, fd, EPOLLIN);
    }
}

static void echo(int epoll, int fd) {
    ssize_t count = recv(fd, chunk, CHUNK, 0);
    if (count <= 0) {
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) end(fd);
        return;
    }
    ssize_t sent = send(fd, chunk, (size_t)count, MSG_NOSIGNAL);
    if (sent == count) return;
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            end(fd);
            return;
        }
        sent = 0;
    }
    struct behind *rest = malloc(sizeof *rest);
    if (!rest) die("malloc");
    rest->from = 0;
    rest->to = (size_t)(count - sent);
    memcpy(rest->bytes, chunk + sent, rest->to);
    unsent[fd] = rest;
    want(epoll, fd, EPOLLOUT);
}

static void greet(int epoll, int listener) {
    for (int budget = 16; budget > 0; budget--) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        if (fd >= DESCRIPTORS) {
            close(fd);
            continue;
        }
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: echo_epoll PORT\n");
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
        die("echo_epoll");
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
            if (fd == listener)
                greet(epoll, fd);
            else if (unsent[fd])
                flush(epoll, fd);
            else
                echo(epoll, fd);
        }
    }
}
