/*
 * A pipe, a timer and an event of the program's own, waited for in one place.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 *     cc example.c $(pkg-config --cflags --libs ptk-kqueue) -o example
 */
#include <sys/event.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TICK = 1, WAKE = 2 };

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* One event; returns 1 when the program is done. */
static int handle(int kq, const struct kevent *event)
{
    if (event->flags & EV_ERROR) {
        fprintf(stderr, "change refused: %s\n", strerror((int)event->data));
        exit(1);
    }
    switch (event->filter) {
    case EVFILT_READ: {
        char bytes[64];
        ssize_t got = read((int)event->ident, bytes, sizeof bytes);
        printf("pipe: %ld bytes announced, %ld read, %s\n", (long)event->data, (long)got, (const char *)event->udata);
        return 0;
    }
    case EVFILT_TIMER: {
        struct kevent wake;
        printf("timer\n");
        EV_SET(&wake, WAKE, EVFILT_USER, 0, NOTE_TRIGGER | NOTE_FFOR | 0x7, 0, NULL);
        if (kevent(kq, &wake, 1, NULL, 0, NULL) < 0)
            fail("trigger");
        return 0;
    }
    case EVFILT_USER:
        printf("woken, notes 0x%lx\n", (unsigned long)event->fflags);
        return 1;
    default:
        return 0;
    }
}

int main(void)
{
    static char name[] = "registered as \"the pipe\"";
    struct kevent changes[3], events[8];
    int ends[2], kq = kqueue(), done = 0;

    if (kq < 0)
        fail("kqueue");
    if (pipe(ends) < 0 || write(ends[1], "hello", 5) != 5)
        fail("pipe");
    EV_SET(&changes[0], ends[0], EVFILT_READ, EV_ADD, 0, 0, name);
    EV_SET(&changes[1], TICK, EVFILT_TIMER, EV_ADD | EV_ONESHOT, NOTE_MSECONDS, 50, NULL);
    EV_SET(&changes[2], WAKE, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0, NULL);
    if (kevent(kq, changes, 3, NULL, 0, NULL) < 0)
        fail("register");
    while (!done) {
        int i, n = kevent(kq, NULL, 0, events, 8, NULL);
        if (n < 0 && errno != EINTR)
            fail("wait");
        for (i = 0; i < n; i++)
            done |= handle(kq, &events[i]);
    }
    close(kq);
    return 0;
}
