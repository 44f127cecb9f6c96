//! Bytes per registration and per kqueue: private dirty pages, before and after.

use kqueue_sys::{EV_ADD, EV_SET, EVFILT_READ, EVFILT_TIMER, EVFILT_USER, NOTE_SECONDS, kevent};
use std::os::fd::AsRawFd;

use crate::kernel::{Kqueue, eventfd};

/// Private dirty memory of this process, in bytes.
fn private() -> usize {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").expect("smaps_rollup");
    let line = text
        .lines()
        .find(|line| line.starts_with("Private_Dirty:"))
        .expect("Private_Dirty");
    line.split_whitespace()
        .nth(1)
        .and_then(|word| word.parse::<usize>().ok())
        .expect("a number")
        * 1024
}

fn user(ident: usize) -> kevent {
    EV_SET(ident, EVFILT_USER, EV_ADD, 0, 0, std::ptr::null_mut())
}

fn timer(ident: usize) -> kevent {
    EV_SET(
        ident,
        EVFILT_TIMER,
        EV_ADD,
        NOTE_SECONDS,
        3600,
        std::ptr::null_mut(),
    )
}

fn read(ident: usize) -> kevent {
    EV_SET(ident, EVFILT_READ, EV_ADD, 0, 0, std::ptr::null_mut())
}

pub fn report() {
    println!("### Memory (private dirty bytes)\n");
    println!("| what | bytes |");
    println!("|---|---|");
    const QUEUES: usize = 200;
    // The first reading costs memory of its own.
    private();
    drop(Kqueue::new());
    let mut queues = Vec::with_capacity(QUEUES);
    let before = private();
    queues.extend((0..QUEUES).map(|_| Kqueue::new()));
    println!(
        "| a kqueue without registrations | {} |",
        (private() - before) / QUEUES
    );
    let descriptors: Vec<_> = (0..4).map(|_| eventfd(0)).collect();
    let before = private();
    for queue in &queues {
        queue.apply(&[user(1), user(2), user(3), timer(1), timer(2), timer(3)]);
        descriptors
            .iter()
            .for_each(|fd| queue.apply(&[read(fd.as_raw_fd() as usize)]));
    }
    println!(
        "| ten registrations more (4 READ, 3 USER, 3 TIMER) | {} |",
        (private() - before) / QUEUES
    );
    drop((queues, descriptors));

    const MANY: usize = 8000;
    let descriptors: Vec<_> = (0..MANY).map(|_| eventfd(0)).collect();
    type Make = fn(usize) -> kevent;
    for (what, make) in [("USER", user as Make), ("TIMER", timer), ("READ", read)] {
        let queue = Kqueue::new();
        let before = private();
        for (number, descriptor) in descriptors.iter().enumerate() {
            let ident = if what == "READ" {
                descriptor.as_raw_fd() as usize
            } else {
                number
            };
            queue.apply(&[make(ident)]);
        }
        println!(
            "| a {what} registration, of {MANY} | {} |",
            private().saturating_sub(before) / MANY
        );
    }
    println!();
}
