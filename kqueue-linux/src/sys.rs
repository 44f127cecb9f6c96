//! Every system call that this crate makes goes through this file, and no other file makes one.
//!
//! On x86-64 and AArch64 the instruction is issued here, which saves the C library's wrapper (about ten instructions and the cancellation
//! check) and leaves `errno` alone until [`set_errno`]; elsewhere `libc::syscall` does it. With the feature `fault-injection` each call can be made to
//! fail with a chosen errno (see [`crate::fault`]).

use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use libc::{c_int, c_long};

#[cfg(feature = "fault-injection")]
use crate::fault;

/// An errno, above 0.
pub(crate) type Errno = c_int;

/// The instruction: number and six arguments in, the kernel's result out (a negative errno on failure).
///
/// # Safety
///
/// The caller guarantees what the system call's manual page asks for each pointer among the arguments.
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
#[inline(always)]
unsafe fn raw(number: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    let result: isize;
    // SAFETY: the x86-64 Linux convention: rcx and r11 are clobbered, memory may be read and written by the kernel (the default of `asm!`); the
    // pointers are the caller's promise.
    unsafe {
        core::arch::asm!("syscall", inlateout("rax") number as isize => result, in("rdi") a, in("rsi") b, in("rdx") c,
            in("r10") d, in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack, preserves_flags));
    }
    result
}

/// As above, for AArch64.
///
/// # Safety
///
/// As above.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
unsafe fn raw(number: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    let result: isize;
    // SAFETY: the AArch64 Linux convention: number in x8, result in x0, nothing else is clobbered; the pointers are the caller's promise.
    unsafe {
        core::arch::asm!("svc 0", in("x8") number, inlateout("x0") a as isize => result, in("x1") b, in("x2") c, in("x3") d,
            in("x4") e, in("x5") f, options(nostack, preserves_flags));
    }
    result
}

/// As above, for every other architecture, through the C library.
///
/// # Safety
///
/// As above.
#[cfg(not(any(
    all(target_arch = "x86_64", target_pointer_width = "64"),
    target_arch = "aarch64"
)))]
unsafe fn raw(number: c_long, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
    // SAFETY: the caller's promise; `__errno_location` is valid for the calling thread.
    unsafe {
        let result = libc::syscall(number, a, b, c, d, e, f);
        if result == -1 {
            -(*libc::__errno_location() as isize)
        } else {
            result as isize
        }
    }
}

macro_rules! call {
    ($which:ident, $number:expr $(, $argument:expr)*) => {{
        #[cfg(feature = "fault-injection")]
        let injected = fault::strike(fault::Call::$which);
        #[cfg(not(feature = "fault-injection"))]
        let injected: Option<Errno> = None;
        match injected {
            Some(errno) => Err(errno),
            None => {
                let arguments = arguments([$($argument as usize),*]);
                // SAFETY: each wrapper of this file passes numbers, references, or pointers that its own contract covers.
                let result = unsafe {
                    raw($number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5])
                };
                if result < 0 { Err(-result as Errno) } else { Ok(result as usize) }
            }
        }
    }};
}

#[inline(always)]
fn arguments<const N: usize>(given: [usize; N]) -> [usize; 6] {
    let mut all = [0; 6];
    all[..N].copy_from_slice(&given);
    all
}

/// Sets the calling thread's `errno`.
pub(crate) fn set_errno(errno: Errno) {
    // SAFETY: the C library guarantees a valid pointer to the thread's own variable.
    unsafe { *libc::__errno_location() = errno }
}

/// The calling thread's `errno`.
pub(crate) fn errno() -> Errno {
    // SAFETY: as above.
    unsafe { *libc::__errno_location() }
}

