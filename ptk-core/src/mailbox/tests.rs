use core::cell::Cell;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;
use std::vec::Vec;

use super::*;

#[test]
fn a_full_mailbox_hands_the_message_back() {
    let mailbox = Mailbox::<u8, 3>::new();
    let sender = mailbox.sender(|| {});
    for number in 0..3 {
        sender.send(number).unwrap();
    }
    assert_eq!(sender.send(3), Err(Full(3)));
    let mut receiver = mailbox.receiver().unwrap();
    assert_eq!(receiver.recv(), Some(0));
    sender.send(4).unwrap();
    let rest: Vec<u8> = core::iter::from_fn(|| receiver.recv()).collect();
    assert_eq!(rest, [1, 2, 4]);
    assert_eq!(
        mailbox.snapshot(),
        MailboxSnapshot {
            capacity: 3,
            waiting: 0,
            high_water: 3,
            refused: 1
        }
    );
}

#[test]
fn one_wake_up_for_a_crowd() {
    let wake_ups = Cell::new(0);
    let mailbox = Mailbox::<u8, 8>::new();
    let sender = mailbox.sender(|| wake_ups.set(wake_ups.get() + 1));
    let mut receiver = mailbox.receiver().unwrap();
    for round in 1..=3 {
        for number in 0..5 {
            sender.send(number).unwrap();
        }
        assert_eq!(wake_ups.get(), round);
        while receiver.recv().is_some() {}
    }
}

#[test]
fn there_is_one_receiver_at_a_time() {
    let mailbox = Mailbox::<u8, 1>::new();
    let first = mailbox.receiver().unwrap();
    assert!(mailbox.receiver().is_none());
    drop(first);
    assert!(mailbox.receiver().is_some());
}

#[test]
fn messages_that_nobody_received_are_dropped_with_the_mailbox() {
    let message = Arc::new(());
    let mailbox = Mailbox::<Arc<()>, 4>::new();
    let sender = mailbox.sender(|| {});
    for _ in 0..4 {
        sender.send(message.clone()).unwrap();
    }
    drop(mailbox.receiver().unwrap().recv());
    assert_eq!(Arc::strong_count(&message), 4);
    drop(mailbox);
    assert_eq!(Arc::strong_count(&message), 1);
}

#[test]
fn laps_wrap() {
    fn through<const N: usize>() {
        let mailbox = Mailbox::<usize, N>::new();
        let view: &Places<[Place<usize>]> = &mailbox;
        view.begin_at_last_lap();
        let sender = mailbox.sender(|| {});
        let mut receiver = mailbox.receiver().unwrap();
        for round in 0..4 {
            for number in 0..N {
                sender.send(round * N + number).unwrap();
            }
            assert!(sender.send(0).is_err());
            assert_eq!(mailbox.snapshot().waiting, N);
            for number in 0..N {
                assert_eq!(receiver.recv(), Some(round * N + number));
            }
            assert_eq!(receiver.recv(), None);
        }
    }
    through::<1>();
    through::<3>();
    through::<4>();
}

#[test]
fn four_threads_lose_nothing_and_keep_their_order() {
    const EACH: usize = 20_000;
    static MAILBOX: Mailbox<(usize, usize), 64> = Mailbox::new();
    static WAKE_UPS: AtomicUsize = AtomicUsize::new(0);
    let receiving = thread::current();
    let senders: Vec<_> = (0..4)
        .map(|id| {
            let receiving = receiving.clone();
            thread::spawn(move || {
                let sender = MAILBOX.sender(|| {
                    WAKE_UPS.fetch_add(1, Ordering::Relaxed);
                    receiving.unpark();
                });
                for number in 0..EACH {
                    let mut message = (id, number);
                    while let Err(Full(back)) = sender.send(message) {
                        message = back;
                        thread::yield_now();
                    }
                }
            })
        })
        .collect();
    let mut receiver = MAILBOX.receiver().unwrap();
    let mut next = [0; 4];
    while next != [EACH; 4] {
        while let Some((id, number)) = receiver.recv() {
            assert_eq!(number, next[id]);
            next[id] += 1;
        }
        if next != [EACH; 4] {
            thread::park();
        }
    }
    senders
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    assert!(WAKE_UPS.load(Ordering::Relaxed) <= 4 * EACH);
    assert!(receiver.snapshot().high_water <= 64);
}
