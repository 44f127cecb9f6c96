//! A descriptor number that a kqueue had which was closed with plain `close`, and that a `dup` of another kqueue has now.
#![cfg(target_os = "linux")]

mod common;

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use common::*;

/// Closes `gone` and puts a duplicate of `kept` under its number.
fn duplicate_over(kept: &Queue, gone: Queue) -> Queue {
    let number = gone.number();
    drop(gone);
    // SAFETY: the number has just become free, in this test's only thread.
    let moved = unsafe { OwnedFd::from_raw_fd(libc::dup3(kept.number(), number, libc::O_CLOEXEC)) };
    assert_eq!(moved.as_raw_fd(), number);
    Queue(moved)
}

fn trigger(ident: usize) -> Kevent {
    Kevent {
        fflags: NOTE_TRIGGER,
        ..change(ident, USER, 0, 7)
    }
}

/// Both in one thread: they cannot share the process's numbers.
#[test]
fn duplicates_are_what_they_duplicate() {
    a_duplicate_under_the_number_of_a_closed_kqueue_is_what_it_duplicates();
    a_wait_on_such_a_duplicate_loses_nothing();
    a_duplicate_is_found_among_many_registrations();
}

fn a_duplicate_under_the_number_of_a_closed_kqueue_is_what_it_duplicates() {
    let kept = Queue::new();
    kept.put(change(1, USER, ADD | CLEAR, 7)).unwrap();
    let duplicates: Vec<Queue> = (0..4)
        .map(|_| Queue::new())
        .collect::<Vec<_>>()
        .into_iter()
        .map(|gone| duplicate_over(&kept, gone))
        .collect();
    // A change that fails for its own reasons must not make the kqueue doubt itself.
    assert_eq!(kept.put(change(2, USER, DELETE, 0)), Err(libc::ENOENT));
    for duplicate in &duplicates {
        duplicate.put(trigger(1)).unwrap();
        let events = kept.call(&[], 8, -1).unwrap();
        assert_eq!(
            events
                .iter()
                .map(|event| (event.ident, event.udata))
                .collect::<Vec<_>>(),
            [(1, 7)]
        );
        assert_eq!(duplicate.put(change(2, USER, DELETE, 0)), Err(libc::ENOENT));
    }
    // And the other way round: the first number goes, the kqueue stays under the others.
    let first = kept.number();
    drop(kept);
    let other = Queue::new();
    assert_eq!(other.number(), first, "the lowest free number");
    for duplicate in &duplicates {
        duplicate.put(trigger(1)).unwrap();
        let events = duplicates[0].call(&[], 8, -1).unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(other.call(&[], 8, 0), Ok(Vec::new()));
    }
}

/// The first thing that is asked of the duplicate is to wait; nothing of what happened may be lost, edges neither.
fn a_wait_on_such_a_duplicate_loses_nothing() {
    for notes in [0, NOTE_NOCOUNT] {
        let kept = Queue::new();
        let (reader, writer) = pipe();
        let add = change(reader.as_raw_fd() as usize, READ, ADD | CLEAR, 3);
        kept.put(Kevent {
            fflags: notes,
            ..add
        })
        .unwrap();
        kept.put(change(1, USER, ADD | CLEAR, 7)).unwrap();
        let duplicate = duplicate_over(&kept, Queue::new());
        assert_eq!(write(&writer, 1), 1);
        kept.put(trigger(1)).unwrap();
        let mut seen = Vec::new();
        while seen.len() < 2 {
            let events = duplicate.call(&[], 8, 10_000).unwrap();
            assert!(!events.is_empty(), "lost: only {seen:?} came");
            seen.extend(events.iter().map(|event| event.udata));
        }
        seen.sort_unstable();
        assert_eq!(seen, [3, 7]);
        // Also later wake-ups arrive, on either number.
        kept.put(trigger(1)).unwrap();
        assert_eq!(duplicate.call(&[], 8, 10_000).unwrap().len(), 1);
        duplicate.put(trigger(1)).unwrap();
        assert_eq!(kept.call(&[], 8, 10_000).unwrap().len(), 1);
    }
}

fn a_duplicate_is_found_among_many_registrations() {
    let kept = Queue::new();
    let pipes: Vec<_> = (0..500).map(|_| pipe()).collect();
    for (reader, _) in &pipes {
        kept.put(change(reader.as_raw_fd() as usize, READ, ADD, 1))
            .unwrap();
    }
    kept.put(change(1, USER, ADD | CLEAR, 7)).unwrap();
    let duplicate = Queue(kept.0.try_clone().unwrap());
    duplicate.put(trigger(1)).unwrap();
    assert_eq!(kept.call(&[], 8, -1).unwrap().len(), 1);
}
