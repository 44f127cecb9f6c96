//! [`Entry`]: the system's struct with its fields as this crate wants them.

use core::mem::MaybeUninit;

use kqueue_sys::{data_t, fflags_t, filter_t, flags_t};

use super::host;
use crate::{RawEntry, Token};

/// One `struct kevent` (macOS: `struct kevent64_s`), as the kernel reads and writes it.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Entry(RawEntry);

// SAFETY: the only field that is not a plain integer is the user data. This crate stores integers there (`Token`) and never
// dereferences what it finds, so neither sharing nor sending an entry can touch memory.
unsafe impl Send for Entry {}
// SAFETY: as above; an entry has no interior mutability.
unsafe impl Sync for Entry {}

impl Entry {
    /// An entry with the given fields, everything else (user data, `ext`) zero.
    #[inline]
    pub const fn new(
        ident: usize,
        filter: filter_t,
        flags: flags_t,
        fflags: fflags_t,
        data: data_t,
    ) -> Self {
        // SAFETY: the struct consists of integers and at most one pointer on every system; zero is a value of each.
        let mut raw: RawEntry = unsafe { MaybeUninit::zeroed().assume_init() };
        raw.ident = ident as _;
        raw.filter = filter;
        raw.flags = flags;
        raw.fflags = fflags;
        raw.data = data as _;
        Self(raw)
    }

    /// Wraps what a caller made by hand.
    #[inline]
    pub const fn from_raw(raw: RawEntry) -> Self {
        Self(raw)
    }

    /// A copy of the C struct.
    #[inline]
    pub const fn to_raw(self) -> RawEntry {
        self.0
    }

    #[inline]
    #[allow(clippy::unnecessary_cast)] // 64 bits on macOS, whatever the pointer's width
    pub const fn ident(&self) -> usize {
        self.0.ident as usize
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
    pub const fn data(&self) -> i64 {
        self.0.data as i64
    }

    /// The user data as the integer that it is.
    #[inline]
    pub fn token(&self) -> Token {
        Token::from_raw(host::udata(&self.0))
    }

    #[inline]
    pub const fn set_token(&mut self, token: Token) {
        host::set_udata(&mut self.0, token.into_raw());
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
        self.0.data = data as _;
    }
}
