/* A TCP echo server on 127.0.0.1 with libevent: `echo_libevent PORT`. Prints READY once it listens.
 *
 * Plain events (`event_add` with EV_PERSIST) and one buffer for all connections: libevent's fast face; its bufferevents cost more.
 */
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 4096 };

static char chunk[CHUNK];

struct connection {
    struct event *readable, *writable;
    char *unsent;
    size_t from, to;
};

static void end(struct connection *connection, int fd) {
    event_free(connection->readable);
    if (connection->writable) event_free(connection->writable);
    free(connection->unsent);
    free(connection);
    close(fd);
}

static void flush(evutil_socket_t fd, short what, void *context) {
    (void)what;
    struct connection *connection = context;
    ssize_t sent = send(fd, connection->unsent + connection->from, connection->to - connection->from, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) end(connection, fd);
        return;
    }
    connection->from += (size_t)sent;
    if (connection->from == connection->to) {
        free(connection->unsent);
        connection->unsent = NULL;
        event_del(connection->writable);
        event_add(connection->readable, NULL);
    }
}

static void echo(evutil_socket_t fd, short what, void *context) {
    (void)what;
    struct connection *connection = context;
    ssize_t count = recv(fd, chunk, CHUNK, 0);
    if (count <= 0) {
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) end(connection, fd);
        return;
    }
    ssize_t sent = send(fd, chunk, (size_t)count, MSG_NOSIGNAL);
    if (sent == count) return;
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            end(connection, fd);
            return;
        }
        sent = 0;
    }
    connection->unsent = malloc((size_t)(count - sent));
    memcpy(connection->unsent, chunk + sent, (size_t)(count - sent));
    connection->from = 0;
    connection->to = (size_t)(count - sent);
    if (!connection->writable)
        connection->writable = event_new(event_get_base(connection->readable), fd, EV_WRITE | EV_PERSIST, flush, connection);
    event_del(connection->readable);
    event_add(connection->writable, NULL);
}

static void greet(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer, int length, void *context) {
    (void)listener, (void)peer, (void)length;
    struct connection *connection = calloc(1, sizeof *connection);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection->readable = event_new(context, fd, EV_READ | EV_PERSIST, echo, connection);
    event_add(connection->readable, NULL);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: echo_libevent PORT\n");
        return 2;
    }
    struct event_base *base = event_base_new();
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((unsigned short)atoi(argv[1])),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
    if (!base || !evconnlistener_new_bind(base, greet, base, flags, 1024, (struct sockaddr *)&address, sizeof address)) {
        fprintf(stderr, "echo_libevent: cannot listen\n");
        return 1;
    }
    printf("READY\n");
    fflush(stdout);
    return event_base_dispatch(base);
}
