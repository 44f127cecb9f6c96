//! Runs of single bits (coils and discrete inputs), packed as in a frame or as the caller has them.

use core::fmt;

#[cfg(test)]
mod tests;

/// A run of bits to read: packed bytes of a frame, lowest bit first (§6.1), or `bool`s of the caller's.
///
/// Two runs are equal when their values are, wherever they lie.
///
/// ```
/// use ptk_modbus::codec::Bits;
///
/// let from_wire = Bits::from_packed(&[0b0000_0101], 3).unwrap();
/// assert_eq!(from_wire, Bits::from_bools(&[true, false, true]));
/// assert_eq!(from_wire.get(3), None);
/// ```
#[derive(Clone, Copy)]
pub struct Bits<'a>(Source<'a>);

#[derive(Clone, Copy)]
enum Source<'a> {
    Packed { bytes: &'a [u8], count: usize },
    Bools(&'a [bool]),
}

impl<'a> Bits<'a> {
    /// The first `count` bits of `bytes`; `None` if `bytes` has fewer.
    pub const fn from_packed(bytes: &'a [u8], count: usize) -> Option<Self> {
        if count.div_ceil(8) <= bytes.len() {
            Some(Self(Source::Packed { bytes, count }))
        } else {
            None
        }
    }

    /// Every bit of `bytes`: what a reply has, which does not tell how many bits of its last byte count.
    pub const fn from_bytes(bytes: &'a [u8]) -> Self {
        Self(Source::Packed {
            bytes,
            count: bytes.len() * 8,
        })
    }

    /// Bits in the caller's memory.
    pub const fn from_bools(bools: &'a [bool]) -> Self {
        Self(Source::Bools(bools))
    }

    /// How many bits there are.
    pub const fn len(&self) -> usize {
        match self.0 {
            Source::Packed { count, .. } => count,
            Source::Bools(bools) => bools.len(),
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bit at `index`, counted from 0; `None` past the end.
    #[inline]
    pub fn get(&self, index: usize) -> Option<bool> {
        match self.0 {
            Source::Packed { bytes, count } if index < count => bytes
                .get(index / 8)
                .map(|byte| byte >> (index % 8) & 1 == 1),
            Source::Packed { .. } => None,
            Source::Bools(bools) => bools.get(index).copied(),
        }
    }

    /// The first `count` bits; `None` if there are fewer.
    pub fn first(&self, count: usize) -> Option<Self> {
        match self.0 {
            Source::Packed { bytes, count: have } if count <= have => {
                Self::from_packed(bytes, count)
            }
            Source::Packed { .. } => None,
            Source::Bools(bools) => bools.get(..count).map(Self::from_bools),
        }
    }

    /// All bits in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = bool> + use<'a> {
        let this = *self;
        (0..this.len()).map(move |index| this.get(index).unwrap_or_default())
    }

    /// Packs the bits into `out`, one byte for each eight begun; the bits left over in the last byte become 0.
    pub(crate) fn write_to(&self, out: &mut [u8]) {
        for (position, byte) in out.iter_mut().enumerate() {
            *byte = (0..8).fold(0, |packed, bit| {
                packed | u8::from(self.get(position * 8 + bit).unwrap_or_default()) << bit
            });
        }
    }

    /// Writes the bits over `target` (packed, lowest bit first) from bit `start` on. Bits beyond `target` are dropped.
    pub fn store(&self, target: &mut [u8], start: usize) {
        for (offset, value) in self.iter().enumerate() {
            let at = start + offset;
            let Some(byte) = target.get_mut(at / 8) else {
                return;
            };
            let mask = 1 << (at % 8);
            *byte = if value { *byte | mask } else { *byte & !mask };
        }
    }
}

impl PartialEq for Bits<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Bits<'_> {}

impl fmt::Debug for Bits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(u8::from)).finish()
    }
}

/// A run of bits to fill: the packed bytes of a reply that is being written, all 0 at first.
///
/// ```
/// use ptk_modbus::codec::BitsMut;
///
/// let mut bytes = [0; 2];
/// let mut reply = BitsMut::new(&mut bytes, 10);
/// reply.set(0, true);
/// reply.set(9, true);
/// reply.set(10, true); // past the end: nothing happens
/// assert_eq!(bytes, [0b0000_0001, 0b0000_0010]);
/// ```
#[derive(Debug)]
pub struct BitsMut<'a> {
    bytes: &'a mut [u8],
    count: usize,
}

impl<'a> BitsMut<'a> {
    /// `count` bits over `bytes`, or as many as fit there.
    pub fn new(bytes: &'a mut [u8], count: usize) -> Self {
        let count = count.min(bytes.len() * 8);
        Self { bytes, count }
    }

    /// How many bits there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Sets the bit at `index`; past the end nothing happens.
    #[inline]
    pub fn set(&mut self, index: usize, value: bool) {
        if index < self.count
            && let Some(byte) = self.bytes.get_mut(index / 8)
        {
            let mask = 1 << (index % 8);
            *byte = if value { *byte | mask } else { *byte & !mask };
        }
    }

    /// Fills every bit from `source`, packed, from its bit `start` on. Bits that `source` lacks become 0.
    pub fn copy_from_packed(&mut self, source: &[u8], start: usize) {
        let shift = start % 8;
        let first = start / 8;
        let at = |index: usize| u16::from(source.get(index).copied().unwrap_or_default());
        for (position, byte) in self.bytes.iter_mut().enumerate() {
            let pair = at(first + position) | at(first + position + 1) << 8;
            *byte = (pair >> shift) as u8;
        }
        self.clear_padding();
    }

    /// Copies `values` over the bits from `start` on. Those past the end are dropped.
    pub fn copy_from_bools(&mut self, start: usize, values: &[bool]) {
        let room = self.count.saturating_sub(start);
        let values = values.get(..room).unwrap_or(values);
        // One by one up to a whole byte, whole bytes, and the rest.
        let before = (start.next_multiple_of(8) - start).min(values.len());
        let (before, values) = values.split_at(before);
        for (index, value) in before.iter().enumerate() {
            self.set(start + index, *value);
        }
        let start = start + before.len();
        let (eights, rest) = values.as_chunks::<8>();
        let bytes = self.bytes.get_mut(start / 8..).unwrap_or_default();
        for (byte, eight) in bytes.iter_mut().zip(eights) {
            *byte = eight
                .iter()
                .rev()
                .fold(0, |packed, value| packed << 1 | u8::from(*value));
        }
        for (index, value) in rest.iter().enumerate() {
            self.set(start + eights.len() * 8 + index, *value);
        }
    }

    /// Zeroes the bits of the last byte that do not count (§6.1: "padded with zeros").
    pub(crate) fn clear_padding(&mut self) {
        let used = self.count % 8;
        if used != 0
            && let Some(last) = self.bytes.get_mut(self.count / 8)
        {
            *last &= (1 << used) - 1;
        }
    }
}
