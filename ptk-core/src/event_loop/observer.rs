//! What a loop's turns are like: distributions, for programs that want them.

use ::core::fmt;
use ::core::time::Duration;

use super::report::report;
use super::{Context, Counters, Ended, Event, EventLoop, Handler, Kind};
use crate::error::Error;
use crate::histogram::{Histogram, Summary};
use crate::system::System;
use crate::time::Instant;

/// Buckets of counts: exact to 63, at most 3 % too high up to 4,095.
const COUNTS: usize = 256;

/// Measures the turns of a loop that it runs: events per wait, time per turn, lateness of timers. Memory of fixed size, 10 KiB.
///
/// A loop that is run without one measures nothing and pays nothing. With one, each turn that tells an event reads the clock twice: at its first
/// event and at its end. With the features `log`, `tracing` or `defmt` an observer also reports what is worth a line: failures, missed periods,
/// listeners that rest, events that nobody took (see [`Observed`]).
///
/// ```
/// use core::time::Duration;
/// use ptk_core::event_loop::{Context, Event, EventLoop, Observer};
///
/// static EMPTY: Observer = Observer::new(); // all zero: no room in the program's file
///
/// let mut observer = EMPTY.clone();
/// let mut event_loop: EventLoop = EventLoop::new()?;
/// event_loop.context().start_periodic(Duration::from_millis(1), 0, 1u16)?;
/// let mut ticks = 0;
/// observer.run(&mut event_loop, &mut |cx: &mut Context, _: Event| {
///     ticks += 1;
///     if ticks == 5 {
///         cx.stop();
///     }
/// })?;
/// let snapshot = observer.snapshot(&event_loop);
/// assert_eq!(snapshot.lateness.count, 5);
/// assert_eq!(snapshot.counters.timers, 5);
/// println!("{snapshot}");
/// # Ok::<(), ptk_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Observer {
    events: Histogram<COUNTS>,
    turns: Histogram,
    lateness: Histogram,
    depths: Histogram<COUNTS>,
    /// When the first event of this turn was told.
    begun: Option<Instant>,
    seen: Counters,
}

/// What an [`Observer`] and its loop knew at one moment. `Display` is a few lines for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// The loop's counts and high-water marks.
    pub counters: Counters,
    /// Answers that a wait brought. Counts, not times: 1 ns stands for one answer.
    pub events_per_wait: Summary,
    /// From the first event of a turn to its end, for turns that told any.
    pub turn: Summary,
    /// From a timer's deadline to the time of the turn that told it.
    pub lateness: Summary,
    /// What [`Observer::record_depth`] was told: 1 ns stands for one element.
    pub depth: Summary,
}

impl Default for Observer {
    fn default() -> Self {
        Self::new()
    }
}

impl Observer {
    /// An observer that has seen nothing; all its bytes are zero.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            events: Histogram::new(),
            turns: Histogram::new(),
            lateness: Histogram::new(),
            depths: Histogram::new(),
            begun: None,
            seen: Counters::NONE,
        }
    }

    /// As [`EventLoop::run`].
    ///
    /// # Errors
    ///
    /// As [`EventLoop::run`].
    pub fn run<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize, S: System>(
        &mut self,
        event_loop: &mut EventLoop<SOURCES, TIMERS, EVENTS, S>,
        handler: &mut impl Handler<S>,
    ) -> Result<Ended, Error> {
        loop {
            if stop_asked(event_loop) {
                return Ok(Ended::Stopped);
            }
            if event_loop.is_empty() {
                return Ok(Ended::NothingLeft);
            }
            self.turn(event_loop, handler, None)?;
        }
    }

    /// As [`EventLoop::run_for`].
    ///
    /// # Errors
    ///
    /// As [`EventLoop::run`].
    pub fn run_for<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize, S: System>(
        &mut self,
        event_loop: &mut EventLoop<SOURCES, TIMERS, EVENTS, S>,
        handler: &mut impl Handler<S>,
        duration: Duration,
    ) -> Result<Ended, Error> {
        let end = event_loop.system().now().saturating_add(duration);
        loop {
            if stop_asked(event_loop) {
                return Ok(Ended::Stopped);
            }
            let now = event_loop.system().now();
            if end.is_due(now) {
                return Ok(Ended::TimeUp);
            }
            if event_loop.is_empty() {
                return Ok(Ended::NothingLeft);
            }
            self.turn(
                event_loop,
                handler,
                Some(end.saturating_duration_since(now)),
            )?;
        }
    }

    /// As [`EventLoop::turn`].
    ///
    /// # Errors
    ///
    /// As [`EventLoop::run`].
    pub fn turn<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize, S: System>(
        &mut self,
        event_loop: &mut EventLoop<SOURCES, TIMERS, EVENTS, S>,
        handler: &mut impl Handler<S>,
        longest: Option<Duration>,
    ) -> Result<usize, Error> {
        let before = event_loop.counters();
        self.begun = None;
        let told = event_loop.turn(&mut self.around(handler), longest)?;
        let after = event_loop.counters();
        self.events.record_nanos(after.events - before.events);
        if let Some(begun) = self.begun.take() {
            let now = event_loop.system().now();
            self.turns.record(now.saturating_duration_since(begun));
        }
        self.report(after);
        Ok(told)
    }

    /// The handler as [`EventLoop::drain`] and the other ways to run want it: the lateness of timers is measured then, the time of turns is not.
    pub fn around<'o, H>(&'o mut self, handler: &'o mut H) -> Observed<'o, H> {
        Observed {
            observer: self,
            handler,
        }
    }

    /// Notes how many elements a queue of the program's has at this moment.
    pub fn record_depth(&mut self, depth: usize) {
        self.depths.record_nanos(depth as u64);
    }

    /// All that is known so far.
    #[must_use]
    pub fn snapshot<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize, S: System>(
        &self,
        event_loop: &EventLoop<SOURCES, TIMERS, EVENTS, S>,
    ) -> Snapshot {
        Snapshot {
            counters: event_loop.counters(),
            events_per_wait: self.events.snapshot(),
            turn: self.turns.snapshot(),
            lateness: self.lateness.snapshot(),
            depth: self.depths.snapshot(),
        }
    }

    /// Forgets what was measured; the loop's counters go on.
    pub fn clear(&mut self) {
        let seen = self.seen;
        *self = Self {
            seen,
            ..Self::new()
        };
    }

    /// Reports what the loop has counted since the last turn and is worth a line.
    fn report(&mut self, now: Counters) {
        let before = ::core::mem::replace(&mut self.seen, now);
        if now.accept_rests > before.accept_rests {
            report!(warn, "no descriptor left: a listener rests");
        }
        if now.missed_periods > before.missed_periods {
            let missed = now.missed_periods - before.missed_periods;
            report!(warn, "{} periods of timers passed unannounced", missed);
        }
        if now.unhandled > before.unhandled {
            let unhandled = now.unhandled - before.unhandled;
            report!(debug, "{} events that nobody took", unhandled);
        }
        if now.unconsumed > before.unconsumed {
            report!(
                debug,
                "a handler took nothing from a readable source: it rests"
            );
        }
        if now.stale > before.stale {
            let stale = now.stale - before.stale;
            report!(debug, "{} events of sources that are gone, dropped", stale);
        }
    }
}

