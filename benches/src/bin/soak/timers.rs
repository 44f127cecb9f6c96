//! The server's timers: 1,000 at once, of which half are periodic, the others armed again, moved and cancelled as chance has it.

use std::time::Duration;

use benches::random::Random;
use ptk_core::Error;
use ptk_core::event_loop::Context;
use ptk_core::histogram::Histogram;
use ptk_core::time::Instant;
use ptk_core::timer::TimerId;

use crate::{CROWD, Faults};

/// What is known of one timer, by its owner's number.
#[derive(Clone, Copy)]
struct Expected {
    timer: TimerId,
    /// When it comes next.
    deadline: Instant,
    /// Zero for a one-shot.
    period: Duration,
}

pub struct Clockwork {
    timers: Vec<Expected>,
    random: Random,
    /// When the turn before this one looked for timers that were due.
    turn_before: Instant,
    pub told: u64,
    pub missed: u64,
    pub lateness: Histogram,
    pub faults: Faults,
}

fn some_delay(random: &mut Random) -> Duration {
    Duration::from_micros(1_000 + random.below(300_000))
}

impl Clockwork {
    pub fn start(cx: &mut Context) -> Result<Self, Error> {
        let mut random = Random(7);
        let now = cx.now();
        let timers = (0..CROWD as u32).map(|owner| {
            let delay = some_delay(&mut random);
            let period = if owner % 2 == 0 {
                delay
            } else {
                Duration::ZERO
            };
            let deadline = now.saturating_add(delay);
            let timer =
                cx.start_timer_at(deadline, (owner % 2 == 0).then_some(period), owner, 0_u16)?;
            Ok(Expected {
                timer,
                deadline,
                period,
            })
        });
        Ok(Self {
            timers: timers.collect::<Result<_, Error>>()?,
            random,
            turn_before: Instant::ZERO,
            told: 0,
            missed: 0,
            lateness: Histogram::new(),
            faults: Faults::default(),
        })
    }

    /// A turn has ended that looked for due timers at `now`.
    pub fn turn_ended(&mut self, now: Instant) {
        self.turn_before = now;
    }

    pub fn tick(
        &mut self,
        cx: &mut Context,
        owner: u32,
        timer: TimerId,
        deadline: Instant,
        missed: u32,
    ) {
        let now = cx.now();
        self.told += 1;
        self.missed += u64::from(missed);
        self.lateness
            .record(now.saturating_duration_since(deadline));
        let expected = &mut self.timers[owner as usize];
        let is_right = timer == expected.timer && deadline == expected.deadline;
        let in_time = deadline.is_due(now)
            && deadline.saturating_add(Duration::from_nanos(1)) > self.turn_before;
        self.faults.late += u64::from(!is_right) + u64::from(!in_time);
        if expected.period > Duration::ZERO {
            // The phase is kept: what was missed is told, and the next one is a whole number of periods later.
            expected.deadline = deadline.saturating_add(expected.period * (missed + 1));
            return;
        }
        expected.deadline = now.saturating_add(some_delay(&mut self.random));
        let rearmed = cx.rearm_timer(timer, expected.deadline);
        self.faults.late += u64::from(rearmed.is_err());
        self.disturb(cx, now);
    }

    /// Cancels one of the others and starts it anew, or moves it.
    fn disturb(&mut self, cx: &mut Context, now: Instant) {
        let owner = self.random.below(CROWD as u64 / 2) as usize * 2 + 1;
        let other = &mut self.timers[owner];
        other.deadline = now.saturating_add(some_delay(&mut self.random));
        if self.random.below(2) == 0 {
            let moved = cx.rearm_timer(other.timer, other.deadline);
            self.faults.late += u64::from(moved.is_err());
            return;
        }
        let was_there = cx.cancel_timer(other.timer);
        self.faults.late += u64::from(!was_there);
        match cx.start_timer_at(other.deadline, None, owner as u32, 0_u16) {
            Ok(timer) => other.timer = timer,
            // There was room for it before.
            Err(_) => self.faults.leaked += 1,
        }
    }

    /// Cancels all of them: each must still be there, and none beside them.
    pub fn finish(&mut self, cx: &mut Context) {
        for expected in &self.timers {
            self.faults.late += u64::from(!cx.cancel_timer(expected.timer));
        }
        // As many as there is room for can be started again: no slot has been lost.
        let started: Vec<_> = (0..CROWD)
            .map_while(|_| cx.start_timer(Duration::from_secs(1), 0, 0_u16).ok())
            .collect();
        self.faults.leaked += (CROWD - started.len()) as u64;
        for timer in started {
            cx.cancel_timer(timer);
        }
    }
}
