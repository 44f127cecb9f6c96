//! Finding a run of addresses in ranges.

use super::block::{Access, BitBlock, RegisterBlock};
use crate::codec::ExceptionCode;

/// What the walk over ranges needs to know of a block.
pub(super) trait Block {
    type Value: Copy;
    fn start(&self) -> usize;
    fn len(&self) -> usize;
    fn values(&mut self) -> &mut [Self::Value];
    fn access(&self) -> Access;
}

impl Block for RegisterBlock<'_> {
    type Value = u16;

    fn start(&self) -> usize {
        self.start.into()
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn values(&mut self) -> &mut [u16] {
        self.values
    }

    fn access(&self) -> Access {
        self.access
    }
}

impl Block for BitBlock<'_> {
    type Value = bool;

    fn start(&self) -> usize {
        self.start.into()
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn values(&mut self) -> &mut [bool] {
        self.values
    }

    fn access(&self) -> Access {
        self.access
    }
}

/// Ranges in the caller's memory.
#[derive(Debug)]
pub(super) struct Ranges<'a, B> {
    blocks: &'a mut [B],
    /// By address, and none overlaps the next: searched by halving.
    in_order: bool,
}

impl<B> Ranges<'_, B> {
    pub(super) const fn none() -> Self {
        Self {
            blocks: &mut [],
            in_order: true,
        }
    }

    #[inline]
    pub(super) const fn first(&self) -> Option<&B> {
        self.blocks.first()
    }
}

impl<'a, B: Block> Ranges<'a, B> {
    pub(super) fn new(blocks: &'a mut [B]) -> Self {
        let in_order = blocks.is_sorted_by(|one, next| one.start() + one.len() <= next.start());
        Self { blocks, in_order }
    }

    /// The range that has `address`; the first one if there are several.
    fn find(&mut self, address: usize) -> Option<&mut B> {
        let has = |block: &B| (block.start()..block.start() + block.len()).contains(&address);
        if self.in_order {
            let behind = self
                .blocks
                .partition_point(|block| block.start() <= address);
            // The ones before end where this one begins, or earlier.
            self.blocks
                .get_mut(..behind)?
                .last_mut()
                .filter(|block| has(block))
        } else {
            self.blocks.iter_mut().find(|block| has(block))
        }
    }

    /// Calls `visit` with each piece of the range `start..start + count` and its offset in the range, in order.
    pub(super) fn walk(
        &mut self,
        start: u16,
        count: usize,
        allowed: fn(Access) -> bool,
        mut visit: impl FnMut(usize, &mut [B::Value]),
    ) -> Result<(), ExceptionCode> {
        let (mut at, end) = (usize::from(start), usize::from(start) + count);
        while at < end {
            let block = self.find(at).ok_or(ExceptionCode::IllegalDataAddress)?;
            if !allowed(block.access()) {
                return Err(ExceptionCode::IllegalDataAddress);
            }
            let skip = at - block.start();
            let values = &mut block.values()[skip..];
            let take = values.len().min(end - at);
            visit(at - usize::from(start), &mut values[..take]);
            at += take;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a search one by one finds.
    fn one_by_one(blocks: &[(u16, usize)], address: usize) -> Option<usize> {
        let has = |&(start, length): &(u16, usize)| {
            (usize::from(start)..usize::from(start) + length).contains(&address)
        };
        blocks.iter().position(has)
    }

    /// The values of each range are its index.
    fn check(shape: &[(u16, usize)], in_order: bool) {
        let mut values = [[0_u16; 8]; 4];
        for (index, values) in values.iter_mut().enumerate() {
            values.fill(index as u16);
        }
        let [one, two, three, four] = &mut values;
        let mut memory = [&mut one[..], &mut two[..], &mut three[..], &mut four[..]].into_iter();
        let mut blocks: [RegisterBlock<'_>; 4] = core::array::from_fn(|index| {
            let (start, length) = shape[index];
            let values = memory.next().expect("four");
            RegisterBlock::new(start, &mut values[..length], Access::ReadWrite)
        });
        let mut ranges = Ranges::new(&mut blocks);
        assert_eq!(ranges.in_order, in_order, "{shape:?}");
        for address in 0..=u16::MAX {
            let mut found = None;
            let outcome = ranges.walk(address, 1, Access::reads, |_, values| {
                found = Some(usize::from(values[0]));
            });
            assert_eq!(
                found,
                one_by_one(shape, address.into()),
                "{address} of {shape:?}"
            );
            assert_eq!(outcome.is_ok(), found.is_some());
        }
    }

    #[test]
    fn each_address_is_found_in_the_first_range_that_has_it() {
        check(&[(0, 8), (8, 8), (20, 1), (65528, 8)], true);
        check(&[(3, 0), (3, 2), (5, 0), (5, 3)], true);
        check(&[(3, 2), (5, 0), (5, 0), (7, 1)], true);
        check(&[(20, 8), (0, 8), (24, 8), (9, 2)], false);
        check(&[(0, 8), (4, 8), (6, 8), (13, 8)], false);
        check(&[(0, 8), (2, 0), (8, 8), (16, 8)], false);
    }
}
