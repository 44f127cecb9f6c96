/*
 * The binary interface that programs for kqueue on Linux were compiled against: struct, constants, symbols.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/event.h>

#define IS(condition) _Static_assert(condition, #condition)

IS(sizeof(struct kevent) == 8 + 2 + 2 + 4 + 2 * sizeof(void *));
IS(offsetof(struct kevent, ident) == 0);
IS(offsetof(struct kevent, filter) == sizeof(void *));
IS(offsetof(struct kevent, flags) == sizeof(void *) + 2);
IS(offsetof(struct kevent, fflags) == sizeof(void *) + 4);
IS(offsetof(struct kevent, data) == sizeof(void *) + 8);
IS(offsetof(struct kevent, udata) == 2 * sizeof(void *) + 8);
IS(EVFILT_READ == -1 && EVFILT_WRITE == -2 && EVFILT_VNODE == -4 && EVFILT_PROC == -5 && EVFILT_SIGNAL == -6);
IS(EVFILT_TIMER == -7 && EVFILT_USER == -11);
IS(EV_ADD == 1 && EV_DELETE == 2 && EV_ENABLE == 4 && EV_DISABLE == 8 && EV_ONESHOT == 0x10 && EV_CLEAR == 0x20);
IS(EV_RECEIPT == 0x40 && EV_DISPATCH == 0x80 && EV_ERROR == 0x4000 && EV_EOF == 0x8000);
IS(NOTE_TRIGGER == 0x01000000 && NOTE_FFAND == 0x40000000 && NOTE_FFOR == 0x80000000 && NOTE_FFCOPY == 0xc0000000);
IS(NOTE_LOWAT == 1 && NOTE_EXIT == 0x80000000);
IS(NOTE_DELETE == 1 && NOTE_WRITE == 2 && NOTE_EXTEND == 4 && NOTE_ATTRIB == 8 && NOTE_LINK == 16 && NOTE_RENAME == 32);

int main(void)
{
    int (*one)(void) = kqueue;
    int (*two)(int) = kqueue1;
    int (*three)(int, const struct kevent *, int, struct kevent *, int, const struct timespec *) = kevent;
    struct kevent kev;
    int user = 5, kq = one();
    EV_SET(&kev, 3, EVFILT_USER, EV_ADD, 4, -5, &user);
    if (kq < 0 || two(0) < 0 || kev.ident != 3 || kev.data != -5 || kev.udata != &user)
        return 1;
    if (three(kq, &kev, 1, NULL, 0, NULL) != 0)
        return 2;
    printf("layout holds\n");
    return 0;
}
