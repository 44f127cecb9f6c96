//! Other people's timers, and the sleeps of our tasks, measured as `timer_bench` of the examples measures ours: `timer_peers heap|tokio|async ops T`,
//! `timer_peers tokio tick`.
//!
//! `ops` prints `insert_ns= cancel_ns= fire_ns=`, the median round of about a second's. tokio's timer is a `Sleep` that is polled
//! once; its clock is paused, and all of them fire in one turn, as tokio does it best. `tick` runs a period of
//! one millisecond for two seconds and prints `ticks= p50= p99= max=` in microseconds.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant as WallClock};

use benches::plain_heap::PlainHeap;
use benches::random::Random;
use benches::timers::Timers;
use ptk_core::aio::time::{sleep_in, sleep_until_in};
use ptk_core::aio::{IoDriver, IoSlots};
use tokio::time::{Instant, MissedTickBehavior, Sleep};

const SPREAD: u64 = 10_000_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["heap", "ops", count] if count.parse().is_ok_and(|count: usize| count > 0) => {
            let count = count.parse().unwrap_or(1);
            let mut heap = PlainHeap::default();
            report(count, |deadlines, order| {
                heap_round(&mut heap, deadlines, order)
            });
        }
        ["tokio", "ops", count] if count.parse().is_ok_and(|count: usize| count > 0) => {
            let count = count.parse().unwrap_or(1);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()
                .expect("a runtime");
            report(count, |deadlines, order| {
                // Without tokio's budget, after which timers only pretend to be polled.
                runtime.block_on(tokio::task::unconstrained(tokio_round(deadlines, order)))
            });
        }
        ["async", "ops", count]
            if count
                .parse()
                .is_ok_and(|count: usize| (1..=MOST).contains(&count)) =>
        {
            let count = count.parse().unwrap_or(1);
            match driver(count) {
                Ok(driver) => report(count, |deadlines, order| {
                    async_round(driver, deadlines, order)
                }),
                Err(error) => {
                    eprintln!("timer_peers: {error}");
                    return ExitCode::FAILURE;
                }
            }
        }
        ["tokio", "tick"] => tokio_tick(),
        _ => {
            eprintln!(
                "usage: timer_peers heap|tokio|async ops T (async: at most 100000) | timer_peers tokio tick"
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Nanoseconds for an insertion, a cancellation, an expiry.
type Round = [f64; 3];

fn report(count: usize, mut round: impl FnMut(&[u64], &[usize]) -> Round) {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut rounds = Vec::new();
    let begin = WallClock::now();
    while rounds.len() < 5 || begin.elapsed() < Duration::from_secs(1) {
        let deadlines: Vec<u64> = (0..count).map(|_| random.below(SPREAD)).collect();
        rounds.push(round(&deadlines, &random.permutation(count)));
    }
    let median = |column: usize| {
        let mut all: Vec<f64> = rounds.iter().map(|round| round[column]).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    println!(
        "insert_ns={:.1} cancel_ns={:.1} fire_ns={:.1}",
        median(0),
        median(1),
        median(2)
    );
}

fn per_operation(count: usize, work: impl FnOnce()) -> f64 {
    let begin = WallClock::now();
    work();
    begin.elapsed().as_nanos() as f64 / count as f64
}

fn heap_round(heap: &mut PlainHeap, deadlines: &[u64], order: &[usize]) -> Round {
    let count = deadlines.len();
    let mut ids = Vec::with_capacity(count);
    let mut fill = |heap: &mut PlainHeap| {
        ids.clear();
        for (payload, &deadline) in deadlines.iter().enumerate() {
            ids.push(heap.insert(deadline, payload as u64));
        }
    };
    let insert = per_operation(count, || fill(heap));
    let shuffled: Vec<_> = order.iter().map(|&index| ids[index]).collect();
    let cancel = per_operation(count, || {
        for &id in &shuffled {
            assert!(heap.cancel(id));
        }
        // It cancels lazily: what that costs falls due here.
        assert_eq!(heap.next_deadline(), None);
    });
    let fill = |heap: &mut PlainHeap| {
        for (payload, &deadline) in deadlines.iter().enumerate() {
            black_box(heap.insert(deadline, payload as u64));
        }
    };
    fill(heap);
    let fire = per_operation(count, || {
        while let Some(deadline) = heap.next_deadline() {
            while let Some(payload) = heap.pop_expired(deadline) {
                black_box(payload);
            }
        }
    });
    [insert, cancel, fire]
}

/// The most sleeps that this program has slots for.
const MOST: usize = 100_000;

/// A driver with slots for so many sleeps, but not for many more.
fn driver(count: usize) -> ptk_core::Result<&'static IoDriver> {
    static FEW: IoSlots<1, 32> = IoSlots::new();
    static SOME: IoSlots<1, 1_024> = IoSlots::new();
    static MANY: IoSlots<1, MOST> = IoSlots::new();
    match count {
        0..=32 => IoDriver::new(&FEW),
        33..=1_024 => IoDriver::new(&SOME),
        _ => IoDriver::new(&MANY),
    }
}

fn async_round(driver: &'static IoDriver, deadlines: &[u64], order: &[usize]) -> Round {
    type Sleep = ptk_core::aio::time::Sleep;
    let count = deadlines.len();
    let handle = driver.handle();
    let mut context = Context::from_waker(Waker::noop());
    // So far away that none ends by itself: the driver is told that the time has come.
    let start = sleep_in(handle, Duration::from_secs(3_600)).deadline();
    let make = || -> Vec<Option<Pin<Box<Sleep>>>> {
        (0..count)
            .map(|_| Some(Box::pin(sleep_until_in(handle, start))))
            .collect()
    };
    let mut arm = |sleeps: &mut Vec<Option<Pin<Box<Sleep>>>>| {
        for (sleep, &deadline) in sleeps.iter_mut().flatten().zip(deadlines) {
            let deadline = start.saturating_add(Duration::from_nanos(deadline));
            sleep.as_mut().reset(deadline);
            assert!(sleep.as_mut().poll(&mut context).is_pending());
        }
    };
    let mut sleeps = make();
    let insert = per_operation(count, || arm(&mut sleeps));
    let cancel = per_operation(count, || {
        for &index in order {
            sleeps[index] = None;
        }
    });
    assert_eq!(driver.timers(), 0);
    sleeps = make();
    arm(&mut sleeps);
    let end = start.saturating_add(Duration::from_nanos(SPREAD));
    let fire = per_operation(count, || assert_eq!(driver.expire(end), count));
    for sleep in sleeps.iter_mut().flatten() {
        let fired = sleep.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(fired, Poll::Ready(()));
    }
    [insert, cancel, fire]
}

async fn tokio_round(deadlines: &[u64], order: &[usize]) -> Round {
    let count = deadlines.len();
    let mut context = Context::from_waker(Waker::noop());
    let now = Instant::now();
    // The futures' memory is the program's: made before the clock starts.
    let mut sleeps: Vec<Option<Pin<Box<Sleep>>>> = (0..count)
        .map(|_| Some(Box::pin(tokio::time::sleep_until(now))))
        .collect();
    let mut arm = |sleeps: &mut Vec<Option<Pin<Box<Sleep>>>>| {
        for (sleep, &deadline) in sleeps.iter_mut().flatten().zip(deadlines) {
            sleep
                .as_mut()
                .reset(now + Duration::from_millis(2) + Duration::from_nanos(deadline));
            assert!(sleep.as_mut().poll(&mut context).is_pending());
        }
    };
    let insert = per_operation(count, || arm(&mut sleeps));
    let cancel = per_operation(count, || {
        for &index in order {
            sleeps[index] = None;
        }
    });
    sleeps = (0..count)
        .map(|_| Some(Box::pin(tokio::time::sleep_until(now))))
        .collect();
    arm(&mut sleeps);
    let begin = WallClock::now();
    tokio::time::advance(Duration::from_nanos(SPREAD) + Duration::from_millis(10)).await;
    let fire = begin.elapsed().as_nanos() as f64 / count as f64;
    for sleep in sleeps.iter_mut().flatten() {
        let fired = sleep.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(fired, Poll::Ready(()));
    }
    [insert, cancel, fire]
}

fn tokio_tick() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let mut lateness = Vec::with_capacity(2_001);
    runtime.block_on(async {
        let period = Duration::from_millis(1);
        let begin = Instant::now();
        let mut interval = tokio::time::interval_at(begin + period, period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        while begin.elapsed() < Duration::from_secs(2) {
            let due = interval.tick().await;
            lateness.push(due.elapsed());
        }
    });
    lateness.sort();
    let at = |percent: usize| {
        let rank = (lateness.len() * percent).div_ceil(100).max(1);
        lateness[rank - 1].as_nanos() as f64 / 1_000.0
    };
    println!(
        "ticks={} p50={:.1} p99={:.1} max={:.1}",
        lateness.len(),
        at(50),
        at(99),
        at(100)
    );
}
