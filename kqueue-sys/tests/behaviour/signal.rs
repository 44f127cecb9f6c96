//! 65 to 68: EVFILT_SIGNAL.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::*;
use crate::table::check;

const SIGNAL_NUMBER: usize = libc::SIGUSR1 as usize;

static HANDLED: AtomicU32 = AtomicU32::new(0);

extern "C" fn count(_: libc::c_int) {
    HANDLED.fetch_add(1, Ordering::SeqCst);
}

fn action(handler: usize) {
    // SAFETY: SIG_IGN, SIG_DFL or a handler that only counts.
    unsafe { libc::signal(libc::SIGUSR1, handler) };
}

fn raise(times: usize) {
    // SAFETY: signals to ourselves.
    (0..times).for_each(|_| unsafe {
        libc::kill(libc::getpid(), libc::SIGUSR1);
    });
}

/// The set that holds SIGUSR1 only.
fn set() -> libc::sigset_t {
    // SAFETY: initialised by sigemptyset.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGUSR1);
        set
    }
}

fn mask(how: libc::c_int) {
    // SAFETY: a set made above; this process has one thread.
    unsafe { libc::sigprocmask(how, &set(), std::ptr::null_mut()) };
}

pub fn b65_signals_are_counted() {
    action(libc::SIG_IGN);
    let queue = Queue::new();
    queue.add(SIGNAL_NUMBER, SIGNAL, 0, 1);
    assert_eq!(queue.soon(), "none");
    raise(3);
    check(
        "b65 an ignored signal, three times",
        &queue.soon(),
        "SIGNAL(u1 data=3 CLEAR)",
    );
    assert_eq!(queue.soon(), "none");
}

pub fn b65_a_blocked_signal_is_seen_and_stays_pending() {
    action(count as extern "C" fn(libc::c_int) as usize);
    mask(libc::SIG_BLOCK);
    let queue = Queue::new();
    queue.add(SIGNAL_NUMBER, SIGNAL, 0, 1);
    raise(3);
    check(
        "b65 blocked, three times",
        &queue.soon(),
        "SIGNAL(u1 data=3 CLEAR)",
    );
    mask(libc::SIG_UNBLOCK);
    // How often differs (FreeBSD queues, NetBSD merges); that it still reaches its handler is what counts.
    let ran = HANDLED.load(Ordering::SeqCst) >= 1;
    check(
        "b65 the handler runs, at least once",
        &ran.to_string(),
        "true",
    );
}

pub fn b66_the_action_and_the_mask_are_left_alone() {
    let queue = Queue::new();
    queue.add(SIGNAL_NUMBER, SIGNAL, 0, 1);
    // SAFETY: asks for the action and for the mask.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGUSR1, std::ptr::null(), &mut action);
        assert_eq!(action.sa_sigaction, libc::SIG_DFL);
        let mut mask: libc::sigset_t = std::mem::zeroed();
        libc::sigprocmask(libc::SIG_BLOCK, std::ptr::null(), &mut mask);
        let blocked = libc::sigismember(&mask, libc::SIGUSR1) == 1;
        check(
            "b66 blocked by the registration",
            &blocked.to_string(),
            "false",
        );
    }
}

pub fn b67_sigwait_still_gets_the_signal() {
    mask(libc::SIG_BLOCK);
    let queue = Queue::new();
    queue.add(SIGNAL_NUMBER, SIGNAL, 0, 1);
    raise(1);
    let mut number = 0;
    // SAFETY: the signal is blocked and pending, so this returns at once.
    assert_eq!(unsafe { libc::sigwait(&set(), &mut number) }, 0);
    assert_eq!(number, libc::SIGUSR1);
}

pub fn b68_visible_at_zero_timeout() {
    mask(libc::SIG_BLOCK);
    let queue = Queue::new();
    queue.add(SIGNAL_NUMBER, SIGNAL, 0, 1);
    raise(1);
    assert_eq!(queue.call(&[], 4, 0), "SIGNAL(u1 data=1 CLEAR)");
}
