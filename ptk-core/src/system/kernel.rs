//! The operating system: its kqueue, its clock, its sockets.

#[cfg_attr(not(target_os = "linux"), path = "kernel/precision_elsewhere.rs")]
mod precision;

use core::net::SocketAddr;
use core::slice;
use core::time::Duration;

use kqueue_safe::descriptor::{AsFd, BorrowedFd};
use kqueue_safe::{ChangeList, EventBuffer, Filter, Kqueue, Read, Signal, Token, Waker, Write};
use nix::sys::signal::{SigSet, Signal as SignalNumber};
use nix::time::{ClockId, clock_gettime};

use super::{Answer, Change, Direction, Request, Socket, System, Waited, What};
use crate::error::Error;
use crate::net::{Accepted, Datagram, Half, Received, Sent, TcpStream};
use crate::time::Instant;

/// The kqueue's user event that wakes a wait.
const WAKER_IDENT: usize = 0;

/// The operating system of this machine, seen through one kqueue.
///
/// On Linux its first timed wait sets the timer slack of the waiting thread to 1 ns (`prctl(2)`), without which each timed wait may end
/// 50 µs late. Run a loop on the thread that ran it first.
#[derive(Debug)]
pub struct Kernel {
    kqueue: Kqueue,
    /// The waiting thread's timed waits have been made exact.
    exact: bool,
}

impl Kernel {
    /// Makes a kqueue.
    ///
    /// # Errors
    ///
    /// What `kqueue(2)` says.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            kqueue: Kqueue::new()?,
            exact: false,
        })
    }

    /// On a kqueue that somebody else has as well.
    #[cfg(not(loom))]
    pub(crate) const fn with(kqueue: Kqueue) -> Self {
        Self {
            kqueue,
            exact: false,
        }
    }

    #[inline(always)]
    fn before_wait(&mut self, timeout: Option<Duration>) {
        if timeout.is_some() && !self.exact {
            self.exact = true;
            precision::ask_for_exact_waits();
        }
    }
}

/// The kqueue's own descriptor, to poll the loop from another one: it is readable when the loop has something to do.
impl AsFd for Kernel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.kqueue.as_fd()
    }
}

/// The answers of one wait, in the kernel's own memory layout.
#[derive(Debug)]
pub struct Answers<'e>(pub(crate) &'e [kqueue_safe::Event]);

/// [`Answers`], one by one.
#[derive(Debug)]
pub struct EachAnswer<'e>(slice::Iter<'e, kqueue_safe::Event>);

/// One of them, decoded as far as it is asked.
#[derive(Debug)]
pub struct KernelAnswer<'e>(pub(crate) &'e kqueue_safe::Event);

impl<'e> IntoIterator for Answers<'e> {
    type Item = KernelAnswer<'e>;
    type IntoIter = EachAnswer<'e>;

    #[inline(always)]
    fn into_iter(self) -> EachAnswer<'e> {
        EachAnswer(self.0.iter())
    }
}

impl<'e> Iterator for EachAnswer<'e> {
    type Item = KernelAnswer<'e>;

    #[inline(always)]
    fn next(&mut self) -> Option<KernelAnswer<'e>> {
        self.0.next().map(KernelAnswer)
    }

    #[inline(always)]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for EachAnswer<'_> {}

impl Answer for KernelAnswer<'_> {
    #[inline]
    fn token(&self) -> Token {
        self.0.token()
    }

    #[inline]
    fn is_plain_read(&self) -> bool {
        self.0.is_plain_read()
    }

    fn what(&self) -> What {
        let event = self.0;
        let direction = match event.filter() {
            Filter::READ => Direction::Read,
            Filter::WRITE => Direction::Write,
            Filter::SIGNAL => {
                return What::Signal {
                    count: event.data().clamp(1, i64::from(u32::MAX)) as u32,
                };
            }
            _ => return What::Woken,
        };
        let errno = event.errno().map_or(0, |errno| errno.raw());
        if event.is_error() {
            return What::Refused { direction, errno };
        }
        What::Direction {
            direction,
            end: event.is_eof(),
            errno,
        }
    }
}

impl System for Kernel {
    type Batch<const EVENTS: usize> = EventBuffer<EVENTS>;
    type Answers<'e, const EVENTS: usize> = Answers<'e>;

    fn batch<const EVENTS: usize>() -> EventBuffer<EVENTS> {
        EventBuffer::new()
    }

    // Where `time_t` has 32 bits the casts widen.
    #[allow(clippy::unnecessary_cast)]
    fn now(&mut self) -> Instant {
        // The monotonic clock exists on every system here; a clock that cannot be read does not move.
        clock_gettime(ClockId::CLOCK_MONOTONIC).map_or(Instant::ZERO, |time| {
            Instant::from_timespec(time.tv_sec() as i64, time.tv_nsec() as i64)
        })
    }

