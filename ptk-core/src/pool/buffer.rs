//! A buffer that goes back by itself.

use core::fmt;
use core::ops::{Deref, DerefMut};

use super::Pool;

/// A buffer on loan from a [`Pool`]: bytes as long as was asked for. It goes back when it is dropped; one that
/// is forgotten ([`core::mem::forget`]) is lost to its pool, and nothing worse.
///
/// The bytes are what the last user left in them.
pub struct Buffer<'p, 'a> {
    pool: &'p Pool<'a>,
    bytes: &'a mut [u8],
    len: usize,
}

impl<'p, 'a> Buffer<'p, 'a> {
    pub(super) fn new(pool: &'p Pool<'a>, bytes: &'a mut [u8]) -> Self {
        let len = bytes.len();
        Self { pool, bytes, len }
    }

    /// How long it can get.
    pub fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// Makes it shorter or longer, at most [`capacity`](Self::capacity); the bytes stay. Answers the length
    /// it now has.
    pub fn set_len(&mut self, len: usize) -> usize {
        self.len = len.min(self.bytes.len());
        self.len
    }
}

impl Drop for Buffer<'_, '_> {
    fn drop(&mut self) {
        self.pool.give_back(core::mem::take(&mut self.bytes));
    }
}

impl Deref for Buffer<'_, '_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl DerefMut for Buffer<'_, '_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }
}

impl fmt::Debug for Buffer<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer")
            .field("len", &self.len)
            .field("capacity", &self.bytes.len())
            .finish()
    }
}
