//! [`Receipts`]: the answer to each change of a list.

use core::fmt;
use core::iter::{Enumerate, FusedIterator};
use core::slice;

use crate::{Errno, Event, Filter, Token};

/// The answers to the changes that [`Kqueue::apply`](crate::Kqueue::apply) took, in their order: as many as there were changes.
#[derive(Clone)]
pub struct Receipts<'c> {
    entries: Enumerate<slice::Iter<'c, Event>>,
}

/// The answer to one change.
#[derive(Clone, Copy)]
pub struct Receipt<'c> {
    index: usize,
    entry: &'c Event,
}

impl<'c> Receipts<'c> {
    #[inline]
    pub(crate) fn new(entries: &'c [Event]) -> Self {
        Self {
            entries: entries.iter().enumerate(),
        }
    }

    /// The first change that was refused, if one was.
    #[inline]
    pub fn first_failure(&self) -> Option<Receipt<'c>> {
        self.clone().find(|receipt| receipt.result().is_err())
    }

    /// Those that were refused.
    #[inline]
    pub fn failures(self) -> impl Iterator<Item = Receipt<'c>> {
        self.filter(|receipt| receipt.result().is_err())
    }
}

impl<'c> Receipt<'c> {
    /// The position of the change in its list, from 0.
    #[inline]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Whether the change was applied.
    #[inline]
    pub const fn result(&self) -> Result<(), Errno> {
        match self.entry.data() {
            0 => Ok(()),
            number => Err(Errno::new(number as i32)),
        }
    }

    /// What the change is about.
    #[inline]
    pub const fn ident(&self) -> usize {
        self.entry.ident()
    }

    /// The change's filter.
    #[inline]
    pub const fn filter(&self) -> Filter {
        self.entry.filter()
    }

    /// The change's token.
    #[inline]
    pub fn token(&self) -> Token {
        self.entry.token()
    }
}

impl<'c> Iterator for Receipts<'c> {
    type Item = Receipt<'c>;

    #[inline]
    fn next(&mut self) -> Option<Receipt<'c>> {
        self.entries
            .next()
            .map(|(index, entry)| Receipt { index, entry })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl ExactSizeIterator for Receipts<'_> {}
impl FusedIterator for Receipts<'_> {}

impl fmt::Debug for Receipt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("index", &self.index)
            .field("filter", &self.filter())
            .field("ident", &self.ident())
            .field("result", &self.result())
            .finish()
    }
}

impl fmt::Debug for Receipts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
