//! `embedded-nal-async`'s `ConnectedUdp` and `UnconnectedUdp`.
//!
//! Not `UdpStack`, which makes sockets: one that is bound to several of the host's addresses would have to send from a chosen one of them, for which the
//! calls at hand need the heap. Make the socket by [`UdpSocket::bind`], and give it to code that knows these traits.

use core::net::SocketAddr;

use embedded_nal_async::{ConnectedUdp, UnconnectedUdp};

use crate::aio::net::UdpSocket;
use crate::{Error, ErrorKind};

/// For a socket that [is connected](UdpSocket::connect). Elsewhere than on Linux a receive takes 64 KiB of stack, for what does not fit into the buffer.
///
/// ```
/// use embedded_nal_async::{ConnectedUdp, UnconnectedUdp};
/// use ptk_core::aio::net::UdpSocket;
/// use ptk_core::aio::{self, IoDriver, IoSlots};
///
/// /// A client that knows nothing of sockets.
/// async fn ask<U: ConnectedUdp>(peer: &mut U) -> Result<usize, U::Error> {
///     peer.send(b"ping").await?;
///     peer.receive_into(&mut [0; 2]).await
/// }
///
/// /// Answers one datagram from the address that it was sent to.
/// async fn answer<U: UnconnectedUdp>(socket: &mut U) -> Result<(), U::Error> {
///     let mut buffer = [0; 64];
///     let (length, local, remote) = socket.receive_into(&mut buffer).await?;
///     socket.send(local, remote, &buffer[..length]).await
/// }
///
/// static SLOTS: IoSlots<8> = IoSlots::new();
///
/// let driver = IoDriver::new(&SLOTS)?;
/// aio::block_on(driver, async {
///     let mut server = UdpSocket::bind("127.0.0.1:0").await?;
///     let mut client = UdpSocket::bind("127.0.0.1:0").await?;
///     client.connect(server.local_addr()?).await?;
///     ConnectedUdp::send(&mut client, b"ping").await?;
///     answer(&mut server).await?;
///     // Two bytes fit, and the length is told all the same.
///     assert_eq!(ConnectedUdp::receive_into(&mut client, &mut [0; 2]).await?, 4);
///     Ok::<(), ptk_core::Error>(())
/// })??;
/// # let _ = ask::<UdpSocket>;
/// # Ok::<(), ptk_core::Error>(())
/// ```
impl ConnectedUdp for UdpSocket {
    type Error = Error;

    async fn send(&mut self, data: &[u8]) -> Result<(), Error> {
        UdpSocket::send(self, data).await.map(drop)
    }

    async fn receive_into(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let (length, _) = self.recv_measured(buffer).await?;
        Ok(length)
    }
}

/// For a socket that is bound to one of the host's addresses. It sends from that one: another one given is
/// [`AddressNotAvailable`](ErrorKind::AddressNotAvailable).
impl UnconnectedUdp for UdpSocket {
    type Error = Error;

    async fn send(
        &mut self,
        local: SocketAddr,
        remote: SocketAddr,
        data: &[u8],
    ) -> Result<(), Error> {
        if !local.ip().is_unspecified() || local.port() != 0 {
            let own = self.local_addr()?;
            let same_host = local.ip().is_unspecified() || local.ip() == own.ip();
            if !same_host || ![0, own.port()].contains(&local.port()) {
                return Err(Error::new(ErrorKind::AddressNotAvailable));
            }
        }
        self.send_to(data, remote).await.map(drop)
    }

    async fn receive_into(
        &mut self,
        buffer: &mut [u8],
    ) -> Result<(usize, SocketAddr, SocketAddr), Error> {
        let (length, remote) = self.recv_measured(buffer).await?;
        Ok((length, self.local_addr()?, remote))
    }
}
