//! `futures-io`'s `AsyncRead` and `AsyncWrite`.

use core::pin::Pin;
use core::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::{close, standard};
use crate::aio::net::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, Stream, StreamSocket, WriteHalf};
use crate::net::{IoSlice, IoSliceMut};
use crate::os::io;

macro_rules! reads {
    ($type:ident $(<$life:lifetime>)?) => {
        impl<S: StreamSocket + Unpin> AsyncRead for $type<$($life,)? S> {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                if buffer.is_empty() {
                    return Poll::Ready(Ok(0));
                }
                Self::poll_read(&self, cx, buffer).map_err(standard)
            }

            fn poll_read_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffers: &mut [IoSliceMut<'_>],
            ) -> Poll<io::Result<usize>> {
                if buffers.iter().all(|buffer| buffer.is_empty()) {
                    return Poll::Ready(Ok(0));
                }
                Self::poll_read_vectored(&self, cx, buffers).map_err(standard)
            }
        }
    };
}

macro_rules! writes {
    ($type:ident $(<$life:lifetime>)?) => {
        impl<S: StreamSocket + Unpin> AsyncWrite for $type<$($life,)? S> {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                Self::poll_write(&self, cx, bytes).map_err(standard)
            }

            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                slices: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                Self::poll_write_vectored(&self, cx, slices).map_err(standard)
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(close(self.socket()))
            }
        }
    };
}

reads!(Stream);
writes!(Stream);
reads!(ReadHalf<'_>);
reads!(OwnedReadHalf);
writes!(WriteHalf<'_>);
writes!(OwnedWriteHalf);
