//! The operations, each on both sides.

use std::hint::black_box;
use std::os::fd::{AsRawFd, OwnedFd};
use std::rc::Rc;

use kqueue_sys::{
    EV_ADD, EV_CLEAR, EV_DELETE, EV_DISPATCH, EV_ENABLE, EV_ONESHOT, EV_SET, EVFILT_READ,
    EVFILT_TIMER, EVFILT_USER, NOTE_NOCOUNT, NOTE_SECONDS, NOTE_TRIGGER, kevent,
};

use crate::kernel::*;

/// Name, and what one step of each side is.
pub const OPERATIONS: &[(&str, &str, &str)] = &[
    (
        "user",
        "eventfd write, wait, eventfd read",
        "USER: one call triggers, one collects",
    ),
    (
        "add",
        "epoll_ctl ADD, DEL",
        "READ: one call adds, one deletes",
    ),
    (
        "level",
        "wait",
        "READ, ready, with NOTE_NOCOUNT: one call collects",
    ),
    (
        "count",
        "wait, FIONREAD",
        "READ, ready, with its count: one call collects",
    ),
    (
        "dispatch",
        "wait (EPOLLONESHOT), epoll_ctl MOD",
        "READ with DISPATCH: one call enables and collects",
    ),
    (
        "timer",
        "timerfd_settime twice",
        "TIMER: one call adds, one deletes",
    ),
    (
        "oneshot",
        "epoll_ctl ADD, wait, DEL",
        "READ: one call adds with ONESHOT and collects",
    ),
];

/// One side of one operation, ready to run.
pub type Step = Box<dyn FnMut()>;

/// Descriptors that are registered besides the one that is measured: silent eventfds, which both sides can share.
pub type Others = Rc<Vec<OwnedFd>>;

pub fn others(registrations: usize) -> Others {
    Rc::new((1..registrations).map(|_| eventfd(0)).collect())
}

/// Those of one side and operation: timers have descriptors of their own, and a kqueue's user events need none.
fn others_of(side: &str, operation: &str, others: &Others) -> Others {
    match (side, operation) {
        (_, "timer") | ("kqueue", "user") => Others::default(),
        _ => Rc::clone(others),
    }
}

pub fn step(operation: &str, side: &str, registrations: usize, others: &Others) -> Step {
    let others = others_of(side, operation, others);
    match side {
        "raw" => raw(operation, registrations, others),
        "kqueue" => kqueue(operation, registrations, others),
        _ => panic!("side: raw or kqueue, not {side}"),
    }
}

/// Runs one operation so many times and nothing else: for strace and callgrind.
pub fn once(operation: &str, side: &str, registrations: usize, times: usize) {
    let mut step = step(operation, side, registrations, &others(registrations));
    (0..times).for_each(|_| step());
}

fn raw(operation: &str, registrations: usize, others: Others) -> Step {
    let epoll = Epoll::new();
    others
        .iter()
        .for_each(|fd| epoll.control(libc::EPOLL_CTL_ADD, fd.as_raw_fd(), libc::EPOLLIN));
    match operation {
        "user" => {
            let user = eventfd(0);
            epoll.control(libc::EPOLL_CTL_ADD, user.as_raw_fd(), libc::EPOLLIN);
            Box::new(move || {
                let _keep = &others;
                eventfd_write(&user);
                black_box(epoll.one());
                eventfd_read(&user);
            })
        }
        "add" => {
            let (reader, writer) = ready_pipe();
            Box::new(move || {
                let _keep = (&others, &writer);
                epoll.control(libc::EPOLL_CTL_ADD, reader.as_raw_fd(), libc::EPOLLIN);
                epoll.control(libc::EPOLL_CTL_DEL, reader.as_raw_fd(), 0);
            })
        }
        "level" | "count" => {
            let (reader, writer) = ready_pipe();
            epoll.control(libc::EPOLL_CTL_ADD, reader.as_raw_fd(), libc::EPOLLIN);
            let count = operation == "count";
            Box::new(move || {
                let _keep = (&others, &reader, &writer);
                let fd = epoll.one();
                if count {
                    black_box(bytes_to_read(fd as i32));
                }
            })
        }
        "dispatch" => {
            let (reader, writer) = ready_pipe();
            let fd = reader.as_raw_fd();
            epoll.control(libc::EPOLL_CTL_ADD, fd, libc::EPOLLIN | libc::EPOLLONESHOT);
            Box::new(move || {
                let _keep = (&others, &reader, &writer);
                black_box(epoll.one());
                epoll.control(libc::EPOLL_CTL_MOD, fd, libc::EPOLLIN | libc::EPOLLONESHOT);
            })
        }
        "timer" => {
            // One timerfd per timer, made once: arming and disarming is the least that raw timers cost.
            let timers: Vec<OwnedFd> = (0..registrations).map(|_| timerfd()).collect();
            timers.iter().for_each(|timer| {
                epoll.control(libc::EPOLL_CTL_ADD, timer.as_raw_fd(), libc::EPOLLIN);
                timerfd_set(timer, 3600);
            });
            Box::new(move || {
                timerfd_set(&timers[0], 7200);
                timerfd_set(&timers[0], 0);
            })
        }
        "oneshot" => {
            let (reader, writer) = ready_pipe();
            let fd = reader.as_raw_fd();
            Box::new(move || {
                let _keep = (&others, &reader, &writer);
                epoll.control(libc::EPOLL_CTL_ADD, fd, libc::EPOLLIN | libc::EPOLLONESHOT);
                black_box(epoll.one());
                epoll.control(libc::EPOLL_CTL_DEL, fd, 0);
            })
        }
        _ => panic!("no operation {operation}"),
    }
}

