//! [`Errno`] and [`Error`].

use core::fmt;

use crate::system;

/// A number of the C library's `errno`, kept as it came. Which number means what differs between systems, above 34.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Errno(i32);

impl Errno {
    /// Wraps a number; nothing is checked.
    #[inline]
    pub const fn new(raw: i32) -> Self {
        Self(raw)
    }

    /// The number.
    #[inline]
    pub const fn raw(self) -> i32 {
        self.0
    }

    /// The C name (`"ECONNREFUSED"`) of the numbers that kqueue reports; `None` for others.
    pub const fn name(self) -> Option<&'static str> {
        let mut at = 0;
        while at < NAMES.len() {
            if NAMES[at].0 == self.0 {
                return Some(NAMES[at].1);
            }
            at += 1;
        }
        let mut at = 0;
        while at < system::ERRNO_NAMES.len() {
            if system::ERRNO_NAMES[at].0 == self.0 {
                return Some(system::ERRNO_NAMES[at].1);
            }
            at += 1;
        }
        None
    }
}

/// Constants of [`Errno`], and `$names` with the name of each.
macro_rules! errnos {
    ($names:ident: $($name:ident = $value:literal, $meaning:literal;)*) => {
        impl $crate::Errno {
            $(
                #[doc = $meaning]
                pub const $name: Self = Self::new($value);
            )*
        }

        pub(crate) const $names: &[(i32, &str)] = &[$(($value, stringify!($name)),)*];
    };
}
pub(crate) use errnos;

// The same on every system.
errnos! { NAMES:
    EPERM = 1, "Not permitted.";
    ENOENT = 2, "No such registration (`DELETE`, `ENABLE`, `DISABLE`), or no such file.";
    ESRCH = 3, "No such process.";
    EINTR = 4, "A signal handler ran; the changes of the call were applied.";
    EIO = 5, "Input or output failed.";
    EBADF = 9, "The descriptor is not open, or is not a kqueue.";
    ENOMEM = 12, "The kernel has no memory for another registration.";
    EACCES = 13, "The process may not be watched by this one.";
    EFAULT = 14, "A list was not in readable or writable memory.";
    EBUSY = 16, "In use.";
    ENODEV = 19, "The device cannot be watched.";
    EINVAL = 22, "The filter or an argument of it is not known, or not for this descriptor.";
    ENFILE = 23, "The system has no descriptor left.";
    EMFILE = 24, "The process has no descriptor left.";
    ENOSPC = 28, "No room on the device.";
    EPIPE = 32, "The pipe has no reader any more.";
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "errno {}", self.0),
        }
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "Errno({} {name})", self.0),
            None => write!(f, "Errno({})", self.0),
        }
    }
}

impl core::error::Error for Errno {}

/// Why a call of this crate did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A signal handler ran while the call waited (`EINTR`). **The changes were applied**: they must not be submitted again, and the
    /// list that held them is empty. Waiting again is all there is to do.
    Interrupted,
    /// The list holds as many changes as it can.
    Full,
    /// There are more changes than room for events. Each refused change needs a place for its error: without it the kernel
    /// would stop in the middle and not say where. Nothing was applied.
    NoRoom {
        /// How many changes there are.
        changes: usize,
        /// How many events fit.
        room: usize,
    },
    /// A registration was asked for with a change that does not add one.
    NotAnAddition,
    /// The system refused, with this number.
    System(Errno),
}

impl Error {
    /// The system's number, if the system was asked.
    pub const fn errno(self) -> Option<Errno> {
        match self {
            Self::Interrupted => Some(Errno::EINTR),
            Self::System(errno) => Some(errno),
            Self::Full | Self::NoRoom { .. } | Self::NotAnAddition => None,
        }
    }
}

impl From<Errno> for Error {
    #[inline]
    fn from(errno: Errno) -> Self {
        if errno.0 == Errno::EINTR.0 {
            Self::Interrupted
        } else {
            Self::System(errno)
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => f.write_str("interrupted by a signal; the changes were applied"),
            Self::Full => f.write_str("the list of changes is full"),
            Self::NoRoom { changes, room } => {
                write!(
                    f,
                    "{changes} changes need as much room for their errors, and there is room for {room}"
                )
            }
            Self::NotAnAddition => f.write_str("a registration starts with a change that adds it"),
            Self::System(errno) => write!(f, "kevent: {errno}"),
        }
    }
}

impl core::error::Error for Error {}
