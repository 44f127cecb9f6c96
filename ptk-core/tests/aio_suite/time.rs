//! Sleeps, time-outs, intervals.

use std::pin::pin;
use std::time::Duration;

use ptk_core::aio::block_on;
use ptk_core::aio::time::{
    Elapsed, MissedTick, interval, interval_at, now, sleep, sleep_until, timeout,
};
use ptk_core::time::Instant;

use crate::util::{driver, join};

#[test]
fn more_sleeps_than_slots_end_and_none_early() {
    let driver = driver!(1, 2);
    let start = now().saturating_add(Duration::from_millis(50));
    let nap = |millis| async move {
        let deadline = start.saturating_add(Duration::from_millis(millis));
        sleep_until(deadline).await;
        assert!(deadline.is_due(now()));
    };
    // Two slots for four: two of them wait in line.
    block_on(driver, join(join(nap(40), nap(20)), join(nap(10), nap(30)))).unwrap();
    assert_eq!(driver.timers(), 0);
    assert!(driver.timer_overflows() <= 2);
}

#[test]
fn a_sleep_of_nothing_and_one_of_the_past_end_at_once() {
    let driver = driver!(1, 1);
    block_on(driver, async {
        sleep(Duration::ZERO).await;
        sleep_until(Instant::ZERO).await;
    })
    .unwrap();
}

#[test]
fn a_reset_moves_the_deadline() {
    let driver = driver!(1, 1);
    block_on(driver, async {
        let mut slept = pin!(sleep(Duration::from_secs(3600)));
        assert!(crate::util::poll_once(slept.as_mut()).is_pending());
        assert!(!slept.is_elapsed());
        slept.as_mut().reset(now());
        slept.as_mut().await;
        assert!(slept.is_elapsed());
    })
    .unwrap();
    assert_eq!(driver.timers(), 0);
}

#[test]
fn a_timeout_is_whichever_comes_first() {
    let driver = driver!(1, 4);
    block_on(driver, async {
        assert_eq!(timeout(Duration::from_secs(3600), async { 1 }).await, Ok(1));
        let never = std::future::pending::<()>();
        assert_eq!(timeout(Duration::from_millis(1), never).await, Err(Elapsed));
    })
    .unwrap();
    assert_eq!(driver.timers(), 0);
}

#[test]
fn an_interval_keeps_its_phase_and_counts_what_it_missed() {
    let driver = driver!(1, 1);
    block_on(driver, async {
        let period = Duration::from_millis(10);
        let start = now();
        let mut ticks = interval_at(start, period);
        for n in 0..3 {
            let tick = ticks.tick().await;
            let at = start.saturating_add(period * (n + tick.missed as u32));
            assert!(at <= tick.deadline);
        }
        sleep(period * 5).await;
        let late = ticks.tick().await;
        assert!(late.missed >= 2, "{late:?}");
        let phase = late.deadline.saturating_duration_since(start).as_nanos() % period.as_nanos();
        assert_eq!(phase, 0);
        let mut burst = interval(Duration::from_millis(1));
        burst.set_missed_tick(MissedTick::Burst);
        sleep(Duration::from_millis(5)).await;
        for _ in 0..4 {
            assert_eq!(burst.tick().await.missed, 0);
        }
    })
    .unwrap();
}
