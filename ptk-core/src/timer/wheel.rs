//! The timers that come later: eleven wheels of 64 buckets, each wheel 64 times as coarse as the one before.

use super::slots::{Link, Mark, Payload, Slot, State};

const DIGIT_BITS: u32 = 6;
const DIGITS: usize = 1 << DIGIT_BITS;
/// Eleven digits of six bits hold 64.
const LEVELS: usize = 11;

/// A deadline is a number of eleven digits with base 64. It lies in the wheel of the highest digit in which it differs
/// from `base`, in the bucket of that digit:
///
/// ```text
///   base       00 17 03 44 ...
///   deadline   00 17 52 09 ...     wheel of the third digit, bucket 52
/// ```
///
/// So the earliest timer is in the lowest bucket of the lowest wheel that has any, and which bucket a
/// timer is in follows from its deadline and `base`: the timer need not know it. A bucket is a list through
/// the slots, in the order of arming.
///
/// `base` is never later than a deadline in here. It moves forward into the first bucket when that is
/// [dealt](Self::deal) out to the finer wheels, and backward when an earlier timer has to go in.
pub(super) struct Wheel {
    /// By bucket: its first and last slot, each + 1; 0 while it is empty.
    ends: [Ends; LEVELS * DIGITS],
    /// By wheel: a bit for each bucket with a timer.
    occupied: [u64; LEVELS],
    /// A bit for each wheel with a timer.
    levels: u32,
    base: u64,
}

#[derive(Clone, Copy)]
struct Ends {
    first: u32,
    last: u32,
}

const EMPTY: Ends = Ends { first: 0, last: 0 };

/// A bucket's number: its wheel and its digit.
#[derive(Clone, Copy)]
pub(super) struct Bucket(usize);

impl Bucket {
    #[inline(always)]
    fn new(level: u32, digit: u64) -> Self {
        Self(level as usize * DIGITS + digit as usize)
    }

    #[inline(always)]
    pub(super) fn level(self) -> u32 {
        (self.0 / DIGITS) as u32
    }

    #[inline(always)]
    fn digit(self) -> u64 {
        (self.0 % DIGITS) as u64
    }
}

/// Buckets of one wheel, earliest first.
pub(super) struct Run {
    level: u32,
    occupied: u64,
}

impl Run {
    #[inline(always)]
    pub(super) fn first(&self) -> Option<Bucket> {
        let digit = self.occupied.trailing_zeros();
        (self.occupied != 0).then(|| Bucket::new(self.level, u64::from(digit)))
    }

    #[inline(always)]
    pub(super) fn drop_first(&mut self) {
        self.occupied &= self.occupied.wrapping_sub(1);
    }
}

/// The highest digit in which two times differ; 0 when they do not.
#[inline(always)]
fn highest_difference(one: u64, other: u64) -> u32 {
    ((one ^ other) | 1).ilog2() / DIGIT_BITS
}

#[inline(always)]
fn digit(time: u64, level: u32) -> u64 {
    time >> (level * DIGIT_BITS) & (DIGITS as u64 - 1)
}

impl Wheel {
    pub(super) const fn new() -> Self {
        Self {
            ends: [EMPTY; LEVELS * DIGITS],
            occupied: [0; LEVELS],
            levels: 0,
            base: 0,
        }
    }

    #[inline(always)]
    pub(super) const fn is_empty(&self) -> bool {
        self.levels == 0
    }

    /// Forgets each timer.
    pub(super) fn clear(&mut self) {
        while let Some(bucket) = self.first_bucket() {
            self.ends[bucket.0] = EMPTY;
            self.unmark(bucket);
        }
    }

    #[inline(always)]
    fn bucket(&self, deadline: u64) -> Bucket {
        let level = highest_difference(deadline, self.base);
        Bucket::new(level, digit(deadline, level))
    }

    /// Puts a timer behind the others of its bucket.
    #[inline(always)]
    pub(super) fn push_back(&mut self, links: &mut [Link], slot: u32, deadline: u64) {
        let bucket = self.bucket(deadline);
        let ends = &mut self.ends[bucket.0];
        let previous = core::mem::replace(&mut ends.last, slot + 1);
        match previous {
            0 => {
                ends.first = slot + 1;
                self.mark(bucket);
            }
            _ => links[previous as usize - 1].next = slot + 1,
        }
        links[slot as usize] = Link { previous, next: 0 };
    }

    /// Puts a timer before the others of its bucket.
    pub(super) fn push_front(&mut self, links: &mut [Link], slot: u32, deadline: u64) {
        let bucket = self.bucket(deadline);
        let ends = &mut self.ends[bucket.0];
        let next = core::mem::replace(&mut ends.first, slot + 1);
        match next {
            0 => {
                ends.last = slot + 1;
                self.mark(bucket);
            }
            _ => links[next as usize - 1].previous = slot + 1,
        }
        links[slot as usize] = Link { previous: 0, next };
    }

    /// Takes a timer out; it has this deadline.
    #[inline(always)]
    pub(super) fn unlink(&mut self, links: &mut [Link], slot: u32, deadline: impl FnOnce() -> u64) {
        let Link { previous, next } = links[slot as usize];
        if previous != 0 && next != 0 {
            links[previous as usize - 1].next = next;
            links[next as usize - 1].previous = previous;
            return;
        }
        let bucket = self.bucket(deadline());
        match previous {
            0 => self.ends[bucket.0].first = next,
            _ => links[previous as usize - 1].next = next,
        }
        match next {
            0 => self.ends[bucket.0].last = previous,
            _ => links[next as usize - 1].previous = previous,
        }
        if previous == 0 && next == 0 {
            self.unmark(bucket);
        }
    }

