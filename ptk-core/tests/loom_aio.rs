//! The waiter list, the readiness word and the reuse of slots under every interleaving: `RUSTFLAGS="--cfg loom" cargo test -p ptk-core
//! --release --test loom_aio`.
#![cfg(loom)]
#![allow(unsafe_code)]

use std::pin::{Pin, pin};
use std::task::{Wake, Waker};

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;
use ptk_core::aio::model::{
    AccessWord, Gate, GateWaiter, Pending, Queue, Ready as ReadyTask, ReadyQueue, RegistrationInfo,
    SlotTable, WaitList, Waiter,
};
use ptk_core::aio::{IoEventInterest, Ready};

const READ: IoEventInterest = IoEventInterest::READABLE;
const WRITE: IoEventInterest = IoEventInterest::WRITABLE;

/// What a future does when it is polled: looks, and waits if there is nothing. Whether it waits.
fn waits<'g>(
    waiter: Pin<&mut GateWaiter<'g>>,
    gate: &'g Gate,
    interest: IoEventInterest,
    waker: &Waker,
) -> bool {
    let seen = gate.look(interest);
    seen.ready().is_empty() && waiter.enqueue(gate, interest, waker, seen).is_pending()
}

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
    slot.gate.open(Ready::EMPTY);
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
        let mut waiter = pin!(GateWaiter::new());
        let waits = waits(waiter.as_mut(), &slot.gate, READ, &waker);
        driver.join().unwrap();
        // Either it saw the readiness, or it is woken.
        assert_eq!(waits, wakes(&count) == 1);
        assert!(!slot.gate.look(READ).ready().is_empty());
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
        let waits = slot.gate.poll(READ, &waker).is_pending();
        driver.join().unwrap();
        assert_eq!(waits, wakes(&count) == 1);
    });
}

#[test]
fn a_stale_clear_takes_no_event_away() {
    loom::model(|| {
        let slot = slot();
        slot.wake(0, Ready::READABLE);
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
        };
        // A reader looks, finds the socket empty (before or after the event), and clears.
        let seen = slot.gate.look(READ);
        let cleared = slot.gate.clear(seen, Ready::READABLE);
        driver.join().unwrap();
        let now = slot.gate.look(READ);
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
        let mut waiter = pin!(GateWaiter::new());
        assert!(waits(waiter.as_mut(), &slot.gate, READ, &waker));
        slot.wake(0, Ready::READABLE);
        assert_eq!(wakes(&count), 1);
        // Another task consumes what there was, while the next event comes.
        let seen = slot.gate.look(READ);
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
        };
        slot.gate.clear(seen, Ready::READABLE);
        let waits = waits(waiter.as_mut(), &slot.gate, READ, &waker);
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
        let mut reader = pin!(GateWaiter::new());
        let mut writer = pin!(GateWaiter::new());
        assert!(waits(reader.as_mut(), &slot.gate, READ, &reader_waker));
        assert!(waits(writer.as_mut(), &slot.gate, WRITE, &writer_waker));
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE | Ready::WRITABLE)))
        };
        // The reader consumes what there is and queues up again, while the driver is at it.
        let seen = slot.gate.look(READ);
        slot.gate.clear(seen, Ready::READABLE);
        waits(reader.as_mut(), &slot.gate, READ, &reader_waker);
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
            let mut waiter = pin!(GateWaiter::new());
            assert!(waits(waiter.as_mut(), &slot.gate, READ, &waker));
            driver = {
                let slot = slot.clone();
                thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
            };
        }
        driver.join().unwrap();
        assert!(wakes(&count) <= 1);
        assert_eq!(slot.gate.len(), 0);
    });
}

/// The front place is one's, the list the other's; neither is lost when an event comes while the second one queues.
#[test]
fn a_second_reader_is_woken_with_the_first() {
    loom::model(|| {
        let slot = slot();
        let (first, first_waker) = counted();
        let (second, second_waker) = counted();
        let mut one = pin!(GateWaiter::new());
        let mut two = pin!(GateWaiter::new());
        assert!(waits(one.as_mut(), &slot.gate, READ, &first_waker));
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
        };
        let stands = waits(two.as_mut(), &slot.gate, READ, &second_waker);
        driver.join().unwrap();
        assert_eq!(wakes(&first), 1);
        assert_eq!(stands, wakes(&second) == 1);
        assert!(!one.as_mut().is_waiting() && !two.as_mut().is_waiting());
        assert_eq!(slot.gate.len(), 0);
    });
}

/// The mark that says "look into the list" is taken away by an event that has emptied it, while another one queues there.
#[test]
fn the_mark_of_the_list_is_not_lost() {
    loom::model(|| {
        let slot = slot();
        let both = READ | WRITE;
        let (_, waker) = counted();
        let (late, late_waker) = counted();
        let mut one = pin!(GateWaiter::new());
        let mut two = pin!(GateWaiter::new());
        assert!(waits(one.as_mut(), &slot.gate, both, &waker));
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::PRIORITY)))
        };
        assert!(waits(two.as_mut(), &slot.gate, both, &late_waker));
        driver.join().unwrap();
        assert!(slot.wake(0, Ready::READABLE));
        assert_eq!(wakes(&late), 1);
        assert_eq!(slot.gate.len(), 0);
    });
}

