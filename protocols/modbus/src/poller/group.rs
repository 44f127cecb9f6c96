//! Neighbouring tags that one request reads.

use super::Area;

/// A run of points that one request reads, and the tags in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The unit that is asked.
    pub unit: u8,
    /// The table that is read.
    pub area: Area,
    /// The first point.
    pub address: u16,
    /// How many points.
    pub quantity: u16,
    /// From one read to the next, in nanoseconds.
    pub period: u64,
    /// When it is read next.
    pub due: u64,
    /// Whether a read is under way.
    pub in_flight: bool,
    /// The first of its tags, in the poller's order.
    pub first_tag: usize,
    /// How many tags it has.
    pub tags: usize,
    /// Periods that passed without a read.
    pub missed: u64,
    /// Whether it is to be read at once, whenever it is due: the device refused a larger group that it was part of.
    pub again: bool,
    /// Whether it was split off the group whose tags come before its own.
    pub split_off: bool,
}

impl Group {
    /// Room for a group.
    pub const EMPTY: Self = Self {
        unit: 0,
        area: Area::Coils,
        address: 0,
        quantity: 0,
        period: 0,
        due: 0,
        in_flight: false,
        first_tag: 0,
        tags: 0,
        missed: 0,
        again: false,
        split_off: false,
    };

    /// Whether a read is to be begun at `now`.
    pub(super) const fn is_due(&self, now: u64) -> bool {
        !self.in_flight && (self.again || self.due <= now)
    }

    /// When a read is to be begun: at once is 0.
    pub(super) const fn next(&self) -> u64 {
        if self.again { 0 } else { self.due }
    }

    /// Moves on to the next period that has not begun, and returns how many were passed over. The phase stays.
    pub(super) fn advance(&mut self, now: u64) -> u64 {
        let late = now.saturating_sub(self.due);
        let missed = late / self.period;
        self.due = self
            .due
            .saturating_add(self.period.saturating_mul(missed + 1));
        self.missed += missed;
        missed
    }
}
