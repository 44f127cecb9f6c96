//! Our sleeps: the driver is told that the time has come.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Duration;

use ptk_core::aio::time::{Sleep, sleep_in, sleep_until_in};
use ptk_core::aio::{IoDriver, IoSlots};

use super::{Rounds, SPREAD, counted};

pub fn run(mut rounds: Rounds) {
    static SLOTS: IoSlots<1, 100_000> = IoSlots::new();
    let driver = IoDriver::new(&SLOTS).expect("a driver");
    let handle = driver.handle();
    let mut context = Context::from_waker(Waker::noop());
    // So far away that none ends by itself.
    let start = sleep_in(handle, Duration::from_secs(3_600)).deadline();
    let end = start.saturating_add(Duration::from_nanos(SPREAD));
    for _ in 0..rounds.rounds {
        let (deadlines, order) = rounds.next();
        let mut sleeps: Vec<Option<Pin<Box<Sleep>>>> = (0..rounds.count)
            .map(|_| Some(Box::pin(sleep_until_in(handle, start))))
            .collect();
        counted(rounds.counts("insert"), || {
            for (sleep, &deadline) in sleeps.iter_mut().flatten().zip(&deadlines) {
                let deadline = start.saturating_add(Duration::from_nanos(deadline));
                sleep.as_mut().reset(deadline);
                assert!(sleep.as_mut().poll(&mut context).is_pending());
            }
        });
        if rounds.counts("fire") {
            let fired = counted(true, || driver.expire(end));
            assert_eq!(fired, rounds.count);
        }
        counted(rounds.counts("cancel"), || {
            for &index in &order {
                sleeps[index] = None;
            }
        });
        assert_eq!(driver.timers(), 0);
    }
}
