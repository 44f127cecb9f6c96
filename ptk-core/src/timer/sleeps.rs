//! [`Sleeps`]: one-shot timers that carry the waker of the task that waits.

use core::task::Waker;

use super::slots::{Head, Link, MAX_SLOTS, Mark, Payload, Slot, State, TimerId};
use super::table::Table;
use crate::time::Instant;

impl Payload for Option<Waker> {
    const NONE: Self = None;

    /// Whoever takes a timer out takes the waker.
    #[inline(always)]
    fn may_be_gone(&self) -> bool {
        self.is_none()
    }
}

/// Room for `N` sleeps.
pub struct SleepSlots<const N: usize> {
    head: Head,
    slots: [Slot<Option<Waker>>; N],
    links: [Link; N],
    marks: [Mark; N],
}

impl<const N: usize> SleepSlots<N> {
    pub const fn new() -> Self {
        const { assert!(N <= MAX_SLOTS, "a driver has at most 16,777,216 timers") };
        Self {
            head: Head::EMPTY,
            slots: [const { Slot::UNUSED }; N],
            links: [Link::UNUSED; N],
            marks: [Mark::UNUSED; N],
        }
    }

    pub fn view(&mut self) -> Sleeps<'_> {
        Sleeps(Table {
            head: &mut self.head,
            slots: &mut self.slots,
            links: &mut self.links,
            marks: &mut self.marks,
        })
    }
}

/// The same without its `N`. A waker that goes in or comes out is moved: none is cloned, woken or dropped here.
pub struct Sleeps<'a>(Table<'a, Option<Waker>>);

impl Sleeps<'_> {
    /// Takes a slot for `deadline` and what is in `waker`. Nothing is taken if there is no slot.
    #[inline(always)]
    pub fn insert(&mut self, deadline: Instant, waker: &mut Option<Waker>) -> Option<TimerId> {
        let slot = self.0.take_slot()?;
        self.0.slots[slot as usize].payload = waker.take();
        Some(self.0.begin(slot, deadline))
    }

    /// Gives the slot back; the waker, if the sleep had not ended.
    #[inline(always)]
    pub fn cancel(&mut self, id: TimerId) -> Option<Waker> {
        if !self.0.is_current(id) {
            return None;
        }
        let waker = self.0.slots[id.slot as usize].payload.take();
        if self.0.marks[id.slot as usize].is(State::Wheel) {
            self.0.head.len -= 1;
            self.0.release(id.slot, State::Cancelled);
        } else {
            self.0.disarm(id.slot);
            self.0.release(id.slot, State::Free);
            if self.0.head.front.is_empty() {
                self.0.advance();
            }
        }
        waker
    }

    /// The waker of the sleep that has been due for longest, if one is due at `now`. Its slot is free again.
    #[inline(always)]
    pub fn pop_due(&mut self, now: Instant) -> Option<Waker> {
        if self.0.head.front.earliest()? > now.as_nanos() {
            return None;
        }
        let slot = self.0.head.front.first_slot();
        let waker = self.0.slots[slot as usize].payload.take();
        self.0.head.front.remove_first();
        self.0.head.len -= 1;
        self.0.release(slot, State::Free);
        if self.0.head.front.is_empty() {
            self.0.advance();
        }
        waker
    }

    /// The earliest deadline.
    #[inline(always)]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.0.head.front.earliest().map(Instant::from_nanos)
    }

    /// Whether the sleep has not ended.
    #[inline(always)]
    pub fn is_armed(&self, id: TimerId) -> bool {
        self.0.is_current(id)
    }

    /// The place of its waker, if the sleep has not ended. What is there may be changed for another one.
    #[inline(always)]
    pub fn waker(&mut self, id: TimerId) -> Option<&mut Waker> {
        if !self.0.is_current(id) {
            return None;
        }
        self.0.slots[id.slot as usize].payload.as_mut()
    }
}

#[cfg(test)]
mod tests;
