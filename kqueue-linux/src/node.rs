//! What a kqueue keeps per descriptor: one epoll interest, shared by the READ and the WRITE registration. 64 bytes.

use crate::abi::{EV_CLEAR, EV_DISPATCH, EV_ONESHOT, NOTE_FILE_POLL, NOTE_LOWAT, NOTE_NOCOUNT};
use crate::mem::Zeroed;

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

/// One registration of a descriptor.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Side {
    pub(crate) udata: usize,
    /// The next on the ready list.
    pub(crate) next: u32,
    /// The low-water mark.
    pub(crate) lowat: u32,
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
        self.status &= LINKED | COUNTED;
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

/// One descriptor. All zero is "never seen".
#[repr(C)]
pub(crate) struct Node {
    pub(crate) sides: [Side; 2],
    /// Which of the files that had this number: events of older ones are dropped.
    pub(crate) generation: u32,
    /// The events that the kernel's interest has now; 0 is "not in the epoll".
    pub(crate) armed: u32,
    pub(crate) kind: Kind,
    pub(crate) quirks: u8,
    /// A file's watch (a note's index plus one), or an inner kqueue's last seen state.
    pub(crate) aux: u32,
}

const _: () = assert!(size_of::<Node>() <= 64);

// SAFETY: all fields are integers but `kind`, of which 0 is `Unknown`.
unsafe impl Zeroed for Node {}

impl Node {
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
    pub(crate) const fn is_used(&self) -> bool {
        (self.sides[READ].status | self.sides[WRITE].status) & USED != 0
    }

    /// Does the kernel report edges for it?
    #[inline(always)]
    pub(crate) const fn is_edge_triggered(&self) -> bool {
        self.armed & EDGE_TRIGGERED != 0
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
            side.status = if fast {
                side.status | FAST
            } else {
                side.status & !FAST
            };
        }
    }
}
