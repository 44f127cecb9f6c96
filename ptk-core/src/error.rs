//! The one error type of this crate.
//!
//! Eight bytes, `Copy`, without the heap: a [kind](ErrorKind) to decide on and the system's `errno` to report. What the kernel
//! said is kept as it was said; the kind only groups the numbers that a caller treats alike (seven ways to be unreachable are one
//! decision).
//!
//! ```
//! use ptk_core::{Error, ErrorKind};
//!
//! let error = Error::from_errno(Error::REFUSED.errno());
//! assert_eq!(error.kind(), ErrorKind::Refused);
//! assert_eq!(error, Error::REFUSED);
//! assert!(std::format!("{error}").starts_with("connection refused"));
//! ```

use core::fmt;

use nix::errno::Errno;

/// A result with this crate's [`Error`].
pub type Result<T> = core::result::Result<T, Error>;

/// What went wrong ([`kind`](Error::kind)) and the system's number for it ([`errno`](Error::errno)).
///
/// `Display` writes one line without a trailing full stop, for example `connection refused (errno 111)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Error {
    kind: ErrorKind,
    errno: i32,
}

/// The kinds of [`Error`], each a decision that a caller may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing to be had now, ask again when the descriptor is ready (`EAGAIN`, `EWOULDBLOCK`).
    ///
    /// The calls of [`net`](crate::net) that have an answer for this (`Received::WouldBlock`, `Sent::WouldBlock`) never report it as
    /// an error.
    WouldBlock,
    /// A signal handler ran before the call did anything (`EINTR`). The call may be made again.
    Interrupted,
    /// A deadline passed: one of the caller's (errno 0) or the kernel's (`ETIMEDOUT`).
    Timeout,
    /// The peer's host answered that nobody listens there (`ECONNREFUSED`).
    Refused,
    /// The peer ended the connection without an orderly end (`ECONNRESET`).
    Reset,
    /// The connection ended before it was taken (`ECONNABORTED`).
    Aborted,
    /// The socket has no peer (`ENOTCONN`, `EDESTADDRREQ`).
    NotConnected,
    /// The socket has a peer, or is on its way to one (`EISCONN`, `EALREADY`, `EINPROGRESS`).
    AlreadyConnected,
    /// Somebody else has this local address (`EADDRINUSE`).
    AddressInUse,
    /// This host has no such address, or no port is left (`EADDRNOTAVAIL`).
    AddressNotAvailable,
    /// No way to the peer (`ENETUNREACH`, `EHOSTUNREACH`, `ENETDOWN`, `EHOSTDOWN`).
    Unreachable,
    /// A datagram is larger than the socket or the path takes (`EMSGSIZE`), or a frame larger than its buffer (errno 0).
    MessageTooLarge,
    /// The sending half is shut down, by this side or by the peer's absence (`EPIPE`, `ESHUTDOWN`). No `SIGPIPE` is raised.
    BrokenPipe,
    /// The peer ended the stream before all that was asked for had come (errno 0).
    EndOfStream,
    /// No descriptor is left, for the process (`EMFILE`) or the host (`ENFILE`).
    DescriptorsExhausted,
    /// The kernel has no memory or buffer for it (`ENOMEM`, `ENOBUFS`).
    OutOfMemory,
    /// Not allowed (`EACCES`, `EPERM`): a port below 1024, a broadcast without permission, a firewall.
    PermissionDenied,
    /// No such file (`ENOENT`): the path of a Unix socket.
    NotFound,
    /// The system has no such thing (`EAFNOSUPPORT`, `EPROTONOSUPPORT`, `EOPNOTSUPP`, `ENOPROTOOPT`).
    Unsupported,
    /// A fixed table of this crate is full; which one is told.
    TableFull(Table),
    /// An identifier whose slot belongs to somebody else by now.
    Stale,
    /// An argument that cannot be meant (`EINVAL`, `ENAMETOOLONG`, or refused before any call with errno 0).
    InvalidInput,
    /// Any other `errno`.
    Other,
}

