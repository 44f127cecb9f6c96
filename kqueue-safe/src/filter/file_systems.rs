//! [`FileSystems`].

use core::fmt;

use crate::Change;
use crate::filter::{Filter, actions, add, options};

/// `EVFILT_FS`: file systems come, go, or stop to answer.
///
/// macOS, FreeBSD, NetBSD and DragonFly. The notes of an event are the `VQ_*` bits of `<sys/mount.h>`, which differ between the systems: [`FileSystemNotes`](crate::FileSystemNotes).
#[derive(Clone, Copy)]
pub struct FileSystems {
    pub(crate) draft: Change<'static>,
}

impl FileSystems {
    /// Watches all file systems.
    #[inline]
    pub const fn new() -> Self {
        Self {
            draft: Change::draft(0, Filter::FS),
        }
    }
}

impl Default for FileSystems {
    fn default() -> Self {
        Self::new()
    }
}

options!(FileSystems);
add!(FileSystems);
actions!(FileSystems);

impl fmt::Debug for FileSystems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileSystems").field(&self.draft).finish()
    }
}
