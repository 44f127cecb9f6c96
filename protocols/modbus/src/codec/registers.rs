//! Runs of 16-bit registers, as they lie in a frame or in the caller's memory.

use core::fmt;

#[cfg(test)]
mod tests;

/// A run of registers to read: big-endian bytes of a frame, or words of the caller's.
///
/// Two runs are equal when their values are, wherever they lie.
///
/// ```
/// use ptk_modbus::codec::Registers;
///
/// let from_wire = Registers::from_be_bytes(&[0x12, 0x34, 0, 7]).unwrap();
/// assert_eq!(from_wire, Registers::from_words(&[0x1234, 7]));
/// assert_eq!(from_wire.get(1), Some(7));
/// assert_eq!(from_wire.iter().sum::<u16>(), 0x123B);
/// ```
#[derive(Clone, Copy)]
pub struct Registers<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    Bytes(&'a [u8]),
    Words(&'a [u16]),
}

impl<'a> Registers<'a> {
    /// No registers.
    pub const EMPTY: Self = Self(Source::Words(&[]));

    /// Registers in the wire's form, most significant byte first. `None` if the number of bytes is odd.
    pub const fn from_be_bytes(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len().is_multiple_of(2) {
            Some(Self(Source::Bytes(bytes)))
        } else {
            None
        }
    }

    /// As [`Registers::from_be_bytes`], an odd byte at the end cut off. For bytes whose count was checked.
    pub(crate) const fn from_even_bytes(bytes: &'a [u8]) -> Self {
        let (even, _) = bytes.split_at(bytes.len() & !1);
        Self(Source::Bytes(even))
    }

    /// Registers in the caller's memory.
    pub const fn from_words(words: &'a [u16]) -> Self {
        Self(Source::Words(words))
    }

    /// How many registers there are.
    pub const fn len(&self) -> usize {
        match self.0 {
            Source::Bytes(bytes) => bytes.len() / 2,
            Source::Words(words) => words.len(),
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The register at `index`, counted from 0; `None` past the end.
    #[inline]
    pub fn get(&self, index: usize) -> Option<u16> {
        match self.0 {
            Source::Bytes(bytes) => {
                let at = index.checked_mul(2)?;
                Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
            }
            Source::Words(words) => words.get(index).copied(),
        }
    }

    /// `count` registers from `start` on; `None` if they are not all there.
    pub fn slice(&self, start: usize, count: usize) -> Option<Self> {
        let end = start.checked_add(count)?;
        Some(Self(match self.0 {
            Source::Bytes(bytes) => {
                Source::Bytes(bytes.get(start.checked_mul(2)?..end.checked_mul(2)?)?)
            }
            Source::Words(words) => Source::Words(words.get(start..end)?),
        }))
    }

    /// All registers in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u16> + use<'a> {
        let this = *self;
        (0..this.len()).map(move |index| this.get(index).unwrap_or_default())
    }

    /// Copies into `out` as many registers as both have, and returns how many that were.
    #[inline]
    pub fn copy_to(&self, out: &mut [u16]) -> usize {
        match self.0 {
            Source::Bytes(bytes) => {
                let mut count = 0;
                for (word, pair) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *word = u16::from_be_bytes(*pair);
                    count += 1;
                }
                count
            }
            Source::Words(words) => {
                let count = words.len().min(out.len());
                out[..count].copy_from_slice(&words[..count]);
                count
            }
        }
    }

    /// Writes the wire's form into `out`, which has twice as many bytes as there are registers.
    pub(crate) fn write_to(&self, out: &mut [u8]) {
        match self.0 {
            Source::Bytes(bytes) => out.copy_from_slice(bytes),
            Source::Words(words) => RegistersMut::new(out).copy_from(words),
        }
    }
}

impl PartialEq for Registers<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Registers<'_> {}

impl fmt::Debug for Registers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// A run of registers to fill: the value bytes of a reply that is being written.
///
/// ```
/// use ptk_modbus::codec::RegistersMut;
///
/// let mut bytes = [0; 4];
/// let mut reply = RegistersMut::new(&mut bytes);
/// reply.copy_from(&[0x1234]);
/// reply.set(1, 7);
/// assert_eq!(bytes, [0x12, 0x34, 0, 7]);
/// ```
#[derive(Debug)]
pub struct RegistersMut<'a> {
    bytes: &'a mut [u8],
}

impl<'a> RegistersMut<'a> {
    /// Registers over `bytes`, two each, most significant first. An odd byte at the end is left alone.
    pub const fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes }
    }

    /// How many registers there are.
    pub const fn len(&self) -> usize {
        self.bytes.len() / 2
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets the register at `index`; past the end nothing happens.
    #[inline]
    pub fn set(&mut self, index: usize, value: u16) {
        if let Some(pair) = self.bytes.as_chunks_mut::<2>().0.get_mut(index) {
            *pair = value.to_be_bytes();
        }
    }

    /// Sets registers from the first on, as many as both have.
    #[inline]
    pub fn copy_from(&mut self, words: &[u16]) {
        let count = self.len().min(words.len());
        // Eight at a time, which is one store where the processor has vectors of 128 bits.
        let (eights, words) = words[..count].as_chunks::<8>();
        let (octets, bytes) = self.bytes[..count * 2].as_chunks_mut::<16>();
        for (bytes, words) in octets.iter_mut().zip(eights) {
            copy(bytes, words);
        }
        copy(bytes, words);
    }

    /// Sets every register to `value`.
    pub fn fill(&mut self, value: u16) {
        for pair in self.bytes.as_chunks_mut::<2>().0 {
            *pair = value.to_be_bytes();
        }
    }

    /// `count` registers from `start` on, to be filled apart; `None` if they are not all there.
    pub fn slice(&mut self, start: usize, count: usize) -> Option<RegistersMut<'_>> {
        let end = start.checked_add(count)?;
        let bytes = self
            .bytes
            .get_mut(start.checked_mul(2)?..end.checked_mul(2)?)?;
        Some(RegistersMut { bytes })
    }

    /// What has been written so far.
    pub const fn as_registers(&self) -> Registers<'_> {
        Registers::from_even_bytes(self.bytes)
    }
}

/// As many as both have.
#[inline]
fn copy(bytes: &mut [u8], words: &[u16]) {
    for (pair, word) in bytes.as_chunks_mut::<2>().0.iter_mut().zip(words) {
        *pair = word.to_be_bytes();
    }
}
