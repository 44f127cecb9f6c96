//! Signal handlers: one that wakes, and one that interrupts a wait.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kqueue_safe::{Error, EventBuffer, Kqueue, Timer, Token, Waker};

static HANDLER_WAKER: std::sync::OnceLock<Waker> = std::sync::OnceLock::new();
static HANDLER_RAN: AtomicBool = AtomicBool::new(false);

extern "C" fn handler(_: libc::c_int) {
    if let Some(waker) = HANDLER_WAKER.get() {
        let _ = waker.wake();
    }
    HANDLER_RAN.store(true, Ordering::SeqCst);
}

#[test]
fn a_waker_works_in_a_signal_handler_and_a_signal_interrupts_a_wait() {
    let kq = Kqueue::new().unwrap();
    HANDLER_WAKER
        .set(kq.waker(1, Token::new(8, 0)).unwrap())
        .unwrap();
    let mut action: libc::sigaction = {
        // SAFETY: integers and pointers; zero is a value of each.
        unsafe { std::mem::zeroed() }
    };
    action.sa_sigaction = handler as extern "C" fn(libc::c_int) as usize;
    action.sa_flags = libc::SA_RESTART;
    // SAFETY: the handler only wakes and stores a flag.
    unsafe {
        libc::sigemptyset(&mut action.sa_mask);
        assert_eq!(
            libc::sigaction(libc::SIGUSR2, &action, std::ptr::null_mut()),
            0
        );
    }
    let mut events = EventBuffer::<4>::new();
    // In the handler, errno is somebody else's.
    // SAFETY: to this thread; the handler above runs before `raise` returns.
    unsafe { libc::raise(libc::SIGUSR2) };
    assert!(HANDLER_RAN.swap(false, Ordering::SeqCst));
    assert_eq!(
        kq.wait(&mut events, None).unwrap().next().unwrap().token(),
        Token::new(8, 0)
    );

    // Another queue, so that the handler's wake does not end the wait: the signal alone does.
    let other = Kqueue::new().unwrap();
    // SAFETY: a number.
    let waiter = unsafe { libc::pthread_self() } as usize;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                // SAFETY: the thread waits for this one to end, so it exists.
                unsafe { libc::pthread_kill(waiter as libc::pthread_t, libc::SIGUSR2) };
                std::thread::yield_now();
            }
        });
        let mut changes = kqueue_safe::ChangeList::<1>::new();
        changes
            .push(
                Timer::new(1)
                    .after(Duration::from_secs(1000))
                    .add(Token::new(0, 0)),
            )
            .unwrap();
        let result = other
            .apply_and_wait(&mut changes, &mut events, None)
            .map(|batch| batch.len());
        done.store(true, Ordering::SeqCst);
        assert_eq!(result, Err(Error::Interrupted));
        assert!(changes.is_empty(), "nothing to submit again");
    });
    // A signal may still be on its way: deleting waits for nothing.
    assert_eq!(
        other.apply_one(Timer::new(1).delete()),
        Ok(()),
        "the change was applied"
    );
}
