//! tokio's `AsyncRead` and `AsyncWrite`.

use core::pin::Pin;
use core::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::standard;
use crate::aio::net::{OwnedReadHalf, OwnedWriteHalf, Stream, StreamSocket};
use crate::net::Half;
use crate::os::io;

macro_rules! reads {
    ($type:ident) => {
        impl<S: StreamSocket + Unpin> AsyncRead for $type<S> {
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
    ($type:ident) => {
        impl<S: StreamSocket + Unpin> AsyncWrite for $type<S> {
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bytes: &[u8],
            ) -> Poll<io::Result<usize>> {
                Self::poll_write(&self, cx, bytes).map_err(standard)
            }

            fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.socket().shutdown(Half::Send).map_err(standard))
            }
        }
    };
}

reads!(Stream);
writes!(Stream);
reads!(OwnedReadHalf);
writes!(OwnedWriteHalf);
