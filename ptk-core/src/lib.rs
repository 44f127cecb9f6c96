//! Event loop, timers, sockets, state machines and async I/O on kqueue, without the heap.
//!
//! ```text
//!            raw                       typed            policy                    protocols, programs
//! kernel ─► kqueue-sys ───────────────► kqueue-safe ───► [ptk-core] ─────────────► protocols/modbus   ─► ptk-cli, examples
//!           (Linux: kqueue-linux,                        event loop, timers,       protocols/enip
//!            kqueue in user space)                       sockets, machines, async  ptk-c (C API)
//! ```
#![no_std]
#![deny(unsafe_code)]

#[cfg(feature = "testing")]
extern crate alloc;
#[cfg(any(test, loom))]
extern crate std;

pub mod aio;
pub mod buffer;
pub mod error;
pub mod event_loop;
pub mod histogram;
pub mod machine;
pub mod mailbox;
pub mod net;
mod os;
pub mod pool;
pub mod system;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
pub mod timer;

pub use error::{Error, ErrorKind, Result, Table};
