//! Several threads on one kqueue, without order: for the thread sanitizer, and for what no single program finds.
#![cfg(target_os = "linux")]

mod common;

use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use common::*;

const PATIENT: i32 = 20_000;

/// Rounds of each thread; fewer under a sanitizer, which is ten times slower.
fn rounds() -> usize {
    std::env::var("PTK_RACE_ROUNDS")
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(20_000)
}

#[test]
fn every_trigger_reaches_some_waiter() {
    let queue = Arc::new(Queue::new());
    let (threads, rounds) = (3, rounds());
    for ident in 0..threads {
        queue
            .put(change(ident, USER, ADD | CLEAR, ident))
            .expect("add");
    }
    queue.put(change(99, USER, ADD, 99)).expect("the end");
    let collected: Arc<Vec<AtomicUsize>> =
        Arc::new((0..threads).map(|_| AtomicUsize::new(0)).collect());
    let waiters: Vec<_> = (0..2)
        .map(|_| {
            let (queue, collected) = (Arc::clone(&queue), Arc::clone(&collected));
            thread::spawn(move || {
                let mut events = [Kevent::default(); 2];
                loop {
                    let count = call(queue.number(), &[], &mut events, PATIENT).expect("wait");
                    assert!(count > 0, "a lost wake-up");
                    for event in &events[..count] {
                        if event.ident == 99 {
                            return;
                        }
                        collected[event.ident].fetch_add(1, Ordering::SeqCst);
                    }
                }
            })
        })
        .collect();
    let triggers: Vec<_> = (0..threads)
        .map(|ident| {
            let (queue, collected) = (Arc::clone(&queue), Arc::clone(&collected));
            thread::spawn(move || {
                for round in 0..rounds {
                    queue
                        .put(Kevent {
                            fflags: NOTE_TRIGGER,
                            ..change(ident, USER, 0, ident)
                        })
                        .expect("trigger");
                    // The next trigger only after this one arrived, so that none merges and each is counted.
                    while collected[ident].load(Ordering::SeqCst) <= round {
                        thread::yield_now();
                    }
                }
            })
        })
        .collect();
    triggers
        .into_iter()
        .for_each(|thread| thread.join().expect("trigger"));
    queue
        .put(Kevent {
            fflags: NOTE_TRIGGER,
            ..change(99, USER, 0, 99)
        })
        .expect("the end");
    waiters
        .into_iter()
        .for_each(|thread| thread.join().expect("waiter"));
    assert!(
        collected
            .iter()
            .all(|count| count.load(Ordering::SeqCst) == rounds)
    );
}

#[test]
fn adding_deleting_and_collecting_at_the_same_time() {
    let queue = Arc::new(Queue::new());
    let done = Arc::new(AtomicBool::new(false));
    let collectors: Vec<_> = (0..2)
        .map(|_| {
            let (queue, done) = (Arc::clone(&queue), Arc::clone(&done));
            thread::spawn(move || {
                let mut seen = 0usize;
                while !done.load(Ordering::SeqCst) {
                    for event in queue.call(&[], 4, 1).expect("wait") {
                        // udata: filter and round; nothing else was ever registered.
                        assert_eq!(
                            event.udata >> 32,
                            event.filter.unsigned_abs().into(),
                            "{event:?}"
                        );
                        seen += 1;
                    }
                }
                seen
            })
        })
        .collect();
    let rounds = rounds() / 4;
    let workers: Vec<_> = (0..3usize)
        .map(|worker| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                let tag =
                    |filter: i16, round: usize| usize::from(filter.unsigned_abs()) << 32 | round;
                for round in 0..rounds {
                    let flags = [0, CLEAR, ONESHOT, DISPATCH][round % 4];
                    let (reader, writer) = pipe();
                    let ident = reader.as_raw_fd() as usize;
                    queue
                        .put(change(ident, READ, ADD | flags, tag(READ, round)))
                        .expect("add");
                    write(&writer, 1);
                    queue
                        .put(Kevent {
                            data: 0,
                            ..change(worker, TIMER, ADD | ONESHOT, tag(TIMER, round))
                        })
                        .expect("timer");
                    queue
                        .put(change(worker, USER, ADD | flags, tag(USER, round)))
                        .expect("user");
                    let trigger = Kevent {
                        fflags: NOTE_TRIGGER,
                        ..change(worker, USER, 0, tag(USER, round))
                    };
                    let triggered = queue.put(trigger);
                    assert!(
                        triggered.is_ok() || triggered == Err(libc::ENOENT),
                        "{triggered:?}"
                    );
                    let deleted = queue.put(change(worker, USER, DELETE, 0));
                    assert!(
                        deleted.is_ok() || deleted == Err(libc::ENOENT),
                        "{deleted:?}"
                    );
                    if round % 3 != 0 {
                        let deleted = queue.put(change(ident, READ, DELETE, 0));
                        assert!(
                            deleted.is_ok() || deleted == Err(libc::ENOENT),
                            "{deleted:?}"
                        );
                    }
                }
            })
        })
        .collect();
    workers
        .into_iter()
        .for_each(|thread| thread.join().expect("worker"));
    done.store(true, Ordering::SeqCst);
    let seen: usize = collectors
        .into_iter()
        .map(|thread| thread.join().expect("collector"))
        .sum();
    assert!(seen > 0, "not one event in {rounds} rounds");
    for worker in 0..3 {
        let _ = queue.put(change(worker, TIMER, DELETE, 0));
    }
    assert_eq!(queue.call(&[], 8, 0).expect("look"), [], "nothing is left");
}

#[test]
fn a_waiter_without_a_time_limit_is_woken_by_another_threads_change() {
    for round in 0..200 {
        let queue = Arc::new(Queue::new());
        let waiter = {
            let queue = Arc::clone(&queue);
            thread::spawn(move || queue.call(&[], 1, PATIENT).expect("wait"))
        };
        if round % 2 == 0 {
            thread::yield_now();
        }
        let (reader, writer) = pipe();
        write(&writer, 1);
        match round % 3 {
            0 => queue.put(change(reader.as_raw_fd() as usize, READ, ADD, round)),
            1 => queue.put(Kevent {
                data: 0,
                ..change(1, TIMER, ADD | ONESHOT, round)
            }),
            _ => queue.put(change(1, USER, ADD, round)).and_then(|()| {
                queue.put(Kevent {
                    fflags: NOTE_TRIGGER,
                    ..change(1, USER, 0, round)
                })
            }),
        }
        .expect("change");
        let events = waiter.join().expect("waiter");
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].udata, round);
    }
}
