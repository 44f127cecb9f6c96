//! Tasks of one kind in static storage, polled by one thread: what a server's connections are.
//!
//! A [`TaskRoom`] is the executor that costs least here: places of one size, so that the caller sees what they take, and one future type, so that a poll is a plain
//! call. `aio::embassy` runs tasks of any number of kinds; [`block_on()`](super::block_on()) runs one future. All three may share a driver.
//!
//! ```text
//!  event ──► IoDriver ──► gate: waker of a task of this room? ──► noted ──► polled when the batch has been processed
//!                                   │ no                                     ▲
//!                                   └──► wake() ──► the queue of its room ───┘ from any thread; the first of a queue ends the wait
//! ```

pub use super::waiters::{Spawner, TaskRoom, bytes_of};
