//! tokio's `AsyncRead` and `AsyncWrite`.

use core::pin::Pin;
use core::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{close, standard};
use crate::aio::net::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, Stream, StreamSocket, WriteHalf};
use crate::net::IoSlice;
use crate::os::io;

macro_rules! reads {
    ($type:ident $(<$life:lifetime>)?) => {
        impl<S: StreamSocket + Unpin> AsyncRead for $type<$($life,)? S> {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                if buffer.remaining() == 0 {
                    return Poll::Ready(Ok(()));
                }
                let room = buffer.initialize_unfilled();
                Self::poll_read(&self, cx, room).map(|result| {
                    buffer.advance(result.map_err(standard)?);
                    Ok(())
                })
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

            fn is_write_vectored(&self) -> bool {
                true
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
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
