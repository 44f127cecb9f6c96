//! The room for `unsafe`: places for tasks to wait, inside the futures that wait.
//!
//! Everything outside this folder is compiled with `deny(unsafe_code)`. What this folder promises to the rest of the crate:
//!
//! - [`Lock`] runs one closure at a time on its value.
//! - a [`Waiter`] is linked into its [`WaitList`] only while it is pinned, and unlinks itself when it is dropped: no wake
//!   touches a future that is gone. Links are touched under the list's lock only; wakers are woken, cloned and dropped without it.
//! - a [`GateWaiter`] keeps the same promises towards its [`Gate`], whose front places hold no address that is followed.
//! - [`Held`] gives its value to whoever has its access.
//! - a wake that happens after `enqueue` looked at the condition finds the waiter: the look happens under the same lock. This and the
//!   rest is modelled in `tests/loom_aio.rs`.
//! - [`Once`] is written by one thread and read by all after that.
//! - [`Registered`] drops what it keeps once, or gives it away.
//! - [`TaskRoom`] keeps futures where they were put until they end, and polls each from one place only.
//! - [`WakeBatch`] wakes whom it was given, each once.
//! - [`waker_for`] makes wakers of things that live for ever.

#![allow(unsafe_code)]

#[cfg(not(loom))]
mod batch;
#[cfg(all(feature = "embassy", not(loom)))]
pub(crate) mod embassy;
mod front;
mod gate;
mod gate_waiter;
#[cfg(not(loom))]
mod held;
mod list;
mod lock;
mod node;
#[cfg(not(loom))]
mod once;
mod queues;
#[cfg(not(loom))]
mod raw_waker;
mod ready;
#[cfg(not(loom))]
mod registered;
pub(crate) mod sync;
#[cfg(not(loom))]
mod task_room;
mod waiter;

#[cfg(not(loom))]
pub(crate) use batch::WakeBatch;
pub use gate::{Gate, TICK};
pub use gate_waiter::GateWaiter;
#[cfg(not(loom))]
pub(crate) use held::{Held, HeldGuard};
pub use list::WaitList;
pub(crate) use lock::Lock;
#[cfg(not(loom))]
pub(crate) use once::Once;
pub use queues::{Queue, Queues};
#[cfg(not(loom))]
pub(crate) use raw_waker::{Wake, waker_for};
#[cfg(loom)]
pub use ready::{Ready, ReadyQueue};
#[cfg(not(loom))]
pub(crate) use registered::Registered;
#[cfg(not(loom))]
pub use task_room::{Spawner, TaskRoom, bytes_of};
pub use waiter::Waiter;

/// Takes a pinned future apart: each field copied or borrowed but the last, which is the [`Waiter`] and stays pinned.
///
/// The fields but the last must not be pinned elsewhere; the futures of this crate hold one pinned field each.
macro_rules! project {
    ($future:expr, $($field:ident),+; mut $($changing:ident),*; $waiter:ident) => {{
        #[allow(unsafe_code)]
        // SAFETY: nothing is moved out of the future; the waiter is only handed on pinned, and the other fields are never pinned.
        let this = unsafe { ::core::pin::Pin::get_unchecked_mut($future) };
        #[allow(unsafe_code)]
        // SAFETY: a field of what is pinned, see above.
        let waiter = unsafe { ::core::pin::Pin::new_unchecked(&mut this.$waiter) };
        ($(this.$field,)+ $(&mut this.$changing,)* waiter)
    }};
    ($future:expr, $a:ident, $b:ident, $waiter:ident) => {
        $crate::aio::waiters::project!($future, $a, $b; mut; $waiter)
    };
}
pub(crate) use project;
