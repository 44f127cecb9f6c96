//! What this crate takes from `std`, all of it, in this one place.
//!
//! The crate is `no_std`; nothing outside this module can name `std` (`extern crate` is here and not in the root, so `std` is in no
//! prelude). Taken are owned and borrowed descriptors, the slices of vectored calls, and the standard socket types: for conversions,
//! and for `accept` and Unix addresses, which `nix` offers only through raw descriptors or with assertions on what a peer may choose.
//! None of it allocates.

pub(crate) extern crate std;

pub use std::io::{IoSlice, IoSliceMut};
pub use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

pub(crate) use std::ffi::OsStr;
pub(crate) use std::io;
pub(crate) use std::net as std_net;
pub(crate) use std::os::unix::net as std_unix;
pub(crate) use std::path::Path;
