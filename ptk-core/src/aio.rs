//! Async I/O: tasks that wait for descriptors and for time, on the same kqueue as the [event loop](crate::event_loop), without the heap.
//!
//! | name | what it is |
//! |---|---|
//! | [`IoSlots`] | the caller's storage, one `static`: registrations, timers, events |
//! | [`IoDriver`] | the kqueue; processes events and wakes tasks |
//! | [`IoDriverHandle`], [`IoDriverUnparker`] | copyable references to it, to register sources and to end its wait |
//! | [`RegistrationInfo`] | a slot: readiness word and waiting tasks |
//! | [`AsyncRegistration`] | a descriptor's registration, as seen by whoever waits |
//! | [`BridgedFd`] | a descriptor with its registration; what the sockets of [`net`] are made of |
//! | [`block_on()`] | runs a future, and the driver with it, on one thread or on several |
//! | [`tasks`] | many tasks of one kind in static storage |
//! | [`net`], [`time`], [`Notify`] | what programs await |
//!
//! # Registering a source
//!
//! ```text
//! TcpListener::bind                BridgedFd                AsyncRegistration           IoDriverHandle              kqueue
//!      │ new_with_interest(socket) ───►│                           │                          │                       │
//!      │                               │ new_with_interest(fd) ───►│                          │                       │
//!      │                               │                           │ add_io_source(fd, …) ───►│                       │
//!      │                               │                           │                          │ SlotTable::take       │
//!      │                               │                           │                          │  slot, generation     │
//!      │                               │                           │                          │ apply(READ, WRITE; ──►│ EV_ADD | EV_CLEAR
//!      │                               │                           │                          │   token = slot.gen)   │
//!      │                               │                           │◄── SourceId, &RegistrationInfo                   │
//! ```
//!
//! Registered once, edge-triggered: from here on the kernel is asked nothing but to wait. A stream registers its writing direction, once, when a
//! write first finds no room: until then it would only hear of room with every byte that it receives. A full table is an error.
//!
//! # Processing events
//!
//! ```text
//! worker                    IoDriver                          kqueue           RegistrationInfo          Waker
//!   │ try_get_access() ───────►│  one worker has the access; the others sleep        │                     │
//!   │ process_io(access, t) ──►│ AccessWord::begin_wait           │                  │                     │
//!   │                          │ wait(min(t, next deadline)) ────►│                  │                     │
//!   │                          │◄──────────────── events          │                  │                     │
//!   │                          │ dispatch(event): slot by token, generation compared │                     │
//!   │                          │ ── wake(generation, ready) ────────────────────────►│ gate: bits |=, tick += 1
//!   │                          │                                  │                  │ who waits there ───►│ wake()
//!   │                          │ after_batch: slots given up meanwhile become free    │                     │
//!   │                          │ expire(now): timers ─────────────────────────────────────────────────────►│ wake()
//! ```
//!
//! # A call from the upper layer
//!
//! ```text
//! TcpStream::read        BridgedFd (AsyncCall)          AsyncRegistration               socket
//!   │ read(buffer).await ──►│ loop:                          │                             │
//!   │                       │ request_readiness(READABLE) ──►│ Gate::look: ready? else take a place
//!   │                       │◄──────────── ReadyEvent        │ before the gate, if nothing came since
//!   │                       │ receive ─────────────────────────────────────────────────────►│ recv
//!   │                       │    would block: clear_readiness(event), if the tick is the same; again
//!   │                       │    short read:  the socket is empty, so the same clear without asking; done
//!   │◄────── Ok(length)     │    else:        done                                          │
//! ```
//!
//! In the steady state an exchange is `kevent`, `recv`, `send`, and no call that would block.
//!
//! # Two faces, one loop
//!
//! [`two_faces::run`] runs a callback loop and a future on this driver's kqueue: one wait serves both. [`two_faces::attend`] runs a loop that has a kqueue of
//! its own as a task. Whoever collects events from the driver's kqueue by other means hands them to [`IoDriver::dispatch`] (tokens of this face have the top
//! bit of the slot's number set), waits no longer than [`IoDriver::next_deadline`] and calls [`IoDriver::expire`].
//!
//! # Other executors
//!
//! The futures of this module wake by plain wakers and run under any executor, on any thread, as long as some thread processes events: inside
//! [`block_on()`], in a [room of tasks](tasks::TaskRoom), or in a loop around [`IoDriver::process_io`].
//!
//! # Non-goals
//!
//! Name resolution, files, an executor of our own with tasks on the heap.

mod access;
mod pending;
mod readiness;
mod registration_info;
mod waiters;

#[cfg(not(loom))]
mod block_on;
#[cfg(not(loom))]
mod bridged_fd;
#[cfg(not(loom))]
mod call;
#[cfg(not(loom))]
pub(crate) mod current;
#[cfg(not(loom))]
mod driver;
#[cfg(all(feature = "embassy", not(loom)))]
pub mod embassy;
#[cfg(not(loom))]
mod handle;
#[cfg(not(loom))]
pub mod io;
#[cfg(not(loom))]
pub mod net;
#[cfg(not(loom))]
mod notify;
#[cfg(not(loom))]
mod registration;
#[cfg(not(loom))]
pub mod signal;
#[cfg(not(loom))]
pub mod tasks;
#[cfg(not(loom))]
pub mod time;
#[cfg(not(loom))]
pub mod traits;
#[cfg(not(loom))]
pub mod two_faces;
#[cfg(not(loom))]
mod worker;

#[cfg(not(loom))]
pub use block_on::block_on;
#[cfg(not(loom))]
pub use bridged_fd::BridgedFd;
#[cfg(not(loom))]
pub use current::{Entered, current, enter};
#[cfg(not(loom))]
pub use driver::{IoDriver, IoDriverAccess, IoSlots};
#[cfg(not(loom))]
pub use handle::{IoDriverHandle, IoDriverUnparker, SourceId};
#[cfg(not(loom))]
pub use notify::{Notified, Notify};
pub use readiness::{IoEventInterest, Ready, ReadyEvent};
#[cfg(not(loom))]
pub use registration::{AsyncRegistration, RequestReadiness};
pub use registration_info::RegistrationInfo;
#[cfg(not(loom))]
pub use worker::MAX_WORKERS;

/// What the models need and nobody else does.
#[cfg(loom)]
#[doc(hidden)]
pub mod model {
    pub use super::access::{AccessWord, Rouse, Seat};
    pub use super::pending::Pending;
    pub use super::registration_info::{RegistrationInfo, SlotTable};
    pub use super::waiters::{
        Gate, GateWaiter, Queue, Queues, Ready, ReadyQueue, WaitList, Waiter,
    };
}
