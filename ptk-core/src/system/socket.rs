//! Any socket of the operating system, as a loop's slot owns it.

use core::net::SocketAddr;

use crate::error::Error;
use crate::net::{
    Accepted, Datagram, DatagramFrom, Half, Received, Sent, TcpListener, TcpStream, UdpSocket,
    UnixDatagram, UnixDatagramFrom, UnixListener, UnixStream,
};
use crate::os::{AsFd, BorrowedFd, OwnedFd};

/// A socket of any kind. Each kind converts into it with `From`, so [`Context::attach`](crate::event_loop::Context::attach) takes them all.
#[derive(Debug)]
#[non_exhaustive]
pub enum Socket {
    /// A connected TCP stream, or one on its way.
    Stream(TcpStream),
    /// A TCP listener.
    Listener(TcpListener),
    /// A UDP socket.
    Udp(UdpSocket),
    /// A Unix stream.
    UnixStream(UnixStream),
    /// A Unix listener.
    UnixListener(UnixListener),
    /// A Unix datagram socket.
    UnixDatagram(UnixDatagram),
    /// Another descriptor that can be watched: a pipe, a terminal, another kqueue. The loop tells when it is ready; reading and writing is
    /// the owner's, through [`Context::socket`](crate::event_loop::Context::socket).
    Other(OwnedFd),
}

macro_rules! from {
    ($($variant:ident($type:ty)),* $(,)?) => {$(
        impl From<$type> for Socket {
            fn from(socket: $type) -> Self {
                Self::$variant(socket)
            }
        }
    )*};
}

from!(
    Stream(TcpStream),
    Listener(TcpListener),
    Udp(UdpSocket),
    UnixStream(UnixStream),
    UnixListener(UnixListener),
    UnixDatagram(UnixDatagram),
    Other(OwnedFd),
);

impl AsFd for Socket {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Stream(socket) => socket.as_fd(),
            Self::Listener(socket) => socket.as_fd(),
            Self::Udp(socket) => socket.as_fd(),
            Self::UnixStream(socket) => socket.as_fd(),
            Self::UnixListener(socket) => socket.as_fd(),
            Self::UnixDatagram(socket) => socket.as_fd(),
            Self::Other(fd) => fd.as_fd(),
        }
    }
}

impl Socket {
    /// The TCP stream, if it is one.
    #[must_use]
    pub fn stream(&self) -> Option<&TcpStream> {
        match self {
            Self::Stream(stream) => Some(stream),
            _ => None,
        }
    }

    /// The UDP socket, if it is one.
    #[must_use]
    pub fn udp(&self) -> Option<&UdpSocket> {
        match self {
            Self::Udp(socket) => Some(socket),
            _ => None,
        }
    }

    /// Whether it is a listener.
    #[must_use]
    pub fn is_listener(&self) -> bool {
        matches!(self, Self::Listener(_) | Self::UnixListener(_))
    }

    /// Whether it is a stream of bytes.
    pub(super) fn is_stream(&self) -> bool {
        matches!(self, Self::Stream(_) | Self::UnixStream(_))
    }

    #[inline(always)]
    pub(super) fn receive(&self, buffer: &mut [u8]) -> Result<Received, Error> {
        // The common kind first, without a jump table.
        match self {
            Self::Stream(stream) => stream.receive(buffer),
            _ => self.receive_rarer(buffer),
        }
    }

    #[inline(never)]
    fn receive_rarer(&self, buffer: &mut [u8]) -> Result<Received, Error> {
        match self {
            Self::Stream(stream) => stream.receive(buffer),
            Self::UnixStream(stream) => stream.receive(buffer),
            Self::Udp(socket) => socket.receive(buffer).map(without_boundary),
            Self::UnixDatagram(socket) => socket.receive(buffer).map(without_boundary),
            Self::Listener(_) | Self::UnixListener(_) | Self::Other(_) => Err(Error::INVALID_INPUT),
        }
    }

    #[inline(always)]
    pub(super) fn send(&self, bytes: &[u8]) -> Result<Sent, Error> {
        // The common kind first, without a jump table.
        match self {
            Self::Stream(stream) => stream.send(bytes),
            _ => self.send_rarer(bytes),
        }
    }

