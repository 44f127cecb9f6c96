//! [`Change`]: what goes to the kernel.

use core::fmt;
use core::marker::PhantomData;

use kqueue_sys::{data_t, fflags_t, flags_t};

use crate::descriptor::BorrowedFd;
use crate::sys::Entry;
use crate::{EventFlags, Filter, RawEntry, Token, system};

/// One change: add, delete, enable or disable one registration. Made by the filters' builders ([`Read`](crate::Read),
/// [`Timer`](crate::Timer), …), collected in a [`ChangeList`](crate::ChangeList), taken by [`Kqueue`](crate::Kqueue).
///
/// It borrows the descriptor that it names, so the descriptor is open when the kernel reads the change. It is laid out as the system's
/// `struct kevent`: a list of changes goes to the kernel as it is. A change is not an [`Event`](crate::Event), although the C
/// struct is the same.
///
/// ```
/// use kqueue_safe::{Change, Token, User};
///
/// let change: Change<'static> = User::new(1).clear().add(Token::new(0, 0));
/// assert_eq!(change.ident(), 1);
/// ```
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Change<'fd> {
    entry: Entry,
    descriptor: PhantomData<BorrowedFd<'fd>>,
}

impl<'fd> Change<'fd> {
    /// A draft for the builders: no flags, no token.
    #[inline]
    pub(crate) const fn draft(ident: usize, filter: Filter) -> Self {
        Self {
            entry: Entry::new(ident, filter.raw(), 0, 0, 0),
            descriptor: PhantomData,
        }
    }

    #[inline]
    pub(crate) const fn with_flags(mut self, flags: flags_t) -> Self {
        self.entry.set_flags(self.entry.flags() | flags);
        self
    }

    #[inline]
    pub(crate) const fn without_flags(mut self, flags: flags_t) -> Self {
        self.entry.set_flags(self.entry.flags() & !flags);
        self
    }

    #[inline]
    pub(crate) const fn with_notes(mut self, notes: fflags_t) -> Self {
        self.entry.set_fflags(self.entry.fflags() | notes);
        self
    }

    #[inline]
    pub(crate) const fn without_notes(mut self, notes: fflags_t) -> Self {
        self.entry.set_fflags(self.entry.fflags() & !notes);
        self
    }

    #[inline]
    pub(crate) const fn with_data(mut self, data: data_t) -> Self {
        self.entry.set_data(data);
        self
    }

    /// A change with nothing but this identifier, filter and action.
    #[inline]
    pub(crate) const fn bare(&self, action: flags_t) -> Self {
        Self {
            entry: Entry::new(self.entry.ident(), self.entry.filter(), action, 0, 0),
            descriptor: PhantomData,
        }
    }

    /// A change of the registration that this one adds: what identifies it, an action, the token.
    #[inline]
    pub(crate) fn about_the_same(&self, action: flags_t) -> Self {
        let identity = self.entry.flags() & system::IDENTITY_FLAGS;
        self.bare(action | identity).with_token(self.token())
    }

    /// Whether the token is part of what identifies the registration.
    #[inline]
    pub(crate) const fn is_identified_by_its_token(&self) -> bool {
        let identity = system::IDENTITY_FLAGS;
        self.entry.flags() & identity != 0
    }

    /// A change from a struct that this crate has filled in, hence without pointers.
    #[inline]
    #[allow(dead_code)] // used where a system's struct has more fields
    pub(crate) const fn from_integers(raw: RawEntry) -> Self {
        Self {
            entry: Entry::from_raw(raw),
            descriptor: PhantomData,
        }
    }

    #[inline]
    pub(crate) const fn want_receipt(&mut self) {
        self.entry
            .set_flags(self.entry.flags() | kqueue_sys::EV_RECEIPT);
    }

    /// The same change with another token.
    ///
    /// Every change on a registration replaces its token, and the entry that reports a refused change carries the change's token. So give a
    /// token to a `delete()` or `disable()` whose refusal you want to recognise.
    #[inline]
    #[must_use]
    pub const fn with_token(mut self, token: Token) -> Self {
        self.entry.set_token(token);
        self
    }

    /// What is watched: a descriptor, a process, a signal, or a number of the caller's choice, as the filter says.
    #[inline]
    pub const fn ident(&self) -> usize {
        self.entry.ident()
    }

    /// Which kind of event.
    #[inline]
    pub const fn filter(&self) -> Filter {
        Filter::from_raw(self.entry.filter())
    }

    /// What the change does.
    #[inline]
    pub const fn flags(&self) -> EventFlags {
        EventFlags::from_bits_retain(self.entry.flags())
    }

    /// The filter's own bits (`NOTE_*`).
    #[inline]
    pub const fn notes(&self) -> u32 {
        self.entry.fflags()
    }

    /// The filter's number: a low-water mark, a period.
    #[inline]
    pub const fn data(&self) -> i64 {
        self.entry.data()
    }

    /// The token that the registration's events will carry.
    #[inline]
    pub fn token(&self) -> Token {
        self.entry.token()
    }

    /// The C struct.
    #[inline]
    pub const fn to_raw(self) -> RawEntry {
        self.entry.to_raw()
    }

    /// A change from a C struct: the way to filters and bits that this crate does not know.
    ///
    /// # Safety
    ///
    /// The caller answers for what the kernel will do with it: that a descriptor in `ident` is open for as long as `'fd`, that no
    /// field makes the kernel read or write memory (`EVFILT_AIO`, `EVFILT_LIO`, `EVFILT_MACHPORT`, `ext`) that is not valid for as long
    /// as the registration exists, and that the user data is an integer that the reader of the events expects.
    #[inline]
    #[allow(unsafe_code)]
    pub const unsafe fn from_raw(raw: RawEntry) -> Self {
        Self {
            entry: Entry::from_raw(raw),
            descriptor: PhantomData,
        }
    }
}

impl fmt::Debug for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("filter", &self.filter())
            .field("ident", &self.ident())
            .field("flags", &self.flags())
            .field("notes", &format_args!("{:#x}", self.notes()))
            .field("data", &self.data())
            .field("token", &self.token())
            .finish()
    }
}
