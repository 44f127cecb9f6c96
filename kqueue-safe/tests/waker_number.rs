//! A waker on a descriptor number that a closed queue had.

use kqueue_safe::{EventBuffer, Kqueue, Token};

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
