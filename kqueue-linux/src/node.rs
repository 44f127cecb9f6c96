//! What a kqueue keeps per descriptor: one epoll interest, shared by the READ and the WRITE registration.
//!
//! The interest and READ lie together, 32 bytes; WRITE, which few descriptors have, is in a table of its own, 20 bytes each, whose pages take memory only when there is one.

use core::ops::{Deref, DerefMut};

use crate::abi::{EV_CLEAR, EV_DISPATCH, EV_ONESHOT, NOTE_FILE_POLL, NOTE_LOWAT, NOTE_NOCOUNT};
use crate::mem::{Chunks, Zeroed};
use crate::sys::Errno;

/// Index of the READ registration in [`Node::sides`].
pub(crate) const READ: usize = 0;
/// Index of the WRITE registration.
pub(crate) const WRITE: usize = 1;
/// The highest descriptor number that fits the tables' links.
pub(crate) const MAX_FD: usize = (1 << 30) - 2;

/// `EPOLLET`, without the sign.
pub(crate) const EDGE_TRIGGERED: u32 = 1 << 31;
/// What epoll is asked to tell for each side. The end of a stream counts as readable.
pub(crate) const INTEREST: [u32; 2] = [
    (libc::EPOLLIN | libc::EPOLLRDHUP) as u32,
    libc::EPOLLOUT as u32,
];
/// What epoll may tell that concerns each side: an error or a hang-up concerns both.
pub(crate) const CONCERNS: [u32; 2] = [
    INTEREST[READ] | ERROR | HANGUP,
    INTEREST[WRITE] | ERROR | HANGUP,
];
/// `EPOLLERR`.
pub(crate) const ERROR: u32 = libc::EPOLLERR as u32;
/// `EPOLLHUP`.
pub(crate) const HANGUP: u32 = libc::EPOLLHUP as u32;
/// `EPOLLRDHUP`.
pub(crate) const READ_HANGUP: u32 = libc::EPOLLRDHUP as u32;

/// Registered.
pub(crate) const USED: u8 = 1;
/// Registered, not to be delivered.
pub(crate) const DISABLED: u8 = 2;
/// On the ready list (also when not registered any more: it leaves when its turn comes).
pub(crate) const LINKED: u8 = 4;
/// Nothing to ask and nothing to do when it is delivered: no count, no low-water mark; level-triggered on its own, or with CLEAR.
pub(crate) const FAST: u8 = 8;
/// Deliver next time, whatever the condition (`EV_FORCEONESHOT`).
pub(crate) const FORCED: u8 = 16;
/// Something happened since the last delivery (regular files, which epoll does not watch).
pub(crate) const HAPPENED: u8 = 32;

/// Not plain: it makes the kqueue fussy as long as it is registered.
pub(crate) const COUNTED: u8 = 64;

/// `NOTE_LOWAT`.
pub(crate) const LOWAT: u8 = 1;
/// `NOTE_FILE_POLL`.
pub(crate) const FILE_POLL: u8 = 2;
/// `NOTE_NOCOUNT`.
pub(crate) const NOCOUNT: u8 = 4;

/// The notes of a change, in one byte.
pub(crate) const fn notes_of(fflags: u32) -> u8 {
    fflags as u8 & (LOWAT | FILE_POLL)
        | if fflags & NOTE_NOCOUNT != 0 {
            NOCOUNT
        } else {
            0
        }
}

const _: () = assert!(NOTE_LOWAT == LOWAT as u32 && NOTE_FILE_POLL == FILE_POLL as u32);

/// One registration of a descriptor. All zero is "none".
#[repr(C, packed(4))]
#[derive(Clone, Copy)]
pub(crate) struct Side {
    pub(crate) udata: usize,
    /// The next on the ready list.
    pub(crate) next: u32,
    /// `EV_*` that last: CLEAR, ONESHOT, DISPATCH, RECEIPT.
    pub(crate) flags: u16,
    pub(crate) status: u8,
    /// [`LOWAT`], [`FILE_POLL`], [`NOCOUNT`].
    pub(crate) notes: u8,
    /// The call that delivered it last.
    pub(crate) stamp: u32,
}

