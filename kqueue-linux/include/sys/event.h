/*
 * sys/event.h: kqueue for Linux, in user space.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The struct is 32 bytes, as on macOS and in the C emulation that Linux programs know; numbers are FreeBSD's. A program
 * that was written for kqueue includes this file instead of the system's and links the library `ptk-kqueue`.
 * What each filter does, and what cannot be delivered on Linux, stands in the documentation of the crate `kqueue-linux`.
 */
#ifndef PTK_SYS_EVENT_H
#define PTK_SYS_EVENT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- filters ---- */

#define EVFILT_READ (-1)      /* bytes, datagrams, connections to accept, or the end of the stream */
#define EVFILT_WRITE (-2)     /* room to write */
#define EVFILT_AIO (-3)       /* not on Linux: EINVAL */
#define EVFILT_VNODE (-4)     /* changes of a file or a directory */
#define EVFILT_PROC (-5)      /* the end of a process */
#define EVFILT_SIGNAL (-6)    /* delivery of a signal to this process */
#define EVFILT_TIMER (-7)     /* time */
#define EVFILT_PROCDESC (-8)  /* not on Linux: EINVAL */
#define EVFILT_FS (-9)        /* not on Linux: EINVAL */
#define EVFILT_LIO (-10)      /* not on Linux: EINVAL */
#define EVFILT_USER (-11)     /* raised by the program itself, from any thread */
#define EVFILT_SENDFILE (-12) /* not on Linux: EINVAL */
#define EVFILT_EMPTY (-13)    /* a socket's send buffer is empty */
#define EVFILT_SYSCOUNT 13

/* ---- flags: actions of a change ---- */

#define EV_ADD 0x0001          /* register, or change a registration's data, notes and udata */
#define EV_DELETE 0x0002       /* forget */
#define EV_ENABLE 0x0004       /* deliver */
#define EV_DISABLE 0x0008      /* do not deliver */
#define EV_FORCEONESHOT 0x0100 /* deliver now, once, whatever the condition */

/* ---- flags: properties of a registration ---- */

#define EV_ONESHOT 0x0010  /* delete after the first delivery */
#define EV_CLEAR 0x0020    /* reset the state when it is delivered */
#define EV_RECEIPT 0x0040  /* answer this change with an EV_ERROR entry, data 0 when it succeeded */
#define EV_DISPATCH 0x0080 /* disable after each delivery */

#define EV_SYSFLAGS 0xF000 /* kept for the system */
#define EV_DROP 0x1000
#define EV_FLAG1 0x2000
#define EV_FLAG2 0x4000

/* ---- flags: returned values ---- */

#define EV_EOF 0x8000   /* end of the stream; fflags has the socket's error, if there is one */
#define EV_ERROR 0x4000 /* data has an errno, or 0 in a receipt */

/* ---- notes of EVFILT_READ, EVFILT_WRITE and EVFILT_EMPTY ---- */

#define NOTE_LOWAT 0x0001        /* data of the change is a low-water mark, in bytes (sockets) */
#define NOTE_FILE_POLL 0x0002    /* a regular file is always ready, as poll(2) has it */
#define NOTE_NOCOUNT 0x00010000u /* Linux only: data is 0, and no system call is made to count; kept until the next EV_ADD */

/* ---- notes of EVFILT_USER ---- */

#define NOTE_FFNOP 0x00000000u      /* leave the stored notes alone */
#define NOTE_FFAND 0x40000000u      /* and them with the change's */
#define NOTE_FFOR 0x80000000u       /* or them with the change's */
#define NOTE_FFCOPY 0xc0000000u     /* replace them */
#define NOTE_FFCTRLMASK 0xc0000000u /* the bits of the four operations */
#define NOTE_FFLAGSMASK 0x00ffffffu /* the bits that the program may use */
#define NOTE_TRIGGER 0x01000000u    /* raise the event */

/* ---- notes of EVFILT_VNODE ---- */

