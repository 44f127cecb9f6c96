//! [`Queue`]: a kqueue's descriptor, which tells whoever keeps something by its number when the number goes.

use core::fmt;
use core::mem::ManuallyDrop;

use super::host;
use crate::Errno;
use crate::descriptor::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// A kqueue's descriptor, closed when this is dropped.
///
/// On Linux the kqueue is in user space and found by its descriptor's number. There it must hear of every number that a queue gains, and, before the close, of every
/// number that it loses: another queue may have that number a moment later. Elsewhere the kernel sees both by itself.
pub struct Queue {
    fd: ManuallyDrop<OwnedFd>,
}

impl Queue {
    /// Takes over a descriptor, which may be a duplicate that is not known yet.
    #[inline]
    pub fn new(fd: OwnedFd) -> Self {
        host::taken_over(fd.as_raw_fd());
        Self::known(fd)
    }

    /// Takes over a descriptor that `host` knows.
    pub(super) fn known(fd: OwnedFd) -> Self {
        Self {
            fd: ManuallyDrop::new(fd),
        }
    }

    /// A second descriptor for the same queue, close-on-exec.
    pub fn duplicate(&self) -> Result<Self, Errno> {
        let fd = super::descriptor::duplicate(self.as_fd())?;
        host::duplicated(self.fd.as_raw_fd(), fd.as_raw_fd());
        Ok(Self::known(fd))
    }

    /// Gives the descriptor away, open: nothing is forgotten.
    #[inline]
    pub fn into_fd(self) -> OwnedFd {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped nor used again, so the descriptor is taken once.
        unsafe { ManuallyDrop::take(&mut this.fd) }
    }
}

impl AsFd for Queue {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fd.fmt(f)
    }
}

impl Drop for Queue {
    #[inline]
    fn drop(&mut self) {
        host::closing(self.fd.as_raw_fd());
        // SAFETY: the value ends here: nobody uses the descriptor afterwards.
        unsafe { ManuallyDrop::drop(&mut self.fd) };
    }
}
