//! [`ProcessDescriptor`].

use core::fmt;

use crate::Change;
use crate::descriptor::{AsRawFd, BorrowedFd};
use crate::filter::{Filter, actions, add, options};

/// `EVFILT_PROCDESC`: the process of a process descriptor (`pdfork`) ended.
///
/// FreeBSD. Unlike a process number, the descriptor cannot come to mean another process.
#[derive(Clone, Copy)]
pub struct ProcessDescriptor<'fd> {
    pub(crate) draft: Change<'fd>,
}

impl<'fd> ProcessDescriptor<'fd> {
    /// Watches a descriptor.
    #[inline]
    pub fn new(fd: BorrowedFd<'fd>) -> Self {
        Self {
            draft: Change::draft(fd.as_raw_fd() as usize, Filter::PROCDESC)
                .with_notes(kqueue_sys::NOTE_EXIT),
        }
    }
}

options!(ProcessDescriptor<'fd>);
add!(ProcessDescriptor<'fd>);
actions!(ProcessDescriptor<'fd>);

impl fmt::Debug for ProcessDescriptor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProcessDescriptor")
            .field(&self.draft)
            .finish()
    }
}
