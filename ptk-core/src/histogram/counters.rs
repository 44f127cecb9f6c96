//! Numbers that only grow, and levels that come and go.

/// A count of things that happened. It stops at `u64::MAX`.
///
/// ```
/// use ptk_core::histogram::Counter;
///
/// let mut dropped = Counter::new();
/// dropped.add(2);
/// dropped.increment();
/// assert_eq!(dropped.snapshot(), 3);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counter(u64);

impl Counter {
    /// Nothing happened yet.
    pub const fn new() -> Self {
        Self(0)
    }

    /// It happened once more.
    #[inline]
    pub const fn increment(&mut self) {
        self.add(1);
    }

    /// It happened that many times more.
    #[inline]
    pub const fn add(&mut self, times: u64) {
        self.0 = self.0.saturating_add(times);
    }

    /// How often it has happened.
    #[inline]
    pub const fn snapshot(&self) -> u64 {
        self.0
    }

    /// How often it has happened since the last call of this.
    pub const fn take(&mut self) -> u64 {
        core::mem::replace(&mut self.0, 0)
    }
}

/// A level (of a queue, of a table) and its high-water mark.
///
/// ```
/// use ptk_core::histogram::Gauge;
///
/// let mut connections = Gauge::new();
/// connections.raise(3);
/// connections.lower(2);
/// assert_eq!((connections.level(), connections.high_water()), (1, 3));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Gauge {
    level: u64,
    high_water: u64,
}

impl Gauge {
    /// Level 0.
    pub const fn new() -> Self {
        Self {
            level: 0,
            high_water: 0,
        }
    }

    /// The level is now that.
    #[inline]
    pub const fn set(&mut self, level: u64) {
        self.level = level;
        if level > self.high_water {
            self.high_water = level;
        }
    }

    /// The level went up; it stops at `u64::MAX`.
    #[inline]
    pub const fn raise(&mut self, by: u64) {
        self.set(self.level.saturating_add(by));
    }

    /// The level went down; it stops at 0.
    #[inline]
    pub const fn lower(&mut self, by: u64) {
        self.level = self.level.saturating_sub(by);
    }

    /// The level now.
    #[inline]
    pub const fn level(&self) -> u64 {
        self.level
    }

    /// The highest level so far.
    #[inline]
    pub const fn high_water(&self) -> u64 {
        self.high_water
    }

    /// Both.
    pub const fn snapshot(&self) -> GaugeSnapshot {
        GaugeSnapshot {
            level: self.level,
            high_water: self.high_water,
        }
    }

    /// The high-water mark starts anew at the current level.
    pub const fn reset_high_water(&mut self) {
        self.high_water = self.level;
    }
}

/// What a [`Gauge`] knew at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct GaugeSnapshot {
    /// The level at that moment.
    pub level: u64,
    /// The highest level until then.
    pub high_water: u64,
}
