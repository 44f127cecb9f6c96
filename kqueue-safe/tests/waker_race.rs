//! Wakers made while another thread makes and closes queues.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use kqueue_safe::{EventBuffer, Kqueue, Token};

#[test]
fn wakers_work_while_numbers_come_and_go() {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let queues: Vec<_> = (0..4).map(|_| Kqueue::new().unwrap()).collect();
                drop(queues);
            }
        });
        let mut events = EventBuffer::<4>::new();
        let mut woken = 0;
        for round in 0..200 {
            let kq = Kqueue::new().unwrap();
            let waker = kq.waker(1, Token::new(round, 0)).unwrap();
            let fine = waker.wake().is_ok();
            let event = kq.wait(
                &mut events,
                Some(std::time::Duration::from_secs(fine.into())),
            );
            let token = event.unwrap().next().map(|event| event.token());
            woken += u32::from(fine && token == Some(Token::new(round, 0)));
        }
        stop.store(true, Ordering::Relaxed);
        assert_eq!(woken, 200);
    });
}
