//! [`Registration`]: a registration as a value.

use core::fmt;
use core::marker::PhantomData;

use crate::descriptor::{AsFd, BorrowedFd};
use crate::{Change, Error, EventFlags, Filter, Kqueue, Token, sys};

/// A registration that ends with this value.
///
/// It borrows the kqueue, and either borrows the descriptor that is watched or owns it (`D`). Dropping it deletes the registration; a descriptor that it
/// owns is closed afterwards, never before.
///
/// ```text
///            Kqueue::register           disable            delivered, DISPATCH
///   Change ──────────────────► enabled ───────► disabled ◄──────────────────── enabled
///            register_owned       ▲    ◄───────
///                                 │     enable
///          delivered, ONESHOT     │ add_again
///   enabled ─────────────────► deleted              drop, into_inner: deleted
/// ```
///
/// ```
/// use kqueue_safe::{EventBuffer, Kqueue, Read, Token};
/// use std::io::Write;
///
/// let kq = Kqueue::new()?;
/// let (reader, mut writer) = std::io::pipe()?;
/// let registration = kq.register_owned(reader, |fd| Read::new(fd).dispatch().add(Token::new(0, 0)))?;
///
/// let mut events = EventBuffer::<4>::new();
/// writer.write_all(b"x")?;
/// assert_eq!(kq.wait(&mut events, None)?.next().unwrap().token(), registration.token());
/// registration.enable()?; // DISPATCH disabled it
/// assert_eq!(kq.wait(&mut events, None)?.len(), 1);
///
/// let reader = registration.into_inner(); // not watched any more, still open
/// # drop(reader);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A descriptor that is borrowed cannot be closed under its registration:
///
/// ```compile_fail
/// # use kqueue_safe::{Kqueue, Read, Token, descriptor::AsFd};
/// let kq = Kqueue::new().unwrap();
/// let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
/// let registration = kq.register(Read::new(socket.as_fd()).add(Token::new(0, 0))).unwrap();
/// drop(socket);
/// drop(registration);
/// ```
#[must_use = "dropping a registration deletes it"]
#[derive(Debug)]
pub struct Registration<'fd, D = ()> {
    // The order matters: fields are dropped from top to bottom, and the descriptor must be closed last.
    ending: Ending<'fd>,
    source: D,
}

/// What deletes the registration.
struct Ending<'fd> {
    queue: BorrowedFd<'fd>,
    /// The change that added it. Its lifetime is that of the descriptor, which is borrowed for `'fd` or owned by the registration.
    added: Change<'static>,
    watched: PhantomData<BorrowedFd<'fd>>,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        // A failure means that it is gone already: delivered with ONESHOT, its process ended, or deleted by somebody else.
        let _ = sys::apply_one(
            self.queue,
            &self.added.about_the_same(kqueue_sys::EV_DELETE),
        );
    }
}

impl<'fd> Ending<'fd> {
    fn begin(kq: &'fd Kqueue, change: Change<'_>) -> Result<Self, Error> {
        if !change.flags().contains(EventFlags::ADD) {
            return Err(Error::NotAnAddition);
        }
        kq.apply_one(change)?;
        Ok(Self {
            queue: kq.as_fd(),
            added: Change::from_integers(change.to_raw()),
            watched: PhantomData,
        })
    }
}

impl Kqueue {
    /// Applies a change that adds (from a builder's `add`), and deletes the registration when the value is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::NotAnAddition`] for another change; as [`apply_one`](Kqueue::apply_one).
    pub fn register<'fd>(&'fd self, change: Change<'fd>) -> Result<Registration<'fd>, Error> {
        Ok(Registration {
            ending: Ending::begin(self, change)?,
            source: (),
        })
    }

    /// Takes a descriptor over and registers it with the change that `interest` makes.
    ///
    /// # Errors
    ///
    /// As [`register`](Kqueue::register); the descriptor comes back in the error.
    pub fn register_owned<D: AsFd>(
        &self,
        source: D,
        interest: impl for<'a> FnOnce(BorrowedFd<'a>) -> Change<'a>,
    ) -> Result<Registration<'_, D>, NotRegistered<D>> {
        match Ending::begin(self, interest(source.as_fd())) {
            Ok(ending) => Ok(Registration { ending, source }),
            Err(error) => Err(NotRegistered { error, source }),
        }
    }
}

