//! [`Except`].

use core::fmt;

use crate::Change;
use crate::descriptor::{AsRawFd, BorrowedFd};
use crate::filter::{Filter, actions, add, options};

/// `EVFILT_EXCEPT`: out-of-band data on a socket (`NOTE_OOB`).
///
/// macOS, OpenBSD and DragonFly.
#[derive(Clone, Copy)]
pub struct Except<'fd> {
    pub(crate) draft: Change<'fd>,
}

impl<'fd> Except<'fd> {
    /// Watches a descriptor.
    #[inline]
    pub fn new(fd: BorrowedFd<'fd>) -> Self {
        Self {
            draft: Change::draft(fd.as_raw_fd() as usize, Filter::EXCEPT)
                .with_notes(kqueue_sys::NOTE_OOB),
        }
    }
}

options!(Except<'fd>);
add!(Except<'fd>);
actions!(Except<'fd>);

impl fmt::Debug for Except<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Except").field(&self.draft).finish()
    }
}
