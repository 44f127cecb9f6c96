//! The usual way: `std`'s binary heap of deadlines beside a slab, with generations, cancelled lazily.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::timers::Timers;

/// Deadline, slot, generation.
type Entry = (u64, u32, u32);

/// The heap, empty and ready by default.
#[derive(Default)]
pub struct PlainHeap {
    heap: BinaryHeap<Reverse<Entry>>,
    /// Generation and payload.
    slots: Vec<(u32, u64)>,
    free: Vec<u32>,
}

impl PlainHeap {
    /// Throws away what was cancelled and has come to the top.
    fn first(&mut self) -> Option<Entry> {
        while let Some(&Reverse((deadline, slot, generation))) = self.heap.peek() {
            if self.slots[slot as usize].0 == generation {
                return Some((deadline, slot, generation));
            }
            self.heap.pop();
        }
        None
    }

    fn release(&mut self, slot: u32) {
        self.slots[slot as usize].0 += 1;
        self.free.push(slot);
    }
}

impl Timers for PlainHeap {
    type Id = (u32, u32);

    fn insert(&mut self, deadline: u64, payload: u64) -> (u32, u32) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push((0, 0));
            self.slots.len() as u32 - 1
        });
        let place = &mut self.slots[slot as usize];
        place.1 = payload;
        let generation = place.0;
        self.heap.push(Reverse((deadline, slot, generation)));
        (slot, generation)
    }

    fn cancel(&mut self, (slot, generation): (u32, u32)) -> bool {
        let known = self.slots[slot as usize].0 == generation;
        if known {
            self.release(slot);
        }
        known
    }

    fn next_deadline(&mut self) -> Option<u64> {
        self.first().map(|(deadline, ..)| deadline)
    }

    fn pop_expired(&mut self, now: u64) -> Option<u64> {
        let (deadline, slot, _) = self.first()?;
        if deadline > now {
            return None;
        }
        self.heap.pop();
        self.release(slot);
        Some(self.slots[slot as usize].1)
    }
}
