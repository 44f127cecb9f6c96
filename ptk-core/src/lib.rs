//! Event loop, timers, sockets, state machines and async I/O on kqueue, without the heap.
//!
//! ```text
//!            raw                       typed            policy                    protocols, programs
//! kernel ─► kqueue-sys ───────────────► kqueue-safe ───► [ptk-core] ─────────────► protocols/modbus   ─► ptk-cli, examples
//!           (Linux: kqueue-linux,                        event loop, timers,       protocols/enip
//!            kqueue in user space)                       sockets, machines, async  ptk-c (C API)
//! ```
//!
//! # Layers
//!
//! From the bottom up. A module knows those above it in this table and none below.
//!
//! | module | what it does | system calls |
//! |---|---|---|
//! | [`error`], [`time`] | one small error with the errno kept; points in time in nanoseconds | none |
//! | [`timer`], [`machine`], [`buffer`], [`pool`], [`mailbox`], [`histogram`] | data structures: time and bytes go in, deadlines and results come out | none |
//! | [`net`] | non-blocking sockets with typed answers | one for each call |
//! | [`system`] | the seam: all that a loop asks of the world | |
//! | [`event_loop`] | sources, timers and stop behind one wait a turn | one wait for each turn |
//! | [`aio`] | the same registrations for `async` code | one wait for each batch |
//! | `testing` (feature) | a simulated clock and network behind the seam | none |
//!
//! # A loop, its sources, and who is told
//!
//! ```text
//!  attach(socket, Watch) ──► slot, generation ──► SourceId
//!                                  │
//!   kernel: "token is readable" ───┤ generation old? dropped and counted
//!                                  ▼
//!                    Event { owner, code, kind } ──► Handler::on_event(cx, event)
//!                                                      a closure, a Machine, [Machine; N], your own
//! ```
//!
//! A [`Watch`](event_loop::Watch) says which codes a source tells and to whom. A [`machine::Machine`] is a handler: the code is its event,
//! and its actions reach the loop through the [`Context`](event_loop::Context).
//!
//! ```
//! use core::time::Duration;
//! use ptk_core::event_loop::{Context, EventLoop};
//! use ptk_core::machine::{Cx, Machine};
//!
//! ptk_core::symbols! {
//!     enum State { Counting, Done }
//!     enum Event { Tick }
//! }
//! ptk_core::transitions! {
//!     chart Countdown {
//!         states: State, events: Event, data: u32, context<'a>: Context<'a>, start: Counting;
//!         table {
//!             Counting + Tick [last] / stop => Done;
//!             Counting + Tick / count;
//!             Done + Tick;
//!         }
//!     }
//! }
//! fn last(left: &u32, _: Event) -> bool {
//!     *left == 1
//! }
//! fn count(left: &mut u32, _: &mut Cx<'_, '_, Countdown>, _: Event) {
//!     *left -= 1;
//! }
//! fn stop(_: &mut u32, cx: &mut Cx<'_, '_, Countdown>, _: Event) {
//!     cx.context.stop();
//! }
//!
//! let mut event_loop: EventLoop = EventLoop::new()?;
//! event_loop.context().start_periodic(Duration::from_millis(1), 0, Event::Tick)?;
//! let mut countdown = Machine::<Countdown>::new(3);
//! event_loop.run(&mut countdown)?;
//! assert_eq!(countdown.state(), State::Done);
//! # Ok::<(), ptk_core::Error>(())
//! ```
//!
//! # A machine's step
//!
//! ```text
//!   event code ──► queue ──► row of (state, event), first whose guard agrees ──► exit action, new state,
//!                    ▲       none: unhandled, counted                            transition's action, entry action
//!                    └──────────────────── raise(event) from an action ◄──────────────────┘
//! ```
//!
//! The rows are a `const` table that the compiler has checked; one event runs to completion before the next. `machine::mermaid` and
//! `machine::graphviz` (feature `chart`) draw it.
//!
//! # Storage
//!
//! ```text
//!   static or stack, yours                              in it
//!   EventLoop<SOURCES, TIMERS, EVENTS>                  slots of sources, timers, answers of one wait
//!   Machine<Chart, QUEUE>                               its state, its data, raised events
//!   SendQueue, FrameBuffer ◄── &mut [u8] lent           bytes that wait
//!   Pool<..>, Mailbox<T, N>, Remote<USER_EVENTS>        shared between loops, usually `static`
//! ```
//!
//! Capacities are const parameters with the defaults `PTK_MAX_SOURCES` 64, `PTK_MAX_TIMERS_PER_LOOP` 32 and `PTK_MAX_KEVENTS` 64, or memory
//! that the caller lends. A full container hands the item back in its error; a capacity of zero does not compile. Nothing here asks the
//! allocator: `tests/no_allocation.rs` and its likes run every part under an allocator that aborts.
//!
//! # Threads
//!
//! ```text
//!  thread 1: EventLoop ◄── Raiser::raise, Stopper::stop ── any thread, signal handlers
//!  thread 2: EventLoop ◄── mailbox::Mailbox ──────────────  messages, and sockets on the move
//! ```
//!
//! One wake-up does for a crowd of raises or messages. With N loops on N threads each binds its own listener to the same port
//! ([`ListenOptions::share_port`](net::ListenOptions::share_port)), or one accepts and hands over: the example `several_loops` does both.
//!
//! A loop belongs to one thread at a time. Its [`Remote`](event_loop::Remote), a `static`, is what other threads see of it. The async
//! driver may be polled by any of several workers.
//!
//! # What happens inside
//!
//! [`EventLoop::counters`](event_loop::EventLoop::counters) are always kept: events, stale events, high-water marks. An
//! [`Observer`](event_loop::Observer) that runs the loop adds distributions (events per wait, time per turn, lateness of timers) in one
//! [`Snapshot`](event_loop::Snapshot), and with the features `log`, `tracing` or `defmt` a line for what is worth one.
//!
//! # What this crate does not do
//!
//! - no name resolution, no TLS, no files: they block, or belong to others;
//! - no heap, and so no boxed tasks: futures live where the caller puts them;
//! - no `unsafe` outside the room for task wakers (`aio/waiters/`) and the two for the source in hand (`system/plain.rs`, `event_loop/in_hand.rs`).
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
