/*
 * An echo server and its clients in one process, as one writes it on a BSD: connections found through udata pointers, write events asked
 * for only while something waits, the backlog taken from the listener's data, EV_EOF with data still there, an idle timer per
 * connection, SIGUSR1 and a child's exit through the queue.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Nothing in it knows Linux. It prints one line per thing that happened, in an order that does not depend on timing.
 */
#include <sys/types.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLIENTS 8
#define MESSAGE 100000 /* more than a socket buffer takes at once */

struct connection {
    int fd, id, ended;
    size_t length, sent;
    char *bytes;
    struct connection *next;
};

static int kq;
static struct connection *dead;
static size_t echoed;
static int closed_connections, finished_children, idle;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void change(uintptr_t ident, short filter, unsigned short flags, unsigned notes, intptr_t data, void *udata)
{
    struct kevent kev;
    EV_SET(&kev, ident, filter, flags, notes, data, udata);
    if (kevent(kq, &kev, 1, NULL, 0, NULL) < 0)
        die("kevent");
}

static void nonblocking(int fd)
{
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        die("fcntl");
}

static void finish(struct connection *c)
{
    change((uintptr_t)c->id, EVFILT_TIMER, EV_DELETE, 0, 0, NULL);
    close(c->fd); /* takes both registrations along */
    c->fd = -1;
    c->next = dead; /* an event for it may still be in the list that is being worked off */
    dead = c;
    closed_connections++;
}

static void bury(void)
{
    while (dead) {
        struct connection *c = dead;
        dead = c->next;
        free(c->bytes);
        free(c);
    }
}

static void flush(struct connection *c, int *waiting)
{
    while (c->sent < c->length) {
        ssize_t n = write(c->fd, c->bytes + c->sent, c->length - c->sent);
        if (n < 0 && errno == EAGAIN) {
            if (!*waiting)
                change((uintptr_t)c->fd, EVFILT_WRITE, EV_ADD, 0, 0, c);
            *waiting = 1;
            return;
        }
        if (n < 0)
            die("write");
        c->sent += (size_t)n;
        echoed += (size_t)n;
    }
    if (*waiting)
        change((uintptr_t)c->fd, EVFILT_WRITE, EV_DELETE, 0, 0, NULL);
}

static void on_read(struct connection *c, const struct kevent *event)
{
    size_t left = (size_t)event->data;
    int waiting = c->sent < c->length;
    if (left > 0) {
        ssize_t n;
        c->bytes = realloc(c->bytes, c->length + left);
        if (!c->bytes || (n = read(c->fd, c->bytes + c->length, left)) < 0)
            die("read");
        if ((size_t)n != left)
            printf("announced %lu, read %ld\n", (unsigned long)left, (long)n);
        c->length += (size_t)n;
        change((uintptr_t)c->id, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, 60000, c); /* the idle timer starts again */
        flush(c, &waiting);
    } else if (event->flags & EV_EOF) {
        c->ended = 1;
        change((uintptr_t)c->fd, EVFILT_READ, EV_DISABLE, 0, 0, c);
        if (c->sent == c->length)
            finish(c);
    }
}

static void on_write(struct connection *c)
{
    int waiting = 1;
    flush(c, &waiting);
    if (c->ended && c->sent == c->length)
        finish(c);
}

static void on_accept(int listener, intptr_t backlog)
{
    static int next_id = 100;
    while (backlog-- > 0) {
        struct connection *c = calloc(1, sizeof *c);
        if (!c || (c->fd = accept(listener, NULL, NULL)) < 0)
            die("accept");
        c->id = next_id++;
        nonblocking(c->fd);
        change((uintptr_t)c->fd, EVFILT_READ, EV_ADD, 0, 0, c);
        change((uintptr_t)c->id, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, 60000, c);
    }
}

/* The other side: sends its message, then reads it back. Exits with 0 when every byte came back. */
static void client(const struct sockaddr_in *server)
{
    static char out[MESSAGE], in[MESSAGE];
    size_t sent = 0, got = 0;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    memset(out, 'a' + (int)(getpid() % 26), sizeof out);
    if (s < 0 || connect(s, (const struct sockaddr *)server, sizeof *server) < 0)
        _exit(2);
    while (sent < sizeof out) {
        ssize_t n = write(s, out + sent, sizeof out - sent);
        if (n <= 0)
            _exit(3);
        sent += (size_t)n;
    }
    shutdown(s, SHUT_WR);
    while (got < sizeof in) {
        ssize_t n = read(s, in + got, sizeof in - got);
        if (n <= 0)
            _exit(4);
        got += (size_t)n;
    }
    _exit(memcmp(in, out, sizeof in) ? 5 : read(s, in, 1) == 0 ? 0 : 6);
}

int main(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), i, signals = 0, failed = 0;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, CLIENTS) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        die("listen");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    fflush(stdout);
    if ((kq = kqueue()) < 0)
        die("kqueue");
    for (i = 0; i < CLIENTS; i++) {
        pid_t child = fork();
        if (child == 0)
            client(&address);
        change((uintptr_t)child, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, NULL);
    }
    change((uintptr_t)listener, EVFILT_READ, EV_ADD, 0, 0, NULL);
    change(SIGUSR1, EVFILT_SIGNAL, EV_ADD, 0, 0, NULL);
    change(1, EVFILT_TIMER, EV_ADD, 0, 10, NULL);
    kill(getpid(), SIGUSR1);

    while (finished_children < CLIENTS || closed_connections < CLIENTS || !signals || !idle) {
        struct kevent events[4];
        struct timespec limit = {30, 0};
        int n = kevent(kq, NULL, 0, events, 4, &limit);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            die(n ? "kevent" : "nothing happened for 30 s");
        for (i = 0; i < n; i++) {
            struct connection *c = events[i].udata;
            if (events[i].filter == EVFILT_PROC) {
                finished_children++;
                failed += (int)events[i].data != 0;
                waitpid((pid_t)events[i].ident, NULL, 0);
            } else if (events[i].filter == EVFILT_SIGNAL) {
                signals += (int)events[i].data;
            } else if (events[i].filter == EVFILT_TIMER) {
                idle += c ? 1000 : 1;
            } else if ((int)events[i].ident == listener) {
                on_accept(listener, events[i].data);
            } else if (events[i].filter == EVFILT_WRITE) {
                if (c->fd >= 0)
                    on_write(c);
            } else if (c->fd >= 0) {
                on_read(c, &events[i]);
            }
        }
        bury();
    }
    printf("%lu bytes echoed, %d connections closed\n", (unsigned long)echoed, closed_connections);
    printf("%d children, %d failed; signals: %d; idle timers: %s\n", finished_children, failed, signals,
        idle < 1000 ? "silent" : "fired");
    close(listener);
    close(kq);
    return 0;
}
