//! Names of Unix sockets.

use core::fmt;

use nix::sys::socket::UnixAddr;

use crate::net::tcp::from_std;
use crate::os::{OsStr, Path, std_unix};
use crate::{Error, Result};

/// The name of a Unix socket: a path, or nothing.
///
/// ```
/// use ptk_core::net::UnixAddress;
///
/// let address = UnixAddress::from_path("/run/ptk.sock")?;
/// assert_eq!(address.path_bytes(), Some(&b"/run/ptk.sock"[..]));
/// assert!(UnixAddress::from_path("").is_err());
/// # Ok::<(), ptk_core::Error>(())
/// ```
#[derive(Clone)]
pub struct UnixAddress {
    name: std_unix::SocketAddr,
}

impl UnixAddress {
    /// A path of at most 103 bytes (macOS and the BSDs; Linux takes 107).
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for an empty path, one with a zero byte or one that is too long.
    pub fn from_path<P: AsRef<OsStr> + ?Sized>(path: &P) -> Result<UnixAddress> {
        let path = path.as_ref();
        if path.is_empty() {
            return Err(Error::INVALID_INPUT);
        }
        // std's errors here carry no number, and from_std makes them what they are: invalid input.
        let name = std_unix::SocketAddr::from_pathname(Path::new(path)).map_err(from_std)?;
        Ok(UnixAddress { name })
    }

    /// The bytes of the path; `None` for an unnamed socket (and Linux's abstract names).
    #[must_use]
    pub fn path_bytes(&self) -> Option<&[u8]> {
        let path = self.name.as_pathname()?;
        Some(path.as_os_str().as_encoded_bytes())
    }

    /// Whether the socket has no name, as connecting sockets have none.
    #[must_use]
    pub fn is_unnamed(&self) -> bool {
        self.name.is_unnamed()
    }

    pub(super) fn from_system(name: std_unix::SocketAddr) -> UnixAddress {
        UnixAddress { name }
    }

    /// nix's form of a path. nix copies paths below 1,024 bytes to its stack; this one is shorter.
    pub(super) fn native(&self) -> Result<UnixAddr> {
        let path = self.name.as_pathname().ok_or(Error::INVALID_INPUT)?;
        Ok(UnixAddr::new(path)?)
    }
}

impl PartialEq for UnixAddress {
    fn eq(&self, other: &UnixAddress) -> bool {
        self.path_bytes() == other.path_bytes() && self.is_unnamed() == other.is_unnamed()
    }
}

impl Eq for UnixAddress {}

impl fmt::Debug for UnixAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl fmt::Display for UnixAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_pathname() {
            Some(path) => path.display().fmt(f),
            None => f.write_str("(unnamed)"),
        }
    }
}