impl<D> Registration<'_, D> {
    /// The token that its events carry.
    #[inline]
    pub fn token(&self) -> Token {
        self.ending.added.token()
    }

    /// Its filter.
    #[inline]
    pub const fn filter(&self) -> Filter {
        self.ending.added.filter()
    }

    /// What it watches: the number of a descriptor, a process, a signal, a timer, a user event.
    #[inline]
    pub const fn ident(&self) -> usize {
        self.ending.added.ident()
    }

    /// The descriptor that it owns.
    ///
    /// There is no `&mut`: with it the descriptor could be replaced, and thereby closed before the registration is deleted. `&TcpStream` reads and
    /// writes.
    #[inline]
    pub const fn source(&self) -> &D {
        &self.source
    }

    /// The change that enables it again, for a list.
    #[inline]
    pub fn enabling(&self) -> Change<'_> {
        self.ending.added.about_the_same(kqueue_sys::EV_ENABLE)
    }

    /// The change that disables it, for a list.
    #[inline]
    pub fn disabling(&self) -> Change<'_> {
        self.ending.added.about_the_same(kqueue_sys::EV_DISABLE)
    }

    /// The change that added it, for a list: after a delivery with ONESHOT it registers again, a timer starts anew.
    #[inline]
    pub const fn adding_again(&self) -> Change<'_> {
        self.ending.added
    }

    /// Delivers events again, beginning with a look at the condition: what re-arms a registration with DISPATCH.
    ///
    /// # Errors
    ///
    /// `ENOENT` when it is gone: delivered with ONESHOT, its process ended.
    #[inline]
    pub fn enable(&self) -> Result<(), Error> {
        Ok(sys::apply_one(self.ending.queue, &self.enabling())?)
    }

    /// Delivers nothing until enabled.
    ///
    /// # Errors
    ///
    /// As [`enable`](Registration::enable).
    #[inline]
    pub fn disable(&self) -> Result<(), Error> {
        Ok(sys::apply_one(self.ending.queue, &self.disabling())?)
    }

    /// Submits the change that added it once more: what re-arms a registration with ONESHOT, or restarts a timer.
    ///
    /// # Errors
    ///
    /// As [`Kqueue::apply_one`].
    #[inline]
    pub fn add_again(&self) -> Result<(), Error> {
        Ok(sys::apply_one(self.ending.queue, &self.ending.added)?)
    }

    /// Gives it another token, by adding again: a timer starts anew. Where the token is part of what identifies the registration (macOS,
    /// `token_specific`), it is deleted first.
    ///
    /// # Errors
    ///
    /// As [`Kqueue::apply_one`].
    #[inline]
    pub fn set_token(&mut self, token: Token) -> Result<(), Error> {
        let added = self.ending.added.with_token(token);
        if added.is_identified_by_its_token() {
            let delete = self.ending.added.about_the_same(kqueue_sys::EV_DELETE);
            sys::apply_one(self.ending.queue, &delete)?;
        }
        sys::apply_one(self.ending.queue, &added)?;
        self.ending.added = added;
        Ok(())
    }

    /// Deletes it and hands out the descriptor that it owned, still open.
    #[inline]
    pub fn into_inner(self) -> D {
        let Self { ending, source } = self;
        drop(ending);
        source
    }

    /// Ends this value but not the registration, and hands out the descriptor that it owned. The kernel forgets the registration when the descriptor is
    /// closed.
    #[inline]
    pub fn detach(self) -> D {
        let Self { ending, source } = self;
        core::mem::forget(ending);
        source
    }
}

impl<D: AsFd> AsFd for Registration<'_, D> {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.as_fd()
    }
}

impl fmt::Debug for Ending<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.added, f)
    }
}

/// The answer when a descriptor could not be registered: why, and the descriptor.
#[derive(Debug)]
pub struct NotRegistered<D> {
    error: Error,
    source: D,
}

impl<D> NotRegistered<D> {
    /// Why.
    #[inline]
    pub const fn error(&self) -> Error {
        self.error
    }

    /// The descriptor.
    #[inline]
    pub fn into_inner(self) -> D {
        self.source
    }
}

impl<D> fmt::Display for NotRegistered<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not registered: {}", self.error)
    }
}

impl<D: fmt::Debug> core::error::Error for NotRegistered<D> {}

impl<D> From<NotRegistered<D>> for Error {
    #[inline]
    fn from(refused: NotRegistered<D>) -> Self {
        refused.error
    }
}
