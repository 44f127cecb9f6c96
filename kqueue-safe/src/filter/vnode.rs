//! [`Vnode`].

use core::fmt;

use super::{Filter, actions, add, options};
use crate::Change;
use crate::VnodeNotes;
use crate::descriptor::{AsRawFd, BorrowedFd};

/// `EVFILT_VNODE`: an open file or directory changed.
///
/// Without [`clear`](Vnode::clear) the same event comes again at each call, its notes growing.
#[derive(Clone, Copy)]
pub struct Vnode<'fd> {
    pub(crate) draft: Change<'fd>,
}

impl<'fd> Vnode<'fd> {
    /// Watches a file or directory for the given changes. With none, nothing is ever reported.
    #[inline]
    pub fn new(fd: BorrowedFd<'fd>, notes: VnodeNotes) -> Self {
        Self {
            draft: Change::draft(fd.as_raw_fd() as usize, Filter::VNODE).with_notes(notes.bits()),
        }
    }
}

options!(Vnode<'fd>);
add!(Vnode<'fd>);
actions!(Vnode<'fd>);

impl fmt::Debug for Vnode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vnode").field(&self.draft).finish()
    }
}
