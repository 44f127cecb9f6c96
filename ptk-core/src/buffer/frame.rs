//! What has been received and is not a whole frame yet.

use core::fmt;

use crate::error::{Error, Result};
use crate::net::Received;

/// Where a frame ends, told by a protocol from the bytes that have come.
///
/// A closure `FnMut(&[u8]) -> Result<Framing, FramingError>` is a framer, and [`LengthPrefixed`] is the most common one.
pub trait Framer {
    /// Looks at the bytes from the beginning of a frame, at least one, and tells how long the frame is, as soon as that can be told.
    ///
    /// # Errors
    /// [`FramingError`]: this cannot be the beginning of a frame. The stream is of no use any more, since no later beginning is known.
    fn frame(&mut self, received: &[u8]) -> core::result::Result<Framing, FramingError>;
}

impl<F> Framer for F
where
    F: FnMut(&[u8]) -> core::result::Result<Framing, FramingError>,
{
    #[inline]
    fn frame(&mut self, received: &[u8]) -> core::result::Result<Framing, FramingError> {
        self(received)
    }
}

/// What a [`Framer`] could tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Not yet how long the frame is.
    Unknown,
    /// The frame has so many bytes from its beginning, whether they have come or not.
    Length(usize),
}

/// Why no frame can be had from these bytes, now or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramingError {
    /// The framer says that this is no frame; the number is the framer's own.
    Malformed(u32),
    /// The frame says that it has so many bytes, more than the buffer holds (or none at all).
    Length(usize),
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FramingError::Malformed(reason) => write!(f, "malformed frame (reason {reason})"),
            FramingError::Length(length) => write!(f, "frame of impossible length {length}"),
        }
    }
}

impl core::error::Error for FramingError {}

impl From<FramingError> for Error {
    fn from(error: FramingError) -> Error {
        match error {
            FramingError::Malformed(_) => Error::INVALID_INPUT,
            FramingError::Length(_) => Error::TOO_LARGE,
        }
    }
}

/// Frames whose header holds the length of what follows, as an unsigned big-endian number of 2 bytes (Modbus TCP) or little-endian of 2
/// bytes (EtherNet/IP).
///
/// ```
/// use ptk_core::buffer::{Framer, Framing, LengthPrefixed};
///
/// // Modbus TCP: bytes 4 and 5 count what follows them, the unit identifier first.
/// let mut modbus = LengthPrefixed::big_endian(4, 6);
/// assert_eq!(modbus.frame(&[0, 1, 0, 0, 0]), Ok(Framing::Unknown));
/// assert_eq!(modbus.frame(&[0, 1, 0, 0, 0, 6]), Ok(Framing::Length(12)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthPrefixed {
    at: usize,
    added: usize,
    little_endian: bool,
}

impl LengthPrefixed {
    /// The length's first byte is at `at`, the most significant first; `added` bytes of the frame are not counted by it.
    #[must_use]
    pub const fn big_endian(at: usize, added: usize) -> LengthPrefixed {
        LengthPrefixed {
            at,
            added,
            little_endian: false,
        }
    }

    /// The same with the least significant byte first.
    #[must_use]
    pub const fn little_endian(at: usize, added: usize) -> LengthPrefixed {
        LengthPrefixed {
            at,
            added,
            little_endian: true,
        }
    }
}

impl Framer for LengthPrefixed {
    #[inline]
    fn frame(&mut self, received: &[u8]) -> core::result::Result<Framing, FramingError> {
        let Some(bytes) = received.get(self.at..).and_then(<[u8]>::first_chunk::<2>) else {
            return Ok(Framing::Unknown);
        };
        let counted = if self.little_endian {
            u16::from_le_bytes(*bytes)
        } else {
            u16::from_be_bytes(*bytes)
        };
        Ok(Framing::Length(usize::from(counted) + self.added))
    }
}

/// A receive buffer of fixed size that assembles frames, however they were cut into segments.
///
/// ```text
///  recv ──► spare() ──► filled(n) ──► next_frame(framer) ──► Some(frame), in place ──► again, until None
/// ```
///
/// The bytes of a frame are never copied to hand them out. What is left of a frame moves to the front only when that at least doubles
/// the room behind it, less than one frame at a time.
///
/// ```
/// use ptk_core::buffer::{FrameBuffer, LengthPrefixed};
///
/// let mut framer = LengthPrefixed::big_endian(0, 2);
/// let mut storage = [0; 16];
/// let mut buffer = FrameBuffer::new(&mut storage);
///
/// for byte in [0, 2, b'h', b'i', 0, 1] {
///     buffer.spare()[0] = byte;
///     buffer.filled(1);
/// }
/// assert_eq!(buffer.next_frame(&mut framer)?.unwrap(), b"\0\x02hi");
/// assert_eq!(buffer.next_frame(&mut framer)?, None);
/// assert_eq!(buffer.len(), 2);
/// # Ok::<(), ptk_core::buffer::FramingError>(())
/// ```
#[derive(Debug)]
pub struct FrameBuffer<'a> {
    storage: &'a mut [u8],
    start: usize,
    end: usize,
    high_water: usize,
}