/// The fixed tables of this crate, named in [`ErrorKind::TableFull`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Table {
    /// Event sources of a loop.
    Sources,
    /// Timer slots.
    Timers,
    /// Changes that wait for the kernel.
    Changes,
    /// The event queue of a machine.
    Events,
    /// User events of a loop.
    UserEvents,
    /// Machines of a loop.
    Machines,
    /// Tasks that wait for one descriptor or one operation.
    Waiters,
    /// Buffers of a pool.
    Buffers,
    /// Messages of a mailbox.
    Mailbox,
    /// Bytes of a send queue.
    SendQueue,
    /// Bytes of a receive buffer.
    FrameBuffer,
    /// Connections of a server.
    Connections,
    /// Requests in flight.
    Requests,
}

impl Error {
    /// [`ErrorKind::WouldBlock`] with `EAGAIN`.
    pub const WOULD_BLOCK: Error = Error::from_system(Errno::EAGAIN);
    /// [`ErrorKind::Interrupted`] with `EINTR`.
    pub const INTERRUPTED: Error = Error::from_system(Errno::EINTR);
    /// [`ErrorKind::Timeout`] with errno 0: a deadline of the caller's has passed, no system call said so.
    pub const TIMEOUT: Error = Error::new(ErrorKind::Timeout);
    /// [`ErrorKind::Refused`] with `ECONNREFUSED`.
    pub const REFUSED: Error = Error::from_system(Errno::ECONNREFUSED);
    /// [`ErrorKind::Reset`] with `ECONNRESET`.
    pub const RESET: Error = Error::from_system(Errno::ECONNRESET);
    /// [`ErrorKind::NotConnected`] with `ENOTCONN`.
    pub const NOT_CONNECTED: Error = Error::from_system(Errno::ENOTCONN);
    /// [`ErrorKind::BrokenPipe`] with `EPIPE`.
    pub const BROKEN_PIPE: Error = Error::from_system(Errno::EPIPE);
    /// [`ErrorKind::Stale`] with errno 0.
    pub const STALE: Error = Error::new(ErrorKind::Stale);
    /// [`ErrorKind::InvalidInput`] with errno 0: refused before any system call.
    pub const INVALID_INPUT: Error = Error::new(ErrorKind::InvalidInput);
    /// [`ErrorKind::Unsupported`] with errno 0: this system has no such thing, and no call was made to ask.
    pub const UNSUPPORTED: Error = Error::new(ErrorKind::Unsupported);
    /// [`ErrorKind::MessageTooLarge`] with errno 0: larger than a buffer of the caller's.
    pub const TOO_LARGE: Error = Error::new(ErrorKind::MessageTooLarge);

    /// An error that no system call reported; its [`errno`](Error::errno) is 0.
    #[must_use]
    pub const fn new(kind: ErrorKind) -> Error {
        Error { kind, errno: 0 }
    }

    /// [`ErrorKind::TableFull`] for `table`.
    #[must_use]
    pub const fn table_full(table: Table) -> Error {
        Error::new(ErrorKind::TableFull(table))
    }

    /// The error for a number from `errno`, `SO_ERROR` or the `fflags` of an event with `EV_EOF`.
    #[must_use]
    pub const fn from_errno(errno: i32) -> Error {
        Error {
            kind: kind_of(Errno::from_raw(errno)),
            errno,
        }
    }

    /// The same from nix's enum, without its table.
    pub(crate) const fn from_system(errno: Errno) -> Error {
        Error {
            kind: kind_of(errno),
            errno: errno as i32,
        }
    }

    /// What to decide on.
    #[must_use]
    pub const fn kind(self) -> ErrorKind {
        self.kind
    }

    /// The system's number, 0 when no system call reported this error.
    #[must_use]
    pub const fn errno(self) -> i32 {
        self.errno
    }

    /// Whether the same call may succeed later without any change by the caller: would-block, interrupted, out of descriptors or
    /// out of memory.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self.kind,
            ErrorKind::WouldBlock
                | ErrorKind::Interrupted
                | ErrorKind::DescriptorsExhausted
                | ErrorKind::OutOfMemory
        )
    }
}

