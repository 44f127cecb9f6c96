//! [`Empty`].

use core::fmt;

use crate::Change;
use crate::descriptor::{AsRawFd, BorrowedFd};
use crate::filter::{Filter, actions, add, options};

/// `EVFILT_EMPTY`: a socket has sent everything; its send buffer is empty.
///
/// FreeBSD, NetBSD 10 and Linux. Sockets only: `EINVAL` for others.
#[derive(Clone, Copy)]
pub struct Empty<'fd> {
    pub(crate) draft: Change<'fd>,
}

impl<'fd> Empty<'fd> {
    /// Watches a descriptor.
    #[inline]
    pub fn new(fd: BorrowedFd<'fd>) -> Self {
        Self {
            draft: Change::draft(fd.as_raw_fd() as usize, Filter::EMPTY),
        }
    }
}

options!(Empty<'fd>);
add!(Empty<'fd>);
actions!(Empty<'fd>);

impl fmt::Debug for Empty<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Empty").field(&self.draft).finish()
    }
}
