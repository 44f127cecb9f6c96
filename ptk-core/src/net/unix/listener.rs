//! The listening side.

use nix::sys::socket::{AddressFamily, Backlog, SockType, bind, listen};

use super::{UnixAddress, UnixStream};
use crate::net::answer::Accepted;
use crate::net::tcp::{accepted, from_std};
use crate::net::{creation, sys};
use crate::os::{AsFd, AsRawFd, BorrowedFd, OwnedFd, std_unix};
use crate::{Error, Result};

/// A listening Unix stream socket.
///
/// ```
/// use ptk_core::net::{Accepted, UnixAddress, UnixListener, UnixStream};
/// # fn main() -> ptk_core::Result<()> {
/// let path = std::env::temp_dir().join(format!("ptk-doc-{}", std::process::id()));
/// # let _ = std::fs::remove_file(&path);
/// let address = UnixAddress::from_path(&path)?;
/// let listener = UnixListener::bind(&address)?;
/// let client = UnixStream::connect(&address)?;
/// assert!(matches!(listener.accept()?, Accepted::Connection(..)));
/// # drop(client);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct UnixListener {
    inner: std_unix::UnixListener,
}

impl UnixListener {
    /// Creates the path and listens, with the system's largest backlog (`socket`, `bind`, `listen`).
    ///
    /// # Errors
    /// [`AddressInUse`](crate::ErrorKind::AddressInUse) when the path exists, [`NotFound`](crate::ErrorKind::NotFound) without its
    /// directory, [`PermissionDenied`](crate::ErrorKind::PermissionDenied),
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an unnamed address.
    pub fn bind(local: &UnixAddress) -> Result<UnixListener> {
        let native = local.native()?;
        let fd = sys::socket(AddressFamily::Unix, SockType::Stream)?;
        bind(fd.as_raw_fd(), &native)?;
        listen(&fd, Backlog::MAXCONN)?;
        Ok(UnixListener { inner: fd.into() })
    }

    /// Takes one connection from the backlog, like [`TcpListener::accept`](crate::net::TcpListener::accept).
    ///
    /// # Errors
    /// Only what is wrong with the listener itself.
    pub fn accept(&self) -> Result<Accepted<UnixStream, UnixAddress>> {
        let accepted = accepted(self.inner.accept(), |stream| stream.set_nonblocking(true))?;
        Ok(accepted.map(|stream, peer| {
            let stream = UnixStream::from_accepted(stream);
            (stream, UnixAddress::from_system(peer))
        }))
    }

    /// The path (`getsockname`).
    ///
    /// # Errors
    /// None on a healthy system.
    pub fn local_addr(&self) -> Result<UnixAddress> {
        let name = self.inner.local_addr().map_err(from_std)?;
        Ok(UnixAddress::from_system(name))
    }
}

impl AsFd for UnixListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

impl From<UnixListener> for OwnedFd {
    fn from(listener: UnixListener) -> OwnedFd {
        listener.inner.into()
    }
}

impl From<UnixListener> for std_unix::UnixListener {
    /// It stays non-blocking.
    fn from(listener: UnixListener) -> std_unix::UnixListener {
        listener.inner
    }
}

impl TryFrom<OwnedFd> for UnixListener {
    type Error = Error;

    /// Makes it non-blocking and close-on-exec. The descriptor is closed when it is not a Unix stream socket
    /// ([`InvalidInput`](crate::ErrorKind::InvalidInput)).
    fn try_from(fd: OwnedFd) -> Result<UnixListener> {
        creation::adopt_unix(&fd, SockType::Stream)?;
        Ok(UnixListener { inner: fd.into() })
    }
}

impl TryFrom<std_unix::UnixListener> for UnixListener {
    type Error = Error;

    fn try_from(listener: std_unix::UnixListener) -> Result<UnixListener> {
        OwnedFd::from(listener).try_into()
    }
}
