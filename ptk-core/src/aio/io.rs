//! [`AsyncReadExt`] and [`AsyncWriteExt`]: reading and writing for code that does not care what.
//!
//! The streams of [`net`](super::net) have these methods by themselves; the traits are for generic functions, and so that a program that
//! imports them from elsewhere can import them from here.

use core::future::Future;

use super::net::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, Stream, StreamSocket, WriteHalf};
use crate::error::Result;

/// Something to read from.
pub trait AsyncReadExt {
    /// Reads what there is, at least one byte; 0 is the end of the stream.
    fn read<'a>(&'a mut self, buffer: &'a mut [u8]) -> impl Future<Output = Result<usize>> + 'a;

    /// Reads until `buffer` is full; the number of bytes is its length.
    fn read_exact<'a>(
        &'a mut self,
        buffer: &'a mut [u8],
    ) -> impl Future<Output = Result<usize>> + 'a;
}

/// Something to write to.
pub trait AsyncWriteExt {
    /// Writes what fits, at least one byte unless `bytes` is empty.
    fn write<'a>(&'a mut self, bytes: &'a [u8]) -> impl Future<Output = Result<usize>> + 'a;

    /// Writes all of `bytes`.
    fn write_all<'a>(&'a mut self, bytes: &'a [u8]) -> impl Future<Output = Result<()>> + 'a;

    /// Sends what is kept back.
    fn flush(&mut self) -> impl Future<Output = Result<()>> + '_;

    /// Sends the end of the stream.
    fn shutdown(&mut self) -> impl Future<Output = Result<()>> + '_;
}

macro_rules! reads {
    ($type:ident $(<$life:lifetime>)?) => {
        impl<S: StreamSocket> AsyncReadExt for $type<$($life,)? S> {
            fn read<'a>(&'a mut self, buffer: &'a mut [u8]) -> impl Future<Output = Result<usize>> + 'a {
                (*self).read(buffer)
            }

            fn read_exact<'a>(&'a mut self, buffer: &'a mut [u8]) -> impl Future<Output = Result<usize>> + 'a {
                (*self).read_exact(buffer)
            }
        }
    };
}

macro_rules! writes {
    ($type:ident $(<$life:lifetime>)?) => {
        impl<S: StreamSocket> AsyncWriteExt for $type<$($life,)? S> {
            fn write<'a>(&'a mut self, bytes: &'a [u8]) -> impl Future<Output = Result<usize>> + 'a {
                (*self).write(bytes)
            }

            fn write_all<'a>(&'a mut self, bytes: &'a [u8]) -> impl Future<Output = Result<()>> + 'a {
                (*self).write_all(bytes)
            }

            fn flush(&mut self) -> impl Future<Output = Result<()>> + '_ {
                (*self).flush()
            }

            fn shutdown(&mut self) -> impl Future<Output = Result<()>> + '_ {
                (*self).shutdown()
            }
        }
    };
}

reads!(Stream);
writes!(Stream);
reads!(ReadHalf<'_>);
writes!(WriteHalf<'_>);
reads!(OwnedReadHalf);
writes!(OwnedWriteHalf);