/// A handler under an [`Observer`]'s eyes.
///
/// With the features `log`, `tracing` or `defmt`: a failed source is a warning, connections that are made and that end are at level debug, and each
/// event is at level trace.
#[derive(Debug)]
pub struct Observed<'o, H> {
    observer: &'o mut Observer,
    handler: &'o mut H,
}

/// Takes the wish to stop, a handler's or another thread's.
fn stop_asked<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize, S: System>(
    event_loop: &mut EventLoop<SOURCES, TIMERS, EVENTS, S>,
) -> bool {
    let core = &mut event_loop.core;
    if let Some(remote) = core.remote
        && remote.stop_asked()
    {
        remote.clear_stop();
        core.stop = true;
    }
    ::core::mem::take(&mut core.stop)
}

impl<S: System, H: Handler<S>> Handler<S> for Observed<'_, H> {
    fn on_event(&mut self, cx: &mut Context<'_, S>, event: Event) {
        let now = cx.now();
        self.observer.begun.get_or_insert(now);
        match event.kind {
            Kind::Timer { deadline, .. } => {
                let lateness = now.saturating_duration_since(deadline);
                self.observer.lateness.record(lateness);
            }
            Kind::Failed(source, error) => {
                let (slot, errno) = (source.slot(), error.errno());
                report!(warn, "source {} failed: errno {}", slot, errno);
            }
            Kind::Connected(source) => {
                let slot = source.slot();
                report!(debug, "source {} is connected", slot);
            }
            Kind::Closed(source) => {
                let slot = source.slot();
                report!(debug, "the peer of source {} has ended its stream", slot);
            }
            _ => {}
        }
        report!(trace, "event {} for owner {}", event.code, event.owner);
        self.handler.on_event(cx, event);
    }

    fn on_drain(&mut self, cx: &mut Context<'_, S>) {
        report!(debug, "the loop drains");
        self.handler.on_drain(cx);
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counters {
            turns,
            events,
            stale,
            timers,
            missed_periods,
            most_sources,
            most_timers,
            ..
        } = self.counters;
        writeln!(
            f,
            "turns={turns} events={events} stale={stale} timers={timers} missed={missed_periods} most_sources={most_sources} most_timers={most_timers}"
        )?;
        for (name, of) in [
            ("events per wait", self.events_per_wait),
            ("depth", self.depth),
        ] {
            if of.count > 0 {
                let [mean, p50, p99, max] =
                    [of.mean, of.p50, of.p99, of.max].map(|count| count.as_nanos());
                writeln!(
                    f,
                    "{name}: n={} mean={mean} p50={p50} p99={p99} max={max}",
                    of.count
                )?;
            }
        }
        writeln!(f, "turn: {}", self.turn)?;
        write!(f, "lateness: {}", self.lateness)
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
