//! `embedded-nal-async`'s `TcpConnect`.
//!
//! UDP is in `embedded_udp`. Not `Dns`: names are not resolved here.

use core::net::SocketAddr;

use embedded_nal_async::TcpConnect;

use crate::Error;
use crate::aio::handle::IoDriverHandle;
use crate::aio::net::TcpStream;

/// A driver as a TCP stack.
///
/// ```
/// use embedded_io_async::{Read, Write};
/// use embedded_nal_async::TcpConnect;
/// use ptk_core::aio::traits::Tcp;
/// use ptk_core::aio::{self, IoDriver, IoSlots};
///
/// /// A client that knows nothing of sockets.
/// async fn greet<T: TcpConnect>(stack: &T, server: core::net::SocketAddr) -> Result<[u8; 5], T::Error> {
///     let mut connection = stack.connect(server).await?;
///     connection.write_all(b"hello").await?;
///     let mut answer = [0; 5];
///     connection.read(&mut answer).await?;
///     Ok(answer)
/// }
///
/// static SLOTS: IoSlots<8> = IoSlots::new();
///
/// let driver = IoDriver::new(&SLOTS)?;
/// let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// let address = server.local_addr().unwrap();
/// let echo = std::thread::spawn(move || {
///     let (mut stream, _) = server.accept().unwrap();
///     let mut other = stream.try_clone().unwrap();
///     std::io::copy(&mut stream, &mut other).unwrap();
/// });
/// let answer = aio::block_on(driver, greet(&Tcp(driver.handle()), address))??;
/// assert_eq!(&answer, b"hello");
/// echo.join().unwrap();
/// # Ok::<(), ptk_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Tcp(pub IoDriverHandle);

impl TcpConnect for Tcp {
    type Error = Error;
    type Connection<'a> = TcpStream;

    async fn connect(&self, remote: SocketAddr) -> Result<TcpStream, Error> {
        TcpStream::connect_in(self.0, remote).await
    }
}