impl Side {
    /// Registered and to be delivered.
    #[inline(always)]
    pub(crate) const fn is_enabled(&self) -> bool {
        self.status & (USED | DISABLED) == USED
    }

    /// `CLEAR` was asked for.
    pub(crate) const fn is_clear(&self) -> bool {
        self.flags & EV_CLEAR != 0
    }

    /// Has a low-water mark.
    pub(crate) const fn has_lowat(&self) -> bool {
        self.notes & LOWAT != 0
    }

    /// Forgets the registration; a place on the ready list stays until its turn.
    pub(crate) fn clear(&mut self) {
        self.set_status(self.status & (LINKED | COUNTED));
    }

    /// Writes a status that differs: a page that holds nothing is not to be made.
    pub(crate) fn set_status(&mut self, status: u8) {
        if self.status != status {
            self.status = status;
        }
    }
}

/// What a descriptor is, as far as the filters treat it differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    Unknown = 0,
    Pipe,
    Socket,
    File,
    Directory,
    /// Terminals and other character devices.
    Device,
    /// eventfd, timerfd and the like.
    Anonymous,
    Kqueue,
}

/// Epoll is asked for edges although the registrations are level-triggered: level would spin.
pub(crate) const EDGES: u8 = 1;
/// WRITE comes first when there is no room for both.
pub(crate) const ROTATE: u8 = 2;
/// A socket known to carry datagrams.
pub(crate) const DATAGRAM: u8 = 4;
/// A socket known to carry a stream.
pub(crate) const STREAM: u8 = 8;

/// What the two registrations of a descriptor share. All zero is "never seen".
#[repr(C)]
pub(crate) struct Interest {
    /// Which of the files that had this number: events of older ones are dropped.
    pub(crate) generation: u32,
    /// A file's watch (a note's index plus one), or an inner kqueue's last seen state.
    pub(crate) aux: u32,
    /// [`Interest::armed`], a bit for READ, one for WRITE, one for edges.
    armed: u8,
    pub(crate) kind: Kind,
    pub(crate) quirks: u8,
}

/// What lies together.
#[repr(C)]
struct Place {
    read: Side,
    interest: Interest,
}

const _: () = assert!(size_of::<Place>() <= 32 && size_of::<Side>() <= 20);

// SAFETY: all fields are integers but `kind`, of which 0 is `Unknown`.
unsafe impl Zeroed for Place {}
// SAFETY: all fields are integers.
unsafe impl Zeroed for Side {}

/// All descriptors, by number.
pub(crate) struct Nodes {
    places: Chunks<Place>,
    writes: Chunks<Side>,
    /// The low-water marks of those that have one.
    lowats: Chunks<[u32; 2]>,
}

impl Nodes {
    /// The descriptor, when it was ever asked for.
    #[inline(always)]
    pub(crate) fn get(&mut self, fd: u32) -> Option<Node<'_>> {
        let place = self.places.get(fd)?;
        Some(Node {
            sides: [&mut place.read, self.writes.get(fd)?],
            interest: &mut place.interest,
        })
    }

    /// The descriptor, never seen before or known. `ENOMEM`.
    pub(crate) fn ensure(&mut self, fd: u32) -> Result<Node<'_>, Errno> {
        self.places.ensure(fd)?;
        self.writes.ensure(fd)?;
        self.get(fd).ok_or(libc::ENOMEM)
    }

    /// A side's low-water mark, when it has one.
    pub(crate) fn lowat(&mut self, fd: u32, side: usize) -> Option<u32> {
        if !self.get(fd)?.sides[side].has_lowat() {
            return None;
        }
        self.lowats.get(fd).map(|marks| marks[side])
    }

    /// Writes a low-water mark down. `ENOMEM`.
    pub(crate) fn set_lowat(&mut self, fd: u32, side: usize, mark: u32) -> Result<(), Errno> {
        self.lowats.ensure(fd)?[side] = mark;
        Ok(())
    }

    /// Gives all memory back to the system.
    pub(crate) fn unmap(&mut self) {
        self.places.unmap();
        self.writes.unmap();
        self.lowats.unmap();
    }
}

