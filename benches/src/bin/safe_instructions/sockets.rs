//! Descriptors that are always ready to be written.

use std::io;
use std::os::unix::net::UnixStream;

/// So many of them, and their other ends.
pub fn writable(count: usize) -> io::Result<Vec<(UnixStream, UnixStream)>> {
    (0..count).map(|_| UnixStream::pair()).collect()
}
