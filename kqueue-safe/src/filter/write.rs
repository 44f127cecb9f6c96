//! [`Write`].

use core::fmt;

use kqueue_sys as raw;

use super::{Filter, actions, add, options};
use crate::Change;
use crate::descriptor::{AsRawFd, BorrowedFd};
use crate::system;

/// `EVFILT_WRITE`: there is room to write, or nobody reads any more.
#[derive(Clone, Copy)]
pub struct Write<'fd> {
    pub(crate) draft: Change<'fd>,
}

impl<'fd> Write<'fd> {
    /// Watches a descriptor.
    #[inline]
    pub fn new(fd: BorrowedFd<'fd>) -> Self {
        Self {
            draft: Change::draft(fd.as_raw_fd() as usize, Filter::WRITE),
        }
    }

    /// Report only when at least so many bytes fit (`NOTE_LOWAT`). Sockets; pipes ignore it.
    #[inline]
    #[must_use]
    pub const fn low_water(self, bytes: i32) -> Self {
        Self {
            draft: self
                .draft
                .with_notes(raw::NOTE_LOWAT)
                .with_data(bytes as raw::data_t),
        }
    }

    /// The number of bytes is not wanted: `space` may be reported as 0. On Linux this saves a system call for each event; elsewhere
    /// nothing changes.
    #[inline]
    #[must_use]
    pub const fn without_count(self) -> Self {
        Self {
            draft: self.draft.with_notes(system::NO_COUNT),
        }
    }
}

options!(Write<'fd>);
add!(Write<'fd>);
actions!(Write<'fd>);

impl fmt::Debug for Write<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Write").field(&self.draft).finish()
    }
}