/// One descriptor, borrowed from [`Nodes`].
pub(crate) struct Node<'n> {
    pub(crate) sides: [&'n mut Side; 2],
    interest: &'n mut Interest,
}

impl Deref for Node<'_> {
    type Target = Interest;

    #[inline(always)]
    fn deref(&self) -> &Interest {
        self.interest
    }
}

impl DerefMut for Node<'_> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Interest {
        self.interest
    }
}

impl Interest {
    /// The events that the kernel's interest has now; 0 is "not in the epoll".
    #[inline(always)]
    pub(crate) const fn armed(&self) -> u32 {
        let mut events = 0;
        if self.armed & 1 != 0 {
            events |= INTEREST[READ];
        }
        if self.armed & 2 != 0 {
            events |= INTEREST[WRITE];
        }
        if self.armed & 4 != 0 {
            events |= EDGE_TRIGGERED;
        }
        events
    }

    /// Writes down what [`Node::wanted`] said and the kernel has now, or 0.
    pub(crate) const fn set_armed(&mut self, events: u32) {
        self.armed = (events & INTEREST[READ] == INTEREST[READ]) as u8
            | ((events & INTEREST[WRITE] == INTEREST[WRITE]) as u8) << 1
            | ((events & EDGE_TRIGGERED != 0) as u8) << 2;
        debug_assert!(self.armed() == events, "an event that has no bit");
    }

    /// Does the kernel report edges for it?
    #[inline(always)]
    pub(crate) const fn is_edge_triggered(&self) -> bool {
        self.armed & 4 != 0
    }
}

impl Node<'_> {
    /// Can this side wake a waiter for nothing, also after it has gone? (An interest stays for a while after a one-shot delivery, for example.)
    pub(crate) fn may_wake_for_nothing(&self, side: usize) -> bool {
        let place = &self.sides[side];
        place.status & USED != 0
            && (matches!(self.kind, Kind::Kqueue | Kind::File | Kind::Unknown)
                || place.flags & (EV_ONESHOT | EV_DISPATCH) != 0
                || place.is_clear() && place.status & FAST == 0
                || place.status & (DISABLED | FORCED) != 0
                || place.has_lowat())
    }

    /// Is any side registered?
    pub(crate) fn is_used(&self) -> bool {
        (self.sides[READ].status | self.sides[WRITE].status) & USED != 0
    }

    /// The events that the enabled sides want. Without any, edges of nothing: errors and hang-ups cannot be turned off, but they are told only once.
    pub(crate) fn wanted(&self) -> u32 {
        let mut events = 0;
        let mut edges = self.quirks & EDGES != 0;
        for (side, interest) in self.sides.iter().zip(INTEREST) {
            if side.status & USED != 0 {
                edges |= side.is_clear();
                if side.status & DISABLED == 0 {
                    events |= interest;
                }
            }
        }
        if edges || events == 0 {
            events | EDGE_TRIGGERED
        } else {
            events
        }
    }

    /// Works [`FAST`] out anew, after a change of flags or notes.
    pub(crate) fn refresh(&mut self) {
        let plain_kind = !matches!(self.kind, Kind::Kqueue | Kind::File | Kind::Unknown);
        for side in &mut self.sides {
            let fast = plain_kind
                && side.is_enabled()
                && side.flags & (EV_ONESHOT | EV_DISPATCH) == 0
                && side.notes & (NOCOUNT | LOWAT) == NOCOUNT
                && side.status & FORCED == 0;
            side.set_status(if fast {
                side.status | FAST
            } else {
                side.status & !FAST
            });
        }
    }
}
