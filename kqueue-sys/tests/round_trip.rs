//! A change goes into the kernel and an event comes back, through nothing but the raw declarations. Runs on every system.

use kqueue_sys::*;
use std::fs::File;
use std::io::{Error, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

const SECONDS: timespec = timespec {
    tv_sec: 10,
    tv_nsec: 0,
};
const AT_ONCE: timespec = timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

fn queue() -> OwnedFd {
    // SAFETY: `kqueue` takes no argument.
    let descriptor = unsafe { kqueue() };
    assert!(descriptor >= 0, "{}", Error::last_os_error());
    // SAFETY: the descriptor was just made and nobody else has it.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}

fn pipe() -> (OwnedFd, File) {
    let mut ends = [-1; 2];
    // SAFETY: there is room for two descriptors.
    let made = unsafe { libc::pipe(ends.as_mut_ptr()) };
    assert_eq!(made, 0, "{}", Error::last_os_error());
    // SAFETY: both were just made and nobody else has them.
    unsafe { (OwnedFd::from_raw_fd(ends[0]), File::from_raw_fd(ends[1])) }
}

/// Gives the changes to the kernel and returns what it stored.
fn call(
    queue: &OwnedFd,
    changes: &[kevent],
    room: usize,
    timeout: &timespec,
) -> Result<Vec<kevent>, Error> {
    let mut events = vec![EV_SET(0, 0, 0, 0, 0, ptr::null_mut()); room];
    // SAFETY: both lists are as long as their counts say; the timeout is valid; the filters used here read no pointer.
    let stored = unsafe {
        kevent(
            queue.as_raw_fd(),
            changes.as_ptr(),
            changes.len() as count_t,
            events.as_mut_ptr(),
            room as count_t,
            timeout,
        )
    };
    let stored = usize::try_from(stored).map_err(|_| Error::last_os_error())?;
    events.truncate(stored);
    Ok(events)
}

#[test]
fn a_pipe_with_bytes_can_be_read() {
    let queue = queue();
    let (reader, mut writer) = pipe();
    let ident = ident_t::try_from(reader.as_raw_fd()).expect("descriptors are not negative");
    let token: udata_t = ptr::without_provenance_mut(0x5eed);
    let change = EV_SET(ident, EVFILT_READ, EV_ADD, 0, 0, token);

    let events = call(&queue, &[change], 4, &AT_ONCE).expect("the pipe is registered");
    assert!(events.is_empty(), "an empty pipe is silent");

    writer.write_all(b"seven b").expect("the pipe has room");
    let events = call(&queue, &[], 4, &SECONDS).expect("the wait succeeds");
    assert_eq!(events.len(), 1);
    let event = events[0];
    assert_eq!({ event.ident }, ident);
    assert_eq!({ event.filter }, EVFILT_READ);
    assert_eq!(event.flags & (EV_ERROR | EV_EOF), 0);
    assert_eq!({ event.data }, 7);
    assert_eq!(
        { event.udata },
        token,
        "the caller's value comes back as it was given"
    );

    drop(writer);
    let events = call(&queue, &[], 4, &SECONDS).expect("the wait succeeds");
    assert_eq!(events.len(), 1);
    assert_ne!(events[0].flags & EV_EOF, 0, "the writer is gone");
    assert_eq!({ events[0].data }, 7, "and what it wrote is still there");

    let change = EV_SET(ident, EVFILT_READ, EV_DELETE, 0, 0, ptr::null_mut());
    assert!(
        call(&queue, &[change], 4, &AT_ONCE)
            .expect("it was registered")
            .is_empty()
    );
}

#[test]
fn a_failed_change_comes_back_with_its_errno() {
    let queue = queue();
    let (reader, _writer) = pipe();
    let ident = ident_t::try_from(reader.as_raw_fd()).expect("descriptors are not negative");
    let change = EV_SET(ident, EVFILT_READ, EV_DELETE, 0, 0, ptr::null_mut());

    let events = call(&queue, &[change], 1, &AT_ONCE).expect("there is room for the answer");
    assert_eq!(events.len(), 1);
    assert_ne!(events[0].flags & EV_ERROR, 0);
    assert_eq!({ events[0].data } as i64, i64::from(libc::ENOENT));

    let error = call(&queue, &[change], 0, &AT_ONCE).expect_err("there is no room for the answer");
    assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
}

#[test]
fn a_receipt_has_no_error() {
    let queue = queue();
    let (reader, _writer) = pipe();
    let ident = ident_t::try_from(reader.as_raw_fd()).expect("descriptors are not negative");
    let change = EV_SET(
        ident,
        EVFILT_READ,
        EV_ADD | EV_RECEIPT,
        0,
        0,
        ptr::null_mut(),
    );
    let events = call(&queue, &[change], 1, &AT_ONCE).expect("the pipe is registered");
    assert_eq!(events.len(), 1);
    assert_ne!(events[0].flags & EV_ERROR, 0);
    assert_eq!({ events[0].data }, 0);
}

#[test]
fn a_timer_expires() {
    let queue = queue();
    let change = EV_SET(3, EVFILT_TIMER, EV_ADD | EV_ONESHOT, 0, 1, ptr::null_mut());
    let events = call(&queue, &[change], 4, &SECONDS).expect("the timer is registered");
    assert_eq!(events.len(), 1);
    assert_eq!(
        ({ events[0].ident }, { events[0].filter }),
        (3, EVFILT_TIMER)
    );
    assert!({ events[0].data } >= 1);
}