/// A number that tells the live threads of the process apart: made of the thread pointer, so that it costs one load. Never 0, bit 31 clear.
#[inline(always)]
pub(crate) fn thread_identity() -> u32 {
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
    {
        let pointer: usize;
        // SAFETY: on x86-64 Linux the thread control block starts with a pointer to itself, in glibc and musl.
        unsafe {
            core::arch::asm!("mov {}, fs:0", out(reg) pointer, options(nostack, readonly, preserves_flags))
        };
        identity_of(pointer)
    }
    #[cfg(target_arch = "aarch64")]
    {
        let pointer: usize;
        // SAFETY: reads a register that user space may read.
        unsafe {
            core::arch::asm!("mrs {}, tpidr_el0", out(reg) pointer, options(nostack, nomem, preserves_flags))
        };
        identity_of(pointer)
    }
    #[cfg(not(any(
        all(target_arch = "x86_64", target_pointer_width = "64"),
        target_arch = "aarch64"
    )))]
    {
        // SAFETY: gettid cannot fail and takes no pointer.
        (unsafe { libc::syscall(libc::SYS_gettid) }) as u32 & 0x7fff_ffff
    }
}

/// Thread control blocks are 64 bytes apart at least.
#[allow(dead_code)]
#[inline(always)]
const fn identity_of(pointer: usize) -> u32 {
    ((pointer >> 4) as u32 & 0x7fff_fffe) | 1
}

/// Sleeps while `word` holds `seen`; comes back early now and then.
pub(crate) fn futex_wait(word: &AtomicU32, seen: u32) {
    let _ = call!(
        Futex,
        libc::SYS_futex,
        word.as_ptr(),
        libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
        seen,
        0
    );
}

/// Wakes one sleeper.
#[cold]
pub(crate) fn futex_wake(word: &AtomicU32) {
    let _ = call!(
        Futex,
        libc::SYS_futex,
        word.as_ptr(),
        libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
        1
    );
}

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

/// Sleeps, in nanoseconds below a second.
pub(crate) fn pause(nanoseconds: u32) {
    let time = libc::timespec {
        tv_sec: 0,
        tv_nsec: nanoseconds as c_long,
    };
    let _ = call!(Poll, libc::SYS_ppoll, 0, 0, &raw const time, 0, 8);
}

/// The capacity of a pipe, in bytes.
pub(crate) fn pipe_capacity(fd: c_int) -> Result<usize, Errno> {
    call!(Fcntl, libc::SYS_fcntl, fd, libc::F_GETPIPE_SZ)
}

/// `epoll_create1(2)`.
pub(crate) fn epoll_create(cloexec: bool) -> Result<c_int, Errno> {
    call!(
        EpollCreate,
        libc::SYS_epoll_create1,
        if cloexec { libc::EPOLL_CLOEXEC } else { 0 }
    )
    .map(|fd| fd as c_int)
}

/// `epoll_ctl(2)`: `operation` is `EPOLL_CTL_*`.
pub(crate) fn epoll_ctl(
    epfd: c_int,
    operation: c_int,
    fd: c_int,
    events: u32,
    data: u64,
) -> Result<(), Errno> {
    let mut event = libc::epoll_event { events, u64: data };
    call!(
        EpollCtl,
        libc::SYS_epoll_ctl,
        epfd,
        operation,
        fd,
        &raw mut event
    )
    .map(drop)
}

/// `epoll_pwait2(2)` without a signal mask. Without a timeout, and on kernels before 5.11 (and under tools that do not know the newer call), `epoll_pwait(2)`, whose
/// timeout is in milliseconds: rounded up.
///
/// # Safety
///
/// `events` is valid for writing `room` entries.
#[inline(always)]
pub(crate) unsafe fn epoll_wait(
    epfd: c_int,
    events: *mut libc::epoll_event,
    room: usize,
    timeout: Option<&libc::timespec>,
) -> Result<usize, Errno> {
    #[cfg(test)]
    crate::tests::asked_to_wait(timeout);
    let Some(time) = timeout else {
        return call!(
            EpollWait,
            libc::SYS_epoll_pwait,
            epfd,
            events,
            room,
            -1isize,
            0,
            8
        );
    };
    if !IN_MILLISECONDS.load(Ordering::Relaxed) {
        let result = call!(
            EpollWait,
            libc::SYS_epoll_pwait2,
            epfd,
            events,
            room,
            ptr::from_ref(time),
            0,
            8
        );
        if result != Err(libc::ENOSYS) {
            return result;
        }
        IN_MILLISECONDS.store(true, Ordering::Relaxed);
    }
    // SAFETY: the caller's promise.
    unsafe { epoll_wait_in_milliseconds(epfd, events, room, time) }
}

