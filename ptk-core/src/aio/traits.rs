//! The traits of other houses on the streams of [`net`](super::net), each behind a feature, so that existing code runs unchanged.

#[cfg(feature = "embedded-io-async")]
mod embedded_io;
#[cfg(feature = "embedded-nal-async")]
mod embedded_nal;
#[cfg(feature = "embedded-nal-async")]
mod embedded_udp;
#[cfg(feature = "embedded-nal-async")]
pub use embedded_nal::Tcp;
#[cfg(feature = "futures-io")]
mod futures;
#[cfg(feature = "tokio")]
mod tokio;

/// Our error as the standard library's, where a trait wants that one; an error with an `errno` keeps it.
#[cfg(any(feature = "futures-io", feature = "tokio"))]
pub(crate) fn standard(error: crate::Error) -> crate::os::io::Error {
    use crate::ErrorKind;
    use crate::os::io;

    if error.errno() != 0 {
        return io::Error::from_raw_os_error(error.errno());
    }
    io::Error::from(match error.kind() {
        ErrorKind::Timeout => io::ErrorKind::TimedOut,
        ErrorKind::InvalidInput => io::ErrorKind::InvalidInput,
        ErrorKind::EndOfStream => io::ErrorKind::UnexpectedEof,
        ErrorKind::Aborted => io::ErrorKind::ConnectionAborted,
        ErrorKind::TableFull(_) => io::ErrorKind::OutOfMemory,
        ErrorKind::WouldBlock => io::ErrorKind::WouldBlock,
        _ => io::ErrorKind::Other,
    })
}

/// The end of writing, for traits whose callers close what they have read the end or an error of: a connection that is gone already is closed.
#[cfg(any(feature = "futures-io", feature = "tokio"))]
pub(crate) fn close(socket: &impl crate::aio::net::StreamSocket) -> crate::os::io::Result<()> {
    match socket.shutdown(crate::net::Half::Send) {
        Err(error) if error.kind() == crate::ErrorKind::NotConnected => Ok(()),
        result => result.map_err(standard),
    }
}
