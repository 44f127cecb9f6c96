//! The timers that come next, at most 32.

/// How many timers the front holds.
pub(super) const FRONT: usize = 32;

/// Places that share one lower bound.
const GROUP: usize = 4;
const GROUPS: usize = FRONT / GROUP;

/// The earliest timers, side by side, and which of them is the first. Their places are in one of two conditions:
///
/// ```text
///             fill, settle              push, earlier than the last
///   empty ──────────────────────► in order ─────────────────────────► mixed
///     ▲     push, the first one      │                                  │
///     └──────────────────────────────┴────── remove, the last one ──────┘
/// ```
///
/// In order, the next first is the next place in use. Mixed, each four places share a lower bound of their deadlines,
/// so that finding the next first looks at eight bounds and at four places.
///
/// A place that was left stays empty until the places run out; then the others close up. So a timer keeps its place
/// meanwhile, equal deadlines stay in order, and the first of equals is the one that was armed first.
///
/// Aligned, so that a group of deadlines lies in one cache line.
#[repr(align(32))]
pub(super) struct Front {
    /// Deadlines in nanoseconds. In an empty place: in order, the deadline that was there; mixed, `u64::MAX`.
    keys: [u64; FRONT],
    slots: [u32; FRONT],
    /// Mixed only: for each group, not later than its earliest deadline: too early only after a removal.
    bounds: [u64; GROUPS],
    /// A bit for each place with a timer.
    occupied: u32,
    used: u32,
    first: u32,
    mixed: bool,
}

impl Front {
    pub(super) const fn new() -> Self {
        Self {
            keys: [0; FRONT],
            slots: [0; FRONT],
            bounds: [0; GROUPS],
            occupied: 0,
            used: 0,
            first: 0,
            mixed: false,
        }
    }

    #[inline(always)]
    pub(super) const fn is_empty(&self) -> bool {
        self.occupied == 0
    }

    /// Whether each place is in use.
    #[inline(always)]
    pub(super) const fn is_full(&self) -> bool {
        self.occupied == u32::MAX
    }

    /// Whether there is a place behind the last: if not, [`close_up`](Self::close_up) first.
    #[inline(always)]
    pub(super) const fn has_place(&self) -> bool {
        (self.used as usize) < FRONT
    }

    /// How many places have been used.
    #[inline(always)]
    pub(super) const fn used(&self) -> usize {
        self.used as usize
    }

    /// The earliest deadline, if there is one.
    #[inline(always)]
    pub(super) fn earliest(&self) -> Option<u64> {
        if self.occupied == 0 {
            None
        } else {
            Some(self.keys[self.first as usize % FRONT])
        }
    }

    /// The slot of the earliest deadline. Only for a front that is not empty.
    #[inline(always)]
    pub(super) fn first_slot(&self) -> u32 {
        self.slots[self.first as usize % FRONT]
    }

    /// Puts a timer behind the last place, which is answered.
    #[inline(always)]
    pub(super) fn push(&mut self, key: u64, slot: u32) -> u32 {
        let place = self.used;
        if place == 0 {
            self.first = 0;
        } else if self.mixed || key < self.keys[(place as usize - 1) % FRONT] {
            if !self.mixed {
                self.mix();
            }
            let bound = &mut self.bounds[place as usize / GROUP % GROUPS];
            *bound = key.min(*bound);
            if key < self.keys[self.first as usize % FRONT] {
                self.first = place;
            }
        }
        self.keys[place as usize % FRONT] = key;
        self.slots[place as usize % FRONT] = slot;
        self.occupied |= 1 << (place % u32::BITS);
        self.used = place + 1;
        place
    }

    /// Puts a timer behind those of the same or an earlier deadline in the places from `start` on. Only for a front that was
    /// empty and only while there is a place; the timers count after [`settle`](Self::settle).
    #[inline(always)]
    pub(super) fn fill(&mut self, start: usize, key: u64, slot: u32) {
        let mut place = self.used as usize % FRONT;
        self.used += 1;
        while place > start && self.keys[(place - 1) % FRONT] > key {
            self.keys[place % FRONT] = self.keys[(place - 1) % FRONT];
            self.slots[place % FRONT] = self.slots[(place - 1) % FRONT];
            place -= 1;
        }
        self.keys[place % FRONT] = key;
        self.slots[place % FRONT] = slot;
    }

