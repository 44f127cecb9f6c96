//! Pools of several sizes.

use super::{Buffer, Pool};

/// Several [`Pool`]s, smallest buffers first: a taker says how many bytes it needs.
#[derive(Clone, Copy)]
pub struct Pools<'p, 'a, const SIZES: usize> {
    pools: [&'p Pool<'a>; SIZES],
}

impl<'p, 'a, const SIZES: usize> Pools<'p, 'a, SIZES> {
    /// From pools in any order.
    pub fn new(mut pools: [&'p Pool<'a>; SIZES]) -> Self {
        const { assert!(SIZES > 0, "pools of several sizes need at least one") };
        pools.sort_unstable_by_key(|pool| pool.size());
        Self { pools }
    }

    /// A buffer of `len` bytes from the smallest pool whose buffers are long enough and that has one free. `None` when
    /// there is none; the smallest pool that would have done counts that as refused.
    pub fn take(&self, len: usize) -> Option<Buffer<'p, 'a>> {
        let fitting = self.pools.iter().position(|pool| pool.size() >= len)?;
        let fitting = &self.pools[fitting..];
        let mut buffer = match fitting.iter().find_map(|pool| pool.take_quietly()) {
            Some(buffer) => buffer,
            None => fitting[0].take()?,
        };
        buffer.set_len(len);
        Some(buffer)
    }

    /// The pools, smallest buffers first.
    pub const fn pools(&self) -> &[&'p Pool<'a>; SIZES] {
        &self.pools
    }
}
