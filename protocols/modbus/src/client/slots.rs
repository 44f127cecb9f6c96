//! The requests in flight.

use super::{Failure, expected::Expected};
use crate::buffer::earlier;

/// A request that was made and whose end has not been told yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub state: SlotState,
    pub transaction_id: u16,
    pub unit: u8,
    /// `None` for keepalives, which nobody is told of.
    pub token: Option<u64>,
    pub expected: Expected,
    pub requested: u64,
    pub deadline: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotState {
    InFlight,
    /// Over; still to be told.
    Failed(Failure),
}

/// At most `N` of them.
pub(super) struct Slots<const N: usize> {
    slots: [Option<Slot>; N],
    in_flight: usize,
    failed: usize,
}

impl<const N: usize> Slots<N> {
    pub(super) const fn new() -> Self {
        const { assert!(N > 0, "at least one request in flight") };
        Self {
            slots: [const { None }; N],
            in_flight: 0,
            failed: 0,
        }
    }

    /// Requests that wait for a reply.
    pub(super) const fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Places taken, by requests in flight and by ends not told.
    pub(super) const fn taken(&self) -> usize {
        self.in_flight + self.failed
    }

    /// Adds a request; the caller has seen that there is a place.
    pub(super) fn insert(&mut self, slot: Slot) {
        if let Some(free) = self.slots.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(slot);
            self.in_flight += 1;
        }
    }

    /// Whether a request in flight has this id.
    pub(super) fn has(&self, transaction_id: u16) -> bool {
        self.in_flight > 0 && self.position(transaction_id).is_some()
    }

    fn position(&self, transaction_id: u16) -> Option<usize> {
        self.slots.iter().position(|slot| {
            slot.is_some_and(|slot| {
                slot.state == SlotState::InFlight && slot.transaction_id == transaction_id
            })
        })
    }

    /// Takes out the request in flight with this id.
    pub(super) fn take(&mut self, transaction_id: u16) -> Option<Slot> {
        let slot = self.slots[self.position(transaction_id)?].take();
        self.in_flight -= 1;
        slot
    }

    /// Takes out the oldest request in flight: for RTU framing, which has one and no ids.
    pub(super) fn take_any(&mut self) -> Option<Slot> {
        let id = self
            .slots
            .iter()
            .flatten()
            .find(|slot| slot.state == SlotState::InFlight)?;
        self.take(id.transaction_id)
    }

    /// Whether there are requests whose ends are to be told.
    pub(super) const fn have_failed(&self) -> bool {
        self.failed > 0
    }

    /// Takes out a request whose end is to be told.
    pub(super) fn take_failed(&mut self) -> Option<(Slot, Failure)> {
        if self.failed == 0 {
            return None;
        }
        for place in &mut self.slots {
            if let Some(slot) = *place
                && let SlotState::Failed(failure) = slot.state
            {
                *place = None;
                self.failed -= 1;
                return Some((slot, failure));
            }
        }
        None
    }

    /// When the next request in flight times out.
    pub(super) fn deadline(&self) -> Option<u64> {
        let mut earliest = None;
        let mut left = self.in_flight;
        let mut slots = self.slots.iter().flatten();
        while left > 0 {
            let slot = slots.next()?;
            if slot.state == SlotState::InFlight {
                left -= 1;
                earliest = earlier(earliest, Some(slot.deadline));
            }
        }
        earliest
    }

    /// Ends every request in flight whose deadline is at `until` or before. Returns how many, and when the first of them
    /// was made.
    pub(super) fn fail(&mut self, until: u64, failure: Failure) -> (u32, u64) {
        let mut count = 0;
        let mut first = u64::MAX;
        for place in &mut self.slots {
            let Some(slot) = place else { continue };
            if slot.state != SlotState::InFlight || slot.deadline > until {
                continue;
            }
            count += 1;
            first = first.min(slot.requested);
            self.in_flight -= 1;
            if slot.token.is_some() {
                slot.state = SlotState::Failed(failure);
                self.failed += 1;
            } else {
                *place = None;
            }
        }
        (count, first)
    }
}
