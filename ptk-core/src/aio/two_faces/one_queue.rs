//! [`OneQueue`]: a loop on the driver's own kqueue, so that one wait serves both faces.

use core::fmt;
use core::net::SocketAddr;
use core::slice;
use core::time::Duration;

use kqueue_safe::{EventBuffer, Token, Waker};

use crate::aio::driver::{IoDriver, IoDriverAccess, belongs_to_driver};
use crate::aio::worker::{Worker, WorkerGuard};
use crate::error::{Error, ErrorKind, Result};
use crate::net::{Accepted, Datagram, Half, Received, Sent};
use crate::system::kernel::KernelAnswer;
use crate::system::{Change, Kernel, Socket, System, Waited};
use crate::time::Instant;

/// The operating system for an [`EventLoop`](crate::event_loop::EventLoop), through the kqueue of an [`IoDriver`], whose access it holds for as long as it lives.
///
/// Each wait of the loop is the driver's as well: it ends at the earlier of both faces' deadlines, and its events go to machines and to tasks, in the kernel's order.
/// Other threads may run futures on the same driver; their tasks are woken from here. See [`run`](super::run).
pub struct OneQueue {
    pub(crate) kernel: Kernel,
    driver: &'static IoDriver,
    access: IoDriverAccess,
    worker: WorkerGuard,
}

impl OneQueue {
    /// Takes the driver's access.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](ErrorKind::WouldBlock) when another thread, or another loop, has it; [`TableFull`](ErrorKind::TableFull) when
    /// [`MAX_WORKERS`](crate::aio::MAX_WORKERS) threads run futures already; the system's for another descriptor of the kqueue (`EMFILE`).
    pub fn new(driver: &'static IoDriver) -> Result<Self> {
        let access = driver
            .try_get_access()
            .ok_or(Error::new(ErrorKind::WouldBlock))?;
        let worker = Worker::claim(driver)?;
        let kernel = Kernel::with(driver.queue().try_clone()?);
        Ok(Self {
            kernel,
            driver,
            access,
            worker,
        })
    }

    /// The driver.
    pub const fn driver(&self) -> &'static IoDriver {
        self.driver
    }

    pub(super) fn worker(&self) -> &WorkerGuard {
        &self.worker
    }

    /// One wait for both: `wait` is told how long it may last at most.
    fn wait_for_both<'e, const EVENTS: usize>(
        &mut self,
        timeout: Option<Duration>,
        wait: impl FnOnce(&mut Kernel, Option<Duration>) -> Result<&'e [kqueue_safe::Event]>,
    ) -> Result<Answers<'e>> {
        let seat = self.worker.seat();
        let timeout = self
            .driver
            .begin_wait_of_both(&mut self.access, seat, timeout);
        let waited = wait(&mut self.kernel, timeout);
        let events = waited.as_ref().map_or(&[][..], |events| *events);
        let others = self.driver.end_wait_of_both(&mut self.access, seat, events);
        waited?;
        Ok(Answers {
            events: events.iter(),
            left: others,
        })
    }
}

impl fmt::Debug for OneQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneQueue")
            .field("driver", &self.driver)
            .finish_non_exhaustive()
    }
}

/// The loop's answers of one wait: those that are not the driver's.
#[derive(Debug)]
pub struct Answers<'e> {
    events: slice::Iter<'e, kqueue_safe::Event>,
    left: usize,
}

impl<'e> Iterator for Answers<'e> {
    type Item = KernelAnswer<'e>;

    fn next(&mut self) -> Option<KernelAnswer<'e>> {
        let event = self
            .events
            .find(|event| !belongs_to_driver(event.token()))?;
        self.left = self.left.saturating_sub(1);
        Some(KernelAnswer(event))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Answers<'_> {}

impl System for OneQueue {
    type Batch<const EVENTS: usize> = EventBuffer<EVENTS>;
    type Answers<'e, const EVENTS: usize> = Answers<'e>;

    fn batch<const EVENTS: usize>() -> EventBuffer<EVENTS> {
        EventBuffer::new()
    }

    fn now(&mut self) -> Instant {
        self.kernel.now()
    }

    fn wait<'a, 'e, const EVENTS: usize>(
        &mut self,
        changes: impl Iterator<Item = Change<'a, Socket>>,
        batch: &'e mut EventBuffer<EVENTS>,
        timeout: Option<Duration>,
    ) -> Result<Answers<'e>> {
        self.wait_for_both::<EVENTS>(timeout, |kernel, timeout| {
            kernel
                .wait(changes, batch, timeout)
                .map(|answers| answers.0)
        })
    }

    fn wait_only<'e, const EVENTS: usize>(
        &mut self,
        batch: &'e mut EventBuffer<EVENTS>,
        timeout: Option<Duration>,
    ) -> Result<Waited<Answers<'e>>> {
        self.wait_for_both::<EVENTS>(timeout, |kernel, timeout| {
            kernel.wait_only(batch, timeout).map(|waited| match waited {
                Waited::One(answer) => slice::from_ref(answer.0),
                Waited::Several(answers) => answers.0,
                Waited::Nothing => &[],
            })
        })
        .map(Waited::Several)
    }

    fn withdraw(&mut self, socket: &Socket, read: bool, write: bool) {
        self.kernel.withdraw(socket, read, write);
    }

    fn watch_signal(&mut self, number: i32, token: Token) -> Result<()> {
        self.kernel.watch_signal(number, token)
    }

    fn unwatch_signal(&mut self, number: i32) {
        self.kernel.unwatch_signal(number);
    }

    fn waker(&mut self) -> Result<Option<Waker>> {
        self.kernel.waker()
    }

    fn receive(&mut self, socket: &Socket, buffer: &mut [u8]) -> Result<Received> {
        self.kernel.receive(socket, buffer)
    }

    fn send(&mut self, socket: &Socket, bytes: &[u8]) -> Result<Sent> {
        self.kernel.send(socket, bytes)
    }

    fn receive_from(
        &mut self,
        socket: &Socket,
        buffer: &mut [u8],
    ) -> Result<(Datagram, Option<SocketAddr>)> {
        self.kernel.receive_from(socket, buffer)
    }

    fn send_to(&mut self, socket: &Socket, bytes: &[u8], target: SocketAddr) -> Result<Sent> {
        self.kernel.send_to(socket, bytes, target)
    }

    fn accept(&mut self, listener: &Socket) -> Result<Accepted<Socket, Option<SocketAddr>>> {
        self.kernel.accept(listener)
    }

    fn connect(&mut self, target: SocketAddr) -> Result<Socket> {
        self.kernel.connect(target)
    }

    fn take_error(&mut self, socket: &Socket) -> Option<Error> {
        self.kernel.take_error(socket)
    }

    fn at_end(&mut self, socket: &Socket) -> Result<bool> {
        self.kernel.at_end(socket)
    }

    fn shutdown(&mut self, socket: &Socket, half: Half) -> Result<()> {
        self.kernel.shutdown(socket, half)
    }

    fn set_nodelay(&mut self, socket: &Socket, on: bool) -> Result<()> {
        self.kernel.set_nodelay(socket, on)
    }

    fn is_listener(socket: &Socket) -> bool {
        Kernel::is_listener(socket)
    }
}
