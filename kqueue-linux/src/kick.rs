//! How a waiter learns that something became ready in memory: one descriptor for the whole process that is always readable, and that each kqueue's epoll
//! has as an interest. Nobody ever writes to it or reads it: turning the interest on makes the epoll readable and wakes a waiter; the waiter's
//! `epoll_pwait2` turns it off again (`EPOLLONESHOT`). So a user event costs one `epoll_ctl`, and a kqueue needs no descriptor of its own for it.
//!
//! The interest also marks an epoll as ours, which is how a number is recognised after a fork or a plain `close`; and what it says has the kqueue's serial number, so that
//! the kernel can be asked which one an epoll is ([`identity`]).

use core::sync::atomic::{AtomicI32, Ordering};

use libc::c_int;

use crate::filter::watch::{self, PATH_ROOM};
use crate::state::tag;
use crate::sys::{self, Errno};

/// The descriptor; -1 before the first kqueue.
static READY: AtomicI32 = AtomicI32::new(-1);

const ON: u32 = (libc::EPOLLIN | libc::EPOLLONESHOT) as u32;
/// For a kqueue that another one watches: stays on until it is turned off, so that counting what is pending makes no new edge.
const ON_FOR_LONG: u32 = libc::EPOLLIN as u32;
const OFF: u32 = libc::EPOLLONESHOT as u32;

/// The descriptor; makes it when it is not there.
fn descriptor() -> Result<c_int, Errno> {
    let known = READY.load(Ordering::Acquire);
    if known >= 0 {
        return Ok(known);
    }
    let made = sys::ready_eventfd()?;
    match READY.compare_exchange(-1, made, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Ok(made),
        Err(other) => {
            sys::close(made);
            Ok(other)
        }
    }
}

/// What the interest says: the index is the kqueue's serial number.
const fn word(serial: u32) -> u64 {
    tag::KICK | (serial as u64) << 32
}

/// Makes the interest, off, in a new epoll.
pub(crate) fn attach(epfd: c_int, serial: u32) -> Result<(), Errno> {
    let word = word(serial);
    match sys::epoll_ctl(epfd, libc::EPOLL_CTL_ADD, descriptor()?, OFF, word) {
        // The program closed the number behind our back: another one.
        Err(libc::EBADF | libc::EPERM) if sys::is_open(epfd).is_ok() => {
            READY.store(-1, Ordering::Release);
            sys::epoll_ctl(epfd, libc::EPOLL_CTL_ADD, descriptor()?, OFF, word)
        }
        other => other,
    }
}

/// Turns the interest on or off. On wakes a waiter and makes the epoll readable, until it has been told once, or with `long` until it is turned off.
pub(crate) fn set(epfd: c_int, serial: u32, on: bool, long: bool) -> Result<(), Errno> {
    let events = match (on, long) {
        (true, false) => ON,
        (true, true) => ON_FOR_LONG,
        (false, _) => OFF,
    };
    match sys::epoll_ctl(
        epfd,
        libc::EPOLL_CTL_MOD,
        READY.load(Ordering::Relaxed),
        events,
        word(serial),
    ) {
        Err(libc::EBADF | libc::ENOENT | libc::EPERM) => {
            sys::is_open(epfd)?;
            attach(epfd, serial)?;
            sys::epoll_ctl(
                epfd,
                libc::EPOLL_CTL_MOD,
                READY.load(Ordering::Relaxed),
                events,
                word(serial),
            )
        }
        // The number is not an epoll any more.
        Err(libc::EINVAL) => Err(libc::EBADF),
        other => other,
    }
}

/// Is this number an epoll that has the interest? Changes nothing when it is.
pub(crate) fn is_ours(fd: c_int) -> bool {
    let ready = READY.load(Ordering::Acquire);
    match sys::epoll_ctl(fd, libc::EPOLL_CTL_ADD, ready, OFF, word(0)) {
        Err(libc::EEXIST) => true,
        Ok(()) => {
            let _ = sys::epoll_ctl(fd, libc::EPOLL_CTL_DEL, ready, 0, 0);
            false
        }
        Err(_) => false,
    }
}

/// The serial number of the kqueue whose epoll this number is. The kernel tells each interest's word in `/proc`; `None` where that cannot be read. Takes time in proportion to the
/// registrations: for numbers in doubt only.
#[cold]
pub(crate) fn identity(fd: c_int) -> Option<u32> {
    const START: &[u8] = b"data:";
    let mut room = [0; PATH_ROOM];
    let file = sys::open_to_read(watch::path(
        b"/proc/thread-self/fdinfo/",
        fd as u32,
        b"",
        &mut room,
    ))
    .ok()?;
    let mut found = None;
    // Text comes in pieces: how much of `START` has been seen (all: a number is being read), and the number so far.
    let (mut seen, mut number, mut digits) = (0, 0_u64, 0);
    let mut buffer = [0; 1024];
    'file: while let Ok(length @ 1..) = sys::read(file, &mut buffer) {
        for &byte in &buffer[..length] {
            if seen < START.len() {
                seen = match byte {
                    _ if byte == START[seen] => seen + 1,
                    _ if byte == START[0] => 1,
                    _ => 0,
                };
                continue;
            }
            match (byte as char).to_digit(16) {
                Some(digit) => (number, digits) = (number << 4 | digit as u64, digits + 1),
                None if digits == 0 && byte == b' ' => {}
                None => {
                    if digits != 0 && number & u32::MAX as u64 == tag::KICK {
                        found = Some((number >> 32) as u32);
                        break 'file;
                    }
                    (seen, number, digits) = (0, 0, 0);
                }
            }
        }
    }
    sys::close(file);
    found
}