#define NOTE_DELETE 0x0001      /* a name was removed */
#define NOTE_WRITE 0x0002       /* the contents changed */
#define NOTE_EXTEND 0x0004      /* the size grew */
#define NOTE_ATTRIB 0x0008      /* the attributes changed */
#define NOTE_LINK 0x0010        /* the number of links changed */
#define NOTE_RENAME 0x0020      /* renamed */
#define NOTE_REVOKE 0x0040      /* the file system was unmounted */
#define NOTE_OPEN 0x0080        /* opened */
#define NOTE_CLOSE 0x0100       /* a descriptor without write access was closed */
#define NOTE_CLOSE_WRITE 0x0200 /* a descriptor with write access was closed */

/* ---- notes of EVFILT_PROC ---- */

#define NOTE_EXIT 0x80000000u      /* the process ended; data is its wait status */
#define NOTE_FORK 0x40000000u      /* not on Linux: ENOTSUP */
#define NOTE_EXEC 0x20000000u      /* not on Linux: ENOTSUP */
#define NOTE_PCTRLMASK 0xf0000000u /* the bits of these three */
#define NOTE_PDATAMASK 0x000fffffu /* the bits of a process number */
#define NOTE_TRACK 0x00000001u     /* not on Linux: ENOTSUP */
#define NOTE_TRACKERR 0x00000002u  /* never delivered on Linux */
#define NOTE_CHILD 0x00000004u     /* never delivered on Linux */

/* ---- notes of EVFILT_TIMER ---- */

#define NOTE_SECONDS 0x00000001u  /* data is seconds */
#define NOTE_MSECONDS 0x00000002u /* data is milliseconds: the default */
#define NOTE_USECONDS 0x00000004u /* data is microseconds */
#define NOTE_NSECONDS 0x00000008u /* data is nanoseconds */
#define NOTE_ABSTIME 0x00000010u  /* data is a time of CLOCK_REALTIME, not a period */
#define NOTE_ABSOLUTE NOTE_ABSTIME

/* ---- the struct and the calls ---- */

/** One change, or one event. 32 bytes. */
struct kevent {
    /** What is watched: a descriptor, a process, a signal, or a number of the program's choice. */
    uintptr_t ident;
    /** One of `EVFILT_*`. */
    int16_t filter;
    /** `EV_*` bits. */
    uint16_t flags;
    /** `NOTE_*` bits; their meaning is the filter's. */
    uint32_t fflags;
    /** The filter's number: a period, a low-water mark, a count of bytes, an `errno`. */
    intptr_t data;
    /** The program's own; handed back untouched. */
    void *udata;
};

/** Fills in a `struct kevent`; each argument is used once. */
#define EV_SET(kev, id, filt, flag, note, dat, user) \
    do { \
        struct kevent *ev_set_to = (kev); \
        ev_set_to->ident = (uintptr_t)(id); \
        ev_set_to->filter = (int16_t)(filt); \
        ev_set_to->flags = (uint16_t)(flag); \
        ev_set_to->fflags = (uint32_t)(note); \
        ev_set_to->data = (intptr_t)(dat); \
        ev_set_to->udata = (user); \
    } while (0)

/**
 * Makes a kqueue and returns its descriptor, or -1 with `errno` set (`EMFILE`, `ENFILE`, `ENOMEM`).
 * The descriptor can be polled, closed and put into another kqueue. It is not close-on-exec, as on the BSDs; a child
 * made by `fork` cannot use it (`EBADF`).
 */
int kqueue(void);

/**
 * As `kqueue`, with flags: `O_CLOEXEC` makes the descriptor close-on-exec; `O_NONBLOCK` is accepted and has no effect. Any other bit
 * is `EINVAL`.
 */
int kqueue1(int flags);

struct timespec;

/**
 * Applies `nchanges` changes in order, then waits for at least one event and stores up to `nevents` of them.
 *
 * Without a `timeout` it waits for ever; a timeout of zero looks and returns; no room (`nevents` 0) never waits. The two lists may be the
 * same memory. Returns the number of entries stored, 0 when the time ran out, or -1 with `errno` set.
 */
int kevent(int kq, const struct kevent *changelist, int nchanges, struct kevent *eventlist, int nevents,
           const struct timespec *timeout);

#ifdef __cplusplus
}
#endif

#endif
