//! What all connections of a server share.

use super::Diagnostics;

/// The units that a server serves, with its counters.
#[derive(Debug)]
pub struct Device<U> {
    /// The units, each with its register map. See [`crate::server::Units`].
    pub units: U,
    /// The counters and the log of functions 8, 11 and 12, which peers may read and clear.
    pub diagnostics: Diagnostics,
    /// Counters that no peer can clear.
    pub statistics: Statistics,
}

impl<U> Device<U> {
    /// A device with all counters at zero.
    pub const fn new(units: U) -> Self {
        Self {
            units,
            diagnostics: Diagnostics::new(),
            statistics: Statistics::new(),
        }
    }
}

/// Totals since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Whole requests, for whatever unit.
    pub requests: u64,
    /// Exception replies among the answers.
    pub exceptions: u64,
    /// Requests that were not answered: broadcasts, unknown units, listen-only mode.
    pub unanswered: u64,
    /// Connections ended because what came was no frame.
    pub framing_errors: u64,
}

impl Statistics {
    /// All zero.
    pub const fn new() -> Self {
        Self {
            requests: 0,
            exceptions: 0,
            unanswered: 0,
            framing_errors: 0,
        }
    }
}
