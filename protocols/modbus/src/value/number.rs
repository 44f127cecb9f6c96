//! Fixed-width numbers in the four orders.

use core::fmt;
use core::str::FromStr;

use super::ParseError;
use crate::codec::Registers;

/// In which order the bytes of a number lie over its registers. See the [module](super) for the table.
///
/// 64-bit numbers follow suit: `Cdab` reverses all four registers, `Badc` swaps the bytes of each, `Dcba` does both.
/// For one register, `Abcd` and `Cdab` are the same, and so are `Badc` and `Dcba`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WordOrder {
    /// Most significant byte first throughout.
    #[default]
    Abcd,
    /// Bytes swapped within each register.
    Badc,
    /// Registers in reverse.
    Cdab,
    /// Least significant byte first throughout.
    Dcba,
}

mod sealed {
    pub trait Sealed {
        fn from_be(bytes: [u8; 8]) -> Self;
        fn to_be(self) -> [u8; 8];
    }
}

/// A number that lies over one, two or four registers: the integers of 16, 32 and 64 bits and the two floats.
pub trait Number: Copy + sealed::Sealed {
    /// How many registers it takes.
    const REGISTERS: usize;
}

macro_rules! numbers {
    ($($number:ty)*) => { $(
        impl sealed::Sealed for $number {
            fn from_be(bytes: [u8; 8]) -> Self {
                let mut own = [0; size_of::<Self>()];
                own.copy_from_slice(&bytes[..size_of::<Self>()]);
                Self::from_be_bytes(own)
            }

            fn to_be(self) -> [u8; 8] {
                let mut bytes = [0; 8];
                bytes[..size_of::<Self>()].copy_from_slice(&self.to_be_bytes());
                bytes
            }
        }

        impl Number for $number {
            const REGISTERS: usize = size_of::<Self>() / 2;
        }
    )* };
}

numbers!(u16 i16 u32 i32 u64 i64 f32 f64);

impl WordOrder {
    /// Reads the number that begins at register `at`; `None` if it does not end within `registers`.
    pub fn read<N: Number>(self, registers: Registers<'_>, at: usize) -> Option<N> {
        let run = registers.slice(at, N::REGISTERS)?;
        let mut bytes = [0; 8];
        for (pair, word) in bytes.chunks_exact_mut(2).zip(run.iter()) {
            pair.copy_from_slice(&word.to_be_bytes());
        }
        self.swap(&mut bytes[..N::REGISTERS * 2]);
        Some(N::from_be(bytes))
    }

    /// Writes `value` over the first registers of `out` and returns how many it took; `None` if there are too few.
    pub fn write<N: Number>(self, value: N, out: &mut [u16]) -> Option<usize> {
        let out = out.get_mut(..N::REGISTERS)?;
        let mut bytes = value.to_be();
        self.swap(&mut bytes[..N::REGISTERS * 2]);
        for (word, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
            *word = u16::from_be_bytes([pair[0], pair[1]]);
        }
        Some(N::REGISTERS)
    }

    /// Turns wire order into most significant first and back: each of the four is its own inverse.
    fn swap(self, bytes: &mut [u8]) {
        match self {
            Self::Abcd => {}
            Self::Dcba => bytes.reverse(),
            Self::Badc => bytes.chunks_exact_mut(2).for_each(<[u8]>::reverse),
            Self::Cdab => {
                bytes.reverse();
                bytes.chunks_exact_mut(2).for_each(<[u8]>::reverse);
            }
        }
    }

    /// Whether the two bytes of each register are swapped: what matters for text.
    pub const fn swaps_bytes(self) -> bool {
        matches!(self, Self::Badc | Self::Dcba)
    }
}

impl FromStr for WordOrder {
    type Err = ParseError;

    /// Takes the names of the table in upper or lower case, and `big` and `little`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let is = |name: &str| text.eq_ignore_ascii_case(name);
        Ok(match () {
            () if is("abcd") || is("big") => Self::Abcd,
            () if is("badc") => Self::Badc,
            () if is("cdab") => Self::Cdab,
            () if is("dcba") || is("little") => Self::Dcba,
            () => return Err(ParseError::WordOrder),
        })
    }
}

impl fmt::Display for WordOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Abcd => "abcd",
            Self::Badc => "badc",
            Self::Cdab => "cdab",
            Self::Dcba => "dcba",
        })
    }
}