/// A change without data.
fn change(ident: usize, filter: i16, flags: u16, notes: u32) -> kevent {
    EV_SET(ident, filter, flags, notes, 0, std::ptr::null_mut())
}

fn kqueue(operation: &str, registrations: usize, others: Others) -> Step {
    let kq = Kqueue::new();
    others.iter().for_each(|fd| {
        kq.apply(&[change(
            fd.as_raw_fd() as usize,
            EVFILT_READ,
            EV_ADD,
            NOTE_NOCOUNT,
        )])
    });
    let (reader, writer) = ready_pipe();
    let ident = reader.as_raw_fd() as usize;
    let keep = (others, reader, writer);
    match operation {
        "user" => {
            (0..registrations)
                .for_each(|ident| kq.apply(&[change(ident, EVFILT_USER, EV_ADD | EV_CLEAR, 0)]));
            let trigger = change(registrations / 2, EVFILT_USER, 0, NOTE_TRIGGER);
            Box::new(move || {
                kq.apply(&[trigger]);
                black_box(kq.one(&[]));
            })
        }
        "add" => {
            let (add, delete) = (
                change(ident, EVFILT_READ, EV_ADD, 0),
                change(ident, EVFILT_READ, EV_DELETE, 0),
            );
            Box::new(move || {
                let _keep = &keep;
                kq.apply(&[add]);
                kq.apply(&[delete]);
            })
        }
        "level" | "count" => {
            let notes = if operation == "level" {
                NOTE_NOCOUNT
            } else {
                0
            };
            kq.apply(&[change(ident, EVFILT_READ, EV_ADD, notes)]);
            Box::new(move || {
                let _keep = &keep;
                black_box(kq.one(&[]));
            })
        }
        "dispatch" => {
            kq.apply(&[change(
                ident,
                EVFILT_READ,
                EV_ADD | EV_DISPATCH,
                NOTE_NOCOUNT,
            )]);
            kq.one(&[]);
            let enable = change(ident, EVFILT_READ, EV_ENABLE, NOTE_NOCOUNT);
            Box::new(move || {
                let _keep = &keep;
                black_box(kq.one(&[enable]));
            })
        }
        "timer" => {
            let timer = |ident, flags, seconds| {
                EV_SET(
                    ident,
                    EVFILT_TIMER,
                    flags,
                    NOTE_SECONDS,
                    seconds,
                    std::ptr::null_mut(),
                )
            };
            // The others are due before the one that comes and goes, so the earliest deadline does not move.
            (1..registrations.max(2)).for_each(|ident| kq.apply(&[timer(ident, EV_ADD, 3600)]));
            let (add, delete) = (timer(0, EV_ADD, 7200), timer(0, EV_DELETE, 0));
            Box::new(move || {
                kq.apply(&[add]);
                kq.apply(&[delete]);
            })
        }
        "oneshot" => {
            let add = change(ident, EVFILT_READ, EV_ADD | EV_ONESHOT, NOTE_NOCOUNT);
            Box::new(move || {
                let _keep = &keep;
                black_box(kq.one(&[add]));
            })
        }
        _ => panic!("no operation {operation}"),
    }
}
