/* A periodic timer of one millisecond from the kernel, read with a plain epoll loop: `tick_timerfd [PORT]`, two seconds long.
 *
 * Prints `ticks= p50= p99= max=` in microseconds, as `timer_bench tick [PORT]` of the examples does. With PORT the same loop echoes what
 * TCP clients on 127.0.0.1:PORT send; READY once it listens, and the two seconds begin with the first message.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { TICKS = 4096, MILLI = 1000000 };

static double lateness[TICKS];

static uint64_t nanos(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int by_size(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void watch(int epoll, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
        perror("epoll_ctl");
        exit(1);
    }
}

static uint64_t start(int timer) {
    uint64_t first = nanos() + MILLI;
    struct itimerspec when = {
        .it_value = {(time_t)(first / 1000000000u), (long)(first % 1000000000u)},
        .it_interval = {0, MILLI},
    };
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL) < 0) {
        perror("timerfd_settime");
        exit(1);
    }
    return first;
}

int main(int argc, char **argv) {
    int epoll = epoll_create1(EPOLL_CLOEXEC), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    int listener = -1;
    if (epoll < 0 || timer < 0) {
        perror("tick_timerfd");
        return 1;
    }
    watch(epoll, timer);
    uint64_t due = 0, end = 0, expected = 0, seen = 0;
    size_t ticks = 0;
    if (argc == 2) {
        listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int on = 1;
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1024) < 0) {
            perror("tick_timerfd");
            return 1;
        }
        watch(epoll, listener);
        printf("READY\n");
        fflush(stdout);
    } else {
        due = start(timer);
        end = due - MILLI + 2000u * (uint64_t)MILLI;
    }
    for (;;) {
        struct epoll_event events[64];
        int count = epoll_wait(epoll, events, 64, -1);
        for (int index = 0; index < count; index++) {
            int fd = events[index].data.fd;
            if (fd == timer) {
                uint64_t periods;
                if (read(timer, &periods, sizeof periods) != sizeof periods) continue;
                uint64_t now = nanos();
                expected += periods;
                /* As the examples do it: late from the first period that was not told yet. */
                if (ticks < TICKS) lateness[ticks++] = (double)(now - due) / 1000.0;
                due += periods * MILLI;
                seen++;
                if (now >= end) goto done;
            } else if (fd == listener) {
                int peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
                if (peer < 0) continue;
                setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                watch(epoll, peer);
            } else {
                static char chunk[4096];
                ssize_t got = recv(fd, chunk, sizeof chunk, 0);
                if (got == 0 || (got < 0 && errno != EAGAIN)) close(fd);
                if (got <= 0) continue;
                if (send(fd, chunk, (size_t)got, MSG_NOSIGNAL) != got) close(fd);
                if (!due) {
                    due = start(timer);
                    end = due - MILLI + 2000u * (uint64_t)MILLI;
                }
            }
        }
    }
done:
    qsort(lateness, ticks, sizeof *lateness, by_size);
    printf("ticks=%llu p50=%.1f p99=%.1f max=%.1f\n", (unsigned long long)seen, lateness[(ticks * 50 + 99) / 100 - 1],
           lateness[(ticks * 99 + 99) / 100 - 1], lateness[ticks - 1]);
    return 0;
}
