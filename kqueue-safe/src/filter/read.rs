//! [`Read`].

use core::fmt;

use kqueue_sys as raw;

use super::{Filter, actions, add, options};
use crate::Change;
use crate::descriptor::{AsRawFd, BorrowedFd};
use crate::system;

/// `EVFILT_READ`: bytes, datagrams, connections to accept, events of another kqueue, or the end of the stream.
#[derive(Clone, Copy)]
pub struct Read<'fd> {
    pub(crate) draft: Change<'fd>,
}

impl<'fd> Read<'fd> {
    /// Watches a descriptor.
    #[inline]
    pub fn new(fd: BorrowedFd<'fd>) -> Self {
        Self {
            draft: Change::draft(fd.as_raw_fd() as usize, Filter::READ),
        }
    }

    /// Report only when at least so many bytes are there, or the end (`NOTE_LOWAT`). Sockets; pipes ignore it.
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

    /// The number of bytes is not wanted: `available` may be reported as 0. On Linux this saves a system call for each event; elsewhere
    /// nothing changes.
    #[inline]
    #[must_use]
    pub const fn without_count(self) -> Self {
        Self {
            draft: self.draft.with_notes(system::NO_COUNT),
        }
    }
}

options!(Read<'fd>);
add!(Read<'fd>);
actions!(Read<'fd>);

impl fmt::Debug for Read<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Read").field(&self.draft).finish()
    }
}
