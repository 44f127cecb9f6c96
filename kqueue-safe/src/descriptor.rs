//! The one place where this crate names `std`: the descriptor types of `std::os::fd`, and nothing else of it.
//! They do not allocate; they live in `std` because closing a descriptor needs an operating system.
//!
//! And the two calls that move a stream's bytes, [`read`] and [`send`] (or [`send_all`]), as the kernel answers them.

extern crate std;

pub use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

pub use crate::sys::{Chunk, read, send, send_all};
