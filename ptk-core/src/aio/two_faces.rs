//! Machines and `async` code on one thread, one wait.
//!
//! On one kqueue: [`OneQueue`] is the system of the loop, and [`run`] runs the loop and a future.
//!
//! ```text
//!  driver's kqueue ◄── sockets, timers, wakes of the tasks
//!        ▲  ▲
//!        │  └────────── sources, signals of the machines
//!   one kevent a turn, as long as the earlier of both deadlines: each event goes to the face whose token it has
//! ```
//!
//! Or a loop that has a kqueue of its own, as a task: [`attend`]. The loop's kqueue is a source of the driver like any other: when it has something to tell,
//! the loop takes a turn that does not wait.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll};
use core::time::Duration;

use kqueue_safe::descriptor::AsFd as _;

use super::handle::IoDriverHandle;
use super::readiness::{IoEventInterest, Ready};
use super::registration::AsyncRegistration;
use super::time::sleep_until_in;
use crate::error::Result;
use crate::event_loop::{EventLoop, Handler};
use crate::system::Kernel;

mod one_queue;

pub use one_queue::OneQueue;

/// Runs `future` to its end on this thread, and the driver's events and `event_loop` with it: each turn is one wait for both.
///
/// While this runs, the loop's driver is the [`current`](crate::aio::current()) one of the thread. A loop that is told to stop only ends its turn: it is the future's
/// end that ends this.
///
/// # Errors
///
/// As [`EventLoop::turn`] and [`enter`](crate::aio::enter).
///
/// ```
/// use core::time::Duration;
/// use ptk_core::aio::two_faces::{OneQueue, run};
/// use ptk_core::aio::{IoDriver, IoSlots, Notify};
/// use ptk_core::event_loop::{Context, Event, EventLoop};
///
/// static SLOTS: IoSlots<4> = IoSlots::new();
///
/// let driver = IoDriver::new(&SLOTS)?;
/// let mut event_loop: EventLoop<4, 4, 16, OneQueue> = EventLoop::on(OneQueue::new(driver)?);
/// event_loop.context().start_timer(Duration::from_millis(1), 0, 0_u16)?;
/// let told = Notify::new();
/// let mut machine = |_: &mut Context<'_, OneQueue>, _: Event| told.notify_one();
/// run(&mut event_loop, &mut machine, told.notified())?;
/// # Ok::<(), ptk_core::Error>(())
/// ```
pub fn run<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize, H, F>(
    event_loop: &mut EventLoop<SOURCES, TIMERS, EVENTS, OneQueue>,
    handler: &mut H,
    future: F,
) -> Result<F::Output>
where
    H: Handler<OneQueue>,
    F: Future,
{
    let _entered = super::enter(event_loop.system().driver())?;
    let waker = event_loop.system().worker().waker();
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Ok(output);
        }
        while !event_loop.system().worker().take_notified() {
            event_loop.turn(handler, None)?;
        }
    }
}

/// Runs `event_loop` beside the other tasks of the thread, until `done` says so after one of its turns.
///
/// Each turn takes what is there and does not wait; the wait is the driver's, until the loop's kqueue can be read or its next timer is due.
///
/// # Errors
///
/// As [`EventLoop::turn`] and [`IoDriverHandle::add_io_source`].
pub async fn attend<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize, H>(
    handle: IoDriverHandle,
    event_loop: &mut EventLoop<SOURCES, TIMERS, EVENTS, Kernel>,
    handler: &mut H,
    mut done: impl FnMut(&mut EventLoop<SOURCES, TIMERS, EVENTS, Kernel>, &mut H) -> bool,
) -> Result<()>
where
    H: Handler<Kernel>,
{
    // A descriptor of our own, so that the loop stays free to be borrowed for its turns.
    let queue = event_loop
        .system()
        .as_fd()
        .try_clone_to_owned()
        .map_err(|error| crate::Error::from_errno(error.raw_os_error().unwrap_or(0)))?;
    let queue =
        super::BridgedFd::new_assuming(handle, queue, IoEventInterest::READABLE, Ready::READABLE)?;
    loop {
        let seen = queue.registration().look(IoEventInterest::READABLE);
        let told = event_loop.turn(handler, Some(Duration::ZERO))?;
        if done(event_loop, handler) {
            return Ok(());
        }
        if told > 0 {
            // There may be more than fits into one batch; others have their turn first.
            yield_now().await;
            continue;
        }
        queue.registration().clear_readiness(seen);
        let deadline = event_loop.next_deadline();
        wait(handle, queue.registration(), deadline).await;
    }
}

async fn wait(
    handle: IoDriverHandle,
    queue: &AsyncRegistration,
    deadline: Option<crate::time::Instant>,
) {
    let mut ready = pin!(queue.request_readiness(IoEventInterest::READABLE));
    let Some(deadline) = deadline else {
        ready.await;
        return;
    };
    let mut due = pin!(sleep_until_in(handle, deadline));
    poll_fn(|cx| {
        if ready.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        due.as_mut().poll(cx)
    })
    .await;
}

/// Lets other tasks run before this one goes on.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
