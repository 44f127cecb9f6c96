//! [`Table`]: slots and the structures over them, whatever a timer carries.

use super::front::FRONT;
use super::slots::{Head, Link, Mark, Payload, Slot, State, TimerId};
use super::wheel::Bucket;
use crate::time::Instant;

/// A borrowed table whose timers carry a `P`: what [`Timers`](super::Timers) and [`Sleeps`](super::Sleeps) share.
pub struct Table<'a, P> {
    pub(super) head: &'a mut Head,
    pub(super) slots: &'a mut [Slot<P>],
    pub(super) links: &'a mut [Link],
    pub(super) marks: &'a mut [Mark],
}

impl<P: Payload> Table<'_, P> {
    #[inline(always)]
    pub(super) fn is_current(&self, id: TimerId) -> bool {
        id.generation & 1 == 1
            && self
                .marks
                .get(id.slot as usize)
                .is_some_and(|mark| mark.generation == id.generation)
    }

    /// A free slot, or the resting one when there is no other.
    #[inline(always)]
    pub(super) fn take_slot(&mut self) -> Option<u32> {
        if self.head.free != 0 {
            let slot = self.head.free - 1;
            let mark = self.marks[slot as usize];
            self.head.free = mark.link();
            if mark.is(State::Cancelled) {
                self.unlink(slot);
            }
            return Some(slot);
        }
        let slot = self.head.touched;
        if (slot as usize) < self.slots.len() {
            self.head.touched += 1;
            return Some(slot);
        }
        if self.head.resting != 0 {
            let slot = self.head.resting - 1;
            self.head.resting = 0;
            let generation = &mut self.marks[slot as usize].generation;
            *generation = generation.wrapping_add(1);
            return Some(slot);
        }
        None
    }

    /// Gives a slot back that is in no bucket (`Free`) or still in one (`Cancelled`).
    #[inline(always)]
    pub(super) fn release(&mut self, slot: u32, state: State) {
        let mark = &mut self.marks[slot as usize];
        mark.generation = mark.generation.wrapping_add(1);
        mark.set(state, self.head.free);
        self.head.free = slot + 1;
        if self.head.len == 0 && self.head.resting == 0 {
            self.start_over();
        }
    }

    /// No slot is in use: the next ones go side by side again, and the wheel forgets who was cancelled.
    #[inline]
    fn start_over(&mut self) {
        self.head.free = 0;
        self.head.touched = 0;
        self.head.wheel.clear();
        self.head.not_horizon = 0;
    }

    /// Arms the timer of a slot that was just taken.
    #[inline(always)]
    pub(super) fn begin(&mut self, slot: u32, deadline: Instant) -> TimerId {
        let mark = &mut self.marks[slot as usize];
        let generation = mark.generation.wrapping_add(1);
        mark.generation = generation;
        self.arm(slot, deadline.as_nanos());
        self.head.high_water = self.head.high_water.max(self.head.len);
        TimerId { slot, generation }
    }

    /// Puts a slot's timer where its deadline belongs.
    #[inline(always)]
    pub(super) fn arm(&mut self, slot: u32, deadline: u64) {
        self.slots[slot as usize].deadline = deadline;
        self.head.len += 1;
        if deadline < !self.head.not_horizon && !self.head.front.has_place() {
            self.make_room();
        }
        if deadline < !self.head.not_horizon {
            let place = self.head.front.push(deadline, slot);
            self.marks[slot as usize].set(State::Front, place);
            return;
        }
        self.marks[slot as usize].set(State::Wheel, 0);
        self.head.wheel.push_back(self.links, slot, deadline);
        if self.head.front.is_empty() {
            self.advance();
        }
    }

    /// Takes a slot's timer out; `false` when it rested. The front may be empty then.
    #[inline(always)]
    pub(super) fn disarm(&mut self, slot: u32) -> bool {
        match self.marks[slot as usize].state() {
            State::Front => {
                let place = self.marks[slot as usize].link();
                self.head.front.remove(place);
            }
            State::Wheel => self.unlink(slot),
            State::Resting | State::Free | State::Cancelled => {
                self.head.resting = 0;
                return false;
            }
        }
        self.head.len -= 1;
        true
    }

    /// Takes a slot's timer out of the wheel.
    #[inline(always)]
    fn unlink(&mut self, slot: u32) {
        let slots = &*self.slots;
        let deadline = || slots[slot as usize].deadline;
        self.head.wheel.unlink(self.links, slot, deadline);
    }

    /// Fills the empty front from the wheel: with its first buckets, or with what a bucket that is too large is
    /// dealt out to.
    #[inline(never)]
    pub(super) fn advance(&mut self) {
        while self.head.front.used() == 0
            && let Some(mut run) = self.head.wheel.first_run()
        {
            let mut last = None;
            while self.head.front.used() < FRONT / 2
                && let Some(bucket) = run.first()
                && self.take(bucket)
            {
                run.drop_first();
                last = Some(bucket);
            }
            if let Some(last) = last {
                self.head.not_horizon = !self.head.wheel.leave(last, &run);
            } else if let Some(bucket) = run.first() {
                if bucket.level() > 0 {
                    self.head
                        .wheel
                        .deal(self.slots, self.links, self.marks, bucket);
                } else {
                    self.take_some(bucket);
                }
            }
        }
        let marks = &mut *self.marks;
        self.head
            .front
            .settle(|slot, place| marks[slot as usize].set(State::Front, place));
        if self.head.wheel.is_empty() {
            self.head.not_horizon = 0;
        }
    }

    /// Fills the front with a bucket's timers, in order; does nothing and answers `false` when they are more than there are places.
    /// The bucket itself is left as it is.
    #[inline(always)]
    fn take(&mut self, bucket: Bucket) -> bool {
        let Head { front, wheel, .. } = &mut *self.head;
        let first = wheel.first_of(bucket);
        let start = front.used();
        // Only the first bucket may well be too large, after that those of the same wheel are likely to be small, too.
        if start == 0 && self.counts_more_than(FRONT, first) {
            return false;
        }
        let Head { front, .. } = &mut *self.head;
        let mut places = FRONT - start;
        let mut next = first;
        while next != 0 {
            if places == 0 {
                front.empty_from(start);
                self.untake(first, next);
                return false;
            }
            places -= 1;
            let index = next as usize - 1;
            let slot = &self.slots[index];
            let mark = &mut self.marks[index];
            if slot.payload.may_be_gone() && mark.is(State::Cancelled) {
                mark.set_state(State::Free);
            } else {
                front.fill(start, slot.deadline, next - 1);
            }
            next = self.links[index].next;
        }
        true
    }

    /// Whether a list has more timers than `count`, cancelled ones too.
    #[inline(always)]
    fn counts_more_than(&self, count: usize, mut next: u32) -> bool {
        let mut left = count;
        while next != 0 && left > 0 {
            next = self.links[next as usize - 1].next;
            left -= 1;
        }
        next != 0
    }

    /// The cancelled timers from `first` to before `end` stay in their bucket.
    #[cold]
    fn untake(&mut self, first: u32, end: u32) {
        let mut next = first;
        while next != end {
            let mark = &mut self.marks[next as usize - 1];
            if mark.is(State::Free) {
                mark.set_state(State::Cancelled);
            }
            next = self.links[next as usize - 1].next;
        }
    }

    /// Fills the empty front with the first timers of a bucket whose timers are all due at once.
    #[cold]
    fn take_some(&mut self, bucket: Bucket) {
        let Head { front, wheel, .. } = &mut *self.head;
        let mut next = wheel.first_of(bucket);
        while next != 0 && front.has_place() {
            let index = next as usize - 1;
            let slot = &self.slots[index];
            let mark = &mut self.marks[index];
            if slot.payload.may_be_gone() && mark.is(State::Cancelled) {
                mark.set_state(State::Free);
            } else {
                front.fill(0, slot.deadline, next - 1);
            }
            next = self.links[index].next;
        }
        self.head.not_horizon = !wheel.cut(self.links, bucket, next);
    }

    /// Makes a place in the front, which has none behind the last: the timers close up, or the later half goes to
    /// the wheel and the horizon comes nearer.
    #[cold]
    fn make_room(&mut self) {
        let links = &mut *self.links;
        let marks = &mut *self.marks;
        let Head { front, wheel, .. } = &mut *self.head;
        let mut horizon = None;
        if front.is_full() {
            let middle = middle(front.iter().map(|(key, _)| key));
            wheel.lower_base(links, middle);
            // Backwards, and before the others in their buckets: they were armed before any equal ones there.
            for (key, slot) in front.iter().rev() {
                if key >= middle {
                    marks[slot as usize].set(State::Wheel, 0);
                    wheel.push_front(links, slot, key);
                }
            }
            horizon = Some(middle);
        }
        front.close_up(
            |key| horizon.is_none_or(|horizon| key < horizon),
            |slot, place| marks[slot as usize].set(State::Front, place),
        );
        if let Some(horizon) = horizon {
            self.head.not_horizon = !horizon;
        }
    }
}

/// Where to cut a full front in two: in the middle, or after the timers with the earliest deadline, if those are
/// half of them. If they are all, before them: then the front begins anew.
fn middle(keys: impl Iterator<Item = u64>) -> u64 {
    let mut sorted = [0; FRONT];
    for (place, key) in sorted.iter_mut().zip(keys) {
        *place = key;
    }
    sorted.sort_unstable();
    let later = sorted[FRONT / 2..].iter().find(|&&key| key > sorted[0]);
    *later.unwrap_or(&sorted[0])
}
