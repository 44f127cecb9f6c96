//! [`User`].

use core::fmt;

use kqueue_sys as raw;

use super::{Filter, actions, add, options};
use crate::{Change, Token};

/// `EVFILT_USER`: an event that the program itself triggers, from any thread.
#[derive(Clone, Copy)]
pub struct User {
    draft: Change<'static>,
}

impl User {
    /// The user event of this number; numbers are the kqueue's own.
    #[inline]
    pub const fn new(ident: usize) -> Self {
        Self {
            draft: Change::draft(ident, Filter::USER),
        }
    }

    /// Raises the event (`NOTE_TRIGGER`). `token` replaces the registration's. Options of the builder are not part of it: a trigger
    /// that adds would not fire, and one that clears would cancel itself.
    #[inline]
    pub const fn trigger(self, token: Token) -> Change<'static> {
        self.draft
            .bare(0)
            .with_notes(raw::NOTE_TRIGGER)
            .with_token(token)
    }
}

options!(User);
add!(User);
actions!(User);

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("User").field(&self.draft).finish()
    }
}