    /// The buckets of the finest wheel that has any, earliest first.
    #[inline(always)]
    pub(super) fn first_run(&self) -> Option<Run> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros();
        let occupied = self.occupied[level as usize];
        Some(Run { level, occupied })
    }

    /// The bucket with the earliest timers.
    #[inline(always)]
    pub(super) fn first_bucket(&self) -> Option<Bucket> {
        self.first_run()?.first()
    }

    /// The first time that belongs to a bucket.
    #[inline(always)]
    fn start(&self, bucket: Bucket) -> u64 {
        let shift = bucket.level() * DIGIT_BITS;
        // The digits below the bucket's own, and the bucket's own, which for the coarsest wheel is cut short.
        let below = (1_u64 << shift << (DIGIT_BITS - 1) << 1).wrapping_sub(1);
        self.base & !below | bucket.digit() << shift
    }

    /// The first slot of a bucket + 1.
    #[inline(always)]
    pub(super) fn first_of(&self, bucket: Bucket) -> u32 {
        self.ends[bucket.0].first
    }

    /// Forgets the buckets of the finest wheel from its first to `last`; `rest` is what remains of it. Moves `base` to the
    /// start of `last` and answers the first time that what remains can have.
    #[inline(always)]
    pub(super) fn leave(&mut self, last: Bucket, rest: &Run) -> u64 {
        self.base = self.start(last);
        let level = last.level() as usize;
        let mut left = self.occupied[level] & !rest.occupied;
        while left != 0 {
            self.ends[level * DIGITS + left.trailing_zeros() as usize] = EMPTY;
            left &= left - 1;
        }
        self.occupied[level] = rest.occupied;
        if rest.occupied == 0 {
            self.levels &= !(1 << level);
        }
        self.base.saturating_add(1 << (last.level() * DIGIT_BITS))
    }

    /// Cuts a bucket, the first one, before the slot + 1 `rest` (0: takes all of it) and moves `base` to its
    /// start. What was before `rest` is out. Answers the first time that what remains can have.
    #[inline(always)]
    pub(super) fn cut(&mut self, links: &mut [Link], bucket: Bucket, rest: u32) -> u64 {
        self.base = self.start(bucket);
        if rest == 0 {
            self.ends[bucket.0] = EMPTY;
            self.unmark(bucket);
            let width = 1_u64 << (bucket.level() * DIGIT_BITS);
            self.base.saturating_add(width)
        } else {
            self.ends[bucket.0].first = rest;
            links[rest as usize - 1].previous = 0;
            self.base
        }
    }

    /// Deals a bucket, the first one and not of the finest wheel, out to the finer wheels.
    pub(super) fn deal<P: Payload>(
        &mut self,
        slots: &[Slot<P>],
        links: &mut [Link],
        marks: &mut [Mark],
        bucket: Bucket,
    ) {
        let mut next = self.first_of(bucket);
        self.cut(links, bucket, 0);
        while next != 0 {
            let slot = next - 1;
            next = links[slot as usize].next;
            let Slot { deadline, payload } = &slots[slot as usize];
            if payload.may_be_gone() {
                let mark = &mut marks[slot as usize];
                if mark.is(State::Cancelled) {
                    mark.set_state(State::Free);
                    continue;
                }
            }
            self.push_back(links, slot, *deadline);
        }
    }

    /// Makes room for timers from `earliest` on, if that is before `base`: `base` goes back to it, and the
    /// wheels below the digit that changes by that become one bucket again, list by list.
    pub(super) fn lower_base(&mut self, links: &mut [Link], earliest: u64) {
        if earliest >= self.base && !self.is_empty() {
            return;
        }
        let level = highest_difference(earliest, self.base);
        let into = Bucket::new(level, digit(self.base, level));
        for below in 0..level {
            let mut occupied = core::mem::take(&mut self.occupied[below as usize]);
            self.levels &= !(1 << below);
            while occupied != 0 {
                let from = Bucket::new(below, u64::from(occupied.trailing_zeros()));
                occupied &= occupied - 1;
                self.append(links, into, from);
            }
        }
        self.base = earliest;
    }

    fn append(&mut self, links: &mut [Link], into: Bucket, from: Bucket) {
        let Ends { first, last } = core::mem::replace(&mut self.ends[from.0], EMPTY);
        let end = core::mem::replace(&mut self.ends[into.0].last, last);
        links[first as usize - 1].previous = end;
        match end {
            0 => {
                self.ends[into.0].first = first;
                self.mark(into);
            }
            _ => links[end as usize - 1].next = first,
        }
    }

    #[inline(always)]
    fn mark(&mut self, bucket: Bucket) {
        let level = bucket.level();
        self.occupied[level as usize] |= 1 << bucket.digit();
        self.levels |= 1 << level;
    }

    #[inline(always)]
    fn unmark(&mut self, bucket: Bucket) {
        let level = bucket.level();
        let occupied = &mut self.occupied[level as usize];
        *occupied &= !(1 << bucket.digit());
        if *occupied == 0 {
            self.levels &= !(1 << level);
        }
    }
}
