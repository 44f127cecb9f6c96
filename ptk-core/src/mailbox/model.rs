//! Every order of steps of small cases: `RUSTFLAGS="--cfg loom" cargo test --release -p ptk-core --lib mailbox`.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use std::vec::Vec;

use super::{Full, Mailbox};

/// A receiver that sleeps until it is woken, as a loop does, gets each message: no order of steps
/// loses a wake-up. A lost one leaves the receiver asleep for ever, which loom reports as a deadlock.
fn nothing_is_lost<const N: usize>(senders: usize, each: usize) {
    loom::model(move || {
        let mailbox = Arc::new(Mailbox::<usize, N>::new());
        let (bell, ears) = loom::sync::mpsc::channel::<()>();
        let wake_ups = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..senders)
            .map(|id| {
                let (mailbox, bell, wake_ups) = (mailbox.clone(), bell.clone(), wake_ups.clone());
                thread::spawn(move || {
                    let sender = mailbox.sender(|| {
                        wake_ups.fetch_add(1, Ordering::Relaxed);
                        let _ = bell.send(());
                    });
                    for number in 0..each {
                        sender
                            .send(id * 10 + number)
                            .expect("there is room for all");
                    }
                })
            })
            .collect();
        let mut receiver = mailbox.receiver().expect("the only one");
        let mut got = Vec::new();
        while got.len() < senders * each {
            ears.recv().expect("a wake-up");
            while let Some(message) = receiver.recv() {
                got.push(message);
            }
        }
        for thread in threads {
            thread.join().expect("a sender");
        }
        assert!(wake_ups.load(Ordering::Relaxed) <= senders * each);
        for id in 0..senders {
            let mine: Vec<_> = got
                .iter()
                .filter(|&&m| m / 10 == id)
                .map(|m| m % 10)
                .collect();
            assert!(mine.iter().copied().eq(0..each), "in order: {mine:?}");
        }
    });
}

#[test]
fn one_sender_two_messages() {
    nothing_is_lost::<2>(1, 2);
}

#[test]
fn two_senders() {
    nothing_is_lost::<2>(2, 1);
}

/// One place, used by both laps, and a sender that is refused.
#[test]
fn a_full_mailbox_keeps_what_it_has() {
    loom::model(|| {
        let mailbox = Arc::new(Mailbox::<usize, 1>::new());
        let sending = mailbox.clone();
        let thread = thread::spawn(move || {
            let sender = sending.sender(|| {});
            (0..2).filter(|&n| sender.send(n) != Err(Full(n))).count()
        });
        let mut receiver = mailbox.receiver().expect("the only one");
        let mut got = usize::from(receiver.recv().is_some());
        let sent = thread.join().expect("the sender");
        while receiver.recv().is_some() {
            got += 1;
        }
        assert_eq!(sent, got);
        assert!(sent >= 1);
    });
}
