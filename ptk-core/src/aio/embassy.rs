//! Tasks in static storage: `embassy-executor`'s tasks on an [`IoDriver`].
//!
//! ```
//! use ptk_core::aio::embassy::Executor;
//! use ptk_core::aio::net::{TcpListener, TcpStream};
//! use ptk_core::aio::{IoDriver, IoSlots, Notify};
//!
//! static SLOTS: IoSlots<8> = IoSlots::new();
//! static EXECUTOR: Executor = Executor::new();
//! static DONE: Notify = Notify::new();
//!
//! #[embassy_executor::task(pool_size = 2)]
//! async fn echo(stream: TcpStream) {
//!     let mut buffer = [0; 64];
//!     while let Ok(length @ 1..) = stream.read(&mut buffer).await {
//!         if stream.write_all(&buffer[..length]).await.is_err() {
//!             break;
//!         }
//!     }
//!     DONE.notify_one();
//! }
//!
//! # fn main() -> ptk_core::Result<()> {
//! let driver = IoDriver::new(&SLOTS)?;
//! EXECUTOR.run_until(driver, |spawner| async move {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let client = TcpStream::connect(listener.local_addr()?).await?;
//!     let (stream, _) = listener.accept().await?;
//!     spawner.spawn(echo(stream).expect("the pool has two places"));
//!     client.write_all(b"hello").await?;
//!     let mut answer = [0; 5];
//!     client.read_exact(&mut answer).await?;
//!     assert_eq!(&answer, b"hello");
//!     drop(client);
//!     DONE.notified().await;
//!     Ok(())
//! })?
//! # }
//! ```

use core::convert::Infallible;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll};

use embassy_executor::Spawner;

use super::current::enter;
use super::driver::IoDriver;
use super::waiters::embassy::Room;
use super::worker::Worker;
use crate::error::{Error, ErrorKind, Result};

/// Runs tasks that `embassy_executor::task` made, on one thread, with a driver's events. Belongs into a `static`.
///
/// The executor raises no user event for wakes that happen while it runs or processes events; a wake from another thread ends the wait.
pub struct Executor {
    room: Room,
}

impl Default for Executor {
    fn default() -> Self {
        Self::new()
    }
}

impl Executor {
    /// An executor that does not run yet.
    pub const fn new() -> Self {
        Self { room: Room::new() }
    }

    /// Runs tasks for ever; `init` spawns the first ones.
    ///
    /// # Errors
    ///
    /// As [`run_until`](Executor::run_until).
    pub fn run(
        &'static self,
        driver: &'static IoDriver,
        init: impl FnOnce(Spawner),
    ) -> Result<Infallible> {
        self.run_until(driver, |spawner| {
            init(spawner);
            core::future::pending()
        })
    }

    /// Runs tasks until a future ends that runs beside them; `main` makes it. Tasks that are not finished by then stay where they are and run no
    /// more. An executor runs once.
    ///
    /// # Errors
    ///
    /// [`AlreadyConnected`](ErrorKind::AlreadyConnected) when it has run before; those of [`block_on`](super::block_on()).
    pub fn run_until<F: Future>(
        &'static self,
        driver: &'static IoDriver,
        main: impl FnOnce(Spawner) -> F,
    ) -> Result<F::Output> {
        let worker = Worker::claim(driver)?;
        let _entered = enter(driver)?;
        let mut executor = self
            .room
            .open(worker.place())
            .ok_or(Error::new(ErrorKind::AlreadyConnected))?;
        let waker = worker.waker();
        let mut cx = Context::from_waker(&waker);
        let mut main = pin!(main(executor.spawner()));
        loop {
            if let Poll::Ready(output) = main.as_mut().poll(&mut cx) {
                return Ok(output);
            }
            executor.poll();
            worker.rest()?;
        }
    }
}
