//! The two directions of a stream, each its own owner.

use super::ops;
use super::stream::{Stream, StreamSocket, reading, writing};
use crate::aio::AsyncRegistration;
use crate::aio::call::Source;
use crate::aio::readiness::IoEventInterest;
use crate::error::Result;
use crate::net::{Half, IoSlice, IoSliceMut};
use crate::os::AsFd;
use core::future::Future;
use core::task::{Context, Poll};

/// The reading direction of a stream that was taken apart by [`Stream::into_split`].
#[derive(Debug)]
pub struct OwnedReadHalf<S: StreamSocket> {
    registration: AsyncRegistration,
    /// The registered descriptor; `None` while it is being parked.
    socket: Option<S>,
}

/// The writing direction of a stream that was taken apart by [`Stream::into_split`]. Dropping it sends the end of the stream.
#[derive(Debug)]
pub struct OwnedWriteHalf<S: StreamSocket> {
    registration: AsyncRegistration,
    /// A duplicate of the registered descriptor.
    socket: S,
}

impl<S: StreamSocket> Stream<S> {
    /// The two directions, to give to two tasks.
    ///
    /// Nothing is allocated: both halves share the slot of the registration, and the writing half has a duplicate of the descriptor. The
    /// registration goes with the second half that is dropped.
    ///
    /// # Errors
    ///
    /// [`DescriptorsExhausted`](crate::ErrorKind::DescriptorsExhausted), with the stream.
    pub fn into_split(
        self,
    ) -> core::result::Result<(OwnedReadHalf<S>, OwnedWriteHalf<S>), (Self, crate::Error)> {
        let duplicate = match self.as_fd().try_clone_to_owned() {
            Ok(duplicate) => S::try_from(duplicate),
            Err(error) => Err(crate::Error::from_errno(error.raw_os_error().unwrap_or(0))),
        };
        let socket = match duplicate {
            Ok(socket) => socket,
            Err(error) => return Err((self, error)),
        };
        // The writing half has another descriptor than the registered one: ask about writing while that one is at hand.
        if let Err(error) = self.registration().ask_writable(self.as_fd()) {
            return Err((self, error));
        }
        let (registration, inner) = self.io.into_parts();
        let write = OwnedWriteHalf {
            registration: registration.share(),
            socket,
        };
        let read = OwnedReadHalf {
            registration,
            socket: Some(inner),
        };
        Ok((read, write))
    }
}

impl<S: StreamSocket> OwnedReadHalf<S> {
    #[inline]
    pub(crate) fn registration(&self) -> &AsyncRegistration {
        &self.registration
    }

    #[inline]
    pub(crate) fn socket(&self) -> &S {
        match &self.socket {
            Some(socket) => socket,
            None => unreachable!("only the drop takes it"),
        }
    }

    #[inline]
    const fn source(&self) -> &Self {
        self
    }
}

impl<S: StreamSocket> OwnedWriteHalf<S> {
    /// See [`Stream::shutdown`].
    ///
    /// # Errors
    ///
    /// [`NotConnected`](crate::ErrorKind::NotConnected).
    pub async fn shutdown(&self) -> Result<()> {
        self.socket.shutdown(Half::Send)
    }

    #[inline]
    pub(crate) fn registration(&self) -> &AsyncRegistration {
        &self.registration
    }

    #[inline]
    pub(crate) fn socket(&self) -> &S {
        &self.socket
    }

    #[inline]
    const fn source(&self) -> &Self {
        self
    }
}

impl<S: StreamSocket> Source for OwnedReadHalf<S> {
    type Inner = S;

    #[inline]
    fn registration(&self) -> &AsyncRegistration {
        &self.registration
    }

    #[inline]
    fn inner(&self) -> &S {
        self.socket()
    }
}

impl<S: StreamSocket> Drop for OwnedReadHalf<S> {
    fn drop(&mut self) {
        // The registered descriptor must stay open for as long as the other half waits through it: it is left in the slot, and the last
        // one takes it from there.
        if let Some(socket) = self.socket.take() {
            self.registration.park(socket.into());
        }
        self.registration.leave_shared();
    }
}

impl<S: StreamSocket> Source for OwnedWriteHalf<S> {
    type Inner = S;

    #[inline]
    fn registration(&self) -> &AsyncRegistration {
        &self.registration
    }

    #[inline]
    fn inner(&self) -> &S {
        &self.socket
    }
}

impl<S: StreamSocket> Drop for OwnedWriteHalf<S> {
    fn drop(&mut self) {
        // Fails when the connection is gone, which is as well.
        let _ = self.socket.shutdown(Half::Send);
        self.registration.leave_shared();
    }
}

reading!(OwnedReadHalf);
writing!(OwnedWriteHalf);
