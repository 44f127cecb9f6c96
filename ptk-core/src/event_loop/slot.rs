//! The loop's table of sources: storage only, no policy.

use kqueue_safe::Token;

use super::source::{SourceId, UNWATCHED, Watch};
use crate::error::Error;
use crate::system::System;

/// Ends a chain of slots.
pub(crate) const NO_SLOT: u32 = u32::MAX;

/// What a slot holds.
pub(crate) enum Holder<T> {
    /// Nothing: the slot is free.
    Free,
    /// A socket, which the loop owns.
    Socket(T),
    /// A signal's number.
    Signal(i32),
    /// A user event's cell in the loop's [`Remote`](super::Remote).
    User(u32),
}

/// Bits of a slot's state.
pub(crate) mod state {
    /// The read filter is registered with the kernel.
    pub(crate) const READ_ADDED: u16 = 1 << 0;
    /// The kernel is asked to tell of reads.
    pub(crate) const READ_ON: u16 = 1 << 1;
    /// The kernel should be asked to tell of reads.
    pub(crate) const READ_WANTED: u16 = 1 << 2;
    /// The write filter is registered with the kernel.
    pub(crate) const WRITE_ADDED: u16 = 1 << 3;
    /// The kernel is asked to tell of room to write.
    pub(crate) const WRITE_ON: u16 = 1 << 4;
    /// The kernel should be asked to tell of room to write.
    pub(crate) const WRITE_WANTED: u16 = 1 << 5;
    /// The slot is in the chain of slots whose wishes differ from what the kernel knows.
    pub(crate) const DIRTY: u16 = 1 << 6;
    /// The connection attempt has not been decided yet.
    pub(crate) const CONNECTING: u16 = 1 << 7;
    /// The slot has a handle: bytes move without a look at the holder.
    pub(crate) const PLAIN: u16 = 1 << 8;
    /// Nothing was taken after a readable event: reads are off until something is.
    pub(crate) const UNCONSUMED: u16 = 1 << 9;
    /// The end or a failure has been told.
    pub(crate) const ENDED: u16 = 1 << 10;
    /// A listener that rests because descriptors ran out.
    pub(crate) const RESTING: u16 = 1 << 11;
    /// The application paused reading.
    pub(crate) const PAUSED: u16 = 1 << 12;
    /// The source stops the loop (a signal).
    pub(crate) const STOPS: u16 = 1 << 13;
    /// A listener: drains by resting.
    pub(crate) const LISTENER: u16 = 1 << 14;
}

/// One place for a source.
pub(crate) struct Slot<S: System> {
    /// The token that the next plain "readable" for this slot must carry to be told without looking further: the source's own while reads are wanted and
    /// its bytes move by [`handle`](Slot::handle), else [veiled](veil).
    token: Token,
    /// Whom the events are for.
    pub(crate) owner: u32,
    /// The next free slot, or the next dirty one.
    pub(crate) next: u32,
    /// The code of readability; the others are in a table of their own ([`Context::codes`](super::Context)), so that a slot has 32 bytes.
    pub(crate) readable: u16,
    pub(crate) state: u16,
    /// What [`Plain`](crate::system::Plain) knows the socket by, if the state says so.
    pub(crate) handle: S::Handle,
    pub(crate) holder: Holder<S::Socket>,
}

const _: () = assert!(
    size_of::<Slot<crate::system::Kernel>>() <= 32,
    "a slot is found by its number with one shift"
);

/// The same generation, and a slot number that no slot has: a loop has at most half as many slots as there are numbers.
const fn veil(token: Token) -> Token {
    Token::new(!token.slot() & Token::MAX_SLOT, token.generation())
}

/// Whether a token is a source's own and not its veiled form.
const fn is_open(token: Token) -> bool {
    token.slot() <= Token::MAX_SLOT / 2
}

impl<S: System> Slot<S> {
    /// A free slot; `next` is the next free one.
    pub(crate) const fn free(index: u32, next: u32) -> Self {
        Self {
            token: veil(Token::new(index, 0)),
            owner: 0,
            next,
            readable: UNWATCHED,
            state: 0,
            handle: S::NO_HANDLE,
            holder: Holder::Free,
        }
    }

    /// The source that has the slot, or its next one.
    #[inline]
    pub(crate) fn id(&self) -> SourceId {
        SourceId::from_token(if is_open(self.token) {
            self.token
        } else {
            veil(self.token)
        })
    }

    /// Whether a plain "readable" with this token is told without looking further.
    #[inline(always)]
    pub(crate) fn tells_plainly(&self, token: Token) -> bool {
        self.token.into_raw() == token.into_raw()
    }

    /// Lets a source have the slot.
    pub(crate) fn give(&mut self, holder: Holder<S::Socket>, watch: Watch) {
        self.next = NO_SLOT;
        self.state = 0;
        self.owner = watch.owner;
        self.readable = watch.codes.readable;
        if let Holder::Socket(socket) = &holder
            && let Some(handle) = S::handle(socket)
        {
            self.handle = handle;
            self.set(state::PLAIN);
        }
        self.holder = holder;
    }

    /// The slot's next generation begins: no id names it yet.
    pub(crate) fn take(&mut self) -> Holder<S::Socket> {
        self.token = veil(self.id().token().next_generation());
        self.state = 0;
        self.handle = S::NO_HANDLE;
        ::core::mem::replace(&mut self.holder, Holder::Free)
    }

    /// Notes whether reads are wanted.
    pub(crate) fn want_reads(&mut self, wanted: bool) {
        let own = self.id().token();
        if wanted {
            self.set(state::READ_WANTED);
        } else {
            self.clear(state::READ_WANTED);
        }
        self.token = if wanted && self.is(state::PLAIN) {
            own
        } else {
            veil(own)
        };
    }

    #[inline]
    pub(crate) fn is(&self, bits: u16) -> bool {
        self.state & bits != 0
    }

    #[inline]
    pub(crate) fn set(&mut self, bits: u16) {
        self.state |= bits;
    }

    #[inline]
    pub(crate) fn clear(&mut self, bits: u16) {
        self.state &= !bits;
    }

    /// The code under which readability is told, if it is.
    #[inline]
    pub(crate) fn watches_reads(&self) -> bool {
        self.readable != UNWATCHED
    }
}

/// Finds the slot that an id names, if the id is not old.
#[inline]
pub(crate) fn find<S: System>(slots: &mut [Slot<S>], id: SourceId) -> Result<&mut Slot<S>, Error> {
    match slots.get_mut(id.slot()) {
        // A free slot is already in the generation of its next source, which no id names yet.
        Some(slot) if slot.token.generation() == id.generation() => Ok(slot),
        _ => Err(Error::STALE),
    }
}