    /// Takes back what was filled in from place `start` on.
    pub(super) fn empty_from(&mut self, start: usize) {
        self.used = start as u32;
    }

    /// Ends the filling: tells each timer's slot its place.
    #[inline(always)]
    pub(super) fn settle(&mut self, mut settled: impl FnMut(u32, u32)) {
        for (place, &slot) in self.slots.iter().enumerate().take(self.used as usize) {
            settled(slot, place as u32);
        }
        self.first = 0;
        self.occupied = (1_u64 << self.used).wrapping_sub(1) as u32;
    }

    /// Empties the place of the earliest deadline. Only for a front that is not empty.
    #[inline(always)]
    pub(super) fn remove_first(&mut self) {
        self.remove(self.first);
    }

    /// Empties a place.
    #[inline(always)]
    pub(super) fn remove(&mut self, place: u32) {
        self.occupied &= !(1 << (place % u32::BITS));
        if self.occupied == 0 {
            self.used = 0;
            self.mixed = false;
        } else if self.mixed {
            self.keys[place as usize % FRONT] = u64::MAX;
            if place == self.first {
                self.find_first();
            }
        } else {
            self.first = self.occupied.trailing_zeros();
        }
    }

    /// The timers in order of their places: deadline and slot.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, u32)> + '_ {
        (0..self.used as usize)
            .filter(|place| self.occupied >> place & 1 == 1)
            .map(|place| (self.keys[place], self.slots[place]))
    }

    /// Keeps the timers for which `stay` answers true and moves them to the first places; tells each
    /// its new place.
    pub(super) fn close_up(&mut self, stay: impl Fn(u64) -> bool, mut moved: impl FnMut(u32, u32)) {
        let (keys, slots, occupied) = (self.keys, self.slots, self.occupied);
        let used = core::mem::take(&mut self.used) as usize;
        self.occupied = 0;
        self.mixed = false;
        for (place, (&key, &slot)) in keys.iter().zip(&slots).enumerate().take(used) {
            if occupied >> place & 1 == 1 && stay(key) {
                let place = self.push(key, slot);
                moved(slot, place);
            }
        }
    }

    /// From in order to mixed.
    #[inline(never)]
    fn mix(&mut self) {
        self.mixed = true;
        let used = self.used as usize % FRONT;
        self.keys[used..].fill(u64::MAX);
        let mut left = !self.occupied & ((1 << used) - 1);
        while left != 0 {
            self.keys[left.trailing_zeros() as usize % FRONT] = u64::MAX;
            left &= left - 1;
        }
        self.bounds = [u64::MAX; GROUPS];
        for group in 0..used.div_ceil(GROUP) {
            self.bounds[group % GROUPS] = self.earliest_of(group).0;
        }
    }

    #[inline(always)]
    fn find_first(&mut self) {
        // The bound that the last first has left behind is too early, without doubt.
        let mut group = self.first as usize / GROUP % GROUPS;
        self.bounds[group] = self.earliest_of(group).0;
        loop {
            // A round of two halves, so that they are compared side by side.
            let (mut low, mut high) = ((self.bounds[0], 0), (self.bounds[GROUPS / 2], GROUPS / 2));
            for index in 1..GROUPS / 2 {
                let other = (self.bounds[index], index);
                low = if other.0 < low.0 { other } else { low };
                let other = (self.bounds[index + GROUPS / 2], index + GROUPS / 2);
                high = if other.0 < high.0 { other } else { high };
            }
            let bound;
            (bound, group) = if high.0 < low.0 { high } else { low };
            let (earliest, place) = self.earliest_of(group);
            if earliest == bound {
                self.first = (group * GROUP + place) as u32;
                break;
            }
            self.bounds[group] = earliest;
        }
        if self.occupied >> (self.first % u32::BITS) & 1 == 0 {
            // Nothing but timers that never come: `u64::MAX` is a deadline, too.
            self.first = self.occupied.trailing_zeros();
        }
    }

    /// The earliest deadline of a group and its place in it; of equal ones the first.
    #[inline(always)]
    fn earliest_of(&self, group: usize) -> (u64, usize) {
        let groups = self.keys.as_chunks::<GROUP>().0;
        let [a, b, c, d] = groups[group % GROUPS];
        let ab = if b < a { (b, 1) } else { (a, 0) };
        let cd = if d < c { (d, 3) } else { (c, 2) };
        if cd.0 < ab.0 { cd } else { ab }
    }
}
