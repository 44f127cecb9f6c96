//! What can be wrong with a PDU.

use core::fmt;

use super::ExceptionCode;

/// Why a PDU could not be decoded or encoded.
///
/// [`Error::exception`] gives the exception code with which a server answers such a request (§7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Error {
    /// Fewer bytes than the function needs.
    Truncated,
    /// More bytes than the function has.
    TrailingBytes,
    /// A function code that is not in §5.1 nor free for vendors, or 0, or above 127 in a request.
    UnknownFunction(u8),
    /// An encapsulated interface other than 0x0E, Read Device Identification.
    UnknownInterface(u8),
    /// A quantity of 0, or above what the function allows.
    Quantity(u32),
    /// The byte count contradicts the quantity or the bytes that follow.
    ByteCount(usize),
    /// The range goes beyond address 65535.
    AddressRange,
    /// A coil's value that is neither 0x0000 nor 0xFF00 (§6.5).
    CoilValue(u16),
    /// A file reference type other than 6 (§6.14).
    ReferenceType(u8),
    /// A file number of 0, or a record number beyond 9999 (§6.14).
    FileRecord,
    /// An access code of Read Device Identification other than 1 to 4 (§6.21).
    DeviceIdAccess(u8),
    /// The given buffer is too short for what is to be written into it.
    BufferTooSmall,
}

impl Error {
    /// The exception code with which a server answers a request that failed to decode for this reason.
    pub const fn exception(self) -> ExceptionCode {
        match self {
            Self::UnknownFunction(_) | Self::UnknownInterface(_) => ExceptionCode::IllegalFunction,
            Self::AddressRange | Self::ReferenceType(_) | Self::FileRecord => {
                ExceptionCode::IllegalDataAddress
            }
            Self::BufferTooSmall => ExceptionCode::ServerDeviceFailure,
            _ => ExceptionCode::IllegalDataValue,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("too few bytes for the function"),
            Self::TrailingBytes => f.write_str("bytes after the end of the function's data"),
            Self::UnknownFunction(code) => write!(f, "unknown function code {code}"),
            Self::UnknownInterface(mei) => write!(f, "unknown encapsulated interface {mei}"),
            Self::Quantity(quantity) => write!(f, "quantity {quantity} is out of range"),
            Self::ByteCount(count) => write!(f, "byte count {count} does not fit"),
            Self::AddressRange => f.write_str("the range goes beyond address 65535"),
            Self::CoilValue(value) => write!(f, "{value:#06x} is not a coil's value"),
            Self::ReferenceType(kind) => write!(f, "file reference type {kind} is not 6"),
            Self::FileRecord => f.write_str("file or record number out of range"),
            Self::DeviceIdAccess(code) => write!(f, "device identification access code {code}"),
            Self::BufferTooSmall => f.write_str("the buffer is too small"),
        }
    }
}

impl core::error::Error for Error {}
