//! `embedded-nal-async`'s `TcpConnect`.

use core::net::SocketAddr;

use embedded_nal_async::TcpConnect;

use crate::Error;
use crate::aio::handle::IoDriverHandle;
use crate::aio::net::TcpStream;

/// A driver as a TCP stack.
#[derive(Clone, Copy, Debug)]
pub struct Tcp(pub IoDriverHandle);

impl TcpConnect for Tcp {
    type Error = Error;
    type Connection<'a> = TcpStream;

    async fn connect(&self, remote: SocketAddr) -> Result<TcpStream, Error> {
        TcpStream::connect_in(self.0, remote).await
    }
}
