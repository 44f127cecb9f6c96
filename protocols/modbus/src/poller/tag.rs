//! A value that is polled.

use core::fmt;

use crate::client::Failure;
use crate::codec::{ExceptionCode, Registers, Request};
use crate::value::{Kind, Scalar, WordOrder};

/// Which of the four tables of a device (§4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Function 1.
    Coils,
    /// Function 2.
    DiscreteInputs,
    /// Function 4.
    InputRegisters,
    /// Function 3.
    HoldingRegisters,
}

impl Area {
    /// Whether the points are bits.
    pub const fn is_bits(self) -> bool {
        matches!(self, Self::Coils | Self::DiscreteInputs)
    }

    /// The request that reads `quantity` points from `address` on.
    pub const fn read(self, address: u16, quantity: u16) -> Request<'static> {
        match self {
            Self::Coils => Request::ReadCoils { address, quantity },
            Self::DiscreteInputs => Request::ReadDiscreteInputs { address, quantity },
            Self::InputRegisters => Request::ReadInputRegisters { address, quantity },
            Self::HoldingRegisters => Request::ReadHoldingRegisters { address, quantity },
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Coils => "coils",
            Self::DiscreteInputs => "discrete",
            Self::InputRegisters => "input",
            Self::HoldingRegisters => "holding",
        })
    }
}

/// How far a tag's value can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quality {
    /// It was never read.
    #[default]
    Unknown,
    /// The last read worked.
    Good,
    /// The last read did not work; the value is that of [`Tag::timestamp`].
    Bad(Cause),
}

/// Why a read did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The device refused.
    Exception(ExceptionCode),
    /// There was no usable reply.
    Failure(Failure),
    /// There was no connection when the tag was due.
    NotConnected,
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.pad("unknown"),
            Self::Good => f.pad("good"),
            Self::Bad(Cause::Exception(code)) => write!(f, "bad: {code}"),
            Self::Bad(Cause::Failure(failure)) => write!(f, "bad: {failure}"),
            Self::Bad(Cause::NotConnected) => f.pad("bad: not connected"),
        }
    }
}

/// A value as it was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Of a coil or discrete input.
    Bit(bool),
    /// Of registers.
    Number(Scalar),
    /// Of registers with text; [`crate::value::text_bytes`] reads it.
    Text(WordOrder, Registers<'a>),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bit(bit) => u8::from(*bit).fmt(f),
            Self::Number(scalar) => scalar.fmt(f),
            Self::Text(order, registers) => {
                for byte in crate::value::text_bytes(*order, *registers) {
                    let shown = if byte == b' ' || byte.is_ascii_graphic() {
                        byte
                    } else {
                        b'?'
                    };
                    write!(f, "{}", char::from(shown))?;
                }
                Ok(())
            }
        }
    }
}

/// A value that is read with a period: what it is, and how it stands.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    /// The caller's own number for it; the poller reorders tags and this tells them apart.
    pub id: u32,
    /// The unit it belongs to.
    pub unit: u8,
    /// The table it lies in.
    pub area: Area,
    /// Its first point.
    pub address: u16,
    /// What lies over the registers; of no use for bits.
    pub kind: Kind,
    /// In which order the bytes lie.
    pub order: WordOrder,
    /// From one read to the next, in nanoseconds, at least 1.
    pub period: u64,
    /// How far the value can be trusted.
    pub quality: Quality,
    /// When the value was last read, on the caller's clock; 0 if never.
    pub timestamp: u64,
    /// The registers as read (the first four), for numbers; a digest, for text.
    raw: [u16; 4],
}

impl Tag {
    /// A coil or discrete input.
    pub const fn bit(unit: u8, area: Area, address: u16, period: u64) -> Self {
        Self::register(unit, area, address, Kind::U16, period)
    }

    /// A value over registers, most significant byte first.
    pub const fn register(unit: u8, area: Area, address: u16, kind: Kind, period: u64) -> Self {
        Self {
            id: 0,
            unit,
            area,
            address,
            kind,
            order: WordOrder::Abcd,
            period,
            quality: Quality::Unknown,
            timestamp: 0,
            raw: [0; 4],
        }
    }

    /// The same under the caller's number `id`.
    pub const fn with_id(mut self, id: u32) -> Self {
        self.id = id;
        self
    }

    /// The same with its bytes in another order.
    pub const fn with_order(mut self, order: WordOrder) -> Self {
        self.order = order;
        self
    }

    /// How many points of its table it takes.
    pub const fn points(&self) -> u16 {
        if self.area.is_bits() {
            1
        } else {
            self.kind.registers()
        }
    }

    /// The last value that was read; `None` if there is none, and for text, which only the observer sees.
    pub fn value(&self) -> Option<Value<'static>> {
        if self.timestamp == 0 && self.quality != Quality::Good {
            None
        } else if self.area.is_bits() {
            Some(Value::Bit(self.raw[0] != 0))
        } else {
            let scalar = self.kind.read(self.order, Registers::from_words(&self.raw));
            scalar.map(Value::Number)
        }
    }

    /// Takes a value over. Returns whether it differs from the one before, or is the first.
    pub(super) fn store(&mut self, value: Value<'_>, registers: Registers<'_>, now: u64) -> bool {
        let mut raw = [0; 4];
        match value {
            Value::Bit(bit) => raw[0] = bit.into(),
            Value::Number(_) => _ = registers.copy_to(&mut raw),
            Value::Text(..) => raw = digest(registers),
        }
        let first = self.timestamp == 0 && self.quality != Quality::Good;
        let changed = first || raw != self.raw;
        self.raw = raw;
        self.timestamp = now;
        changed
    }
}

/// A number that is another one for another text, all but certainly (FNV-1a).
fn digest(registers: Registers<'_>) -> [u16; 4] {
    let hash = registers
        .iter()
        .flat_map(u16::to_be_bytes)
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3_u64)
        });
    [
        hash as u16,
        (hash >> 16) as u16,
        (hash >> 32) as u16,
        (hash >> 48) as u16,
    ]
}
