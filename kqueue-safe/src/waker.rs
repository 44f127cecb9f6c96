//! [`Waker`]: an event from any thread, and from a signal handler.

use crate::descriptor::{AsFd, OwnedFd};
use crate::{Errno, Error, Kqueue, Read, Token, User, sys};

/// Wakes a waiter of a [`Kqueue`] from any thread and from a signal handler.
///
/// Wakes merge: any number of them before the event is collected gives one event; a wake after the collection gives another. Nothing
/// has to be read, cleared or re-armed by the one who is woken. The waker may outlive the `Kqueue`: it then wakes nobody. Dropping the waker takes
/// its registration away.
///
/// There are two ways, told apart when the waker is made, by trying:
///
/// | way | where | the event's filter | descriptors |
/// |---|---|---|---|
/// | a user event, registered once with `ADD` and `CLEAR`, triggered without either | everywhere but below | `USER` | 1 |
/// | a pipe whose reading end is registered with `CLEAR` | NetBSD before 10, OpenBSD before 7.8 | `READ` | 2 |
///
/// Recognise the event by its token, then both look the same.
///
/// ```
/// use kqueue_safe::{EventBuffer, Kqueue, Token};
///
/// let kq = Kqueue::new()?;
/// let waker = kq.waker(0, Token::new(9, 0))?;
/// let thread = std::thread::spawn(move || {
///     waker.wake().expect("the queue is open");
///     waker
/// });
///
/// let mut events: EventBuffer = EventBuffer::new();
/// let event = kq.wait(&mut events, None)?.next().expect("no time limit, so an event");
/// assert_eq!(event.token(), Token::new(9, 0));
/// # thread.join().unwrap();
/// # Ok::<(), kqueue_safe::Error>(())
/// ```
#[derive(Debug)]
pub struct Waker {
    way: Way,
    token: Token,
}

#[derive(Debug)]
enum Way {
    User { queue: sys::Queue, ident: usize },
    Pipe { reader: OwnedFd, writer: OwnedFd },
}

impl Waker {
    pub(crate) fn new(kq: &Kqueue, ident: usize, token: Token) -> Result<Self, Error> {
        match kq.apply_one(User::new(ident).clear().add(token)) {
            Ok(()) => {}
            // What a kernel that does not know the filter says.
            Err(Error::System(Errno::EINVAL)) => return Self::through_pipe(kq, token),
            Err(error) => return Err(error),
        }
        let queue = match kq.duplicate() {
            Ok(queue) => queue,
            Err(errno) => {
                let _ = kq.apply_one(User::new(ident).delete());
                return Err(errno.into());
            }
        };
        Ok(Self {
            way: Way::User { queue, ident },
            token,
        })
    }

    /// A waker that works through a pipe, also where the system has user events.
    ///
    /// # Errors
    ///
    /// `EMFILE`, `ENFILE`; as [`Kqueue::apply_one`].
    pub fn through_pipe(kq: &Kqueue, token: Token) -> Result<Self, Error> {
        let [reader, writer] = sys::pipe()?;
        kq.apply_one(Read::new(reader.as_fd()).without_count().clear().add(token))?;
        Ok(Self {
            way: Way::Pipe { reader, writer },
            token,
        })
    }

    /// The token of the event.
    #[inline]
    pub const fn token(&self) -> Token {
        self.token
    }

    /// Whether this waker works through a user event (`true`) or a pipe.
    #[inline]
    pub const fn is_user_event(&self) -> bool {
        matches!(self.way, Way::User { .. })
    }

    /// Raises the event. Does not wait, does not allocate, leaves `errno` as it was.
    ///
    /// # Errors
    ///
    /// `ENOENT` when somebody else deleted the registration, `EBADF` in the child after a `fork`.
    pub fn wake(&self) -> Result<(), Error> {
        sys::with_errno_kept(|| match &self.way {
            Way::User { queue, ident } => Ok(sys::apply_one(
                queue.as_fd(),
                &User::new(*ident).trigger(self.token),
            )?),
            Way::Pipe { reader, writer } => Ok(wake_through(reader, writer)?),
        })
    }
}

/// Writes a byte. The registration of the reading end reports every arrival, so nobody needs to read; when the pipe has filled up, make room here.
fn wake_through(reader: &OwnedFd, writer: &OwnedFd) -> Result<(), Errno> {
    loop {
        match sys::write_one(writer.as_fd()) {
            Err(Errno::EAGAIN) => {}
            Err(Errno::EINTR) => continue,
            result => return result,
        }
        // Each turn takes bytes out, or finds that another waker has. Either way there is room now.
        match sys::read_some(reader.as_fd(), &mut [0; 512]) {
            Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

impl Drop for Waker {
    fn drop(&mut self) {
        if let Way::User { queue, ident } = &self.way {
            // A failure means that the registration is gone already.
            let _ = sys::apply_one(queue.as_fd(), &User::new(*ident).delete());
        }
        // A pipe's registration goes with its reading end.
    }
}
