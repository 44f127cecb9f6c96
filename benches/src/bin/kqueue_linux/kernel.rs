//! Thin wrappers: an eventfd, a pipe, an epoll and a kqueue, each with the calls that a careful program makes.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use kqueue_sys::kevent;

/// Descriptors for 10,000 registrations, which both sides share.
pub fn raise_descriptor_limit() {
    // SAFETY: plain calls with a struct that lives across them.
    unsafe {
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
    }
}

fn owned(descriptor: libc::c_int) -> OwnedFd {
    assert!(descriptor >= 0, "{}", std::io::Error::last_os_error());
    // SAFETY: just returned by the system, so nobody else's.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}

pub fn eventfd(count: u32) -> OwnedFd {
    // SAFETY: no pointers.
    owned(unsafe { libc::eventfd(count, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) })
}

pub fn eventfd_write(fd: &OwnedFd) {
    // SAFETY: eight bytes, as an eventfd wants.
    unsafe { libc::write(fd.as_raw_fd(), (&raw const ONE).cast(), 8) };
}

static ONE: u64 = 1;

pub fn eventfd_read(fd: &OwnedFd) {
    let mut count = 0u64;
    // SAFETY: room for eight bytes.
    unsafe { libc::read(fd.as_raw_fd(), (&raw mut count).cast(), 8) };
}

/// The reading end of a pipe with one byte in it, and the writing end.
pub fn ready_pipe() -> (OwnedFd, OwnedFd) {
    let mut ends = [0; 2];
    // SAFETY: room for two descriptors; one byte is written from a byte.
    unsafe {
        assert_eq!(
            libc::pipe2(ends.as_mut_ptr(), libc::O_NONBLOCK | libc::O_CLOEXEC),
            0
        );
        assert_eq!(libc::write(ends[1], (&raw const ONE).cast(), 1), 1);
    }
    (owned(ends[0]), owned(ends[1]))
}

pub fn bytes_to_read(fd: RawFd) -> i32 {
    let mut count = 0;
    // SAFETY: FIONREAD writes one int.
    unsafe { libc::ioctl(fd, libc::FIONREAD, &raw mut count) };
    count
}

pub struct Epoll(OwnedFd);

const AT_ONCE: libc::timespec = libc::timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

// SAFETY: epoll_pwait2(2), as glibc 2.35 declares it.
unsafe extern "C" {
    fn epoll_pwait2(
        epfd: libc::c_int,
        events: *mut libc::epoll_event,
        room: libc::c_int,
        timeout: *const libc::timespec,
        mask: *const libc::sigset_t,
    ) -> libc::c_int;
}

impl Epoll {
    pub fn new() -> Epoll {
        // SAFETY: no pointers.
        Epoll(owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }))
    }

    pub fn control(&self, operation: libc::c_int, fd: RawFd, events: libc::c_int) {
        let mut event = libc::epoll_event {
            events: events as u32,
            u64: fd as u64,
        };
        // SAFETY: the event lives across the call.
        let result = unsafe { libc::epoll_ctl(self.0.as_raw_fd(), operation, fd, &mut event) };
        assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
    }

    /// One event that must be there; the descriptor that it is for.
    pub fn one(&self) -> u64 {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 64];
        // SAFETY: room for as many events as are said.
        let count = unsafe {
            epoll_pwait2(
                self.0.as_raw_fd(),
                events.as_mut_ptr(),
                64,
                &AT_ONCE,
                std::ptr::null(),
            )
        };
        assert_eq!(count, 1);
        events[0].u64
    }
}

pub fn timerfd() -> OwnedFd {
    // SAFETY: no pointers.
    owned(unsafe {
        libc::timerfd_create(
            libc::CLOCK_MONOTONIC,
            libc::TFD_NONBLOCK | libc::TFD_CLOEXEC,
        )
    })
}

pub fn timerfd_set(fd: &OwnedFd, seconds: i64) {
    // SAFETY: all zeroes is a valid itimerspec; it lives across the call.
    unsafe {
        let mut spec: libc::itimerspec = std::mem::zeroed();
        spec.it_value.tv_sec = seconds;
        libc::timerfd_settime(fd.as_raw_fd(), 0, &spec, std::ptr::null_mut());
    }
}

pub struct Kqueue(OwnedFd);

const NOW: kqueue_sys::timespec = kqueue_sys::timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

impl Kqueue {
    pub fn new() -> Kqueue {
        // SAFETY: no arguments.
        Kqueue(owned(unsafe { kqueue_sys::kqueue() }))
    }

    /// Changes without room.
    pub fn apply(&self, changes: &[kevent]) {
        // SAFETY: the list is as long as its count; no room, so nothing is written.
        let count = unsafe {
            kqueue_sys::kevent(
                self.number(),
                changes.as_ptr(),
                changes.len() as i32,
                std::ptr::null_mut(),
                0,
                &NOW,
            )
        };
        assert_eq!(count, 0, "{}", std::io::Error::last_os_error());
    }

    /// Changes, and one event that must be there; its identifier.
    pub fn one(&self, changes: &[kevent]) -> usize {
        let mut events = std::mem::MaybeUninit::<[kevent; 64]>::uninit();
        // SAFETY: room for 64 events; the first is read only when one was written.
        unsafe {
            let (list, length, room) = (
                changes.as_ptr(),
                changes.len() as i32,
                events.as_mut_ptr().cast::<kevent>(),
            );
            let count = kqueue_sys::kevent(self.number(), list, length, room, 64, &NOW);
            assert_eq!(count, 1, "{}", std::io::Error::last_os_error());
            (*room).ident
        }
    }

    pub fn number(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
