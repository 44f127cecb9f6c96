//! 21, 29 and 30: signals and other threads while a call waits.

use std::os::fd::AsRawFd;
use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use crate::support::*;

extern "C" fn nothing(_: libc::c_int) {}

/// One waiting call, disturbed by signals until it comes back.
fn interrupted(flags: libc::c_int) {
    // SAFETY: installs a handler that does nothing.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as usize;
        action.sa_flags = flags;
        libc::sigaction(libc::SIGUSR2, &action, std::ptr::null_mut());
    }
    let queue = Queue::new();
    let (reader, _writer) = pipe();
    let kq = queue.0.as_raw_fd();
    let add = change(&reader, READ, ADD, 0, 0, 1);
    let back = Arc::new(AtomicBool::new(false));
    let waiter = {
        let back = Arc::clone(&back);
        // The struct holds a pointer; as a number it may go to another thread.
        let (ident, udata) = (add.ident as usize, add.udata as usize);
        thread::spawn(move || {
            let answer = text(&raw(
                kq,
                &[change(ident, READ, ADD, 0, 0, udata)],
                4,
                PATIENT,
            ));
            back.store(true, Ordering::SeqCst);
            answer
        })
    };
    // Signals go on until one met the wait: no moment has to be hit.
    while !back.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(5));
        // SAFETY: the thread is joined below, so its handle is good.
        unsafe { libc::pthread_kill(waiter.as_pthread_t(), libc::SIGUSR2) };
    }
    assert_eq!(waiter.join().expect("waiter"), "EINTR");
    assert_eq!(queue.delete(&reader, READ), "OK", "the change was applied");
}

pub fn b21_eintr_leaves_changes_applied() {
    interrupted(0);
}

pub fn b21_eintr_with_sa_restart_too() {
    interrupted(libc::SA_RESTART);
}

pub fn b29_two_threads_waiting_get_one_event_once() {
    let queue = Arc::new(Queue::new());
    let pipes: Vec<_> = (0..20).map(|_| pipe()).collect();
    pipes
        .iter()
        .for_each(|(reader, _)| queue.add(reader, READ, CLEAR, 1));
    let waiters: Vec<_> = (0..2)
        .map(|_| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                let mut seen = 0;
                loop {
                    let events = queue.raw(&[], 1, PATIENT).expect("wait");
                    match events.first().map(|event| event.udata as usize) {
                        Some(1) => seen += 1,
                        Some(2) => return seen,
                        other => panic!("unexpected: {other:?}"),
                    }
                }
            })
        })
        .collect();
    pipes
        .iter()
        .for_each(|(_, writer)| assert_eq!(write(writer, 1), 1));
    // When all have been collected (twice collected would be too many), the level event says goodbye to both.
    let (goodbye, other) = pipe();
    write(&other, 1);
    queue.add(&goodbye, READ, 0, 2);
    let seen: usize = waiters
        .into_iter()
        .map(|waiter| waiter.join().expect("waiter"))
        .sum();
    assert_eq!(seen, pipes.len(), "each event once, whoever took it");
}

pub fn b29_a_waiter_sees_a_change_made_by_another_thread() {
    let queue = Arc::new(Queue::new());
    let (reader, writer) = pipe();
    write(&writer, 1);
    let start = Arc::new(Barrier::new(2));
    let waiter = {
        let (queue, start) = (Arc::clone(&queue), Arc::clone(&start));
        thread::spawn(move || {
            start.wait();
            queue.next()
        })
    };
    start.wait();
    queue.add(&reader, READ, 0, 1);
    assert_eq!(waiter.join().expect("waiter"), "READ(u1 data=1)");
}

pub fn b30_delete_racing_delivery_is_safe() {
    let queue = Arc::new(Queue::new());
    let done = Arc::new(AtomicBool::new(false));
    let waiter = {
        let (queue, done) = (Arc::clone(&queue), Arc::clone(&done));
        thread::spawn(move || {
            while !done.load(Ordering::SeqCst) {
                for event in queue.raw(&[], 4, 1).expect("wait") {
                    let udata = event.udata as usize;
                    assert!((1..=1000).contains(&udata), "an event of nobody: {udata}");
                }
            }
        })
    };
    for round in 1..=1000 {
        let (reader, writer) = pipe();
        queue.add(&reader, READ, 0, round);
        write(&writer, 1);
        assert_eq!(queue.delete(&reader, READ), "OK");
    }
    done.store(true, Ordering::SeqCst);
    waiter.join().expect("waiter");
    assert_eq!(queue.soon(), "none");
}
