//! Files: what they are, and what changes in them.

use libc::c_int;

use super::Errno;

/// `fstat(2)`.
pub(crate) fn fstat(fd: c_int) -> Result<libc::stat, Errno> {
    stat_at(fd, c"".as_ptr(), libc::AT_EMPTY_PATH)
}

/// `newfstatat(2)`; `path` ends with a NUL.
fn stat_at(fd: c_int, path: *const libc::c_char, flags: c_int) -> Result<libc::stat, Errno> {
    #[cfg(any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    ))]
    {
        // SAFETY: all zero is a valid stat.
        let mut stat: libc::stat = unsafe { core::mem::zeroed() };
        call!(Fstat, libc::SYS_newfstatat, fd, path, &raw mut stat, flags)?;
        Ok(stat)
    }
    #[cfg(not(any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    )))]
    {
        // SAFETY: all zero is a valid stat; the path is the caller's, NUL-terminated.
        unsafe {
            let mut stat: libc::stat = core::mem::zeroed();
            if libc::fstatat(fd, path, &mut stat, flags) == 0 {
                Ok(stat)
            } else {
                Err(errno())
            }
        }
    }
}

/// Is the descriptor a pipe without a name? (Named ones live in a file system of their own.)
pub(crate) fn is_anonymous_pipe(fd: c_int) -> bool {
    const PIPEFS: u64 = 0x5049_5045;
    // SAFETY: all zero is a valid statfs.
    let mut stat: libc::statfs = unsafe { core::mem::zeroed() };
    call!(Fstat, libc::SYS_fstatfs, fd, &raw mut stat).is_ok() && stat.f_type as u64 == PIPEFS
}

/// The file offset.
pub(crate) fn offset(fd: c_int) -> Result<i64, Errno> {
    call!(Lseek, libc::SYS_lseek, fd, 0, libc::SEEK_CUR).map(|at| at as i64)
}

/// `inotify_init1(2)`.
pub(crate) fn inotify() -> Result<c_int, Errno> {
    call!(
        Inotify,
        libc::SYS_inotify_init1,
        libc::IN_CLOEXEC | libc::IN_NONBLOCK
    )
    .map(|fd| fd as c_int)
}

/// `inotify_add_watch(2)`; `path` ends with a NUL.
pub(crate) fn inotify_add(fd: c_int, path: &[u8], mask: u32) -> Result<c_int, Errno> {
    debug_assert!(path.last() == Some(&0));
    call!(
        Inotify,
        libc::SYS_inotify_add_watch,
        fd,
        path.as_ptr(),
        mask
    )
    .map(|wd| wd as c_int)
}

/// `inotify_rm_watch(2)`.
pub(crate) fn inotify_remove(fd: c_int, wd: c_int) {
    let _ = call!(Inotify, libc::SYS_inotify_rm_watch, fd, wd);
}

/// `open(2)` for reading; `path` ends with a NUL.
pub(crate) fn open_to_read(path: &[u8]) -> Result<c_int, Errno> {
    debug_assert!(path.last() == Some(&0));
    call!(
        Open,
        libc::SYS_openat,
        libc::AT_FDCWD,
        path.as_ptr(),
        libc::O_RDONLY | libc::O_CLOEXEC
    )
    .map(|fd| fd as c_int)
}

/// `readlink(2)` of a NUL-terminated path: how many bytes.
pub(crate) fn readlink(path: &[u8], to: &mut [u8]) -> Result<usize, Errno> {
    debug_assert!(path.last() == Some(&0));
    call!(
        Readlink,
        libc::SYS_readlinkat,
        libc::AT_FDCWD,
        path.as_ptr(),
        to.as_mut_ptr(),
        to.len()
    )
}
