//! Reading and writing big-endian fields in order.

use super::Error;

/// Takes fields off the front of a slice.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, Error> {
        let (&first, rest) = self.rest.split_first().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(first)
    }

    #[inline]
    pub(crate) fn word(&mut self) -> Result<u16, Error> {
        let (first, rest) = self.rest.split_first_chunk().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(u16::from_be_bytes(*first))
    }

    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (first, rest) = self.rest.split_at_checked(count).ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(first)
    }

    /// Everything that is left.
    #[inline]
    pub(crate) const fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// `value`, if nothing is left.
    #[inline]
    pub(crate) const fn end<T: Copy>(self, value: T) -> Result<T, Error> {
        if self.rest.is_empty() {
            Ok(value)
        } else {
            Err(Error::TrailingBytes)
        }
    }

    /// The rest, whose length must be `count` exactly: what follows a byte count.
    #[inline]
    pub(crate) fn counted(self, count: usize) -> Result<&'a [u8], Error> {
        if self.rest.len() == count {
            Ok(self.rest)
        } else {
            Err(Error::ByteCount(count))
        }
    }
}

/// Puts fields one after the other into a slice.
pub(crate) struct Writer<'a> {
    bytes: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    pub(crate) const fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, length: 0 }
    }

    /// Bytes written so far.
    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    #[inline]
    pub(crate) fn byte(&mut self, value: u8) -> Result<(), Error> {
        self.slice(&[value])
    }

    #[inline]
    pub(crate) fn word(&mut self, value: u16) -> Result<(), Error> {
        self.slice(&value.to_be_bytes())
    }

    #[inline]
    pub(crate) fn slice(&mut self, value: &[u8]) -> Result<(), Error> {
        self.reserve(value.len())?.copy_from_slice(value);
        Ok(())
    }

    /// The next `count` bytes, to be filled by the caller.
    #[inline]
    pub(crate) fn reserve(&mut self, count: usize) -> Result<&mut [u8], Error> {
        let end = self.length + count;
        let room = self
            .bytes
            .get_mut(self.length..end)
            .ok_or(Error::BufferTooSmall)?;
        self.length = end;
        Ok(room)
    }
}
