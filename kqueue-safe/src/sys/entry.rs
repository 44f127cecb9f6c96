//! [`Entry`]: the system's `struct kevent` with its fields as this crate wants them.

use core::mem::MaybeUninit;
use core::ptr;

use kqueue_sys::{data_t, fflags_t, filter_t, flags_t, ident_t, kevent};

use crate::Token;

/// One `struct kevent`, as the kernel reads and writes it. Fields are copied out, never borrowed: on macOS the struct is packed.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Entry(kevent);

// SAFETY: the only field that is not a plain integer is the user data. This crate stores integers there (`Token`) and never
// dereferences what it finds, so neither sharing nor sending an entry can touch memory.
unsafe impl Send for Entry {}
// SAFETY: as above; an entry has no interior mutability.
unsafe impl Sync for Entry {}

impl Entry {
    /// An entry with the given fields, everything else (user data, `ext`) zero.
    #[inline]
    pub const fn new(
        ident: ident_t,
        filter: filter_t,
        flags: flags_t,
        fflags: fflags_t,
        data: data_t,
    ) -> Self {
        // SAFETY: `struct kevent` consists of integers and one pointer on every system; zero is a value of each.
        let mut raw: kevent = unsafe { MaybeUninit::zeroed().assume_init() };
        raw.ident = ident;
        raw.filter = filter;
        raw.flags = flags;
        raw.fflags = fflags;
        raw.data = data;
        Self(raw)
    }

    /// Wraps what a caller made by hand.
    #[inline]
    pub const fn from_raw(raw: kevent) -> Self {
        Self(raw)
    }

    /// A copy of the C struct.
    #[inline]
    pub const fn to_raw(self) -> kevent {
        self.0
    }

    #[inline]
    pub const fn ident(&self) -> ident_t {
        self.0.ident
    }

    #[inline]
    pub const fn filter(&self) -> filter_t {
        self.0.filter
    }

    #[inline]
    pub const fn flags(&self) -> flags_t {
        self.0.flags
    }

    #[inline]
    pub const fn fflags(&self) -> fflags_t {
        self.0.fflags
    }

    #[inline]
    pub const fn data(&self) -> data_t {
        self.0.data
    }

    /// The user data as the integer that it is.
    #[inline]
    pub fn token(&self) -> Token {
        let udata = self.0.udata;
        Token::from_raw(udata.addr())
    }

    #[inline]
    pub const fn set_token(&mut self, token: Token) {
        self.0.udata = ptr::without_provenance_mut(token.into_raw());
    }

    #[inline]
    pub const fn set_flags(&mut self, flags: flags_t) {
        self.0.flags = flags;
    }

    #[inline]
    pub const fn set_fflags(&mut self, fflags: fflags_t) {
        self.0.fflags = fflags;
    }

    #[inline]
    pub const fn set_data(&mut self, data: data_t) {
        self.0.data = data;
    }
}
