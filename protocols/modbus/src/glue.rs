//! The machines of this crate on the toolkit's event loop.
//!
//! ```text
//!  EventLoop ── readable, writable, timer ──► glue ── bytes, time ──► server::Connection, client::Client
//!            ◄── receive, send, deadlines ───      ◄── bytes, deadlines, results ──
//! ```
//!
//! This is all that knows both sides, and it is thin: it moves bytes and deadlines and decides nothing about Modbus. Feature
//! `event-loop`, on by default.

mod client;
mod journal;
mod measured;
mod polled;
mod server;

pub use client::{Caller, Link};
pub use journal::{Journal, Quiet};
pub use measured::Measured;
pub use polled::Polled;
pub use server::{Occupancy, Seat, Server};
