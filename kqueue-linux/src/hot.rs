//! The steady case without a lock: what a waiter must know to turn "descriptor n is readable" into a kevent, published per descriptor in 16 bytes.
//!
//! Only plain registrations are published: READ, level-triggered, enabled, not counted ([`crate::NOTE_NOCOUNT`]), of the first 65,536 numbers. For everything
//! else the word is 0 and the waiter takes the lock.
//!
//! Each entry is a sequence lock of its own. The writer (who holds the kqueue's lock) sets the word to 0, writes `udata`, and sets the word; the reader reads the
//! word, `udata`, and the word again. The word is what the kernel hands back with the event, generation included, so an event of a file that had the number
//! before never matches.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Descriptor numbers that have an entry: 1 MiB of address space, of which only pages with registrations in them take memory.
pub(crate) const NUMBERS: usize = 1 << 16;

/// One descriptor. All zero is "not published": a published word has a generation, which is never 0.
#[repr(C, align(16))]
struct Entry {
    word: AtomicU64,
    udata: AtomicUsize,
}

/// The entries. Their memory is never given back, because waiters read it without a lock; a freed kqueue's pages are emptied.
#[repr(C)]
pub(crate) struct HotTable {
    entries: [Entry; NUMBERS],
}

impl HotTable {
    /// The `udata` of the published registration that has this word.
    #[inline(always)]
    pub(crate) fn look_up(&self, word: u64) -> Option<usize> {
        let entry = self.entries.get(word as u32 as usize)?;
        if entry.word.load(Ordering::Acquire) != word {
            return None;
        }
        let udata = entry.udata.load(Ordering::Acquire);
        (entry.word.load(Ordering::Relaxed) == word).then_some(udata)
    }

    /// Publishes a registration. Called with the kqueue's lock held.
    pub(crate) fn publish(&self, word: u64, udata: usize) {
        if let Some(entry) = self.entries.get(word as u32 as usize) {
            entry.word.store(0, Ordering::Relaxed);
            entry.udata.store(udata, Ordering::Release);
            entry.word.store(word, Ordering::Release);
        }
    }

    /// Takes a descriptor's registration back. Called with the kqueue's lock held. (Reads first: a page that holds nothing is not to be made.)
    pub(crate) fn withdraw(&self, fd: u32) {
        if let Some(entry) = self.entries.get(fd as usize)
            && entry.word.load(Ordering::Relaxed) != 0
        {
            entry.word.store(0, Ordering::Release);
        }
    }

    /// Takes all back and gives the pages to the system.
    pub(crate) fn clear(&self) {
        crate::sys::empty_pages(core::ptr::NonNull::from(self).cast(), size_of::<Self>());
    }
}
