//! Typed kqueue: a `kevent` that cannot be misused, and no slower than the raw call.
//!
//! ```text
//!             raw                       typed            policy                    protocols, programs
//!  kernel ─► kqueue-sys ─────────────►[kqueue-safe]───► ptk-core ───────────────► protocols/modbus   ─► ptk-cli, examples
//!            (Linux: kqueue-linux,                       event loop, timers,       protocols/enip
//!             kqueue in user space)                      sockets, machines, async  ptk-c (C API)
//! ```
//!
//! What one says to a kqueue is a list of [`Change`]s, what one hears is a batch of [`Event`]s, and [`Kqueue`] has the call that does both:
//!
//! ```
//! use kqueue_safe::{ChangeList, EventBuffer, EventKind, Kqueue, Read, Timer, Token, descriptor::AsFd};
//! use std::io::Write;
//! use std::time::Duration;
//!
//! let kq = Kqueue::new()?;
//! let mut changes = ChangeList::<4>::new(); // room for 4, on the stack
//! let mut events: EventBuffer = EventBuffer::new(); // room for PTK_MAX_KEVENTS
//!
//! let (here, mut there) = std::os::unix::net::UnixStream::pair()?;
//! there.write_all(b"hello")?;
//! const PEER: Token = Token::new(0, 0);
//! const TICK: Token = Token::new(1, 0);
//!
//! // A filter's type is a builder: what is watched, options, an action.
//! changes.push(Read::new(here.as_fd()).clear().add(PEER)).map_err(kqueue_safe::Error::from)?;
//! changes.push(Timer::new(1).every(Duration::from_millis(5)).add(TICK)).map_err(kqueue_safe::Error::from)?;
//!
//! // One system call applies the changes and waits.
//! let (mut bytes, mut ticks) = (0, 0);
//! while bytes == 0 || ticks == 0 {
//!     for event in kq.apply_and_wait(&mut changes, &mut events, None)? {
//!         match event.kind() {
//!             EventKind::Read { available, .. } => bytes += available,
//!             EventKind::Timer { expirations } => ticks += expirations,
//!             EventKind::ChangeFailed { errno } => panic!("{}: {errno}", event.token()),
//!             _ => {}
//!         }
//!     }
//! }
//! assert_eq!(bytes, 5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Layers
//!
//! | layer | types |
//! |---|---|
//! | filters, a builder each, with the options that it has on this system | [`Read`], [`Write`], [`Timer`], [`User`], [`Vnode`], [`Process`], [`Signal`], [`filter`] |
//! | containers, lent by the caller: const generic capacity, a view that functions take, no cost until used | [`ChangeList`], [`ChangeView`], [`EventBuffer`], [`EventView`], [`Exclusive`] for statics |
//! | the calls | [`Kqueue`], [`Receipts`], [`Events`] |
//! | ownership, above the calls and optional | [`Registration`], [`TokenTable`], [`Waker`], [`Capabilities`] |
//! | flags, one type for each system's set, unknown bits kept | [`EventFlags`], [`VnodeNotes`], [`ProcessNotes`], [`TimerNotes`], [`DescriptorNotes`], [`filter::UserNotes`] |
//!
//! The [`guide`] has a page for each filter, says what the kernels were seen to do with adding again, refused changes and receipts, and what each system has.
//!
//! # What it does not do
//!
//! No event loop, no timers of its own, no sockets (only the two calls that move a stream's bytes, [`descriptor::read`] and [`descriptor::send`], because they need
//! `unsafe`), no clock: `ptk-core` does that. No filters that work with pointers (`EVFILT_AIO`, Mach ports): a safe call never
//! carries a pointer; [`Change::from_raw`] is `unsafe` and there for them. No hiding of what differs between systems: what a system does not have does not compile there.
//!
//! # Memory and `unsafe`
//!
//! `no_std`, no `alloc`. `std` is named in one place, [`descriptor`], for its descriptor types. `unsafe` is in one folder, `src/sys/`, each block with the reason why it is sound.
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
pub mod guide;
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
