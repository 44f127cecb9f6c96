//! A Modbus client: one connection to a server or gateway, kept up by itself.
//!
//! [`Client`] is the machine. It tells when to connect and to close, sends requests, matches replies to them, gives up
//! on those that take too long, throws late replies away, and comes back after a failure, each time a little later.
//! Many devices are many `Client`s; each needs no more than a socket and a place in somebody's timer list.
//!
//! What it does with replies that are not as they should be:
//!
//! | what comes | what happens |
//! |---|---|
//! | a transaction id that nobody waits for: late, or made up | thrown away, counted in [`Statistics::late_replies`] |
//! | the right id from the wrong unit | the request fails with [`Failure::WrongUnit`] |
//! | the right id with another function, or another number of values | [`Failure::WrongFunction`], [`Failure::Mismatch`] |
//! | the right id and a PDU that breaks the specification | [`Failure::Malformed`] |
//! | an exception | [`Event::Reply`] with [`Response::Exception`](crate::codec::Response::Exception) |
//! | nothing in time | [`Failure::TimedOut`]; after [`Config::max_timeouts`] in a row the connection is made anew |
//! | a wrong protocol id or length | the stream is lost: the connection is made anew |
//! | half a reply, and no more | after [`Config::frame_timeout`] the connection is made anew |

mod backoff;
mod config;
mod event;
mod expected;
mod keepalive;
mod machine;
mod replies;
mod requests;
mod slots;

pub use config::{Backoff, Config, Keepalive};
pub use event::{Action, DisconnectReason, Event, Failure, RequestError, Statistics};
pub use machine::Client;
