//! Sockets to `.await`: the sockets of [`ptk_core::net`](crate::net), registered with a driver.
//!
//! Constructors come in two forms: `bind(address)` and `connect(address)` use the [`current`](crate::aio::current()) driver; `bind_in(handle, …)` and
//! `connect_in(handle, …)` name it. An address is anything that is a [`ToSocketAddr`]: names are not resolved, since the system's resolver blocks and
//! allocates.
//!
//! What is not here (options, addresses, multicast, errors) is on the socket underneath, which each type dereferences to.

mod address;
mod listener;
mod ops;
mod owned;
mod stream;
mod tcp;
mod udp;
mod unix;

pub use address::ToSocketAddr;
pub use owned::{OwnedReadHalf, OwnedWriteHalf};
pub use stream::{ReadHalf, Stream, StreamSocket, WriteHalf};
pub use tcp::{TcpListener, TcpStream};
pub use udp::UdpSocket;
pub use unix::{UnixDatagram, UnixListener, UnixStream};

pub use crate::error::Result as NetResult;
