//! The waiter list, the readiness word and the reuse of slots under every interleaving: `RUSTFLAGS="--cfg loom" cargo test -p ptk-core
//! --release --test loom_aio`.
#![cfg(loom)]

use std::pin::pin;
use std::task::{Wake, Waker};

use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use ptk_core::aio::model::{Queue, RegistrationInfo, SlotTable, WaitList, Waiter};
use ptk_core::aio::{IoEventInterest, Ready};

const READ: IoEventInterest = IoEventInterest::READABLE;

/// Counts its wakes.
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn counted() -> (std::sync::Arc<Count>, Waker) {
    let count = std::sync::Arc::new(Count(AtomicUsize::new(0)));
    (count.clone(), count.into())
}

fn wakes(count: &Count) -> usize {
    count.0.load(Ordering::SeqCst)
}

fn slot() -> Arc<RegistrationInfo> {
    let slot = RegistrationInfo::new();
    slot.word.open(Ready::EMPTY);
    Arc::new(slot)
}

#[test]
fn a_wake_that_races_with_the_first_look_is_not_lost() {
    loom::model(|| {
        let slot = slot();
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
        };
        let (count, waker) = counted();
        let mut waiter = pin!(Waiter::new(&slot.waiters));
        let waits = waiter.as_mut().enqueue(Queue::Read, &waker, || {
            !slot.word.look(READ).ready().is_empty()
        });
        driver.join().unwrap();
        // Either it saw the readiness, or it is woken.
        assert_eq!(waits, wakes(&count) == 1);
        assert!(!slot.word.look(READ).ready().is_empty());
    });
}

#[test]
fn a_poll_waker_that_races_with_an_event_is_not_lost() {
    loom::model(|| {
        let slot = slot();
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
        };
        let (count, waker) = counted();
        let waits = slot.waiters.register_polled(Queue::Read, &waker, || {
            !slot.word.look(READ).ready().is_empty()
        });
        driver.join().unwrap();
        assert_eq!(waits, wakes(&count) == 1);
    });
}

#[test]
fn a_stale_clear_takes_no_event_away() {
    loom::model(|| {
        let slot = slot();
        slot.word.mark(0, Ready::READABLE);
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
        };
        // A reader looks, finds the socket empty (before or after the event), and clears.
        let seen = slot.word.look(READ);
        let cleared = slot.word.clear(seen, Ready::READABLE);
        driver.join().unwrap();
        let now = slot.word.look(READ);
        // The event came after the look: it must still be there. Or before: the clear took what the reader had seen.
        if seen.tick() == 1 {
            assert!(now.ready().contains(Ready::READABLE));
        } else {
            assert!(cleared);
        }
    });
}

#[test]
fn a_loser_of_the_race_queues_again_and_hears_the_next_event() {
    loom::model(|| {
        let slot = slot();
        let (count, waker) = counted();
        let mut waiter = pin!(Waiter::new(&slot.waiters));
        let empty = || !slot.word.look(READ).ready().is_empty();
        assert!(waiter.as_mut().enqueue(Queue::Read, &waker, empty));
        slot.wake(0, Ready::READABLE);
        assert_eq!(wakes(&count), 1);
        // Another task consumes what there was, while the next event comes.
        let seen = slot.word.look(READ);
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
        };
        slot.word.clear(seen, Ready::READABLE);
        let waits = waiter.as_mut().enqueue(Queue::Read, &waker, empty);
        driver.join().unwrap();
        assert_eq!(waits, wakes(&count) == 2);
    });
}

#[test]
fn a_reader_that_comes_back_takes_no_wake_from_a_writer() {
    loom::model(|| {
        let slot = slot();
        let (_, reader_waker) = counted();
        let (writes, writer_waker) = counted();
        let mut reader = pin!(Waiter::new(&slot.waiters));
        let mut writer = pin!(Waiter::new(&slot.waiters));
        let readable = || !slot.word.look(READ).ready().is_empty();
        assert!(
            reader
                .as_mut()
                .enqueue(Queue::Read, &reader_waker, readable)
        );
        assert!(
            writer
                .as_mut()
                .enqueue(Queue::Write, &writer_waker, || false)
        );
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE | Ready::WRITABLE)))
        };
        // The reader consumes what there is and queues up again, while the driver is at it.
        let seen = slot.word.look(READ);
        slot.word.clear(seen, Ready::READABLE);
        reader
            .as_mut()
            .enqueue(Queue::Read, &reader_waker, readable);
        driver.join().unwrap();
        assert_eq!(wakes(&writes), 1);
    });
}

