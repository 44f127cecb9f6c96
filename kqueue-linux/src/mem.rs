//! Memory without the heap: anonymous mappings, and arrays that grow by further mappings and never move.

use core::ptr::{self, NonNull};

use crate::sys::{self, Errno};

/// Types for which all bytes zero is a valid value.
///
/// # Safety
///
/// The implementer guarantees it.
pub(crate) unsafe trait Zeroed {}

// SAFETY: an integer may be zero.
unsafe impl Zeroed for u32 {}
// SAFETY: as above.
unsafe impl Zeroed for [u32; 2] {}

/// Elements in the first chunk; each further one is twice as long.
const FIRST: u32 = 64;
/// Enough chunks for 2^31 elements.
const CHUNKS: usize = 26;

/// An array of doubling chunks: `FIRST`, `2 * FIRST`, … elements. Zeroed when it comes to be, never moved, never shrunk before [`Chunks::unmap`].
///
/// A chunk is mapped when an index in it is first asked for; pages within it cost nothing until they are touched.
pub(crate) struct Chunks<T> {
    base: [*mut T; CHUNKS],
}

impl<T: Zeroed> Chunks<T> {
    #[inline(always)]
    fn locate(index: u32) -> (usize, usize) {
        let chunk = (index / FIRST + 1).ilog2();
        (
            chunk as usize,
            index.wrapping_add(FIRST).wrapping_sub(FIRST << chunk) as usize,
        )
    }

    /// The element, when its chunk is mapped.
    #[inline(always)]
    pub(crate) fn get(&mut self, index: u32) -> Option<&mut T> {
        let (chunk, at) = Self::locate(index);
        let base = *self.base.get(chunk)?;
        if base.is_null() {
            return None;
        }
        // SAFETY: `locate` keeps `at` below the chunk's length; `ensure` mapped that many zeroed elements; `&mut self` makes the
        // reference the only one.
        Some(unsafe { &mut *base.add(at) })
    }

    /// The element; maps its chunk first when need be. `ENOMEM` when there is no memory or the index is beyond the last chunk.
    pub(crate) fn ensure(&mut self, index: u32) -> Result<&mut T, Errno> {
        let (chunk, _) = Self::locate(index);
        let base = self.base.get_mut(chunk).ok_or(libc::ENOMEM)?;
        if base.is_null() {
            *base = map(Self::bytes(chunk))?.cast().as_ptr();
        }
        self.get(index).ok_or(libc::ENOMEM)
    }

    const fn bytes(chunk: usize) -> usize {
        ((FIRST as usize) << chunk) * size_of::<T>()
    }

    /// Gives all chunks back to the system.
    pub(crate) fn unmap(&mut self) {
        for (chunk, base) in self.base.iter_mut().enumerate() {
            if let Some(start) = NonNull::new(*base) {
                sys::munmap(start.cast(), Self::bytes(chunk));
                *base = ptr::null_mut();
            }
        }
    }
}

/// Mappings from here on could be given huge pages.
const LARGE: usize = 1 << 16;

/// Zeroed pages.
pub(crate) fn map(bytes: usize) -> Result<NonNull<u8>, Errno> {
    let start = sys::mmap(bytes)?;
    if bytes >= LARGE {
        // Only the pages that are touched may take memory: no huge ones.
        sys::small_pages(start, bytes);
    }
    Ok(start)
}