/// `epoll_wait(2)` with nothing around the system call: the kernel's result as it is. `milliseconds` is -1 (for ever) or 0 (at once). `events` and `keep` are handed back: on x86-64
/// they stay in registers that the kernel leaves alone, so that the caller need not save others.
///
/// # Safety
///
/// `events` is valid for writing `room` entries. (A room below 1 is `EINVAL`, whatever `events` is.)
#[inline(always)]
pub(crate) unsafe fn epoll_wait_plain<K, L>(
    epfd: c_int,
    events: *mut libc::epoll_event,
    room: c_int,
    milliseconds: c_int,
    keep: (*mut K, *mut L),
) -> (isize, *mut libc::epoll_event, (*mut K, *mut L)) {
    #[cfg(feature = "fault-injection")]
    if let Some(errno) = fault::strike(fault::Call::EpollWait) {
        return (-(errno as isize), events, keep);
    }
    // The older call has two arguments less: their registers are free.
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
    {
        let result: isize;
        let (mut events, mut keep) = (events, keep);
        // SAFETY: the convention as in `raw`, which preserves all other registers; the pointer is the caller's promise.
        unsafe {
            core::arch::asm!("syscall", inlateout("rax") libc::SYS_epoll_wait as isize => result, in("rdi") epfd as u32 as usize,
                inlateout("rsi") events, in("rdx") room as u32 as usize, in("r10") milliseconds as isize, inlateout("r8") keep.0,
                inlateout("r9") keep.1, lateout("rcx") _, lateout("r11") _, options(nostack, preserves_flags));
        }
        (result, events, keep)
    }
    #[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64")))]
    {
        // SAFETY: the caller's promise. Without a signal mask its size is not looked at.
        let result = unsafe {
            raw(
                libc::SYS_epoll_pwait,
                epfd as usize,
                events as usize,
                room as usize,
                milliseconds as usize,
                0,
                0,
            )
        };
        (result, events, keep)
    }
}

/// As [`epoll_wait`] with a timeout, in the kernel's words.
///
/// # Safety
///
/// As [`epoll_wait`].
#[inline(always)]
pub(crate) unsafe fn epoll_wait_until(
    epfd: c_int,
    events: *mut libc::epoll_event,
    room: c_int,
    timeout: &libc::timespec,
) -> isize {
    // SAFETY: the caller's promise.
    match unsafe { epoll_wait(epfd, events, room as usize, Some(timeout)) } {
        Ok(count) => count as isize,
        Err(errno) => -(errno as isize),
    }
}

/// The kernel does not know `epoll_pwait2`.
static IN_MILLISECONDS: AtomicBool = AtomicBool::new(false);

