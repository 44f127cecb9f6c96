//! The lenient view of a PDU.

use super::{ExceptionCode, function};

/// Any bytes, shown as a PDU: function code first, data after it. Judges nothing.
///
/// ```
/// use ptk_modbus::codec::{ExceptionCode, Pdu};
///
/// let reply = Pdu::new(&[0x83, 2]);
/// assert_eq!(reply.exception(), Some((3, ExceptionCode::IllegalDataAddress)));
/// assert_eq!(Pdu::new(&[]).function(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pdu<'a> {
    bytes: &'a [u8],
}

impl<'a> Pdu<'a> {
    /// Shows `bytes` as a PDU.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The first byte, exception bit included; `None` if there is none.
    pub fn function(&self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// All bytes after the function code.
    pub fn data(&self) -> &'a [u8] {
        self.bytes.get(1..).unwrap_or_default()
    }

    /// The big-endian word at byte `offset` of the data.
    pub fn word(&self, offset: usize) -> Option<u16> {
        self.data()
            .get(offset..)?
            .first_chunk()
            .map(|pair| u16::from_be_bytes(*pair))
    }

    /// For an exception reply: the function code that failed, and why (§7).
    pub fn exception(&self) -> Option<(u8, ExceptionCode)> {
        match self.bytes {
            [code, why] if code & function::EXCEPTION_BIT != 0 => {
                Some((code & !function::EXCEPTION_BIT, ExceptionCode::from(*why)))
            }
            _ => None,
        }
    }
}
