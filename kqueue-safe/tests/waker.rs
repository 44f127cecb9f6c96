//! A waker, through a user event and through a pipe.

use std::time::Duration;

use kqueue_safe::{EventBuffer, Kqueue, Token, Waker};

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