/// The kind that an errno belongs to. The only place that sorts them.
const fn kind_of(errno: Errno) -> ErrorKind {
    match errno {
        // `EWOULDBLOCK` is the same number on all six systems.
        Errno::EAGAIN => ErrorKind::WouldBlock,
        Errno::EINTR => ErrorKind::Interrupted,
        Errno::ETIMEDOUT => ErrorKind::Timeout,
        Errno::ECONNREFUSED => ErrorKind::Refused,
        Errno::ECONNRESET => ErrorKind::Reset,
        Errno::ECONNABORTED => ErrorKind::Aborted,
        Errno::ENOTCONN | Errno::EDESTADDRREQ => ErrorKind::NotConnected,
        Errno::EISCONN | Errno::EALREADY | Errno::EINPROGRESS => ErrorKind::AlreadyConnected,
        Errno::EADDRINUSE => ErrorKind::AddressInUse,
        Errno::EADDRNOTAVAIL => ErrorKind::AddressNotAvailable,
        Errno::ENETUNREACH | Errno::EHOSTUNREACH | Errno::ENETDOWN | Errno::EHOSTDOWN => {
            ErrorKind::Unreachable
        }
        Errno::EMSGSIZE => ErrorKind::MessageTooLarge,
        Errno::EPIPE | Errno::ESHUTDOWN => ErrorKind::BrokenPipe,
        Errno::EMFILE | Errno::ENFILE => ErrorKind::DescriptorsExhausted,
        Errno::ENOMEM | Errno::ENOBUFS => ErrorKind::OutOfMemory,
        Errno::EACCES | Errno::EPERM => ErrorKind::PermissionDenied,
        Errno::ENOENT => ErrorKind::NotFound,
        Errno::EAFNOSUPPORT | Errno::EPROTONOSUPPORT | Errno::EOPNOTSUPP | Errno::ENOPROTOOPT => {
            ErrorKind::Unsupported
        }
        Errno::EINVAL | Errno::ENAMETOOLONG => ErrorKind::InvalidInput,
        _ => ErrorKind::Other,
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error::new(kind)
    }
}

impl From<kqueue_safe::Error> for Error {
    fn from(error: kqueue_safe::Error) -> Error {
        match error {
            kqueue_safe::Error::Full | kqueue_safe::Error::NoRoom { .. } => {
                Error::table_full(Table::Changes)
            }
            other => other
                .errno()
                .map_or(Error::INVALID_INPUT, |errno| Error::from_errno(errno.raw())),
        }
    }
}

impl From<Errno> for Error {
    /// A number that nix has no name for keeps its value when this runs right after the call that failed, since nix leaves the
    /// thread's `errno` alone.
    fn from(errno: Errno) -> Error {
        match errno {
            Errno::UnknownErrno => Error::from_errno(Errno::last_raw()),
            known => Error::from_system(known),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ErrorKind::Other => f.write_str(Errno::from_raw(self.errno).desc())?,
            kind => kind.fmt(f)?,
        }
        match self.errno {
            0 => Ok(()),
            errno => write!(f, " (errno {errno})"),
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ErrorKind::WouldBlock => "not ready",
            ErrorKind::Interrupted => "interrupted by a signal",
            ErrorKind::Timeout => "timed out",
            ErrorKind::Refused => "connection refused",
            ErrorKind::Reset => "connection reset by the peer",
            ErrorKind::Aborted => "connection aborted before it was accepted",
            ErrorKind::NotConnected => "not connected",
            ErrorKind::AlreadyConnected => "already connected or connecting",
            ErrorKind::AddressInUse => "address already in use",
            ErrorKind::AddressNotAvailable => "address not available on this host",
            ErrorKind::Unreachable => "network or host unreachable",
            ErrorKind::MessageTooLarge => "message too large",
            ErrorKind::BrokenPipe => "connection closed for sending",
            ErrorKind::EndOfStream => "the stream ended too early",
            ErrorKind::DescriptorsExhausted => "no file descriptor left",
            ErrorKind::OutOfMemory => "the kernel is out of memory or buffers",
            ErrorKind::PermissionDenied => "permission denied",
            ErrorKind::NotFound => "no such file",
            ErrorKind::Unsupported => "not supported by this system",
            ErrorKind::TableFull(table) => return write!(f, "no room left for {table}"),
            ErrorKind::Stale => "the identifier is out of date",
            ErrorKind::InvalidInput => "invalid argument",
            ErrorKind::Other => "system error",
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Table::Sources => "event sources",
            Table::Timers => "timers",
            Table::Changes => "changes",
            Table::Events => "events of the machine",
            Table::UserEvents => "user events",
            Table::Machines => "machines",
            Table::Waiters => "waiting tasks",
            Table::Buffers => "buffers",
            Table::Mailbox => "messages",
            Table::SendQueue => "bytes to send",
            Table::FrameBuffer => "received bytes",
            Table::Connections => "connections",
            Table::Requests => "requests in flight",
        })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.kind)
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests;
