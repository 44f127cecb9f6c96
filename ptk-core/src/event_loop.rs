//! The event loop: sources, timers and stop behind one wait per turn.
//!
//! ```text
//!                    ┌──────────────────────── EventLoop ────────────────────────┐
//!   attach, send,    │  slots: who is attached, what is wanted  ─► changes ─┐     │
//!   start_timer ───► │  timers: deadlines ───────────────────────► timeout ─┤     │
//!   (Context)        │                                                      ▼     │      kevent: one
//!                    │                                              System::wait ─┼────► call a turn
//!   on_event ◄────── │  dispatch: token ─► slot ─► code, owner ◄──── answers ◄────┤
//!   (Handler)        │  expiry:   deadline ─► code, owner                         │
//!                    └───────────────────────────────────────────────────────────┘
//! ```
//!
//! A turn: (1) [`turn`](EventLoop::turn) turns the wishes that handlers left behind into changes, (2) takes the earliest deadline as the
//! timeout, (3) hands both to [`System::wait`], one system call, (4) gives each answer whose slot has not changed hands to
//! [`Handler::on_event`], (5) tells user events that other threads raised, (6) tells timers that are due.
//!
//! Nothing here allocates. Capacities are the loop's const parameters: sources, timers, answers per wait.
//!
//! # Threads
//!
//! A loop belongs to one thread at a time. Other threads reach it through its [`Remote`]: [`Stopper::stop`] and [`Raiser::raise`]. With N
//! loops on N threads each has its own remote, and sockets move between them with [`Context::detach`] and [`Context::attach`].

mod context;
mod core;
mod counters;
mod dispatch;
mod event;
mod expiry;
mod in_hand;
mod machines;
mod observer;
mod occasions;
mod remote;
mod report;
mod run;
mod slot;
mod source;

pub use context::Context;
pub use counters::Counters;
pub use event::{Event, Kind};
pub use observer::{Observed, Observer, Snapshot};
pub use remote::{PTK_MAX_USER_EVENTS, Raiser, Remote, RemoteCells, Stopper, UserCell};
pub use run::Ended;
pub use source::{SourceId, Watch};

use self::core::{ACCEPT_BUDGET, Core};
use self::slot::{NO_SLOT, Slot};
use self::source::Codes;
use crate::error::Error;
use crate::system::{Kernel, System};
use crate::timer::TimerSlots;

pub use kqueue_safe::PTK_MAX_KEVENTS;

/// The default number of timers of a loop.
pub const PTK_MAX_TIMERS_PER_LOOP: usize = 32;

/// The number of the interrupt signal, the same on every system here.
pub const SIGINT: i32 = 2;

/// The number of the signal that asks to end, the same on every system here.
pub const SIGTERM: i32 = 15;

/// The default number of sources of a loop.
pub const PTK_MAX_SOURCES: usize = 64;

