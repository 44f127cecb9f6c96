//! Prints how much private memory kqueues and their registrations take, from `/proc/self/smaps_rollup`.

use std::fs;
use std::ptr;

use kqueue_linux::{EV_ADD, EVFILT_READ, EVFILT_TIMER, EVFILT_USER, NOTE_NOCOUNT, kevent, kqueue};

/// Private memory of the process, in KiB.
fn dirty() -> i64 {
    let text = fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Private_Dirty:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse().ok())
        .unwrap_or(0)
}

fn add(kq: i32, ident: usize, filter: i16, fflags: u32, data: isize) {
    let change = kevent {
        ident,
        filter,
        flags: EV_ADD,
        fflags,
        data,
        udata: ptr::null_mut(),
    };
    // SAFETY: one change, no room.
    let result = unsafe { kevent(kq, &change, 1, ptr::null_mut(), 0, ptr::null()) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

fn main() {
    kqueue();
    dirty();
    let before = dirty();
    let queues: Vec<i32> = (0..100).map(|_| kqueue()).collect();
    println!(
        "an empty kqueue:              {:6.1} KiB",
        (dirty() - before) as f64 / 100.0
    );

    // SAFETY: no pointers.
    let descriptors: Vec<usize> = (0..10)
        .map(|_| unsafe { libc::eventfd(0, 0) } as usize)
        .collect();
    let before = dirty();
    for kq in &queues {
        for fd in &descriptors {
            add(*kq, *fd, EVFILT_READ, NOTE_NOCOUNT, 0);
        }
    }
    println!(
        "and ten descriptors:          {:6.1} KiB",
        (dirty() - before) as f64 / 100.0
    );
    let before = dirty();
    for kq in &queues {
        for ident in 0..10 {
            add(*kq, ident, EVFILT_TIMER, 0, 1_000_000);
        }
    }
    println!(
        "and ten timers:               {:6.1} KiB",
        (dirty() - before) as f64 / 100.0
    );
    let before = dirty();
    for ident in 0..10_000 {
        add(queues[0], ident, EVFILT_USER, 0, 0);
    }
    println!(
        "each of 10,000 user events:   {:6.1} bytes",
        (dirty() - before) as f64 / 10_000.0 * 1024.0
    );
}
