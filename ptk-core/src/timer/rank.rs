//! The order in which timers fire, in one integer.

use crate::time::Instant;

/// Bits of a [`Rank`] that hold the slot.
const SLOT_BITS: u32 = 24;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;

/// The largest number of slots that a rank can tell apart: 16,777,216.
pub(crate) const MAX_SLOTS: usize = 1 << SLOT_BITS;

/// Deadline, then order of arming, then slot: the complement of all three side by side, so that the
/// **greater** rank fires **first** and zero, what static memory is filled with, is "no timer".
///
/// ```text
///  127              64 63        24 23      0
/// | !deadline, ns     | !sequence  | !slot   |
/// ```
///
/// The sequence has 40 bits. When it wraps, after 2^40 arms, two timers with the same nanosecond as
/// their deadline, armed on different sides of the wrap, swap their order; nothing else happens, as
/// the slot keeps every rank different from every other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(u128);

impl Rank {
    pub(super) const NONE: Self = Self(0);

    pub(super) fn new(deadline: Instant, sequence: u64, slot: u32) -> Self {
        let low = (sequence << SLOT_BITS) | u64::from(slot);
        Self(!(u128::from(deadline.as_nanos()) << 64 | u128::from(low)))
    }

    pub(super) fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(super) fn deadline(self) -> Instant {
        Instant::from_nanos((!self.0 >> 64) as u64)
    }

    pub(super) fn slot(self) -> u32 {
        (!(self.0 as u64) & SLOT_MASK) as u32
    }
}
