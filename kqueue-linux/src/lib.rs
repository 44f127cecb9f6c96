//! kqueue for Linux.
#![no_std]

mod abi;
#[cfg(ptk_c_lib)]
mod c_lib;
mod call;
#[cfg(feature = "fault-injection")]
pub mod fault;
mod filter;
mod heap;
mod hot;
mod kick;
mod kq;
mod lock;
mod mailbox;
mod mem;
mod node;
mod note;
mod registry;
mod state;
mod sys;
mod wait;
mod zombie;

pub use abi::*;
pub use call::{kevent, kqueue, kqueue1};
pub use libc::timespec;
pub use registry::forget;