    #[inline]
    fn wait<'a, 'e, const EVENTS: usize>(
        &mut self,
        changes: impl Iterator<Item = Change<'a, Socket>>,
        batch: &'e mut EventBuffer<EVENTS>,
        timeout: Option<Duration>,
    ) -> Result<Answers<'e>, Error> {
        self.before_wait(timeout);
        let mut list = ChangeList::<EVENTS>::new();
        for change in changes {
            // The caller hands over at most as many changes as there is room for answers.
            let _ = list.push(to_kevent(&change));
        }
        match self.kqueue.apply_and_wait(&mut list, batch, timeout) {
            Ok(events) => Ok(Answers(events.as_slice())),
            Err(error) => failed(error).map(|()| Answers(&[])),
        }
    }

    #[inline(always)]
    fn wait_only<'e, const EVENTS: usize>(
        &mut self,
        batch: &'e mut EventBuffer<EVENTS>,
        timeout: Option<Duration>,
    ) -> Result<Waited<Answers<'e>>, Error> {
        self.before_wait(timeout);
        match self.kqueue.wait(batch, timeout) {
            Ok(events) => Ok(match events.as_slice() {
                [only] => Waited::One(KernelAnswer(only)),
                events => Waited::Several(Answers(events)),
            }),
            Err(error) => failed(error).map(|()| Waited::Nothing),
        }
    }

    fn withdraw(&mut self, socket: &Socket, read: bool, write: bool) {
        let mut list = ChangeList::<2>::new();
        if read {
            let _ = list.push(Read::new(socket.as_fd()).delete());
        }
        if write {
            let _ = list.push(Write::new(socket.as_fd()).delete());
        }
        // A registration that is gone already (EOF on a pipe deletes it on some systems) answers ENOENT: that is the wish fulfilled.
        let _ = self.kqueue.apply(&mut list);
    }

    fn watch_signal(&mut self, number: i32, token: Token) -> Result<(), Error> {
        let signal = SignalNumber::try_from(number).map_err(|_| Error::INVALID_INPUT)?;
        let mut set = SigSet::empty();
        set.add(signal);
        set.thread_block()?;
        Ok(self.kqueue.apply_one(Signal::new(number).add(token))?)
    }

    fn unwatch_signal(&mut self, number: i32) {
        let _ = self.kqueue.apply_one(Signal::new(number).delete());
    }

    fn waker(&mut self) -> Result<Option<Waker>, Error> {
        let token = Token::new(Token::MAX_SLOT, 0);
        Ok(Some(self.kqueue.waker(WAKER_IDENT, token)?))
    }

    #[inline]
    fn receive(&mut self, socket: &Socket, buffer: &mut [u8]) -> Result<Received, Error> {
        socket.receive(buffer)
    }

    #[inline]
    fn send(&mut self, socket: &Socket, bytes: &[u8]) -> Result<Sent, Error> {
        socket.send(bytes)
    }

    fn receive_from(
        &mut self,
        socket: &Socket,
        buffer: &mut [u8],
    ) -> Result<(Datagram, Option<SocketAddr>), Error> {
        socket.receive_from(buffer)
    }

    fn send_to(
        &mut self,
        socket: &Socket,
        bytes: &[u8],
        target: SocketAddr,
    ) -> Result<Sent, Error> {
        socket.send_to(bytes, target)
    }

    fn accept(&mut self, listener: &Socket) -> Result<Accepted<Socket, Option<SocketAddr>>, Error> {
        listener.accept()
    }

    fn connect(&mut self, target: SocketAddr) -> Result<Socket, Error> {
        Ok(TcpStream::connect(target)?.into())
    }

    fn take_error(&mut self, socket: &Socket) -> Option<Error> {
        socket.take_error()
    }

    fn at_end(&mut self, socket: &Socket) -> Result<bool, Error> {
        socket.at_end()
    }

    fn shutdown(&mut self, socket: &Socket, half: Half) -> Result<(), Error> {
        socket.shutdown(half)
    }

    fn set_nodelay(&mut self, socket: &Socket, on: bool) -> Result<(), Error> {
        socket
            .stream()
            .map_or(Ok(()), |stream| stream.set_nodelay(on))
    }

    fn is_listener(socket: &Socket) -> bool {
        socket.is_listener()
    }
}

/// A wait that a signal handler interrupts is a wait without answers.
#[cold]
#[inline(never)]
fn failed(error: kqueue_safe::Error) -> Result<(), Error> {
    match error {
        kqueue_safe::Error::Interrupted => Ok(()),
        error => Err(error.into()),
    }
}

fn to_kevent<'a>(change: &Change<'a, Socket>) -> kqueue_safe::Change<'a> {
    let fd = change.socket.as_fd();
    let token = change.token;
    match (change.direction, change.request) {
        (Direction::Read, Request::Add) => Read::new(fd).without_count().add(token),
        (Direction::Read, Request::Enable) => Read::new(fd).enable(token),
        (Direction::Read, Request::Disable) => Read::new(fd).disable(),
        (Direction::Write, Request::Add) => Write::new(fd).without_count().dispatch().add(token),
        (Direction::Write, Request::Enable) => Write::new(fd).enable(token),
        (Direction::Write, Request::Disable) => Write::new(fd).disable(),
    }
}
