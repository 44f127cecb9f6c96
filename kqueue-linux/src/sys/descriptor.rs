//! What any descriptor is asked.

use libc::c_int;

use super::Errno;

/// `close(2)`.
pub(crate) fn close(fd: c_int) {
    let _ = call!(Close, libc::SYS_close, fd);
}

/// Is the number an open descriptor? `EBADF` when not.
pub(crate) fn is_open(fd: c_int) -> Result<(), Errno> {
    call!(Fcntl, libc::SYS_fcntl, fd, libc::F_GETFD).map(drop)
}

/// Is the descriptor close-on-exec?
pub(crate) fn is_cloexec(fd: c_int) -> bool {
    call!(Fcntl, libc::SYS_fcntl, fd, libc::F_GETFD)
        .is_ok_and(|flags| flags as c_int & libc::FD_CLOEXEC != 0)
}

/// `dup3(2)`.
pub(crate) fn dup_over(from: c_int, to: c_int, cloexec: bool) -> Result<(), Errno> {
    call!(
        Dup,
        libc::SYS_dup3,
        from,
        to,
        if cloexec { libc::O_CLOEXEC } else { 0 }
    )
    .map(drop)
}

/// The capacity of a pipe, in bytes.
pub(crate) fn pipe_capacity(fd: c_int) -> Result<usize, Errno> {
    call!(Fcntl, libc::SYS_fcntl, fd, libc::F_GETPIPE_SZ)
}

/// `eventfd2(2)`, close-on-exec, with a count of 1: readable for ever.
pub(crate) fn ready_eventfd() -> Result<c_int, Errno> {
    call!(
        EventFd,
        libc::SYS_eventfd2,
        1,
        libc::EFD_CLOEXEC | libc::EFD_NONBLOCK
    )
    .map(|fd| fd as c_int)
}

/// `FIONREAD`: bytes that can be read.
pub(crate) fn bytes_to_read(fd: c_int) -> Result<usize, Errno> {
    let mut count: c_int = 0;
    call!(Ioctl, libc::SYS_ioctl, fd, libc::FIONREAD, &raw mut count)?;
    Ok(count.max(0) as usize)
}

/// `TIOCOUTQ` (on sockets `SIOCOUTQ`): bytes written and not yet sent.
pub(crate) fn bytes_unsent(fd: c_int) -> Result<usize, Errno> {
    let mut count: c_int = 0;
    call!(Ioctl, libc::SYS_ioctl, fd, libc::TIOCOUTQ, &raw mut count)?;
    Ok(count.max(0) as usize)
}

/// `read(2)`.
pub(crate) fn read(fd: c_int, to: &mut [u8]) -> Result<usize, Errno> {
    call!(Read, libc::SYS_read, fd, to.as_mut_ptr(), to.len())
}
