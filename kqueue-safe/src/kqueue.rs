//! [`Kqueue`]: the descriptor and the calls.

use core::time::Duration;

use crate::descriptor::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};
use crate::{Change, ChangeView, Errno, Error, EventView, Events, Receipts, Token, Waker, sys};

/// A kqueue: owns its descriptor, which is close-on-exec on every system and closed when this is dropped.
///
/// All calls take `&self`: several threads may wait, and one may apply changes while another waits.
///
/// | call | changes | events | a refused change is |
/// |---|---|---|---|
/// | [`apply_one`](Kqueue::apply_one) | one | none | the call's error |
/// | [`apply`](Kqueue::apply) | a list | none | a receipt with its index; the others are applied |
/// | [`wait`](Kqueue::wait) | none | as many as fit | – |
/// | [`apply_and_wait`](Kqueue::apply_and_wait) | a list | as many as fit | an entry among the events; the others are applied |
///
/// Each of the four is one `kevent(2)`.
///
/// ```
/// use core::time::Duration;
/// use kqueue_safe::{ChangeList, EventBuffer, EventKind, Kqueue, Timer, Token};
///
/// let kq = Kqueue::new()?;
/// let mut changes = ChangeList::<4>::new();
/// let mut events: EventBuffer = EventBuffer::new();
///
/// let token = Token::new(0, 1);
/// changes.push(Timer::new(7).after(Duration::from_millis(1)).add(token))?;
/// for event in kq.apply_and_wait(&mut changes, &mut events, None)? {
///     assert_eq!(event.token(), token);
///     assert_eq!(event.kind(), EventKind::Timer { expirations: 1 });
/// }
/// # Ok::<(), kqueue_safe::Error>(())
/// ```
#[derive(Debug)]
pub struct Kqueue {
    fd: sys::Queue,
}

impl Kqueue {
    /// Makes a kqueue (`kqueue1(O_CLOEXEC)` where there is one, else `kqueue` and `fcntl`).
    ///
    /// # Errors
    ///
    /// `EMFILE`, `ENFILE`, `ENOMEM`.
    pub fn new() -> Result<Self, Error> {
        Ok(Self { fd: sys::create()? })
    }

    /// Applies one change; its refusal is the error.
    ///
    /// # Errors
    ///
    /// The reason why the kernel refused the change: `EBADF`, `ENOENT`, `EINVAL`, `ENOMEM`, `EPIPE`, `ESRCH`, `ENODEV`, `EACCES`.
    #[inline]
    pub fn apply_one(&self, change: Change<'_>) -> Result<(), Error> {
        Ok(sys::apply_one(self.fd.as_fd(), &change)?)
    }

    /// Applies the changes in order and answers each: the n-th receipt belongs to the n-th change. A refused change does not keep the
    /// later ones from being applied. The receipts take the changes' own places, so there is always room for all.
    ///
    /// The list is empty afterwards. On some systems (FreeBSD, NetBSD) later events of these registrations carry the flag
    /// [`RECEIPT`](crate::EventFlags::RECEIPT); it has no effect.
    ///
    /// # Errors
    ///
    /// Only those of the call itself: `EBADF` when this is no kqueue (after a `fork`, in the child), `ENOMEM`, `EFAULT`.
    #[inline]
    pub fn apply<'c>(&self, changes: &'c mut ChangeView<'_>) -> Result<Receipts<'c>, Error> {
        Ok(Receipts::new(sys::apply(self.fd.as_fd(), changes.take())?))
    }

    /// Waits for events; `None` waits for ever, `Some(Duration::ZERO)` looks and returns. A time that ran out gives no events.
    ///
    /// The wait is never shorter than `timeout`, except that one above the system's limit ends at the limit: 10^8 seconds (three years)
    /// on macOS, 10^9 seconds elsewhere. Such an end looks like any other: no events.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] when a signal handler ran, also one with `SA_RESTART`. `EBADF` when this is no kqueue.
    #[inline]
    pub fn wait<'e>(
        &self,
        events: &'e mut EventView,
        timeout: Option<Duration>,
    ) -> Result<Events<'e>, Error> {
        Ok(Events::new(sys::wait(
            self.fd.as_fd(),
            &[],
            events.places(),
            timeout,
        )?))
    }

    /// Applies the changes in order, then waits for events: one system call.
    ///
    /// The list is empty afterwards, whatever the result, except for [`Error::NoRoom`]: the kernel has seen every change. A refused
    /// change gives an entry whose [`is_error`](crate::Event::is_error) is true, and the call returns these entries at once,
    /// without waiting and without events; which change it was, [`ChangeView::index_of`] tells.
    ///
    /// # Errors
    ///
    /// [`Error::NoRoom`] when `events` has less room than there are changes: nothing was applied. [`Error::Interrupted`] as in
    /// [`wait`](Kqueue::wait): the changes *were* applied.
    #[inline]
    pub fn apply_and_wait<'e>(
        &self,
        changes: &mut ChangeView<'_>,
        events: &'e mut EventView,
        timeout: Option<Duration>,
    ) -> Result<Events<'e>, Error> {
        if changes.len() > events.capacity() {
            return Err(Error::NoRoom {
                changes: changes.len(),
                room: events.capacity(),
            });
        }
        changes.clear();
        Ok(Events::new(sys::wait(
            self.fd.as_fd(),
            changes.former(),
            events.places(),
            timeout,
        )?))
    }

    /// Something that wakes a waiter of this kqueue from any thread and from a signal handler.
    ///
    /// The event carries `token`; `ident` is a number of the caller's choice among the user events of this kqueue.
    ///
    /// # Errors
    ///
    /// As [`apply_one`](Kqueue::apply_one); `EMFILE` and `ENFILE`, since the waker has a descriptor of its own.
    pub fn waker(&self, ident: usize, token: Token) -> Result<Waker, Error> {
        Waker::new(self, ident, token)
    }

    /// A second descriptor for the same kqueue (`F_DUPFD_CLOEXEC`): what is registered through one is reported through both.
    ///
    /// # Errors
    ///
    /// `EMFILE`.
    pub fn try_clone(&self) -> Result<Self, Error> {
        Ok(Self {
            fd: self.fd.duplicate()?,
        })
    }

    /// A second descriptor, for the waker.
    pub(crate) fn duplicate(&self) -> Result<sys::Queue, Errno> {
        self.fd.duplicate()
    }
}

impl AsFd for Kqueue {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsRawFd for Kqueue {
    #[inline]
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_fd().as_raw_fd()
    }
}

impl IntoRawFd for Kqueue {
    #[inline]
    fn into_raw_fd(self) -> RawFd {
        self.fd.into_fd().into_raw_fd()
    }
}

impl From<OwnedFd> for Kqueue {
    /// Takes over a descriptor that another made. If it is no kqueue, every call says `EBADF`.
    #[inline]
    fn from(fd: OwnedFd) -> Self {
        Self {
            fd: sys::Queue::new(fd),
        }
    }
}

impl From<Kqueue> for OwnedFd {
    #[inline]
    fn from(kq: Kqueue) -> Self {
        kq.fd.into_fd()
    }
}