    #[inline(never)]
    fn send_rarer(&self, bytes: &[u8]) -> Result<Sent, Error> {
        match self {
            Self::Stream(stream) => stream.send(bytes),
            Self::UnixStream(stream) => stream.send(bytes),
            Self::Udp(socket) => socket.send(bytes),
            Self::UnixDatagram(socket) => socket.send(bytes),
            Self::Listener(_) | Self::UnixListener(_) | Self::Other(_) => Err(Error::INVALID_INPUT),
        }
    }

    pub(super) fn receive_from(
        &self,
        buffer: &mut [u8],
    ) -> Result<(Datagram, Option<SocketAddr>), Error> {
        Ok(match self {
            Self::Udp(socket) => match socket.receive_from(buffer)? {
                DatagramFrom::Data {
                    length,
                    from,
                    truncated,
                } => (Datagram::Data { length, truncated }, Some(from)),
                DatagramFrom::WouldBlock => (Datagram::WouldBlock, None),
            },
            Self::UnixDatagram(socket) => match socket.receive_from(buffer)? {
                UnixDatagramFrom::Data { length, .. } => {
                    let truncated = false;
                    (Datagram::Data { length, truncated }, None)
                }
                UnixDatagramFrom::WouldBlock => (Datagram::WouldBlock, None),
            },
            _ => return Err(Error::INVALID_INPUT),
        })
    }

    pub(super) fn send_to(&self, bytes: &[u8], target: SocketAddr) -> Result<Sent, Error> {
        match self {
            Self::Udp(socket) => socket.send_to(bytes, target),
            _ => Err(Error::INVALID_INPUT),
        }
    }

    pub(super) fn accept(&self) -> Result<Accepted<Self, Option<SocketAddr>>, Error> {
        match self {
            Self::Listener(listener) => Ok(any(listener.accept()?, Some)),
            Self::UnixListener(listener) => Ok(any(listener.accept()?, |_| None)),
            _ => Err(Error::INVALID_INPUT),
        }
    }

    pub(super) fn take_error(&self) -> Option<Error> {
        match self {
            Self::Stream(socket) => socket.take_error(),
            Self::Listener(socket) => socket.take_error(),
            Self::Udp(socket) => socket.take_error(),
            Self::UnixStream(socket) => socket.take_error(),
            Self::UnixDatagram(socket) => socket.take_error(),
            Self::UnixListener(_) | Self::Other(_) => Ok(None),
        }
        .unwrap_or_else(Some)
    }

    /// Whether everything was received and the stream has ended. Looks one byte ahead, so it costs a system call: asked only when
    /// the kernel has seen the end.
    pub(super) fn at_end(&self) -> Result<bool, Error> {
        let mut byte = [0];
        let received = match self {
            Self::Stream(stream) => stream.peek(&mut byte)?,
            Self::UnixStream(stream) => stream.peek(&mut byte)?,
            _ => return Ok(false),
        };
        Ok(received == Received::EndOfStream)
    }

    pub(super) fn shutdown(&self, half: Half) -> Result<(), Error> {
        match self {
            Self::Stream(stream) => stream.shutdown(half),
            Self::UnixStream(stream) => stream.shutdown(half),
            _ => Err(Error::INVALID_INPUT),
        }
    }
}

/// A datagram as a loop's `receive` tells it; an empty one is data of length 0.
fn without_boundary(datagram: Datagram) -> Received {
    match datagram {
        Datagram::Data { length, .. } => Received::Data(length),
        Datagram::WouldBlock => Received::WouldBlock,
    }
}

fn any<S: Into<Socket>, A>(
    accepted: Accepted<S, A>,
    address: impl FnOnce(A) -> Option<SocketAddr>,
) -> Accepted<Socket, Option<SocketAddr>> {
    match accepted {
        Accepted::Connection(stream, peer) => Accepted::Connection(stream.into(), address(peer)),
        Accepted::WouldBlock => Accepted::WouldBlock,
        Accepted::Aborted(error) => Accepted::Aborted(error),
        Accepted::Exhausted(error) => Accepted::Exhausted(error),
    }
}
