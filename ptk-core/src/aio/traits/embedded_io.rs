//! `embedded-io-async`'s `Read` and `Write`.

use embedded_io_async::{Error as EmbeddedError, ErrorKind as Kind, ErrorType, Read, Write};

use crate::aio::net::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, Stream, StreamSocket, WriteHalf};
use crate::{Error, ErrorKind};

impl EmbeddedError for Error {
    fn kind(&self) -> Kind {
        match Error::kind(*self) {
            ErrorKind::Timeout => Kind::TimedOut,
            ErrorKind::Refused => Kind::ConnectionRefused,
            ErrorKind::Reset => Kind::ConnectionReset,
            ErrorKind::Aborted => Kind::ConnectionAborted,
            ErrorKind::NotConnected => Kind::NotConnected,
            ErrorKind::AddressInUse => Kind::AddrInUse,
            ErrorKind::AddressNotAvailable => Kind::AddrNotAvailable,
            ErrorKind::BrokenPipe => Kind::BrokenPipe,
            ErrorKind::OutOfMemory | ErrorKind::TableFull(_) => Kind::OutOfMemory,
            ErrorKind::PermissionDenied => Kind::PermissionDenied,
            ErrorKind::NotFound => Kind::NotFound,
            ErrorKind::Unsupported => Kind::Unsupported,
            ErrorKind::InvalidInput => Kind::InvalidInput,
            ErrorKind::Interrupted => Kind::Interrupted,
            _ => Kind::Other,
        }
    }
}

macro_rules! reads {
    ($type:ident $(<$life:lifetime>)?) => {
        impl<S: StreamSocket> Read for $type<$($life,)? S> {
            async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
                if buffer.is_empty() {
                    return Ok(0);
                }
                Self::read(self, buffer).await
            }
        }
    };
}

macro_rules! writes {
    ($type:ident $(<$life:lifetime>)?) => {
        impl<S: StreamSocket> Write for $type<$($life,)? S> {
            async fn write(&mut self, bytes: &[u8]) -> Result<usize, Error> {
                Self::write(self, bytes).await
            }

            async fn flush(&mut self) -> Result<(), Error> {
                Ok(())
            }
        }
    };
}

impl<S: StreamSocket> ErrorType for Stream<S> {
    type Error = Error;
}

impl<S: StreamSocket> ErrorType for ReadHalf<'_, S> {
    type Error = Error;
}

impl<S: StreamSocket> ErrorType for WriteHalf<'_, S> {
    type Error = Error;
}

impl<S: StreamSocket> ErrorType for OwnedReadHalf<S> {
    type Error = Error;
}

impl<S: StreamSocket> ErrorType for OwnedWriteHalf<S> {
    type Error = Error;
}

reads!(Stream);
writes!(Stream);
reads!(ReadHalf<'_>);
reads!(OwnedReadHalf);
writes!(WriteHalf<'_>);
writes!(OwnedWriteHalf);
