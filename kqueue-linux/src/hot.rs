//! The steady case without a lock: what a waiter must know to turn "descriptor n is readable" into a kevent, published per descriptor.
//!
//! Only plain registrations are published: READ and WRITE, enabled, not counted ([`crate::NOTE_NOCOUNT`]), level-triggered or with `EV_CLEAR`, of the first 65,536
//! numbers. For everything else the mark is 0 and the waiter takes the lock.
//!
//! Each registration is a sequence lock of its own. The writer (who holds the kqueue's lock) sets the mark to 0, writes `udata` and the head, and sets the mark; the
//! reader reads the mark, head and `udata`, and the mark again. The mark is what the kernel says of the event, generation included, so an event of a file that had
//! the number before never matches.

use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use libc::epoll_event;

use crate::abi::{EVFILT_READ, EVFILT_WRITE};
use crate::node::{READ, WRITE};

/// Descriptor numbers that can be published: 2.5 MiB of address space, of which only pages with registrations in them take memory.
pub(crate) const NUMBERS: usize = 1 << 16;

const FILTERS: [i16; 2] = [EVFILT_READ, EVFILT_WRITE];
/// What epoll says when one thing has happened, and no other.
const BITS: [u64; 2] = [libc::EPOLLIN as u64, libc::EPOLLOUT as u64];
/// The bits of a mark that say what has happened.
const HAPPENED: u64 = u32::MAX as u64;

/// One side of all descriptors, by number: arrays beside each other, so that the number is the only index and a side that is not used takes no memory. All zero is "not
/// published": a published mark says what happens.
#[repr(C)]
struct Side {
    marks: [AtomicU64; NUMBERS],
    udata: [AtomicUsize; NUMBERS],
    /// Filter and flags, as they lie in a kevent.
    heads: [AtomicU32; NUMBERS],
}

/// What is published. Its memory is never given back, because waiters read it without a lock; a freed kqueue's pages are emptied.
#[repr(C)]
pub(crate) struct HotTable {
    sides: [Side; 2],
}

/// What epoll told, as far as a waiter needs it: low half what happened, high half kind and generation; and the number.
#[derive(Clone, Copy)]
pub(crate) struct Told {
    mark: u64,
    index: u16,
}

/// What is published of a registration.
#[derive(Clone, Copy)]
pub(crate) struct Plain {
    /// Filter and flags, as they lie in a kevent.
    pub(crate) head: u32,
    pub(crate) udata: usize,
}

impl Told {
    /// Reads what the kernel wrote.
    ///
    /// # Safety
    ///
    /// `event` is valid for reading; it need not be aligned.
    #[inline(always)]
    pub(crate) unsafe fn read(event: *const epoll_event) -> Self {
        #[cfg(all(target_arch = "x86_64", target_endian = "little"))]
        {
            const { assert!(core::mem::offset_of!(epoll_event, u64) == 4) };
            // SAFETY: the caller's promise: twelve bytes, of which the first eight and two of the others are read.
            unsafe {
                Self {
                    mark: event.cast::<u64>().read_unaligned(),
                    index: event.cast::<u16>().add(4).read_unaligned(),
                }
            }
        }
        #[cfg(not(all(target_arch = "x86_64", target_endian = "little")))]
        {
            // SAFETY: the caller's promise.
            let event = unsafe { event.read_unaligned() };
            Self {
                mark: event.events as u64 | event.u64 << 32,
                index: (event.u64 >> 32) as u16,
            }
        }
    }

    /// The descriptor's number, when a look-up found something.
    #[inline(always)]
    pub(crate) const fn ident(self) -> usize {
        self.index as usize
    }
}

impl HotTable {
    /// The published READ registration, when "readable" is all that was told.
    #[inline(always)]
    pub(crate) fn readable(&self, told: Told) -> Option<Plain> {
        self.look_up(told, READ, told.mark)
    }

    /// The published registrations of what was told, READ first, when each part of it is about one.
    #[inline(always)]
    pub(crate) fn each(&self, told: Told) -> Option<[Option<Plain>; 2]> {
        let word = told.mark & !HAPPENED;
        match told.mark & HAPPENED {
            happened if happened == BITS[READ] | BITS[WRITE] => Some([
                Some(self.look_up(told, READ, word | BITS[READ])?),
                Some(self.look_up(told, WRITE, word | BITS[WRITE])?),
            ]),
            happened if happened == BITS[WRITE] => {
                Some([None, Some(self.look_up(told, WRITE, told.mark)?)])
            }
            happened if happened == BITS[READ] => {
                Some([Some(self.look_up(told, READ, told.mark)?), None])
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn look_up(&self, told: Told, side: usize, mark: u64) -> Option<Plain> {
        let (side, index) = (&self.sides[side], told.index as usize);
        if side.marks[index].load(Ordering::Acquire) != mark {
            return None;
        }
        let head = side.heads[index].load(Ordering::Acquire);
        let udata = side.udata[index].load(Ordering::Acquire);
        (side.marks[index].load(Ordering::Relaxed) == mark).then_some(Plain { head, udata })
    }

    /// Publishes a registration; `word` is what the kernel has for the descriptor. Called with the kqueue's lock held.
    pub(crate) fn publish(&self, word: u64, side: usize, flags: u16, udata: usize) {
        let index = (word >> 32) as usize;
        if index >= NUMBERS {
            return;
        }
        let (new_mark, new_head) = (
            word << 32 | BITS[side],
            FILTERS[side] as u16 as u32 | (flags as u32) << 16,
        );
        let side = &self.sides[side];
        let (mark, place, head) = (&side.marks[index], &side.udata[index], &side.heads[index]);
        // Most changes change nothing here.
        if mark.load(Ordering::Relaxed) == new_mark
            && place.load(Ordering::Relaxed) == udata
            && head.load(Ordering::Relaxed) == new_head
        {
            return;
        }
        mark.store(0, Ordering::Relaxed);
        place.store(udata, Ordering::Release);
        head.store(new_head, Ordering::Release);
        mark.store(new_mark, Ordering::Release);
    }

    /// Takes a descriptor's registration back. Called with the kqueue's lock held. (Reads first: a page that holds nothing is not to be made.)
    pub(crate) fn withdraw(&self, fd: u32, side: usize) {
        if let Some(mark) = self.sides[side].marks.get(fd as usize)
            && mark.load(Ordering::Relaxed) != 0
        {
            mark.store(0, Ordering::Release);
        }
    }

    /// Takes all back and gives the pages to the system.
    pub(crate) fn clear(&self) {
        crate::sys::empty_pages(core::ptr::NonNull::from(self).cast(), size_of::<Self>());
    }
}