impl<'a> FrameBuffer<'a> {
    /// An empty buffer in this storage, which is also the length of the longest frame.
    #[must_use]
    pub const fn new(storage: &'a mut [u8]) -> FrameBuffer<'a> {
        FrameBuffer {
            storage,
            start: 0,
            end: 0,
            high_water: 0,
        }
    }

    /// Where the next bytes go; [`filled`](FrameBuffer::filled) tells how many came. Empty only when the buffer is full of frames that
    /// nobody took: take them first.
    #[inline]
    pub fn spare(&mut self) -> &mut [u8] {
        if self.start > 0 && self.storage.len() - self.end <= self.start {
            self.compact();
        }
        &mut self.storage[self.end..]
    }

    #[cold]
    fn compact(&mut self) {
        self.storage.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
    }

    /// The first `length` bytes of [`spare`](FrameBuffer::spare) are received. More than there are counts as all.
    #[inline]
    pub fn filled(&mut self, length: usize) {
        self.end += length.min(self.storage.len() - self.end);
        self.high_water = self.high_water.max(self.end - self.start);
    }

    /// Receives once with a stream's `receive`. A buffer that is full answers `Data(0)` without calling it.
    ///
    /// ```
    /// use ptk_core::buffer::FrameBuffer;
    /// use ptk_core::net::{Received, Sent, UnixStream};
    ///
    /// let (stream, peer) = UnixStream::pair()?;
    /// assert_eq!(peer.send(b"hello")?, Sent::All(5));
    /// let mut storage = [0; 64];
    /// let mut buffer = FrameBuffer::new(&mut storage);
    /// assert_eq!(buffer.fill(|bytes| stream.receive(bytes))?, Received::Data(5));
    /// assert_eq!(buffer.received(), b"hello");
    /// # Ok::<(), ptk_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of `receive`; the buffer is then as it was.
    #[inline]
    pub fn fill(
        &mut self,
        receive: impl FnOnce(&mut [u8]) -> Result<Received>,
    ) -> Result<Received> {
        let spare = self.spare();
        if spare.is_empty() {
            return Ok(Received::Data(0));
        }
        let received = receive(spare)?;
        if let Received::Data(length) = received {
            self.filled(length);
        }
        Ok(received)
    }

    /// The next whole frame, where it lies; `None` when more bytes must come first. It counts as taken.
    ///
    /// # Errors
    /// [`FramingError`] from the framer, or for a length of zero or above the buffer's, as soon as the length can be read: a hostile
    /// length makes nobody wait for bytes that cannot come. The bytes stay; every further call fails the same way until
    /// [`clear`](FrameBuffer::clear).
    #[inline]
    pub fn next_frame(
        &mut self,
        framer: &mut impl Framer,
    ) -> core::result::Result<Option<&mut [u8]>, FramingError> {
        let received = &self.storage[self.start..self.end];
        if received.is_empty() {
            return Ok(None);
        }
        let Framing::Length(length) = framer.frame(received)? else {
            if received.len() == self.storage.len() {
                // The buffer is full and the framer still cannot tell: it never will.
                return Err(FramingError::Length(received.len().saturating_add(1)));
            }
            return Ok(None);
        };
        if length == 0 || length > self.storage.len() {
            return Err(FramingError::Length(length));
        }
        if length > received.len() {
            return Ok(None);
        }
        let frame = self.start..self.start + length;
        self.start += length;
        if self.start == self.end {
            // Nothing is behind the frame: the next bytes may go to the front. The frame itself is borrowed until then.
            self.start = 0;
            self.end = 0;
        }
        Ok(Some(&mut self.storage[frame]))
    }

    /// The bytes that are received and not taken.
    #[must_use]
    pub fn received(&self) -> &[u8] {
        &self.storage[self.start..self.end]
    }

    /// Drops the first `length` of the [received](FrameBuffer::received) bytes, for protocols that take bytes and no frames. More than
    /// there are counts as all.
    pub fn consume(&mut self, length: usize) {
        self.start += length.min(self.end - self.start);
        if self.start == self.end {
            self.clear();
        }
    }

    /// How many bytes are received and not taken. Not 0 at the end of a stream means that the peer stopped within a frame.
    #[must_use]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Whether nothing is received.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Bytes that may still come before something must be taken.
    #[must_use]
    pub fn free(&self) -> usize {
        self.storage.len() - self.len()
    }

    /// The size of the storage, and of the longest frame.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.storage.len()
    }

    /// The most bytes that ever waited here.
    #[must_use]
    pub fn high_water(&self) -> usize {
        self.high_water
    }

    /// Forgets what is received, for the next connection. The high-water mark stays.
    pub fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }
}

#[cfg(test)]
mod tests;
