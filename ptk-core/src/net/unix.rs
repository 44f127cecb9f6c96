//! Unix sockets: [`UnixListener`], [`UnixStream`], [`UnixDatagram`] and their [addresses](UnixAddress).
//!
//! A path is created by `bind` and stays when the socket is closed; removing it (before binding, or at the end) is the caller's.

mod address;
mod datagram;
mod listener;
mod stream;

pub use address::UnixAddress;
pub use datagram::{UnixDatagram, UnixDatagramFrom};
pub use listener::UnixListener;
pub use stream::UnixStream;
