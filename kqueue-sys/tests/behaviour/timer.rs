//! 48 to 54: EVFILT_TIMER. Nothing here measures lateness.

use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use crate::support::*;
use crate::table::{check, here};

/// A timer in milliseconds.
fn timer(queue: &Queue, ident: usize, flags: u32, milliseconds: i64, udata: usize) -> &'static str {
    queue.put(
        ident,
        TIMER,
        ADD | flags,
        here().milliseconds,
        milliseconds,
        udata,
    )
}

/// The clock that absolute timers follow, in milliseconds.
fn wall() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970")
        .as_millis() as i64
}

pub fn b48_periodic_timers_clear_and_absolute_ones_do_not() {
    let queue = Queue::new();
    assert_eq!(timer(&queue, 1, 0, 30, 1), "OK");
    let first = queue.next();
    let flags = first
        .split_once(' ')
        .and_then(|(_, rest)| rest.split_once(' '))
        .map_or("", |(_, flags)| flags);
    check("b48 periodic", flags, "CLEAR)");
    queue.delete(1, TIMER);

    let Some(absolute) = here().absolute else {
        return;
    };
    let notes = absolute | here().milliseconds;
    assert_eq!(queue.put(2, TIMER, ADD, notes, wall() + 50, 2), "OK");
    check("b48 absolute, first", &queue.next(), "TIMER(u2 data=1)");
    check("b48 absolute, again", &queue.next(), "TIMER(u2 data=1)");
    check("b48 absolute, deleted", queue.delete(2, TIMER), "OK");
}

pub fn b49_data_counts_expiries() {
    let queue = Queue::new();
    let start = Instant::now();
    assert_eq!(timer(&queue, 1, 0, 20, 1), "OK");
    while start.elapsed() < Duration::from_millis(500) {
        sleep(Duration::from_millis(50));
    }
    let count = queue.raw(&[], 1, PATIENT).expect("wait")[0].data as i64;
    let most = start.elapsed().as_millis() as i64 / 20 + 1;
    assert!(
        (2..=most).contains(&count),
        "{count} expiries, at most {most} possible"
    );
}

pub fn b50_adding_again_restarts() {
    let queue = Queue::new();
    assert_eq!(timer(&queue, 1, ONESHOT, 20, 1), "OK");
    assert!(queue.polls_readable(PATIENT), "it has expired");
    assert_eq!(timer(&queue, 1, ONESHOT, 600_000, 2), "OK");
    assert_eq!(
        queue.soon(),
        "none",
        "an expiry that nobody collected is gone"
    );
    assert_eq!(timer(&queue, 1, ONESHOT, 20, 3), "OK");
    assert_eq!(queue.next(), "TIMER(u3 data=1 CLEAR ONESHOT)");
    assert_eq!(queue.soon(), "none");
    assert_eq!(queue.delete(1, TIMER), "ENOENT");
}

pub fn b51_an_absolute_time_in_the_past_fires() {
    let Some(absolute) = here().absolute else {
        return;
    };
    let queue = Queue::new();
    let notes = absolute | here().milliseconds;
    assert_eq!(
        queue.put(1, TIMER, ADD | ONESHOT, notes, wall() - 5000, 1),
        "OK"
    );
    check(
        "b51 absolute, past",
        &queue.soon(),
        "TIMER(u1 data=1 ONESHOT)",
    );
}

pub fn b52_zero_periods() {
    let queue = Queue::new();
    check("b52 a zero oneshot", timer(&queue, 1, ONESHOT, 0, 1), "OK");
    check(
        "b52 a zero oneshot fires",
        &queue.soon(),
        "TIMER(u1 data=1 CLEAR ONESHOT)",
    );
    check("b52 a zero period", timer(&queue, 2, 0, 0, 2), "OK");
    let fired = (0..3).filter(|_| queue.soon() != "none").count();
    check(
        "b52 a zero period fires again and again",
        &fired.to_string(),
        "3",
    );
}

pub fn b53_negative_periods() {
    let queue = Queue::new();
    check(
        "b53 a negative period",
        timer(&queue, 1, ONESHOT, -1, 1),
        "EINVAL",
    );
}

pub fn b54_huge_periods() {
    let queue = Queue::new();
    let units = [here().milliseconds, here().seconds, here().nanoseconds];
    for unit in units {
        let added = queue.put(1, TIMER, ADD | ONESHOT, unit, isize::MAX as i64, 1);
        assert!(added == "OK" || added == "EINVAL", "{added}");
        check("b54 a huge period", &queue.soon(), "none");
        queue.delete(1, TIMER);
    }
}

/// NetBSD before 10 and older OpenBSD count milliseconds whatever the notes say, and so refuse none.
fn knows_units(queue: &Queue) -> bool {
    let answer = queue.put(9, TIMER, ADD | DISABLE, 0x8000, 600_000, 0);
    queue.delete(9, TIMER);
    answer != "OK"
}

pub fn all_four_units() {
    let queue = Queue::new();
    if !knows_units(&queue) {
        return;
    }
    let numbers = here();
    let units = [
        (numbers.seconds, 1, 500),
        (numbers.milliseconds, 50, 30),
        (numbers.microseconds, 50_000, 30),
        (numbers.nanoseconds, 50_000_000, 30),
    ];
    for (unit, data, least) in units {
        let start = Instant::now();
        assert_eq!(queue.put(1, TIMER, ADD | ONESHOT, unit, data, 1), "OK");
        assert_eq!(
            queue.next(),
            "TIMER(u1 data=1 CLEAR ONESHOT)",
            "unit {unit:#x}"
        );
        assert!(
            start.elapsed() >= Duration::from_millis(least),
            "unit {unit:#x}: early"
        );
    }
}
