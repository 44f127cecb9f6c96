//! A simulated world for programs on the event loop: a virtual clock, a network with faults, and several loops in one thread.
//!
//! The [`Network`] holds everything: hosts, sockets, what is under way between them, the time, and a random generator. A [`Host`] of it is a
//! [`System`](crate::system::System), so an [`EventLoop`](crate::event_loop::EventLoop) made with
//! [`EventLoop::on`](crate::event_loop::EventLoop::on) runs on it without a change to the program. [`Network::run`] gives each loop its turns
//! and moves the clock to the next thing that can happen; hours pass in milliseconds. The same seed gives the same run.
//!
//! ```text
//!   EventLoop ─► Host ─┐                       ┌─ Host ◄─ EventLoop
//!                      ├─► Network: time, pipes ┤
//!   EventLoop ─► Host ─┘    delay, loss, cuts   └─ Host ◄─ EventLoop
//! ```
//!
//! What goes wrong is set with [`Faults`], for the whole network and at any time, and with [`Network::fail_next`] for a single call of a
//! single host: each system call that the loop makes can be made to fail with an error of the test's choice.
//!
//! The async face runs on real sockets; what its calls on a stream meet is scripted with [`FaultyStream`].
//!
//! This module is for tests: it uses the heap, and is there only with the feature `testing`.

mod faults;
mod host;
mod network;
mod pipe;
mod random;
mod socket;
mod stream;
mod transport;

pub use faults::{Call, Faults};
pub use host::Host;
pub use network::{Network, Node, Seat};
pub use random::Random;
pub use socket::SimSocket;
pub use stream::FaultyStream;

#[cfg(test)]
mod tests;
