//! Non-blocking sockets with typed answers.
//!
//! ```text
//!                     ┌─ TcpListener ──accept──► TcpStream ─┐
//!  ask again when ◄───┤  UnixListener ─accept──► UnixStream ├──► Received::{Data, EndOfStream, WouldBlock}
//!  it is ready        │                                     │    Sent::{All, Partial, WouldBlock}
//!                     └─ UdpSocket, UnixDatagram ───────────┘    or an Error that keeps the errno
//! ```
//!
//! Each method is one system call (or the few that its documentation lists) and decides nothing: when to call is the loop's business,
//! what to do after a partial send is [`SendQueue`](crate::buffer::SendQueue)'s, what to do when descriptors run out is the
//! caller's.
//!
//! What holds for every socket of this module, on each of the six systems:
//!
//! - `O_NONBLOCK` and close-on-exec are set, in the call that makes the descriptor where the system has such a call.
//! - No call raises `SIGPIPE` (`MSG_NOSIGNAL`; `SO_NOSIGPIPE` on macOS).
//! - "Nothing now", "the peer has ended" and "nothing was asked for" are three different answers.
//! - A partial send is a different answer from a whole one; a truncated datagram says so.
//! - Nothing allocates.
//!
//! What this module does not do: name resolution, TLS, raw sockets, waiting.
//!
//! System calls go through `nix`, those that move a stream's bytes through `kqueue_safe::descriptor`. Differences between the systems live in `net/sys/`, one file for each system.

mod address;
mod answer;
mod creation;
mod options;
mod spare;
mod sys;
pub mod tcp;
mod transfer;
pub mod udp;
pub mod unix;

pub use crate::os::{IoSlice, IoSliceMut};
pub use address::interface_index;
pub use answer::{Accepted, Connection, Datagram, Half, Received, ReceivedBytes, Sent};
pub(crate) use transfer::{
    failure_plain, receive_plain, receive_whole, received_plain, send_all_plain, send_whole,
    sent_plain,
};

pub use spare::SpareDescriptor;
pub use tcp::{KeepAlive, ListenOptions, TcpListener, TcpStream};
pub use udp::{BindOptions, DatagramAt, DatagramFrom, UdpSocket};
pub use unix::{UnixAddress, UnixDatagram, UnixDatagramFrom, UnixListener, UnixStream};
