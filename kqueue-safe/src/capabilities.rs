//! [`Capabilities`]: what the running kernel knows, asked of the kernel.

use crate::system::{self, Support};
use crate::{Change, Errno, Error, Filter, Kqueue, Timer, Token};

/// What differs between releases of the same system, found out by trying on a kqueue made for the purpose.
///
/// | capability | missing on | what to do then |
/// |---|---|---|
/// | [`user_events`](Capabilities::user_events) | NetBSD before 10, OpenBSD before 7.8 | [`Waker`](crate::Waker) takes a pipe by itself; no other `USER` events |
/// | [`empty`](Capabilities::empty) | NetBSD before 10, older FreeBSD; macOS, OpenBSD, DragonFly have no such filter | ask the socket (`SIOCOUTQ`, `FIONWRITE`) from a timer |
/// | [`timer_units`](Capabilities::timer_units) | NetBSD before 10, older OpenBSD, DragonFly | times in whole milliseconds ([`Timer::after`] sends such times without a unit), or the wait's timeout |
///
/// ```
/// let known = kqueue_safe::Capabilities::probe()?;
/// println!("{known:?}");
/// # Ok::<(), kqueue_safe::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// `EVFILT_USER` works.
    pub user_events: bool,
    /// `EVFILT_EMPTY` works.
    pub empty: bool,
    /// Timers take seconds, microseconds and nanoseconds.
    pub timer_units: bool,
}

impl Capabilities {
    /// Asks the kernel.
    ///
    /// # Errors
    ///
    /// As [`Kqueue::new`].
    pub fn probe() -> Result<Self, Error> {
        let kq = Kqueue::new()?;
        let empty = match system::EMPTY {
            Some(filter) => kq.knows(filter)?,
            None => false,
        };
        let timer_units = match system::TIMER_UNIT_SUPPORT {
            Support::Always => true,
            Support::Never => false,
            Support::Ask => knows_timer_units(&kq)?,
        };
        Ok(Self {
            user_events: kq.knows(Filter::USER)?,
            empty,
            timer_units,
        })
    }
}

impl Kqueue {
    /// Whether the running kernel knows a filter. Nothing is registered: deleting what does not exist is `EINVAL` for a filter that the kernel
    /// does not know, and `ENOENT`, `EBADF` or `ESRCH` for one that it does.
    ///
    /// # Errors
    ///
    /// `EBADF` when this is no kqueue.
    pub fn knows(&self, filter: Filter) -> Result<bool, Error> {
        // As a descriptor it is never open, and as a number of the caller's choice nobody's. (The queue's own descriptor would not do: FreeBSD says
        // EINVAL to every change about a queue in itself.)
        const NOBODYS: usize = usize::MAX >> 1;
        let delete = |filter| {
            let change = Change::draft(NOBODYS, filter).with_flags(kqueue_sys::EV_DELETE);
            self.apply_one(change).map_or_else(Error::errno, |()| None)
        };
        // A descriptor that is no kqueue says EBADF to everything. A timer takes no descriptor, so here it means the queue.
        if delete(Filter::TIMER) == Some(Errno::EBADF) {
            return Err(Error::System(Errno::EBADF));
        }
        match delete(filter) {
            Some(Errno::EINVAL) => Ok(false),
            None | Some(Errno::ENOENT | Errno::EBADF | Errno::ESRCH) => Ok(true),
            Some(errno) => Err(errno.into()),
        }
    }
}

/// A kernel that knows units refuses one that does not exist; an older one ignores the note and counts milliseconds.
fn knows_timer_units(kq: &Kqueue) -> Result<bool, Error> {
    const NO_SUCH_NOTE: kqueue_sys::fflags_t = 0x8000;
    let far = core::time::Duration::from_secs(1000);
    let strange = Timer::new(0).after(far).disabled();
    let strange = crate::filter::TimerSchedule {
        draft: strange.draft.with_notes(NO_SUCH_NOTE),
    };
    match kq.apply_one(strange.add(Token::default())) {
        Ok(()) => {
            kq.apply_one(Timer::new(0).delete())?;
            Ok(false)
        }
        Err(Error::System(Errno::EINVAL)) => Ok(true),
        Err(error) => Err(error),
    }
}
