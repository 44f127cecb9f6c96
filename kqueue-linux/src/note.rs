//! Registrations that are not READ or WRITE of a descriptor: timers, user events, processes, signals, files. 104 bytes each, found by (filter, ident).

use core::ptr::{self, NonNull};

use crate::mem::{self, Chunks, Zeroed};
use crate::sys::{self, Errno};

/// No note.
pub(crate) const NONE: u32 = u32::MAX;

/// Registered, not to be delivered.
pub(crate) const DISABLED: u16 = 1;
/// On the ready list.
pub(crate) const LINKED: u16 = 2;
/// Forgotten while on the ready list: freed when its turn comes.
pub(crate) const DEAD: u16 = 4;
/// The condition holds: a timer is due, a user event was triggered, a process has ended.
pub(crate) const FIRED: u16 = 8;
/// Deliver next time, whatever the condition (`EV_FORCEONESHOT`).
pub(crate) const FORCED: u16 = 16;
/// A signal that this crate blocked, because it was ignored.
pub(crate) const BLOCKED_HERE: u16 = 32;
/// A signal that was pending when it was registered: its first report is old news.
pub(crate) const OLD_NEWS: u16 = 64;
/// On the list of what is looked at in each call.
pub(crate) const POLLED: u16 = 128;

/// The note that connects a regular file's READ and WRITE registrations with its inotify watch; no filter of the program's has this number.
pub(crate) const FILE_WATCH: i16 = 1;

/// One registration. The meaning of `value`, `period` and below is the filter's.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Note {
    pub(crate) ident: usize,
    pub(crate) udata: usize,
    pub(crate) fflags: u32,
    pub(crate) filter: i16,
    pub(crate) flags: u16,
    pub(crate) status: u16,
    /// The call that delivered it last.
    pub(crate) stamp: u32,
    pub(crate) generation: u32,
    /// The next of the same hash, or of the free list.
    hash_next: u32,
    /// The next on the ready list.
    pub(crate) next: u32,
    pub(crate) data: i64,
    /// Timer: the deadline. Signal: the count. Process: the status. File: its size.
    pub(crate) value: u64,
    /// Timer: the period, ns. File: its number of links.
    pub(crate) period: u64,
    /// Timer: the place in the heap plus one. Looked at in each call: the next such note plus one. VNODE: 1 for a directory.
    pub(crate) place: u32,
    /// A descriptor of this crate's own, or an inotify watch; -1 for none.
    pub(crate) handle: i32,
    /// The next file of the same inotify watch bucket.
    pub(crate) watch_next: u32,
    /// A directory's second watch, on its parent: the index of its note; -1 for none.
    pub(crate) parent: i32,
    /// A directory: the rename of which one half was told, and what was collected before it.
    pub(crate) cookie: u32,
    pub(crate) before: u32,
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

// SAFETY: all fields are integers.
unsafe impl Zeroed for Note {}

/// Buckets of the first table: one page.
const FIRST_BUCKETS: u32 = 1024;

/// All notes of a kqueue.
pub(crate) struct Notes {
    slots: Chunks<Note>,
    /// Slots ever used.
    high: u32,
    /// The first free slot plus one.
    free: u32,
    /// Notes in use.
    pub(crate) count: u32,
    /// A power of two; 0 before the first.
    bucket_count: u32,
    /// First of each chain, plus one.
    buckets: *mut u32,
}

impl Notes {
    fn bucket_of(&self, filter: i16, ident: usize) -> usize {
        let mixed =
            (ident as u64 ^ ((filter as u16 as u64) << 48)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 32) as usize & (self.bucket_count as usize - 1)
    }

    fn bucket(&mut self, at: usize) -> &mut u32 {
        debug_assert!(at < self.bucket_count as usize);
        // SAFETY: `bucket_of` masks with the count; the mapping has that many elements; `&mut self` makes the reference the only one.
        unsafe { &mut *self.buckets.add(at) }
    }

    /// The note at an index that a chain, the ready list or the heap gave.
    #[inline]
    pub(crate) fn at(&mut self, index: u32) -> Option<&mut Note> {
        self.slots.get(index)
    }

    /// The registration of (filter, ident).
    pub(crate) fn find(&mut self, filter: i16, ident: usize) -> Option<u32> {
        if self.bucket_count == 0 {
            return None;
        }
        let bucket = self.bucket_of(filter, ident);
        let mut link = *self.bucket(bucket);
        while link != 0 {
            let note = self.slots.get(link - 1)?;
            if note.ident == ident && note.filter == filter {
                return Some(link - 1);
            }
            link = note.hash_next;
        }
        None
    }