/// # Safety
///
/// As [`epoll_wait`].
#[inline(always)]
unsafe fn epoll_wait_in_milliseconds(
    epfd: c_int,
    events: *mut libc::epoll_event,
    room: usize,
    time: &libc::timespec,
) -> Result<usize, Errno> {
    if time.tv_sec < 0 || !(0..1_000_000_000).contains(&time.tv_nsec) {
        return Err(libc::EINVAL);
    }
    // 23 days are the most that the call can express; nobody notices an early end of such a wait.
    let seconds = time.tv_sec.min(2_000_000) as u64;
    let milliseconds = seconds * 1000 + (time.tv_nsec as u64).div_ceil(1_000_000);
    call!(
        EpollWait,
        libc::SYS_epoll_pwait,
        epfd,
        events,
        room,
        milliseconds,
        0,
        8
    )
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

/// `timerfd_create(2)` on the monotonic clock.
pub(crate) fn timerfd_create() -> Result<c_int, Errno> {
    call!(
        TimerFd,
        libc::SYS_timerfd_create,
        libc::CLOCK_MONOTONIC,
        libc::TFD_CLOEXEC | libc::TFD_NONBLOCK
    )
    .map(|fd| fd as c_int)
}

/// Arms a timerfd for a time of the monotonic clock, in nanoseconds.
pub(crate) fn timerfd_set(fd: c_int, deadline: u64) -> Result<(), Errno> {
    // SAFETY: all zero is a valid itimerspec.
    let mut spec: libc::itimerspec = unsafe { core::mem::zeroed() };
    spec.it_value.tv_sec = (deadline / 1_000_000_000) as libc::time_t;
    spec.it_value.tv_nsec = (deadline % 1_000_000_000) as c_long;
    call!(
        TimerFd,
        libc::SYS_timerfd_settime,
        fd,
        libc::TFD_TIMER_ABSTIME,
        &raw const spec,
        0
    )
    .map(drop)
}

/// A clock's time in nanoseconds: `CLOCK_MONOTONIC` or `CLOCK_REALTIME`.
pub(crate) fn now(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is valid for writing; these clocks always exist. (The C library reads them without a system call.)
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

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

/// `getsockopt(2)` of a plain value; the number of bytes that the kernel wrote.
fn socket_option<T>(fd: c_int, level: c_int, name: c_int, value: &mut T) -> Result<usize, Errno> {
    let mut length = size_of::<T>() as libc::socklen_t;
    call!(
        GetSockOpt,
        libc::SYS_getsockopt,
        fd,
        level,
        name,
        ptr::from_mut(value),
        &raw mut length
    )?;
    Ok(length as usize)
}

/// `SO_TYPE`, `SO_DOMAIN` and the like.
pub(crate) fn socket_number(fd: c_int, name: c_int) -> Result<c_int, Errno> {
    let mut value: c_int = 0;
    socket_option(fd, libc::SOL_SOCKET, name, &mut value).map(|_| value)
}

/// `SO_MEMINFO`: memory of a socket, indexed by `SK_MEMINFO_*`.
pub(crate) fn socket_memory(fd: c_int) -> Result<[u32; 9], Errno> {
    const SO_MEMINFO: c_int = 55;
    let mut value = [0; 9];
    socket_option(fd, libc::SOL_SOCKET, SO_MEMINFO, &mut value).map(|_| value)
}

/// The fields of `TCP_INFO` that the filters use.
pub(crate) fn tcp_info(fd: c_int) -> Result<TcpInfo, Errno> {
    let mut info = TcpInfo {
        bytes: [0; 8],
        words: [0; 24],
        longs: [0; 16],
    };
    socket_option(fd, libc::IPPROTO_TCP, libc::TCP_INFO, &mut info).map(|_| info)
}

/// The kernel's `struct tcp_info`, in the parts that have been the same since it was first extended.
#[repr(C)]
pub(crate) struct TcpInfo {
    bytes: [u8; 8],
    words: [u32; 24],
    longs: [u64; 16],
}

impl TcpInfo {
    /// `tcpi_state`.
    pub(crate) const fn state(&self) -> u8 {
        self.bytes[0]
    }
    /// `tcpi_unacked`: of a listener, the connections that wait to be accepted.
    pub(crate) const fn unacked(&self) -> u32 {
        self.words[4]
    }
    /// `tcpi_rtt`, in microseconds: 0 before a connection was made.
    pub(crate) const fn round_trip(&self) -> u32 {
        self.words[15]
    }
    /// `tcpi_total_retrans`.
    pub(crate) const fn retransmissions(&self) -> u32 {
        self.words[23]
    }
    /// `tcpi_retransmits` and `tcpi_probes`: what is unanswered now.
    pub(crate) const fn unanswered(&self) -> u8 {
        self.bytes[2] | self.bytes[3]
    }
    /// `tcpi_bytes_acked` (the SYN counts).
    pub(crate) const fn bytes_acked(&self) -> u64 {
        self.longs[2]
    }
    /// `tcpi_segs_out` and `tcpi_segs_in`.
    pub(crate) const fn segments(&self) -> (u32, u32) {
        let both = self.longs[4];
        if cfg!(target_endian = "little") {
            (both as u32, (both >> 32) as u32)
        } else {
            ((both >> 32) as u32, both as u32)
        }
    }
}

/// `poll(2)` of one descriptor without waiting: its `revents`.
pub(crate) fn poll_now(fd: c_int, events: i16) -> Result<u32, Errno> {
    let mut entry = libc::pollfd {
        fd,
        events,
        revents: 0,
    };
    let zero = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    call!(
        Poll,
        libc::SYS_ppoll,
        &raw mut entry,
        1,
        &raw const zero,
        0,
        8
    )?;
    Ok(entry.revents as u16 as u32)
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

/// `read(2)`.
pub(crate) fn read(fd: c_int, to: &mut [u8]) -> Result<usize, Errno> {
    call!(Read, libc::SYS_read, fd, to.as_mut_ptr(), to.len())
}

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

/// A set of signals as the kernel has it: bit `n - 1` is signal `n`.
pub(crate) type SignalSet = u64;

/// `signalfd4(2)`.
pub(crate) fn signalfd(set: SignalSet) -> Result<c_int, Errno> {
    call!(
        SignalFd,
        libc::SYS_signalfd4,
        -1isize,
        &raw const set,
        8,
        libc::SFD_CLOEXEC | libc::SFD_NONBLOCK
    )
    .map(|fd| fd as c_int)
}

/// The calling thread's mask; with `change`, adds (`SIG_BLOCK`) or takes out (`SIG_UNBLOCK`) first.
pub(crate) fn signal_mask(how: c_int, change: SignalSet) -> SignalSet {
    let mut old: SignalSet = 0;
    let _ = call!(
        Signal,
        libc::SYS_rt_sigprocmask,
        how,
        &raw const change,
        &raw mut old,
        8
    );
    old
}

/// The signals that are pending for the calling thread.
pub(crate) fn signals_pending() -> SignalSet {
    let mut set: SignalSet = 0;
    let _ = call!(Signal, libc::SYS_rt_sigpending, &raw mut set, 8);
    set
}

/// Takes one pending, blocked signal of the set away; false when there is none.
pub(crate) fn take_signal(set: SignalSet) -> bool {
    let zero = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    call!(
        Signal,
        libc::SYS_rt_sigtimedwait,
        &raw const set,
        0,
        &raw const zero,
        8
    )
    .is_ok()
}

/// What the process does with a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Disposition {
    Default,
    Ignored,
    Handled,
}

/// `sigaction(2)`, asking only.
pub(crate) fn disposition(signal: c_int) -> Disposition {
    // SAFETY: all zero is a valid sigaction; a null new action only asks. The C library's call is used because the kernel's struct differs by
    // architecture.
    let handler = unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        if libc::sigaction(signal, ptr::null(), &mut action) != 0 {
            return Disposition::Default;
        }
        action.sa_sigaction
    };
    match handler {
        libc::SIG_DFL => Disposition::Default,
        libc::SIG_IGN => Disposition::Ignored,
        _ => Disposition::Handled,
    }
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

/// Registers what runs in the child of a `fork`.
pub(crate) fn at_fork_in_child(run: unsafe extern "C" fn()) {
    // SAFETY: the function is `'static` and takes no argument. The C library keeps the first dozens of handlers in static storage.
    unsafe { libc::pthread_atfork(None, None, Some(run)) };
}
