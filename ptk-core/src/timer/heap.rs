//! A 4-ary heap of ranks that knows where each slot's rank is.
//!
//! Position 0 is the root and lives beside the counters; position `p` above 0 is `tree[p - 1]`. The
//! children of `p` are positions `4p + 1 ..= 4p + 4`, that is `tree[4p .. 4p + 4]`: one aligned group
//! of 64 bytes, one cache line for each level on the way down.
//!
//! ```text
//!            root                      position 0
//!    ┌────┬───┴┬────┐
//!    0    1    2    3                  tree[0..4],  positions 1 to 4
//!  ┌┬┴┬┐ 8..  12.. 16..                tree[4..8],  the children of position 1
//! ```
//!
//! Unused places hold [`Rank::NONE`], which loses every comparison: a group is compared as a whole,
//! whether it is full or not.

use super::rank::Rank;

/// What the heap knows of a slot: where its rank is, and which use of the slot this is.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    /// The position in the heap while armed; the next free slot + 1 while free.
    pub(super) place: u32,
    /// Odd while in use, even while free.
    pub(super) generation: u32,
}

/// The heap over lent storage.
pub(super) struct Heap<'a> {
    pub(super) root: &'a mut Rank,
    pub(super) len: &'a mut u32,
    pub(super) tree: &'a mut [Rank],
    pub(super) marks: &'a mut [Mark],
}

impl Heap<'_> {
    /// Adds a rank. The caller has checked that there is room.
    #[inline]
    pub(super) fn push(&mut self, rank: Rank) {
        let place = *self.len as usize;
        *self.len += 1;
        self.sift_up(place, rank);
    }

    /// Takes the root out.
    #[inline]
    pub(super) fn remove_root(&mut self) {
        let last = self.take_last();
        if *self.len == 0 {
            *self.root = Rank::NONE;
        } else {
            self.sift_down(0, last);
        }
    }

    /// Takes out the rank at `place`.
    #[inline]
    pub(super) fn remove(&mut self, place: usize) {
        if place == 0 {
            return self.remove_root();
        }
        let last = self.take_last();
        if place != *self.len as usize {
            self.replace(place, last);
        }
    }

    /// Puts another rank where one was.
    #[inline]
    pub(super) fn replace(&mut self, place: usize, rank: Rank) {
        if place > 0 && rank > self.at(parent(place)) {
            self.sift_up(place, rank);
        } else {
            self.sift_down(place, rank);
        }
    }

    /// The rank at `place`.
    #[inline]
    pub(super) fn at(&self, place: usize) -> Rank {
        if place == 0 {
            *self.root
        } else {
            self.tree[place - 1]
        }
    }

    #[inline]
    fn put(&mut self, place: usize, rank: Rank) {
        if place == 0 {
            *self.root = rank;
        } else {
            self.tree[place - 1] = rank;
        }
        self.marks[rank.slot() as usize].place = place as u32;
    }

    /// Takes out the rank at the last position, which is returned, and leaves nothing there.
    #[inline]
    fn take_last(&mut self) -> Rank {
        *self.len -= 1;
        match *self.len as usize {
            0 => *self.root,
            place => core::mem::replace(&mut self.tree[place - 1], Rank::NONE),
        }
    }

    /// Moves the hole at `place` towards the root until `rank` fits.
    #[inline]
    fn sift_up(&mut self, mut place: usize, rank: Rank) {
        while place > 0 {
            let above = parent(place);
            let other = self.at(above);
            if other > rank {
                break;
            }
            self.put(place, other);
            place = above;
        }
        self.put(place, rank);
    }

    /// Moves the hole at `place` away from the root until `rank` fits.
    #[inline]
    pub(super) fn sift_down(&mut self, mut place: usize, rank: Rank) {
        loop {
            let (best, child) = self.first_child(place);
            if best < rank {
                break;
            }
            self.put(place, best);
            place = child;
        }
        self.put(place, rank);
    }

    /// The child of `place` that fires first, with its position; `NONE` when there is none.
    #[inline]
    fn first_child(&self, place: usize) -> (Rank, usize) {
        let group = 4 * place;
        if let Some(Ok(group_of_four)) = self.tree.get(group..group + 4).map(<&[Rank; 4]>::try_from)
        {
            let [a, b, c, d] = *group_of_four;
            let ab = if b > a { (b, 2) } else { (a, 1) };
            let cd = if d > c { (d, 4) } else { (c, 3) };
            let (best, child) = if cd.0 > ab.0 { cd } else { ab };
            return (best, group + child);
        }
        // The tail of a tree whose size is no multiple of four.
        let mut first = (Rank::NONE, group);
        for (index, &rank) in self.tree.iter().enumerate().skip(group) {
            if rank > first.0 {
                first = (rank, index + 1);
            }
        }
        first
    }
}

#[inline]
fn parent(place: usize) -> usize {
    (place - 1) / 4
}