    /// A new registration, all fields zero but filter, ident and generation.
    pub(crate) fn insert(&mut self, filter: i16, ident: usize) -> Result<u32, Errno> {
        if self.count >= self.bucket_count {
            self.grow()?;
        }
        let index = if self.free != 0 {
            self.free - 1
        } else {
            self.high
        };
        // Indices travel shifted by two bits.
        if index >= 1 << 29 {
            return Err(libc::ENOMEM);
        }
        let slot = self.slots.ensure(index)?;
        let generation = slot.generation;
        if self.free != 0 {
            self.free = slot.hash_next;
        } else {
            self.high += 1;
        }
        // SAFETY: `Note` is `Zeroed`.
        let mut note: Note = unsafe { core::mem::zeroed() };
        note.generation = generation;
        note.filter = filter;
        note.ident = ident;
        note.handle = -1;
        note.parent = -1;
        let bucket = self.bucket_of(filter, ident);
        note.hash_next = *self.bucket(bucket);
        if let Some(slot) = self.slots.get(index) {
            *slot = note;
        }
        *self.bucket(bucket) = index + 1;
        self.count += 1;
        Ok(index)
    }

    /// Takes the registration out of the table. Its slot is free, or (while on the ready list) will be when [`Notes::free`] is called.
    pub(crate) fn remove(&mut self, index: u32) {
        let Some(note) = self.slots.get(index).copied() else {
            return;
        };
        let bucket = self.bucket_of(note.filter, note.ident);
        let head = *self.bucket(bucket);
        if head == index + 1 {
            *self.bucket(bucket) = note.hash_next;
        } else {
            let mut link = head;
            while link != 0 {
                let Some(before) = self.slots.get(link - 1) else {
                    break;
                };
                if before.hash_next == index + 1 {
                    before.hash_next = note.hash_next;
                    break;
                }
                link = before.hash_next;
            }
        }
        self.count -= 1;
        if note.status & LINKED != 0 {
            if let Some(note) = self.slots.get(index) {
                note.status |= DEAD;
            }
        } else {
            self.free(index);
        }
    }

    /// Puts a removed slot on the free list.
    pub(crate) fn free(&mut self, index: u32) {
        let free = self.free;
        if let Some(note) = self.slots.get(index) {
            note.status = DEAD;
            note.generation = note.generation.wrapping_add(1) & crate::state::tag::GENERATION;
            note.hash_next = free;
            self.free = index + 1;
        }
    }

    /// Calls `each` with every note in use.
    pub(crate) fn for_each(&mut self, mut each: impl FnMut(&mut Note)) {
        self.for_each_indexed(|_, note| each(note));
    }

    /// The same, with its index.
    pub(crate) fn for_each_indexed(&mut self, mut each: impl FnMut(u32, &mut Note)) {
        for index in 0..self.high {
            if let Some(note) = self.slots.get(index)
                && note.status & DEAD == 0
            {
                each(index, note);
            }
        }
    }

    /// Four times the buckets; the notes stay where they are.
    fn grow(&mut self) -> Result<(), Errno> {
        let old = (self.buckets, self.bucket_count);
        let count = if old.1 == 0 {
            FIRST_BUCKETS
        } else {
            old.1.checked_mul(4).ok_or(libc::ENOMEM)?
        };
        self.buckets = mem::map(count as usize * 4)?.cast().as_ptr();
        self.bucket_count = count;
        for at in 0..old.1 as usize {
            // SAFETY: the old mapping has `old.1` elements and is unmapped below.
            let mut link = unsafe { *old.0.add(at) };
            while link != 0 {
                let Some(note) = self.slots.get(link - 1).copied() else {
                    break;
                };
                let bucket = self.bucket_of(note.filter, note.ident);
                let head = *self.bucket(bucket);
                if let Some(moved) = self.slots.get(link - 1) {
                    moved.hash_next = head;
                }
                *self.bucket(bucket) = link;
                link = note.hash_next;
            }
        }
        if let Some(start) = NonNull::new(old.0) {
            sys::munmap(start.cast(), old.1 as usize * 4);
        }
        Ok(())
    }

    /// Gives all memory back.
    pub(crate) fn unmap(&mut self) {
        self.slots.unmap();
        if let Some(start) = NonNull::new(self.buckets) {
            sys::munmap(start.cast(), self.bucket_count as usize * 4);
        }
        self.buckets = ptr::null_mut();
        (self.bucket_count, self.high, self.free, self.count) = (0, 0, 0, 0);
    }
}
