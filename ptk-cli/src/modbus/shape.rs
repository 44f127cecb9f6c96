//! The names of types: those of files and of the command line, with what other programs call them.

use std::fmt;
use std::str::FromStr;

use ptk_modbus::value::Kind;

/// What lies over registers, and how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A number in decimal.
    Number(Kind),
    /// Registers in hexadecimal.
    Hex,
    /// Characters, two to a register.
    Text,
}

/// The types, for messages and help.
pub const TYPES: &str = "u16, i16, u32, i32, u64, i64, f32, f64, hex, string";

impl Shape {
    /// How many registers a value takes; a text's length is not in its type.
    pub fn registers(self) -> u16 {
        match self {
            Self::Number(kind) => kind.registers(),
            Self::Hex | Self::Text => 1,
        }
    }
}

/// A word that names no type.
#[derive(Debug)]
pub struct NoSuchType;

impl fmt::Display for NoSuchType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a type; there are: {TYPES}")
    }
}

impl std::error::Error for NoSuchType {}

impl FromStr for Shape {
    type Err = NoSuchType;

    /// The names of [`TYPES`], and those of mbpoll (`int16`, `int`, `float`) and of C.
    fn from_str(text: &str) -> Result<Self, NoSuchType> {
        let number = |kind| Ok(Self::Number(kind));
        match text {
            "u16" | "uint16" => number(Kind::U16),
            "i16" | "int16" => number(Kind::I16),
            "u32" | "uint32" | "uint" => number(Kind::U32),
            "i32" | "int32" | "int" => number(Kind::I32),
            "u64" | "uint64" => number(Kind::U64),
            "i64" | "int64" => number(Kind::I64),
            "f32" | "float" | "float32" => number(Kind::F32),
            "f64" | "double" | "float64" => number(Kind::F64),
            "hex" => Ok(Self::Hex),
            "string" | "text" => Ok(Self::Text),
            _ => Err(NoSuchType),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(kind) => kind.fmt(f),
            Self::Hex => f.pad("hex"),
            Self::Text => f.pad("string"),
        }
    }
}