#[test]
fn a_front_place_that_is_left_while_an_event_takes_it_is_taken_once() {
    loom::model(|| {
        let slot = slot();
        let (count, waker) = counted();
        let driver;
        {
            let mut waiter = pin!(GateWaiter::new());
            assert!(waits(waiter.as_mut(), &slot.gate, READ, &waker));
            driver = {
                let slot = slot.clone();
                thread::spawn(move || assert!(slot.wake(0, Ready::READABLE | Ready::READ_CLOSED)))
            };
        }
        let mut next = pin!(GateWaiter::new());
        let (later, later_waker) = counted();
        let stands = waits(next.as_mut(), &slot.gate, READ, &later_waker);
        driver.join().unwrap();
        assert!(wakes(&count) <= 1);
        assert_eq!(stands, wakes(&later) == 1);
        // Two references that are ours: the others were dropped with the place.
        assert_eq!(std::sync::Arc::strong_count(&count), 2);
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
        let mut waiter = pin!(GateWaiter::new());
        assert!(waits(waiter.as_mut(), &slot.gate, READ, &old_waker));
        let driver = {
            let slot = slot.clone();
            thread::spawn(move || assert!(slot.wake(0, Ready::READABLE)))
        };
        let waits = waits(waiter.as_mut(), &slot.gate, READ, &new_waker);
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
        let access = Arc::new(AccessWord::new());
        assert!(access.try_take_to_wait());
        let driver = {
            let (slots, table, access) = (slots.clone(), table.clone(), access.clone());
            thread::spawn(move || {
                access.end_wait();
                slots[0].wake(old, Ready::READABLE);
                access.release_after_batch();
                table.after_batch(&slots[..], &access);
            })
        };
        table.retire(&slots[..], index, &access);
        let early = table.take(&slots[..], Ready::EMPTY);
        if early.is_some() {
            assert!(slots[0].gate.look(READ).ready().is_empty());
        }
        driver.join().unwrap();
        let (index, new) = early
            .or_else(|| table.take(&slots[..], Ready::EMPTY))
            .unwrap();
        assert_eq!(index, 0);
        assert_ne!(new, old);
        assert!(slots[0].gate.look(READ).ready().is_empty());
    });
}

#[test]
fn a_slot_is_reused_after_the_batch_and_never_leaked() {
    loom::model(|| {
        let slots: Arc<[RegistrationInfo; 1]> = Arc::new([RegistrationInfo::new()]);
        let table = Arc::new(SlotTable::new());
        let (index, _) = table.take(&slots[..], Ready::EMPTY).unwrap();
        let access = Arc::new(AccessWord::new());
        let driver = {
            let (slots, table, access) = (slots.clone(), table.clone(), access.clone());
            thread::spawn(move || {
                assert!(access.try_take_to_wait());
                access.end_wait();
                access.release_after_batch();
                table.after_batch(&slots[..], &access);
            })
        };
        table.retire(&slots[..], index, &access);
        driver.join().unwrap();
        assert!(!table.has_retired());
        assert!(table.take(&slots[..], Ready::EMPTY).is_some());
    });
}

/// Two sleeps are armed while a thread is about to wait: it sees the earlier one in time, or is told.
#[test]
fn an_earliest_timer_and_a_wait_do_not_miss_each_other() {
    loom::model(|| {
        let timers = Arc::new((Mutex::new(usize::MAX), Pending::new(), AccessWord::new()));
        let arm = |deadline: usize| {
            let timers = timers.clone();
            thread::spawn(move || {
                let (first, pending, access) = &*timers;
                let earliest = {
                    let mut first = first.lock().unwrap();
                    pending.more(1);
                    let earliest = deadline < *first;
                    *first = deadline.min(*first);
                    earliest
                };
                if !earliest {
                    return false;
                }
                pending.announce();
                access.is_waiting()
            })
        };
        let (one, two) = (arm(1), arm(2));
        let (first, pending, access) = &*timers;
        assert!(access.try_take_to_wait());
        let until = match pending.count() {
            0 => usize::MAX,
            _ => *first.lock().unwrap(),
        };
        let told = one.join().unwrap() | two.join().unwrap();
        assert!(until == 1 || told);
    });
}

struct Room {
    queue: ReadyQueue,
    tasks: [ReadyTask; 2],
    /// What each task's wakers have done; and whether the thread that polls was told.
    done: [AtomicUsize; 2],
    told: AtomicUsize,
}

impl Room {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            queue: ReadyQueue::new(),
            tasks: [ReadyTask::new(), ReadyTask::new()],
            done: [AtomicUsize::new(0), AtomicUsize::new(0)],
            told: AtomicUsize::new(0),
        })
    }

    fn wake(&self, at: usize) {
        self.done[at].fetch_add(1, Ordering::Relaxed);
        // SAFETY: the tasks live in the same room as their queue.
        if unsafe { self.queue.push(&self.tasks[at]) } {
            self.told.store(1, Ordering::SeqCst);
        }
    }

    /// Polls what is there: what each task sees of what its wakers have done.
    fn poll(&self, seen: &mut [usize; 2]) {
        self.queue.drain(
            || (),
            |task| {
                let at = usize::from(std::ptr::eq(task, &self.tasks[1]));
                seen[at] = self.done[at].load(Ordering::Relaxed);
            },
        );
    }
}

/// A wake is seen by the poll that it leads to, and leads to one also when the task was just being polled.
#[test]
fn a_wake_of_a_task_is_not_lost_while_the_queue_is_taken() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let room = Room::new();
        let others = [[0, 1], [0, 0]].map(|order| {
            let room = room.clone();
            thread::spawn(move || order.map(|at| room.wake(at)))
        });
        let mut seen = [0, 0];
        room.poll(&mut seen);
        for other in others {
            other.join().unwrap();
        }
        // Whoever pushed onto an empty queue has told.
        assert_eq!(room.told.load(Ordering::SeqCst), 1);
        room.poll(&mut seen);
        assert_eq!(seen, [3, 1]);
    });
}