#[test]
fn a_future_dropped_while_it_is_woken_is_not_touched() {
    loom::model(|| {
        let slot = slot();
        let (count, waker) = counted();
        let driver;
        {
            let mut waiter = pin!(Waiter::new(&slot.waiters));
            assert!(waiter.as_mut().enqueue(Queue::Read, &waker, || false));
            driver = {
                let slot = slot.clone();
                thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
            };
        }
        driver.join().unwrap();
        assert!(wakes(&count) <= 1);
        assert_eq!(slot.waiters.len(), 0);
    });
}

#[test]
fn two_futures_leave_while_a_third_is_woken() {
    loom::model(|| {
        let list = Arc::new(WaitList::new());
        let (count, waker) = counted();
        let mut first = pin!(Waiter::new(&list));
        assert!(first.as_mut().enqueue(Queue::Read, &waker, || false));
        let other = {
            let list = list.clone();
            thread::spawn(move || {
                let (_count, waker) = counted();
                let mut second = pin!(Waiter::new(&list));
                assert!(second.as_mut().enqueue(Queue::Read, &waker, || false));
            })
        };
        list.wake_one();
        other.join().unwrap();
        // The first in the queue was the first that queued, whatever the other did.
        assert_eq!(wakes(&count), 1);
        assert_eq!(list.len(), 0);
    });
}

#[test]
fn a_changed_waker_is_the_one_that_is_woken() {
    loom::model(|| {
        let slot = slot();
        let (old, old_waker) = counted();
        let (new, new_waker) = counted();
        let mut waiter = pin!(Waiter::new(&slot.waiters));
        let ready = || !slot.word.look(READ).ready().is_empty();
        assert!(waiter.as_mut().enqueue(Queue::Read, &old_waker, ready));
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
        };
        let waits = waiter.as_mut().enqueue(Queue::Read, &new_waker, ready);
        driver.join().unwrap();
        if waits {
            assert_eq!((wakes(&old), wakes(&new)), (0, 1));
        } else {
            assert_eq!(wakes(&new), 0);
        }
    });
}

#[test]
fn an_event_of_an_old_generation_never_marks_the_new_owner() {
    loom::model(|| {
        let slots: Arc<[RegistrationInfo; 1]> = Arc::new([RegistrationInfo::new()]);
        let table = Arc::new(SlotTable::new());
        let (index, old) = table.take(&slots[..], Ready::EMPTY).unwrap();
        // The driver has an event of the first owner in its hands.
        table.begin_batch();
        let driver = {
            let (slots, table) = (slots.clone(), table.clone());
            thread::spawn(move || {
                slots[0].wake(old, Ready::READABLE);
                table.end_batch(&slots[..]);
            })
        };
        table.retire(&slots[..], index);
        if let Some((index, new)) = table.take(&slots[..], Ready::EMPTY) {
            assert_eq!(index, 0);
            assert_ne!(new, old);
            assert!(slots[0].word.look(READ).ready().is_empty());
        }
        driver.join().unwrap();
        assert!(slots[0].word.look(READ).ready().is_empty());
    });
}

#[test]
fn a_slot_is_reused_after_the_batch_and_never_leaked() {
    loom::model(|| {
        let slots: Arc<[RegistrationInfo; 1]> = Arc::new([RegistrationInfo::new()]);
        let table = Arc::new(SlotTable::new());
        let (index, _) = table.take(&slots[..], Ready::EMPTY).unwrap();
        let driver = {
            let (slots, table) = (slots.clone(), table.clone());
            thread::spawn(move || {
                table.begin_batch();
                table.end_batch(&slots[..]);
            })
        };
        table.retire(&slots[..], index);
        driver.join().unwrap();
        assert!(!table.has_retired());
        assert!(table.take(&slots[..], Ready::EMPTY).is_some());
    });
}