/// Whom a loop tells its events.
///
/// A closure `FnMut(&mut Context, Event)` is a handler, and so is a [state machine](crate::machine).
///
/// A handler whose `on_event`, and whose hot action, are marked `#[inline(always)]` becomes part of the loop where a readable stream is told, as in the
/// example `echo`: it saves the call and what is already known of the source is not looked up again.
pub trait Handler<S: System = Kernel> {
    /// Handles one event. It must not block: every other source waits meanwhile.
    fn on_event(&mut self, cx: &mut Context<'_, S>, event: Event);

    /// The loop begins to [drain](EventLoop::drain): finish what is under way, begin nothing new. Listeners rest already.
    fn on_drain(&mut self, cx: &mut Context<'_, S>) {
        let _ = cx;
    }
}

impl<S: System, F: FnMut(&mut Context<'_, S>, Event)> Handler<S> for F {
    #[inline]
    fn on_event(&mut self, cx: &mut Context<'_, S>, event: Event) {
        self(cx, event);
    }
}

/// An event loop with room for `SOURCES` sources, `TIMERS` timers and `EVENTS` answers per wait. Zero of any does not compile.
///
/// ```
/// use core::time::Duration;
/// use ptk_core::event_loop::{Context, Event, EventLoop, Kind};
///
/// let mut event_loop: EventLoop = EventLoop::new()?;
/// event_loop.context().start_periodic(Duration::from_millis(1), 0, 1u16)?;
///
/// let mut ticks = 0;
/// event_loop.run(&mut |cx: &mut Context, event: Event| {
///     assert!(matches!(event.kind, Kind::Timer { .. }));
///     ticks += 1;
///     if ticks == 3 {
///         cx.stop();
///     }
/// })?;
/// assert_eq!(ticks, 3);
/// # Ok::<(), ptk_core::Error>(())
/// ```
pub struct EventLoop<
    const SOURCES: usize = PTK_MAX_SOURCES,
    const TIMERS: usize = PTK_MAX_TIMERS_PER_LOOP,
    const EVENTS: usize = PTK_MAX_KEVENTS,
    S: System = Kernel,
> {
    core: Core<S>,
    slots: [Slot<S>; SOURCES],
    codes: [Codes; SOURCES],
    timers: TimerSlots<TIMERS>,
    batch: S::Batch<EVENTS>,
}

impl<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize>
    EventLoop<SOURCES, TIMERS, EVENTS>
{
    /// A loop on the operating system's kqueue, which other threads cannot reach.
    ///
    /// # Errors
    ///
    /// What `kqueue(2)` says, for example [`ErrorKind::DescriptorsExhausted`](crate::ErrorKind::DescriptorsExhausted).
    pub fn new() -> Result<Self, Error> {
        Ok(Self::on(Kernel::new()?))
    }

    /// A loop on the operating system's kqueue, which other threads stop and wake through `remote`.
    ///
    /// # Errors
    ///
    /// What `kqueue(2)` says; [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if another loop has this remote.
    pub fn with_remote<const USER_EVENTS: usize>(
        remote: &'static Remote<USER_EVENTS>,
    ) -> Result<Self, Error> {
        let mut event_loop = Self::new()?;
        event_loop.set_remote(remote)?;
        Ok(event_loop)
    }
}

impl<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize, S: System>
    EventLoop<SOURCES, TIMERS, EVENTS, S>
{
    /// A loop on a system of the caller's.
    #[must_use]
    pub fn on(system: S) -> Self {
        const {
            assert!(
                SOURCES > 0,
                "an EventLoop needs room for at least one source"
            );
            assert!(EVENTS > 0, "an EventLoop needs room for at least one event");
            assert!(
                SOURCES <= kqueue_safe::Token::MAX_SLOT as usize / 2,
                "more sources than a token can number on this system"
            );
        }
        let slots = ::core::array::from_fn(|index| {
            let next = index + 1;
            Slot::free(
                index as u32,
                if next == SOURCES {
                    NO_SLOT
                } else {
                    next as u32
                },
            )
        });
        Self {
            core: Core {
                system,
                now: None,
                free: 0,
                dirty: NO_SLOT,
                accept_budget: ACCEPT_BUDGET,
                background: 0,
                stop: false,
                draining: false,
                rest_until: None,
                remote: None,
                counters: Counters::default(),
                calm: false,
                event: Event::NONE,
            },
            slots,
            codes: [Watch::new().codes; SOURCES],
            timers: TimerSlots::new(),
            batch: S::batch(),
        }
    }

    /// Lets other threads reach the loop through `remote`, from now until it is dropped.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if this or another loop has a remote already; else what the system says.
    pub fn set_remote<const USER_EVENTS: usize>(
        &mut self,
        remote: &'static Remote<USER_EVENTS>,
    ) -> Result<(), Error> {
        if self.core.remote.is_some() {
            return Err(Error::INVALID_INPUT);
        }
        let remote: &'static remote::AnyRemote = remote;
        remote.take()?;
        match self.core.system.waker() {
            Ok(Some(waker)) => remote.connect(waker),
            Ok(None) => {}
            Err(error) => {
                remote.release();
                return Err(error);
            }
        }
        self.core.remote = Some(remote);
        self.core.stir();
        Ok(())
    }

    /// Stops [`run`](EventLoop::run) when SIGINT or SIGTERM arrives. Their ordinary delivery to the calling thread is blocked from now
    /// on: call this before other threads are started, so that they inherit it. These two sources do not keep a loop running.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TableFull`](crate::ErrorKind::TableFull); else what the system says.
    pub fn stop_on_signals(&mut self) -> Result<(), Error> {
        for number in [SIGINT, SIGTERM] {
            let source = self.context().attach_signal(number, 0, 0u16)?;
            self.slots[source.slot()].set(slot::state::STOPS);
            self.core.background += 1;
            self.core.stir();
        }
        Ok(())
    }

    /// The loop as its handlers see it, to attach sources and start timers before it runs.
    #[inline]
    pub fn context(&mut self) -> Context<'_, S> {
        Context::new(
            &mut self.core,
            &mut self.slots,
            &mut self.codes,
            self.timers.view(),
        )
    }

    /// What the loop has done so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let mut counters = self.core.counters;
        // A wait that brought one answer does not note it as the largest number.
        counters.most_events = counters.most_events.max(u32::from(counters.events > 0));
        counters
    }

    /// The system it runs on.
    pub fn system(&mut self) -> &mut S {
        &mut self.core.system
    }
}

impl<const SOURCES: usize, const TIMERS: usize, const EVENTS: usize, S: System> Drop
    for EventLoop<SOURCES, TIMERS, EVENTS, S>
{
    fn drop(&mut self) {
        for index in 0..SOURCES {
            if !matches!(self.slots[index].holder, slot::Holder::Free) {
                let holder = self.core.take_slot(&mut self.slots, index as u32);
                if let slot::Holder::Socket(socket) = holder {
                    self.core.system.close(socket);
                }
            }
        }
        if let Some(remote) = self.core.remote {
            remote.release();
        }
    }
}
