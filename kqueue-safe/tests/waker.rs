//! A waker, through a user event and through a pipe.

use std::time::Duration;

use kqueue_safe::{Errno, Error, EventBuffer, Kqueue, Token, User, Waker};

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);

fn wakes(kq: &Kqueue, waker: Waker, times: u32) {
    let mut events = EventBuffer::<4>::new();
    assert!(kq.wait(&mut events, AT_ONCE).unwrap().is_empty());
    for _ in 0..times {
        waker.wake().unwrap();
    }
    assert_eq!(kq.wait(&mut events, None).unwrap().len(), 1);
    assert!(
        kq.wait(&mut events, AT_ONCE).unwrap().is_empty(),
        "nobody had to read or clear"
    );
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| waker.wake().unwrap()))
            .collect();
        assert_eq!(
            kq.wait(&mut events, None).unwrap().next().unwrap().token(),
            waker.token()
        );
        for thread in threads {
            thread.join().unwrap();
        }
    });
    let _ = kq.wait(&mut events, AT_ONCE).unwrap();
    drop(waker);
    assert!(kq.wait(&mut events, AT_ONCE).unwrap().is_empty());
}

#[test]
fn a_waker_wakes_once_however_often_it_is_called() {
    let kq = Kqueue::new().unwrap();
    wakes(&kq, kq.waker(1, Token::new(1, 0)).unwrap(), 1_000);
    wakes(&kq, kq.waker(1, Token::new(2, 0)).unwrap(), 1_000);
    // More than a pipe has room for.
    wakes(
        &kq,
        Waker::through_pipe(&kq, Token::new(3, 0)).unwrap(),
        70_000,
    );
}

#[test]
fn a_waker_whose_descriptor_has_the_number_of_a_closed_queue_wakes_its_own() {
    let kq = Kqueue::new().unwrap();
    let mut events = EventBuffer::<4>::new();
    for round in 0..8 {
        // Closed queues leave numbers behind, and the waker's second descriptor takes one of them.
        let closed: Vec<_> = (0..4).map(|_| Kqueue::new().unwrap()).collect();
        drop(closed);
        let waker = kq.waker(1, Token::new(round, 1)).unwrap();
        waker.wake().unwrap();
        let event = kq.wait(&mut events, None).unwrap().next().unwrap();
        assert_eq!(event.token(), Token::new(round, 1));
    }
}

#[test]
fn a_wake_leaves_errno_alone_also_when_it_fails() {
    let kq = Kqueue::new().unwrap();
    let waker = kq.waker(1, Token::new(1, 0)).unwrap();
    if !waker.is_user_event() {
        return; // a pipe's wake does not fail
    }
    kq.apply_one(User::new(1).delete()).unwrap();
    // Somebody's failing call, whose errno a signal handler must not change.
    // SAFETY: closes nothing.
    assert_eq!(unsafe { libc::close(-1) }, -1);
    assert_eq!(waker.wake(), Err(Error::System(Errno::ENOENT)));
    assert_eq!(
        std::io::Error::last_os_error().raw_os_error(),
        Some(libc::EBADF)
    );
}
