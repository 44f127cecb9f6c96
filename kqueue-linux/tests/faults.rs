//! Every system call that the crate makes is made to fail, at every place where a story comes by.
//!
//! Run with `cargo test -p kqueue-linux --features fault-injection --test faults`. Whatever fails, the answer is the errno or the event that would
//! have come, the kqueue works afterwards, and no descriptor stays open.
#![cfg(target_os = "linux")]

mod common;

use std::os::fd::AsRawFd;

use common::*;
use kqueue_linux::fault::{self, Call};

const PATIENT: i32 = 5_000;

/// Each call is made to fail at its first, second, … place, up to this one.
const PLACES: u32 = 12;

/// Failing these leaks by construction (a close that fails), or only costs time.
fn harmless(call: Call) -> bool {
    matches!(call, Call::Close | Call::Munmap | Call::Futex)
}

/// Registers, collects and forgets something of every filter; steps may fail, and only with `errno` or with what a failed step before leaves behind.
fn story(errno: i32) {
    let Ok(queue) = Queue::try_new().map_err(|got| assert_eq!(got, errno, "kqueue")) else {
        return;
    };
    let (reader, writer) = pipe();
    let (one, other) = socket_pair();
    let file = std::fs::File::open("/proc/self/exe").expect("a file");
    let idents = [&reader, &writer, &one].map(|fd| fd.as_raw_fd() as usize);
    let own = std::process::id() as usize;
    let changes = [
        change(idents[0], READ, ADD, 1),
        change(idents[1], WRITE, ADD | DISPATCH, 2),
        change(idents[2], READ, ADD | CLEAR, 3),
        change(idents[2], WRITE, ADD | ONESHOT, 4),
        change(file.as_raw_fd() as usize, READ, ADD, 5),
        Kevent {
            fflags: NOTE_WRITE,
            ..change(file.as_raw_fd() as usize, VNODE, ADD | CLEAR, 6)
        },
        change(7, USER, ADD | CLEAR, 7),
        Kevent {
            fflags: NOTE_TRIGGER,
            ..change(7, USER, 0, 7)
        },
        Kevent {
            data: 1,
            ..change(8, TIMER, ADD, 8)
        },
        Kevent {
            fflags: NOTE_EXIT,
            ..change(own, PROC, ADD, 9)
        },
        change(libc::SIGUSR2 as usize, SIGNAL, ADD, 10),
    ];
    write(&writer, 1);
    write(&other, 1);
    let known = [errno, libc::ENOENT, libc::EBADF];
    for change in changes {
        match queue.put(change) {
            Ok(()) => {}
            Err(got) => assert!(
                known.contains(&got),
                "{change:?}: errno {got}, injected {errno}"
            ),
        }
    }
    for _ in 0..4 {
        match queue.call(&[], 16, 2) {
            Ok(events) => {
                for event in events {
                    assert!((1..=10).contains(&event.udata), "nobody's udata: {event:?}");
                    let failed = event.flags & ERROR != 0;
                    assert!(
                        !failed || event.data == errno as isize,
                        "{event:?}, injected {errno}"
                    );
                }
            }
            Err(got) => assert!(
                known.contains(&got),
                "waiting: errno {got}, injected {errno}"
            ),
        }
    }
    for change in changes.map(|change| Kevent {
        flags: DELETE,
        ..change
    }) {
        if let Err(got) = queue.put(change) {
            assert!(
                known.contains(&got),
                "{change:?}: errno {got}, injected {errno}"
            );
        }
    }
    // What failed once works when it is asked again.
    fault::clear();
    drop((reader, writer, one, other, file));
    let (reader, writer) = pipe();
    let fresh = Queue::new();
    for kqueue in [&queue, &fresh] {
        // A change that failed may have left a registration under this number: taken away first, whatever the answer.
        let ident = reader.as_raw_fd() as usize;
        let _ = kqueue.put(change(ident, READ, DELETE, 0));
        kqueue
            .put(change(ident, READ, ADD, 11))
            .expect("works again");
    }
    write(&writer, 3);
    for kqueue in [&queue, &fresh] {
        let seen = (0..50).any(|_| {
            let events = kqueue.call(&[], 16, PATIENT).expect("works again");
            events
                .iter()
                .any(|event| (event.udata, event.data) == (11, 3))
        });
        assert!(seen, "the event of a pipe comes after the fault is gone");
    }
}

/// The count of descriptors when nothing is left to be given back.
fn settled() -> usize {
    (0..400).for_each(|_| drop(Queue::new()));
    open_descriptors()
}

#[test]
fn every_call_fails_at_every_place_and_nothing_is_lost() {
    story(0);
    let mut before = settled();
    let mut struck = 0;
    let mut leaks = Vec::new();
    for &call in Call::ALL {
        for errno in [libc::EMFILE, libc::ENOMEM, libc::ENOSPC] {
            for place in 0..PLACES {
                fault::clear();
                fault::set(call, place, errno);
                story(errno);
                fault::clear();
                struck += 1;
                let now = settled();
                if now != before && !harmless(call) {
                    leaks.push(format!(
                        "{call:?} with errno {errno} at place {place}: {before} became {now}"
                    ));
                }
                before = now;
            }
        }
    }
    assert!(
        leaks.is_empty(),
        "descriptors leaked:\n{}",
        leaks.join("\n")
    );
    println!("{struck} stories with a fault in each");
}
