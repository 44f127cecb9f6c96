//! Typed kqueue: a `kevent` that cannot be misused, and no slower than the raw call.
//!
//! ```text
//!             raw                       typed            policy                    protocols, programs
//!  kernel ─► kqueue-sys ─────────────►[kqueue-safe]───► ptk-core ───────────────► protocols/modbus   ─► ptk-cli, examples
//!            (Linux: kqueue-linux,                       event loop, timers,       protocols/enip
//!             kqueue in user space)                      sockets, machines, async  ptk-c (C API)
//! ```
#![no_std]
#![deny(unsafe_code)]
#![warn(missing_debug_implementations)]

mod capabilities;
mod change;
mod change_list;
pub mod descriptor;
mod error;
mod event;
mod event_buffer;
pub mod filter;
mod flags;
mod kqueue;
mod receipt;
mod registration;
#[allow(unsafe_code)]
mod sys;
mod system;
mod token;
mod token_table;
mod waker;

pub use capabilities::Capabilities;
pub use change::Change;
pub use change_list::{ChangeList, ChangeView, Full};
pub use error::{Errno, Error};
pub use event::{Event, EventKind};
pub use event_buffer::{EventBuffer, EventView, Events};
pub use filter::{ExitStatus, Filter, Process, Read, Signal, Timer, User, Vnode, Write};
pub use kqueue::Kqueue;
pub use receipt::{Receipt, Receipts};
pub use registration::{NotRegistered, Registration};
pub use sys::{Exclusive, ExclusiveGuard, RawEntry};
pub use system::notes::*;
pub use token::Token;
pub use token_table::{TokenSlot, TokenTable};
pub use waker::Waker;

/// How many events an [`EventBuffer`] holds unless the caller says otherwise.
pub const PTK_MAX_KEVENTS: usize = 64;
