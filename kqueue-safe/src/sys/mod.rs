//! The room for `unsafe`: the C struct, the two calls, and memory that is not yet initialised.
//!
//! Everything outside this folder is compiled with `deny(unsafe_code)`. What this folder promises to the rest of the crate:
//!
//! - [`Entry`] is the system's struct, laid out as the kernel wants it, whose user data is an integer. Nothing here or above
//!   dereferences it, so an entry may go to any thread.
//! - [`wait`] and [`apply`] hand to the kernel exactly the memory that their arguments cover, and return exactly the entries
//!   that the kernel wrote.
//! - return codes become [`Errno`](crate::Errno) here and nowhere else.

mod array_list;
mod bytes;
mod call;
mod descriptor;
mod entry;
mod exclusive;
mod host;
mod queue;

pub use array_list::ArrayList;
pub use bytes::{Chunk, read, send, send_all};
pub use call::{apply, apply_one, create, wait};
pub use descriptor::{pipe, read_some, with_errno_kept, write_one};
pub use entry::Entry;
pub use exclusive::{Exclusive, ExclusiveGuard};
pub use host::RawEntry;
pub use queue::Queue;
