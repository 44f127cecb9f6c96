//! Pages.

use core::ptr::{self, NonNull};

use super::{Errno, errno};
#[cfg(feature = "fault-injection")]
use crate::fault;

/// Anonymous, private, zeroed pages. (This and [`munmap`] go through the C library, so that the thread sanitizer learns that an address has got a new life.)
pub(crate) fn mmap(bytes: usize) -> Result<NonNull<u8>, Errno> {
    #[cfg(feature = "fault-injection")]
    if let Some(errno) = fault::strike(fault::Call::Mmap) {
        return Err(errno);
    }
    let (access, kind) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
    );
    // SAFETY: a new mapping, at an address of the kernel's choice.
    let start = unsafe { libc::mmap(ptr::null_mut(), bytes, access, kind, -1, 0) };
    if start == libc::MAP_FAILED {
        return Err(errno());
    }
    NonNull::new(start.cast()).ok_or(libc::ENOMEM)
}

/// Gives pages of [`mmap`] back.
pub(crate) fn munmap(start: NonNull<u8>, bytes: usize) {
    #[cfg(feature = "fault-injection")]
    if fault::strike(fault::Call::Munmap).is_some() {
        return;
    }
    // SAFETY: the callers pass what `mmap` gave, and have forgotten every pointer into it.
    unsafe { libc::munmap(start.as_ptr().cast(), bytes) };
}

/// The pages read as zero in the child of a fork.
pub(crate) fn wipe_on_fork(start: NonNull<u8>, bytes: usize) -> Result<(), Errno> {
    call!(
        Madvise,
        libc::SYS_madvise,
        start.as_ptr(),
        bytes,
        libc::MADV_WIPEONFORK
    )
    .map(drop)
}

/// No huge pages here.
pub(crate) fn small_pages(start: NonNull<u8>, bytes: usize) {
    let _ = call!(
        Munmap,
        libc::SYS_madvise,
        start.as_ptr(),
        bytes,
        libc::MADV_NOHUGEPAGE
    );
}

/// The pages read as zero again, and take no memory until they are written.
pub(crate) fn empty_pages(start: NonNull<u8>, bytes: usize) {
    let _ = call!(
        Munmap,
        libc::SYS_madvise,
        start.as_ptr(),
        bytes,
        libc::MADV_DONTNEED
    );
}
