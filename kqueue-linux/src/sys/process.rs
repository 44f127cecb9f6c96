//! Processes.

use libc::c_int;

use super::Errno;

/// `pidfd_open(2)`.
pub(crate) fn pidfd(pid: c_int) -> Result<c_int, Errno> {
    call!(PidFd, libc::SYS_pidfd_open, pid, 0).map(|fd| fd as c_int)
}

/// The wait status of a child that has ended, which stays to be waited for.
pub(crate) fn child_status(pidfd: c_int) -> Result<c_int, Errno> {
    const P_PIDFD: c_int = 3;
    // SAFETY: all zero is a valid siginfo.
    let mut info: libc::siginfo_t = unsafe { core::mem::zeroed() };
    call!(
        WaitId,
        libc::SYS_waitid,
        P_PIDFD,
        pidfd,
        &raw mut info,
        libc::WEXITED | libc::WNOHANG | libc::WNOWAIT,
        0
    )?;
    // SAFETY: after a successful waitid the fields of a child's siginfo are set (or all zero).
    let status = unsafe { info.si_status() };
    match info.si_code {
        libc::CLD_EXITED => Ok((status & 0xff) << 8),
        libc::CLD_KILLED => Ok(status),
        libc::CLD_DUMPED => Ok(status | 0x80),
        _ => Err(libc::ECHILD),
    }
}

/// The wait status that the kernel kept for a pidfd (Linux 6.15 and later): also of other people's children, also after they were waited for.
pub(crate) fn kept_status(pidfd: c_int) -> Result<c_int, Errno> {
    #[repr(C)]
    struct PidfdInfo {
        mask: u64,
        cgroup: u64,
        ids: [u32; 11],
        exit_code: i32,
    }
    const EXIT: u64 = 1 << 3;
    /// `_IOWR(0xFF, 11, struct pidfd_info)` with the struct's first size, 64 bytes.
    const PIDFD_GET_INFO: usize = 0xC040_FF0B;
    const { assert!(size_of::<PidfdInfo>() == 64) };
    let mut info = PidfdInfo {
        mask: EXIT,
        cgroup: 0,
        ids: [0; 11],
        exit_code: 0,
    };
    call!(Ioctl, libc::SYS_ioctl, pidfd, PIDFD_GET_INFO, &raw mut info)?;
    if info.mask & EXIT != 0 {
        Ok(info.exit_code)
    } else {
        Err(libc::ENODATA)
    }
}
