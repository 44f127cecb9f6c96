//! Modbus TCP as sans-I/O codecs and machines, without the heap.
//!
//! ```text
//!             raw          typed         policy        protocols, programs
//!  kernel ─► kqueue-sys ─► kqueue-safe ─► ptk-core ─► ┌────────────────┐ ─► ptk-cli, examples
//!                                                     │ ptk-modbus     │
//!                                                     └────────────────┘
//! ```
//!
//! # Layers
//!
//! From the wire upwards. Each layer knows the ones above it in this list and none below.
//!
//! | module | what it does | what it knows of time and sockets |
//! |---|---|---|
//! | [`codec`] | bytes to requests and responses and back; MBAP and RTU framing | nothing |
//! | [`value`] | numbers and text over 16-bit registers, in the four word orders | nothing |
//! | [`server`] | a connection of a Modbus server: bytes in, bytes out, served from a [`server::RegisterMap`] | time as an argument |
//!
//! Nothing here opens a socket or reads a clock. A machine takes bytes, time and requests through methods named
//! `handle_*` or after what happened (`received`), and gives bytes, deadlines and results through `poll_*`. It runs
//! under a virtual clock in this crate's tests and on an event loop in a program, and cannot tell the difference.
//!
//! # Time
//!
//! `now` and deadlines are nanoseconds of a monotonic clock in a `u64`; where zero lies is the caller's choice.
//! Durations in configurations are nanoseconds too; [`SECOND`] and [`MILLISECOND`] spell them.
//!
//! # Sources
//!
//! "§" in these pages is a section of the *MODBUS Application Protocol Specification V1.1b3*; "TCP §" is one of the
//! *MODBUS Messaging on TCP/IP Implementation Guide V1.0b*; "Serial §" is one of *MODBUS over Serial Line V1.02*.
//!
//! # What this crate does not do
//!
//! - no serial lines (RTU framing is spoken over TCP, where some converters want it) and no ASCII framing;
//! - no Modbus Security (TLS): put it between the socket and the machine;
//! - no heap, no threads, no `unsafe`, no panics on what a peer may send.
#![no_std]
#![forbid(unsafe_code)]

mod buffer;
pub mod codec;
pub mod server;
pub mod value;

/// One second in the nanoseconds that this crate counts time in.
pub const SECOND: u64 = 1_000_000_000;

/// One millisecond in the nanoseconds that this crate counts time in.
pub const MILLISECOND: u64 = 1_000_000;
