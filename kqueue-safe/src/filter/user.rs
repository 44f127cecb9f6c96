//! [`User`].

use core::fmt;

use kqueue_sys as raw;

use super::{Filter, actions, options};
use crate::{Change, Token};

crate::flags::notes! {
    /// `NOTE_*` of changes for [`User`], as [`Change::notes`] shows them; the builder's methods set them.
    UserNotes {
        /// Raise the event.
        const TRIGGER = kqueue_sys::NOTE_TRIGGER;
        /// And the stored bits with the change's.
        const FFAND = kqueue_sys::NOTE_FFAND;
        /// Or the stored bits with the change's.
        const FFOR = kqueue_sys::NOTE_FFOR;
        /// Replace the stored bits by the change's.
        const FFCOPY = kqueue_sys::NOTE_FFCOPY;
        /// Leave the stored bits as they are: no bit at all.
        const FFNOP = kqueue_sys::NOTE_FFNOP;
        /// The bits that say what to do with the stored ones, as a mask.
        const FFCTRLMASK = kqueue_sys::NOTE_FFCTRLMASK;
        /// The bits that are the program's own, as a mask.
        const FFLAGSMASK = kqueue_sys::NOTE_FFLAGSMASK;
    }
}

/// What a trigger does to the 24 bits that a user event stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserOperation {
    /// Leaves them (`NOTE_FFNOP`).
    Keep,
    /// Keeps only those that are also in the operand (`NOTE_FFAND`).
    And(u32),
    /// Adds the operand's (`NOTE_FFOR`).
    Or(u32),
    /// Replaces them (`NOTE_FFCOPY`).
    Copy(u32),
}

/// `EVFILT_USER`: an event that the program itself triggers, from any thread.
///
/// With [`clear`](User::clear), triggers merge until the event is collected; without, it is reported at each call until it is deleted. The 24 bits of notes
/// survive a collection. Systems without the filter (NetBSD before 10, OpenBSD before 7.8) answer `EINVAL`; [`Waker`](crate::Waker)
/// works there too.
///
/// ```
/// use kqueue_safe::{EventBuffer, EventKind, Kqueue, Token, User};
/// use kqueue_safe::filter::UserOperation;
///
/// let kq = Kqueue::new()?;
/// let (event, token) = (User::new(1), Token::new(0, 0));
/// kq.apply_one(event.clear().add(token))?;
/// kq.apply_one(event.operation(UserOperation::Or(0b01)).trigger(token))?;
/// kq.apply_one(event.operation(UserOperation::Or(0b10)).data(5).trigger(token))?;
///
/// let mut events: EventBuffer = EventBuffer::new();
/// let event = kq.wait(&mut events, None)?.next().unwrap();
/// assert_eq!(event.kind(), EventKind::User { notes: 0b11, data: 5 });
/// # Ok::<(), kqueue_safe::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct User {
    pub(crate) draft: Change<'static>,
}

impl User {
    /// The user event of this number; numbers are the kqueue's own.
    #[inline]
    pub const fn new(ident: usize) -> Self {
        Self {
            draft: Change::draft(ident, Filter::USER),
        }
    }

    /// What the change does to the stored notes. Only the low 24 bits count.
    #[inline]
    #[must_use]
    pub const fn operation(self, operation: UserOperation) -> Self {
        let (control, bits) = match operation {
            UserOperation::Keep => (raw::NOTE_FFNOP, 0),
            UserOperation::And(bits) => (raw::NOTE_FFAND, bits),
            UserOperation::Or(bits) => (raw::NOTE_FFOR, bits),
            UserOperation::Copy(bits) => (raw::NOTE_FFCOPY, bits),
        };
        let draft = self
            .draft
            .without_notes(raw::NOTE_FFCTRLMASK | raw::NOTE_FFLAGSMASK);
        Self {
            draft: draft.with_notes(control | (bits & raw::NOTE_FFLAGSMASK)),
        }
    }

    /// A number that the event reports. Only the last trigger's counts.
    #[inline]
    #[must_use]
    pub const fn data(self, data: isize) -> Self {
        Self {
            draft: self.draft.with_data(data as raw::data_t),
        }
    }

    /// Raises the event (`NOTE_TRIGGER`), with [`operation`](User::operation) and [`data`](User::data). `token` replaces the
    /// registration's.
    ///
    /// The options `clear`, `oneshot` and so on are not part of it: a trigger that adds would not fire, and one that clears would cancel
    /// itself.
    #[inline]
    pub const fn trigger(self, token: Token) -> Change<'static> {
        let change = self
            .draft
            .bare(0)
            .with_notes(self.draft.notes() | raw::NOTE_TRIGGER);
        change
            .with_data(self.draft.data() as raw::data_t)
            .with_token(token)
    }

    /// Registers (`EV_ADD`).
    ///
    /// The stored notes start as the operand of [`operation`](User::operation), whichever operation it is. Adding what is registered already replaces the
    /// token and no option.
    #[inline]
    pub const fn add(self, token: Token) -> Change<'static> {
        let draft = self.draft.without_notes(raw::NOTE_FFCTRLMASK);
        draft.with_flags(raw::EV_ADD).with_token(token)
    }
}

options!(User);
actions!(User);

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("User").field(&self.draft).finish()
    }
}
