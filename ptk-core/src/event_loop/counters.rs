//! What a loop has done so far.

/// Counts since the loop was made. A snapshot: [`EventLoop::counters`](super::EventLoop::counters) copies it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Turns, each with one wait.
    pub turns: u64,
    /// Answers that the waits brought, stale ones included.
    pub events: u64,
    /// The largest number of answers of one wait.
    pub most_events: u32,
    /// Changes handed to the system.
    pub changes: u64,
    /// Events that were dropped because their source was gone.
    pub stale: u64,
    /// Events that were dropped because their source watches nothing of the kind.
    pub unwatched: u64,
    /// Readable events after which the handler took nothing; reads rested until it did.
    pub unconsumed: u64,
    /// Timers that expired.
    pub timers: u64,
    /// Periods of periodic timers that passed unannounced.
    pub missed_periods: u64,
    /// Events of machines that no transition and no hook took.
    pub unhandled: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections that ended before they were accepted.
    pub accepts_aborted: u64,
    /// Times that a listener rested because descriptors ran out.
    pub accept_rests: u64,
    /// Sources attached at this moment.
    pub sources: u32,
    /// The most sources attached at one time.
    pub most_sources: u32,
    /// The most timers running at one time.
    pub most_timers: u32,
}

impl Counters {
    /// Nothing has happened.
    pub(super) const NONE: Self = Self {
        turns: 0,
        events: 0,
        most_events: 0,
        changes: 0,
        stale: 0,
        unwatched: 0,
        unconsumed: 0,
        timers: 0,
        missed_periods: 0,
        unhandled: 0,
        accepted: 0,
        accepts_aborted: 0,
        accept_rests: 0,
        sources: 0,
        most_sources: 0,
        most_timers: 0,
    };
}
