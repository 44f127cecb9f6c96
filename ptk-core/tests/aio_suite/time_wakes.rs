//! Whom a sleep wakes, and that nobody is forgotten.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use ptk_core::aio::block_on;
use ptk_core::aio::time::{Sleep, now, sleep_in, sleep_until_in};

use crate::util::{Count, driver, poll_once};

const HOUR: Duration = Duration::from_secs(3600);

fn waits(sleep: Pin<&mut Sleep>, waker: &Waker) {
    assert!(sleep.poll(&mut Context::from_waker(waker)).is_pending());
}

#[test]
fn a_changed_waker_is_the_one_that_is_woken_and_no_waker_is_kept() {
    let driver = driver!(1, 2);
    let (old, old_waker) = Count::waker();
    let (new, new_waker) = Count::waker();
    let mut slept = pin!(sleep_in(driver.handle(), HOUR));
    waits(slept.as_mut(), &old_waker);
    waits(slept.as_mut(), &old_waker);
    waits(slept.as_mut(), &new_waker);
    // Two are the test's.
    assert_eq!((Arc::strong_count(&old), Arc::strong_count(&new)), (2, 3));
    assert_eq!(driver.expire(slept.deadline()), 1);
    assert_eq!((old.get(), new.get()), (0, 1));
    assert!(slept.is_elapsed() && poll_once(slept.as_mut()).is_ready());
    {
        let mut dropped = pin!(sleep_in(driver.handle(), HOUR));
        waits(dropped.as_mut(), &new_waker);
    }
    assert_eq!((Arc::strong_count(&new), driver.timers()), (2, 0));
}

/// More than are taken at a time, armed in another order than that of their deadlines.
#[test]
fn wakes_come_in_order_of_deadlines() {
    struct Note(usize, Arc<Mutex<Vec<usize>>>);
    impl Wake for Note {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }
    let driver = driver!(1, 100);
    let told = Arc::new(Mutex::new(Vec::new()));
    let start = now().saturating_add(HOUR);
    let mut sleeps: Vec<_> = (0..100)
        .map(|n| {
            let place = n * 37 % 100;
            let deadline = start.saturating_add(Duration::from_nanos(place as u64));
            let waker = Waker::from(Arc::new(Note(place, told.clone())));
            let mut sleep = Box::pin(sleep_until_in(driver.handle(), deadline));
            waits(sleep.as_mut(), &waker);
            (place, sleep)
        })
        .collect();
    sleeps.retain(|(place, _)| place % 10 != 3);
    assert_eq!(driver.next_deadline(), Some(start));
    assert_eq!(driver.expire(start.saturating_add(HOUR)), 90);
    let expected: Vec<_> = (0..100).filter(|place| place % 10 != 3).collect();
    assert_eq!(*told.lock().unwrap(), expected);
}

#[test]
fn a_waker_that_panics_takes_no_wake_from_the_others() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker's own fault");
        }
    }
    let driver = driver!(1, 4);
    let (count, waker) = Count::waker();
    let mut sleeps: Vec<_> = (0..3)
        .map(|_| Box::pin(sleep_in(driver.handle(), HOUR)))
        .collect();
    let panics = Waker::from(Arc::new(Panics));
    for (sleep, waker) in sleeps.iter_mut().zip([&waker, &panics, &waker]) {
        waits(sleep.as_mut(), waker);
    }
    let end = now().saturating_add(2 * HOUR);
    assert!(catch_unwind(AssertUnwindSafe(|| driver.expire(end))).is_err());
    assert_eq!((count.get(), driver.timers()), (2, 0));
}

/// Fewer slots than sleeps: some stand in line. Each thread is a worker, so one of them waits while the others arm earlier deadlines and drop what it may
/// just be waking.
#[test]
fn threads_arm_and_drop_sleeps_while_others_wait() {
    let driver = driver!(1, 2);
    let handle = driver.handle();
    let threads = [0_u64, 1, 2, 3].map(|thread| {
        thread::spawn(move || {
            let work = async {
                for turn in 0..300 {
                    let left = Duration::from_micros((turn * 37 + thread * 61) % 150);
                    let deadline = now().saturating_add(left);
                    let mut slept = pin!(sleep_until_in(handle, deadline));
                    if turn % 3 == 0 {
                        let _ = poll_once(slept.as_mut());
                    } else {
                        slept.await;
                        assert!(deadline.is_due(now()));
                    }
                }
            };
            block_on(driver, work).unwrap();
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!((driver.timers(), driver.next_deadline()), (0, None));
}
