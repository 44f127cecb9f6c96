//! Bytes between a stream and a protocol, in memory that the caller lends.
//!
//! ```text
//!                 ┌──────────── FrameBuffer ────────────┐
//!  stream ─recv──►│ spare() ─► filled(n) ─► next_frame() │──► whole frames, in place
//!                 └──────────────────────────────────────┘
//!                 ┌───────────── SendQueue ─────────────┐
//!  stream ◄─send──│ unsent() ◄─ push(), reserve()        │◄── answers
//!                 └──────────────────────────────────────┘
//! ```
//!
//! A [`Chunk`] is room on the stack for what is dealt with at once.
//!
//! The first two are plain data structures: they make no system call and know no socket. Their size is the lent slice's and never changes.
//! Back-pressure is their state: a [`SendQueue`] that is above its mark says so ([`SendQueue::wants_read`]), and who then stops reading
//! requests leaves the rest to TCP.

mod frame;
mod send;

pub use kqueue_safe::descriptor::Chunk;

pub use frame::{FrameBuffer, Framer, Framing, FramingError, LengthPrefixed};
pub use send::SendQueue;
