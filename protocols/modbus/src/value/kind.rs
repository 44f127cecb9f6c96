//! Kinds of values that are only known at run time: from a command line or a file.

use core::fmt;
use core::str::FromStr;

use super::WordOrder;
use crate::codec::Registers;

/// What lies over the registers of a tag.
///
/// ```
/// use ptk_modbus::value::{Kind, Scalar, WordOrder};
/// use ptk_modbus::codec::Registers;
///
/// let kind: Kind = "i32".parse().unwrap();
/// let registers = Registers::from_words(&[0xFFFF, 0xFFFE]);
/// assert_eq!(kind.read(WordOrder::Abcd, registers), Some(Scalar::Signed(-2)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An unsigned register.
    #[default]
    U16,
    /// A signed register.
    I16,
    /// Two registers, unsigned.
    U32,
    /// Two registers, signed.
    I32,
    /// Four registers, unsigned.
    U64,
    /// Four registers, signed.
    I64,
    /// Two registers, IEEE 754 single precision.
    F32,
    /// Four registers, IEEE 754 double precision.
    F64,
    /// Characters, two to a register, ended by a zero byte or the last register.
    Text {
        /// How many registers.
        registers: u16,
    },
}

/// A number of any kind, widened so that nothing is lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// Of the unsigned kinds.
    Unsigned(u64),
    /// Of the signed kinds.
    Signed(i64),
    /// Of the floats.
    Float(f64),
}

/// A word that names no kind or order, or a number that its kind cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParseError {
    /// Not one of u16, i16, u32, i32, u64, i64, f32, f64, textN.
    Kind,
    /// Not one of abcd, badc, cdab, dcba.
    WordOrder,
    /// Not a number, or not one that fits the kind.
    Number,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kind => "not a type (u16, i16, u32, i32, u64, i64, f32, f64, text1 to text125)",
            Self::WordOrder => "not a word order (abcd, badc, cdab, dcba)",
            Self::Number => "not a number of this type",
        })
    }
}

impl core::error::Error for ParseError {}

impl Kind {
    /// How many registers a value takes.
    pub const fn registers(self) -> u16 {
        match self {
            Self::U16 | Self::I16 => 1,
            Self::U32 | Self::I32 | Self::F32 => 2,
            Self::U64 | Self::I64 | Self::F64 => 4,
            Self::Text { registers } => registers,
        }
    }

    /// Reads the number at the front of `registers`; `None` for text, or if there are too few.
    pub fn read(self, order: WordOrder, registers: Registers<'_>) -> Option<Scalar> {
        Some(match self {
            Self::U16 => Scalar::Unsigned(order.read::<u16>(registers, 0)?.into()),
            Self::U32 => Scalar::Unsigned(order.read::<u32>(registers, 0)?.into()),
            Self::U64 => Scalar::Unsigned(order.read::<u64>(registers, 0)?),
            Self::I16 => Scalar::Signed(order.read::<i16>(registers, 0)?.into()),
            Self::I32 => Scalar::Signed(order.read::<i32>(registers, 0)?.into()),
            Self::I64 => Scalar::Signed(order.read::<i64>(registers, 0)?),
            Self::F32 => Scalar::Float(order.read::<f32>(registers, 0)?.into()),
            Self::F64 => Scalar::Float(order.read::<f64>(registers, 0)?),
            Self::Text { .. } => return None,
        })
    }

    /// Parses `text` as a number of this kind, writes it to the front of `out` and returns how many registers it took.
    /// Integers may be written in hexadecimal as `0x...`, which then means the register's bits.
    ///
    /// # Errors
    /// [`ParseError::Number`] if it is none of this kind, if it does not fit, for text, and if `out` is too short.
    pub fn parse(self, order: WordOrder, text: &str, out: &mut [u16]) -> Result<usize, ParseError> {
        let bits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        if let (Some(digits), false) = (bits, matches!(self, Self::Text { .. })) {
            let wide = u64::from_str_radix(digits, 16).map_err(|_| ParseError::Number)?;
            let written = match self.registers() {
                1 => order.write(u16::try_from(wide).map_err(|_| ParseError::Number)?, out),
                2 => order.write(u32::try_from(wide).map_err(|_| ParseError::Number)?, out),
                _ => order.write(wide, out),
            };
            return written.ok_or(ParseError::Number);
        }
        let written = match self {
            Self::U16 => order.write(number::<u16>(text)?, out),
            Self::I16 => order.write(number::<i16>(text)?, out),
            Self::U32 => order.write(number::<u32>(text)?, out),
            Self::I32 => order.write(number::<i32>(text)?, out),
            Self::U64 => order.write(number::<u64>(text)?, out),
            Self::I64 => order.write(number::<i64>(text)?, out),
            Self::F32 => order.write(number::<f32>(text)?, out),
            Self::F64 => order.write(number::<f64>(text)?, out),
            Self::Text { .. } => None,
        };
        written.ok_or(ParseError::Number)
    }
}

fn number<N: FromStr>(text: &str) -> Result<N, ParseError> {
    text.parse().map_err(|_| ParseError::Number)
}

impl FromStr for Kind {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Ok(match text {
            "u16" => Self::U16,
            "i16" => Self::I16,
            "u32" => Self::U32,
            "i32" => Self::I32,
            "u64" => Self::U64,
            "i64" => Self::I64,
            "f32" => Self::F32,
            "f64" => Self::F64,
            other => {
                let count = other.strip_prefix("text").ok_or(ParseError::Kind)?;
                let registers = count.parse().map_err(|_| ParseError::Kind)?;
                if !(1..=125).contains(&registers) {
                    return Err(ParseError::Kind);
                }
                Self::Text { registers }
            }
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::U16 => "u16",
            Self::I16 => "i16",
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::U64 => "u64",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Text { registers } => return write!(f, "text{registers}"),
        })
    }
}

impl Scalar {
    /// The number as a float; integers beyond 2^53 lose their last digits.
    pub const fn as_f64(self) -> f64 {
        match self {
            Self::Unsigned(value) => value as f64,
            Self::Signed(value) => value as f64,
            Self::Float(value) => value,
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(value) => value.fmt(f),
            Self::Signed(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
        }
    }
}
