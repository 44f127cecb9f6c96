//! [`TcpListener`] and [`TcpStream`].

use core::fmt;
use core::future::Future;
use core::net::SocketAddr;
use core::ops::Deref;

use super::address::ToSocketAddr;
use super::listener::accept;
use super::stream::Stream;
use crate::aio::BridgedFd;
use crate::aio::call::Attempt;
use crate::aio::handle::IoDriverHandle;
use crate::aio::readiness::{IoEventInterest, Ready};
use crate::error::Result;
use crate::net::{self, Connection, ListenOptions};
use crate::os::{AsFd, BorrowedFd};

/// A TCP stream; see [`Stream`] for what it does.
pub type TcpStream = Stream<net::TcpStream>;

impl TcpStream {
    /// Connects, through the [`current`](crate::aio::current()) driver. No thread blocks.
    ///
    /// Put it into a [`timeout`](crate::aio::time::timeout) to bound it; dropping the future gives the attempt up.
    ///
    /// # Errors
    ///
    /// [`Refused`](crate::ErrorKind::Refused), [`Timeout`](crate::ErrorKind::Timeout) after the kernel's minutes,
    /// [`Unreachable`](crate::ErrorKind::Unreachable); [`TableFull`](crate::ErrorKind::TableFull); as [`IoDriverHandle::current`].
    pub async fn connect(peer: impl ToSocketAddr) -> Result<Self> {
        Self::connect_in(IoDriverHandle::current()?, peer).await
    }

    /// Connects, through this driver.
    ///
    /// # Errors
    ///
    /// As [`connect`](TcpStream::connect).
    pub async fn connect_in(handle: IoDriverHandle, peer: impl ToSocketAddr) -> Result<Self> {
        let socket = net::TcpStream::connect(peer.to_socket_addr()?)?;
        let io = BridgedFd::new_assuming(handle, socket, IoEventInterest::BOTH, Ready::EMPTY)?;
        let stream = Self { io };
        stream.connected().await?;
        Ok(stream)
    }

    async fn connected(&self) -> Result<()> {
        self.io
            .call(IoEventInterest::WRITABLE, |socket| {
                Ok(match socket.connect_result()? {
                    Connection::Established => Attempt::Done(()),
                    Connection::InProgress => Attempt::WouldBlock,
                })
            })
            .await
    }
}

/// Accepts TCP connections.
///
/// ```
/// use ptk_core::aio::net::{TcpListener, TcpStream};
/// use ptk_core::aio::{self, IoDriver, IoSlots};
///
/// static SLOTS: IoSlots<8> = IoSlots::new();
///
/// let driver = IoDriver::new(&SLOTS)?;
/// aio::block_on(driver, async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let client = TcpStream::connect(listener.local_addr()?).await?;
///     let (server, _) = listener.accept().await?;
///     client.write_all(b"hello").await?;
///     let mut buffer = [0; 5];
///     server.read_exact(&mut buffer).await?;
///     assert_eq!(&buffer, b"hello");
///     Ok::<(), ptk_core::Error>(())
/// })??;
/// # Ok::<(), ptk_core::Error>(())
/// ```
pub struct TcpListener {
    io: BridgedFd<net::TcpListener>,
}

impl TcpListener {
    /// Listens, through the [`current`](crate::aio::current()) driver.
    ///
    /// # Errors
    ///
    /// [`AddressInUse`](crate::ErrorKind::AddressInUse), [`AddressNotAvailable`](crate::ErrorKind::AddressNotAvailable),
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied); as [`IoDriverHandle::add_io_source`] and [`IoDriverHandle::current`].
    pub async fn bind(local: impl ToSocketAddr) -> Result<Self> {
        Self::bind_in(IoDriverHandle::current()?, local, &ListenOptions::new())
    }

    /// Listens, through this driver, with these options.
    ///
    /// # Errors
    ///
    /// As [`bind`](TcpListener::bind).
    pub fn bind_in(
        handle: IoDriverHandle,
        local: impl ToSocketAddr,
        options: &ListenOptions,
    ) -> Result<Self> {
        Self::from_socket(
            handle,
            net::TcpListener::bind_with(local.to_socket_addr()?, options)?,
        )
    }

    /// Registers a listening socket with a driver.
    ///
    /// # Errors
    ///
    /// As [`IoDriverHandle::add_io_source`].
    pub fn from_socket(handle: IoDriverHandle, socket: net::TcpListener) -> Result<Self> {
        Ok(Self {
            io: BridgedFd::new_with_interest(handle, socket, IoEventInterest::READABLE)?,
        })
    }

    /// Waits for a connection, and registers it with the same driver. Any number of tasks may wait; they are served in turn.
    ///
    /// Connections that their peers gave up before they were taken are passed over.
    ///
    /// # Errors
    ///
    /// [`DescriptorsExhausted`](crate::ErrorKind::DescriptorsExhausted) and [`OutOfMemory`](crate::ErrorKind::OutOfMemory): the connection waits in
    /// the backlog, and asking again at once would spin; see [`SpareDescriptor`](crate::net::SpareDescriptor).
    /// [`TableFull`](crate::ErrorKind::TableFull): no slot was free, and the connection has been closed.
    #[inline]
    pub fn accept(&self) -> impl Future<Output = Result<(TcpStream, SocketAddr)>> + '_ {
        accept(&self.io, net::TcpListener::accept)
    }

    /// Takes the registration back and gives the socket out.
    pub fn into_socket(self) -> net::TcpListener {
        self.io.into_inner()
    }
}

impl Deref for TcpListener {
    type Target = net::TcpListener;

    fn deref(&self) -> &net::TcpListener {
        &self.io
    }
}

impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.as_fd()
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.fmt(f)
    }
}
