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
//! | [`client`] | a connection to a Modbus server: requests in flight, deadlines, reconnecting | time as an argument |
//! | [`poller`] | what to read next from one device: schedules, coalescing, quality | time as an argument |
//!
//! None of these opens a socket or reads a clock. Two faces do, with feature `event-loop` (on by default): [`glue`] runs the machines on
//! the callback loop, [`aio`] as client and server to `.await`. A machine takes bytes, time and requests through methods named
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
//!
//! # A protocol of your own
//!
//! This crate is meant to be copied from. `WRITE_YOUR_OWN.md`, beside its `Cargo.toml`, builds a small protocol in the
//! same manner, with `examples/heartbeat/` and `tests/heartbeat.rs` as the worked example.
//!
//! # A server and a client, without a network
//!
//! ```
//! use ptk_modbus::{client, codec::{Registers, Request, Response}, server};
//!
//! // The device: one unit with every point there is, all of them zero.
//! let mut map = server::FullMap::new();
//! map.set_holding_register(7, 1234);
//! let mut device = server::Device::new(server::OneUnit::new(1, map));
//! let mut connection: server::Connection = server::Connection::new(server::Config::default(), 0);
//!
//! // The client, its connection already made.
//! let mut client: client::Client = client::Client::new(client::Config::default(), 1, 0);
//! assert_eq!(client.poll_action(0), Some(client::Action::Connect));
//! client.handle_connected(0);
//! let read = Request::ReadHoldingRegisters { address: 7, quantity: 1 };
//! client.request(0, 1, &read, 42).unwrap();
//!
//! // The network: whatever one transmits, the other receives.
//! let sent = connection.handle_input(0, client.poll_transmit());
//! client.transmitted(sent, 0);
//! connection.serve(0, &mut device);
//! let sent = client.handle_input(0, connection.poll_transmit());
//! connection.transmitted(sent, 0);
//!
//! while let Some(event) = client.poll_event(0) {
//!     if let client::Event::Reply { token: 42, response: Response::ReadHoldingRegisters(values), .. } = event {
//!         assert_eq!(values.get(0), Some(1234));
//!         return;
//!     }
//! }
//! unreachable!("no reply");
//! ```
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "event-loop")]
pub mod aio;
mod buffer;
pub mod client;
pub mod codec;
#[cfg(feature = "event-loop")]
pub mod glue;
pub mod poller;
pub mod server;
pub mod value;

/// One second in the nanoseconds that this crate counts time in.
pub const SECOND: u64 = 1_000_000_000;

/// One millisecond in the nanoseconds that this crate counts time in.
pub const MILLISECOND: u64 = 1_000_000;
