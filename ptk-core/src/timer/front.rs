//! The timers that come next, at most 32, in the order of their arming.

/// How many timers the front holds.
pub(super) const FRONT: usize = 32;

/// Places that share one lower bound.
const GROUP: usize = 4;
const GROUPS: usize = FRONT / GROUP;

/// The earliest timers, side by side, and which of them is the first. Each four places share a lower bound of
/// their deadlines, so that finding the next first looks at eight bounds and at four places.
///
/// A place that was left stays empty until the places run out; then the others close up. So a timer keeps its place
/// meanwhile, equal deadlines stay in order, and the first of equals is the one that was armed first.
pub(super) struct Front {
    /// Deadlines in nanoseconds; `u64::MAX` in an empty place.
    keys: [u64; FRONT],
    /// Slot + 1; 0 in an empty place.
    slots: [u32; FRONT],
    /// For each group, not later than its earliest deadline: too early only after a removal.
    bounds: [u64; GROUPS],
    used: u32,
    len: u32,
    first: u32,
}

impl Front {
    pub(super) const fn new() -> Self {
        Self {
            keys: [0; FRONT],
            slots: [0; FRONT],
            bounds: [0; GROUPS],
            used: 0,
            len: 0,
            first: 0,
        }
    }

    #[inline(always)]
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether each place is in use.
    #[inline(always)]
    pub(super) const fn is_full(&self) -> bool {
        self.len as usize == FRONT
    }

    /// Whether there is a place behind the last: if not, [`close_up`](Self::close_up) first.
    #[inline(always)]
    pub(super) const fn has_place(&self) -> bool {
        (self.used as usize) < FRONT
    }

    /// How many places there are behind the last.
    #[inline(always)]
    pub(super) const fn places_left(&self) -> usize {
        FRONT - self.used as usize
    }

    /// Whether half of the places have been used.
    #[inline(always)]
    pub(super) const fn is_half_full(&self) -> bool {
        self.used as usize >= FRONT / 2
    }

    /// The earliest deadline, if there is one.
    #[inline(always)]
    pub(super) fn earliest(&self) -> Option<u64> {
        if self.len == 0 {
            None
        } else {
            Some(self.keys[self.first as usize % FRONT])
        }
    }

    /// The slot of the earliest deadline. Only for a front that is not empty.
    #[inline(always)]
    pub(super) fn first_slot(&self) -> u32 {
        self.slots[self.first as usize % FRONT].wrapping_sub(1)
    }

    /// Puts a timer behind the last place, which is answered.
    #[inline(always)]
    pub(super) fn push(&mut self, key: u64, slot: u32) -> u32 {
        let place = self.used;
        let is_first = self.earliest().is_none_or(|earliest| key < earliest);
        let group = place as usize / GROUP % GROUPS;
        if place == 0 {
            self.bounds = [u64::MAX; GROUPS];
            self.keys = [u64::MAX; FRONT];
        }
        self.bounds[group] = self.bounds[group].min(key);
        self.keys[place as usize % FRONT] = key;
        self.slots[place as usize % FRONT] = slot + 1;
        self.used += 1;
        self.len += 1;
        if is_first {
            self.first = place;
        }
        place
    }

    /// Empties a place.
    #[inline(always)]
    pub(super) fn remove(&mut self, place: u32) {
        self.keys[place as usize % FRONT] = u64::MAX;
        self.slots[place as usize % FRONT] = 0;
        self.len -= 1;
        if self.len == 0 {
            self.used = 0;
        } else if place == self.first {
            self.find_first();
        }
    }

    /// The timers in order of arming: deadline and slot.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, u32)> + '_ {
        let used = self.used as usize;
        let places = self.keys[..used].iter().zip(&self.slots[..used]);
        places
            .filter(|&(_, &slot)| slot != 0)
            .map(|(&key, &slot)| (key, slot - 1))
    }

    /// Keeps the timers for which `stay` answers true and moves them to the first places; tells each
    /// its new place.
    pub(super) fn close_up(&mut self, stay: impl Fn(u64) -> bool, mut moved: impl FnMut(u32, u32)) {
        let (keys, slots) = (self.keys, self.slots);
        let used = core::mem::take(&mut self.used) as usize;
        self.len = 0;
        for (&key, &slot) in keys.iter().zip(&slots).take(used) {
            if slot != 0 && stay(key) {
                let place = self.push(key, slot - 1);
                moved(slot - 1, place);
            }
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
        if self.slots[self.first as usize % FRONT] == 0 {
            // Nothing but timers that never come: `u64::MAX` is a deadline, too.
            let timer = self.slots[..self.used as usize]
                .iter()
                .position(|&slot| slot != 0);
            self.first = timer.unwrap_or(0) as u32;
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
