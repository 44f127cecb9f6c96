//! The bytes of the source in hand: the one whose plain "readable" is being handled.
//!
//! A room for `unsafe`. What it relies on: [`Context::told`](super::Context) names a source only while that source's slot holds the socket that
//! `Context::handle` was taken from. Dispatch sets both from the slot, and [`Context::take_slot`], the only way by which a handler can make a slot give its socket up,
//! ends it (`keep_event`) before.

#![allow(unsafe_code)]

use kqueue_safe::descriptor::Chunk;

use super::context::Context;
use super::source::SourceId;
use crate::error::Error;
use crate::net::{Received, ReceivedBytes, Sent};
use crate::system::System;

/// What is known of the event that is being handled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    /// A plain "readable" of the source in [`Context::told`], of which nothing was taken yet.
    Plain,
    /// The same, and the handler has taken something.
    PlainTaken,
    /// It is in [`Core::event`](super::core::Core::event); something is to be taken and was not yet.
    Kept,
    /// It is in [`Core::event`](super::core::Core::event), and there is nothing to take.
    KeptTaken,
}

impl<S: System> Context<'_, S> {
    /// Receives from a connected source into `buffer`: bytes, the end of the stream, or nothing yet, three different answers.
    ///
    /// Whoever watches [`closed`](super::Watch::closed) and has read the end by this is told [`Kind::Closed`](super::Kind::Closed) as well, once, unless the
    /// source is closed before. Without that code this is the only place where the end is told.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale); or what `recv(2)` says.
    #[inline(always)]
    pub fn receive(&mut self, source: SourceId, buffer: &mut [u8]) -> Result<Received, Error> {
        if source != self.told || buffer.is_empty() {
            return self.receive_otherwise(source, buffer);
        }
        let handle = self.handle;
        // SAFETY: the source is in hand, so its slot still holds the socket that the handle is of.
        let answer = unsafe { self.core.system.receive_plain(handle, buffer) };
        // Noted after the call, which may write to any memory as far as the compiler knows: dispatch, which looks at it next, then need not.
        self.hand = Hand::PlainTaken;
        match answer {
            count if count > 0 => Ok(Received::Data(count as usize)),
            nothing => self.received_nothing(source, nothing),
        }
    }

    /// The same into a chunk on the caller's stack, which need not be initialised.
    ///
    /// # Errors
    ///
    /// As for [`receive`](Context::receive).
    #[inline(always)]
    pub fn receive_chunk<'b, const N: usize>(
        &mut self,
        source: SourceId,
        chunk: &'b mut Chunk<N>,
    ) -> Result<ReceivedBytes<'b>, Error> {
        if source != self.told {
            return self.receive_chunk_otherwise(source, chunk);
        }
        let handle = self.handle;
        // SAFETY: as in `receive`.
        let answer = unsafe { self.core.system.receive_chunk(handle, chunk) };
        self.hand = Hand::PlainTaken;
        match answer {
            Ok(bytes) => Ok(ReceivedBytes::Data(bytes)),
            Err(answer) => Ok(ReceivedBytes::of(
                self.received_nothing(source, answer)?,
                &[],
            )),
        }
    }

    /// Sends on a connected source. Where bytes are left behind and the watch has a `writable` code, the loop asks for room and
    /// tells [`Kind::Writable`](super::Kind::Writable) once there is some: send the rest then.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stale`](crate::ErrorKind::Stale); or what `send(2)` says. No signal is raised for a broken pipe.
    #[inline(always)]
    pub fn send(&mut self, source: SourceId, bytes: &[u8]) -> Result<Sent, Error> {
        if source != self.told {
            return self.send_otherwise(source, bytes);
        }
        let handle = self.handle;
        // SAFETY: as in `receive`.
        match unsafe { self.core.system.send_plain(handle, bytes) } {
            Ok(()) => Ok(Sent::All(bytes.len())),
            Err((less, bytes)) => self.sent_less(source, less, bytes.len()),
        }
    }

    /// The same, told by what is left: the bytes that the kernel did not take, none of them in the ordinary case.
    ///
    /// # Errors
    ///
    /// As for [`send`](Context::send).
    #[inline(always)]
    pub fn send_what_fits<'b>(
        &mut self,
        source: SourceId,
        bytes: &'b [u8],
    ) -> Result<&'b [u8], Error> {
        if source != self.told {
            return send_otherwise(bytes, self, source);
        }
        let handle = self.handle;
        // SAFETY: as in `receive`.
        match unsafe { self.core.system.send_plain(handle, bytes) } {
            Ok(()) => Ok(&[]),
            Err((less, bytes)) => left_over(bytes, self, source, less),
        }
    }
}

// The bytes come first in these two: so they are asked for in the registers in which the kernel has left them, and the short way need not move them.

/// Sends what is not the source in hand's; what is left.
#[inline(never)]
fn send_otherwise<'b, S: System>(
    bytes: &'b [u8],
    cx: &mut Context<'_, S>,
    source: SourceId,
) -> Result<&'b [u8], Error> {
    let sent = cx.send_otherwise(source, bytes)?;
    Ok(&bytes[sent.bytes()..])
}

/// The kernel did not take all; what is left.
#[cold]
#[inline(never)]
fn left_over<'b, S: System>(
    bytes: &'b [u8],
    cx: &mut Context<'_, S>,
    source: SourceId,
    answer: isize,
) -> Result<&'b [u8], Error> {
    let sent = cx.sent_less(source, answer, bytes.len())?;
    Ok(&bytes[sent.bytes()..])
}
