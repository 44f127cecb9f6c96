//! The two system calls. Return codes become values here.

use core::ffi::c_int;
use core::mem::MaybeUninit;
use core::ptr;
use core::slice;
use core::time::Duration;

use kqueue_sys::timespec;

use super::descriptor::{close_on_exec, last_errno};
use super::{Entry, Queue, host};
use crate::descriptor::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use crate::system::MAX_WAIT_SECONDS;
use crate::{Change, Errno, Event, RawEntry};

/// No wait.
static AT_ONCE: timespec = timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

/// Whether a type is laid out as the kernel's.
const fn is_raw_entry<T>() -> bool {
    size_of::<T>() == size_of::<RawEntry>() && align_of::<T>() == align_of::<RawEntry>()
}

// `Change` and `Event` are an `Entry`, which is a `RawEntry`, and nothing more: all three are `repr(transparent)`.
const _: () = assert!(
    is_raw_entry::<Change<'static>>() && is_raw_entry::<Event>() && is_raw_entry::<Entry>()
);

/// A new kqueue, close-on-exec.
pub fn create() -> Result<Queue, Errno> {
    let mut raw = host::create();
    let mut in_one_step = true;
    if raw < 0 && last_errno() == Errno::EINVAL {
        // An older system, or one whose flag has another value: make it plain and set the flag afterwards.
        in_one_step = false;
        // SAFETY: no arguments, no memory: a descriptor or -1.
        raw = unsafe { kqueue_sys::kqueue() };
    }
    if raw < 0 {
        return Err(last_errno());
    }
    // SAFETY: the call above returned a new descriptor that nobody else knows.
    let fd = unsafe { OwnedFd::from_raw_fd(raw) };
    if !(in_one_step && crate::system::CREATES_CLOSE_ON_EXEC) {
        close_on_exec(&fd)?;
    }
    Ok(Queue::known(fd))
}

/// A wait as the kernel takes it: whole seconds above the system's limit are cut off at the limit.
#[inline]
fn to_timespec(wait: Duration) -> timespec {
    let seconds = wait.as_secs();
    if seconds >= MAX_WAIT_SECONDS {
        timespec {
            tv_sec: MAX_WAIT_SECONDS as _,
            tv_nsec: 0,
        }
    } else {
        timespec {
            tv_sec: seconds as _,
            tv_nsec: wait.subsec_nanos() as _,
        }
    }
}

/// Applies `changes` and waits for events: one `kevent(2)`.
///
/// Returns the entries that the kernel wrote, which are the first ones of `room`. `changes` and `room` hold at most `c_int::MAX` entries
/// (their owners see to it when compiling).
#[inline]
pub fn wait<'e>(
    kq: BorrowedFd<'_>,
    changes: &[Change<'_>],
    room: &'e mut [MaybeUninit<Event>],
    timeout: Option<Duration>,
) -> Result<&'e [Event], Errno> {
    let limit;
    let limit_pointer = match timeout {
        None => ptr::null(),
        Some(wait) => {
            limit = to_timespec(wait);
            &raw const limit
        }
    };
    // SAFETY: `changes` is valid for reading and `room` for writing as many entries as are announced (both types are a `RawEntry`, see
    // the assertion above); the timeout is null or points to a local that outlives the call. What the changes make the kernel
    // remember is numbers only: `Change` cannot be made with a pointer in safe code.
    let count = unsafe {
        host::call(
            kq.as_raw_fd(),
            changes.as_ptr().cast::<RawEntry>(),
            changes.len(),
            room.as_mut_ptr().cast::<RawEntry>(),
            room.len(),
            limit_pointer,
        )
    };
    if count < 0 {
        return Err(last_errno());
    }
    // SAFETY: the kernel wrote the first `count` entries, and never more than there was room for.
    Ok(unsafe { slice::from_raw_parts(room.as_ptr().cast::<Event>(), count as usize) })
}

/// Applies every change with a receipt, which takes the change's own place in `changes`: the room is always sufficient.
///
/// Returns how many receipts there are: as many as changes.
#[inline]
pub fn apply<'c>(kq: BorrowedFd<'_>, changes: &'c mut [Change<'_>]) -> Result<&'c [Event], Errno> {
    // One is common, and a loop that the compiler unrolls costs it ten times what it does.
    if let [only] = &mut *changes {
        only.want_receipt();
    } else {
        changes.iter_mut().for_each(Change::want_receipt);
    }
    let list = changes.as_mut_ptr().cast::<RawEntry>();
    let length = changes.len();
    // SAFETY: `list` is valid for reading and writing `length` entries. That both lists are the same memory is allowed: the kernel
    // copies changes in before it writes a receipt, and the n-th receipt is written after the n-th change was read.
    let count = unsafe {
        host::call(
            kq.as_raw_fd(),
            list,
            length,
            list,
            length,
            &raw const AT_ONCE,
        )
    };
    if count < 0 {
        return Err(last_errno());
    }
    // SAFETY: all of the list is initialised: it was before the call, and the kernel wrote whole entries only.
    Ok(unsafe { slice::from_raw_parts(list.cast::<Event>(), count as usize) })
}

/// Applies one change without room for an answer, so that its failure is the call's.
#[inline]
pub fn apply_one(kq: BorrowedFd<'_>, change: &Change<'_>) -> Result<(), Errno> {
    // SAFETY: one readable entry, no room to write, and a static timeout.
    let count: c_int = unsafe {
        host::call(
            kq.as_raw_fd(),
            ptr::from_ref(change).cast::<RawEntry>(),
            1,
            ptr::null_mut(),
            0,
            &raw const AT_ONCE,
        )
    };
    if count < 0 { Err(last_errno()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use core::time::Duration;

    use super::{MAX_WAIT_SECONDS, to_timespec};

    #[test]
    fn a_wait_keeps_its_nanoseconds_and_is_cut_off_at_the_limit() {
        for (wait, expected) in [
            (Duration::ZERO, (0, 0)),
            (Duration::from_micros(500), (0, 500_000)),
            (Duration::new(3, 999_999_999), (3, 999_999_999)),
            (Duration::new(MAX_WAIT_SECONDS, 5), (MAX_WAIT_SECONDS, 0)),
            (Duration::MAX, (MAX_WAIT_SECONDS, 0)),
        ] {
            let limit = to_timespec(wait);
            assert_eq!(
                (limit.tv_sec as u64, limit.tv_nsec as u64),
                expected,
                "{wait:?}"
            );
        }
    }
}
