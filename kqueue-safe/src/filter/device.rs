//! [`Device`].

use core::fmt;

use crate::Change;
use crate::descriptor::{AsRawFd, BorrowedFd};
use crate::filter::{Filter, actions, add, options};

/// `EVFILT_DEVICE`: a device, such as a screen connector, changed (`NOTE_CHANGE`).
///
/// OpenBSD.
#[derive(Clone, Copy)]
pub struct Device<'fd> {
    pub(crate) draft: Change<'fd>,
}

impl<'fd> Device<'fd> {
    /// Watches a descriptor.
    #[inline]
    pub fn new(fd: BorrowedFd<'fd>) -> Self {
        Self {
            draft: Change::draft(fd.as_raw_fd() as usize, Filter::DEVICE)
                .with_notes(kqueue_sys::NOTE_CHANGE),
        }
    }
}

options!(Device<'fd>);
add!(Device<'fd>);
actions!(Device<'fd>);

impl fmt::Debug for Device<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Device").field(&self.draft).finish()
    }
}
