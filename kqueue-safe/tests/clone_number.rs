//! A clone on a descriptor number that a closed queue had. A file of its own, since numbers belong to the process.

use std::os::fd::AsRawFd;
use std::time::Duration;

use kqueue_safe::{EventBuffer, Kqueue, Timer, Token};

#[test]
fn a_clone_with_the_number_of_a_closed_queue_is_the_queue_that_was_cloned() {
    let kq = Kqueue::new().unwrap();
    let mut events = EventBuffer::<4>::new();
    for round in 0..8 {
        // What was registered with the closed ones must not come back through the clone.
        let closed: Vec<_> = (0..4).map(|_| Kqueue::new().unwrap()).collect();
        let numbers: Vec<_> = closed.iter().map(AsRawFd::as_raw_fd).collect();
        for queue in &closed {
            let old = Timer::new(1).after(Duration::ZERO).add(Token::new(77, 0));
            queue.apply_one(old).unwrap();
        }
        drop(closed);

        let other = kq.try_clone().unwrap();
        assert!(numbers.contains(&other.as_raw_fd()), "a number was free");
        let token = Token::new(round, 1);
        let timer = Timer::new(1).after(Duration::from_millis(1)).add(token);
        other.apply_one(timer).unwrap();
        let event = *kq.wait(&mut events, None).unwrap().next().unwrap();
        assert_eq!(event.token(), token, "round {round}");
    }
}
