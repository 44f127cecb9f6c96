//! Exception codes (§7).

use core::fmt;

/// Why a server did not do what was asked (§7), as the second byte of its exception reply.
///
/// Codes that the specification does not name travel as [`ExceptionCode::Other`]; the conversion from and to `u8`
/// is a round trip for every byte.
///
/// ```
/// use ptk_modbus::codec::ExceptionCode;
///
/// assert_eq!(ExceptionCode::from(2), ExceptionCode::IllegalDataAddress);
/// assert_eq!(u8::from(ExceptionCode::from(0x77)), 0x77);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExceptionCode {
    /// 01: the function code is unknown to the server, or not allowed in its state.
    IllegalFunction,
    /// 02: an address, or the end of the range that begins at it, does not exist.
    IllegalDataAddress,
    /// 03: a value in the request is not allowed, or its implied length is wrong.
    IllegalDataValue,
    /// 04: an error that cannot be mended happened while the server did the work.
    ServerDeviceFailure,
    /// 05: accepted; it will take long. The client should poll for completion.
    Acknowledge,
    /// 06: busy with a long command; try again later.
    ServerDeviceBusy,
    /// 07: the program function cannot be performed (kept from earlier editions of the specification).
    NegativeAcknowledge,
    /// 08: the extended file area failed a consistency check (functions 20 and 21).
    MemoryParityError,
    /// 0A: a gateway has no path to the target.
    GatewayPathUnavailable,
    /// 0B: a gateway's target did not answer.
    GatewayTargetFailedToRespond,
    /// A code that the specification does not name.
    Other(u8),
}

impl From<u8> for ExceptionCode {
    fn from(code: u8) -> Self {
        match code {
            0x01 => Self::IllegalFunction,
            0x02 => Self::IllegalDataAddress,
            0x03 => Self::IllegalDataValue,
            0x04 => Self::ServerDeviceFailure,
            0x05 => Self::Acknowledge,
            0x06 => Self::ServerDeviceBusy,
            0x07 => Self::NegativeAcknowledge,
            0x08 => Self::MemoryParityError,
            0x0A => Self::GatewayPathUnavailable,
            0x0B => Self::GatewayTargetFailedToRespond,
            other => Self::Other(other),
        }
    }
}

impl From<ExceptionCode> for u8 {
    fn from(code: ExceptionCode) -> Self {
        match code {
            ExceptionCode::IllegalFunction => 0x01,
            ExceptionCode::IllegalDataAddress => 0x02,
            ExceptionCode::IllegalDataValue => 0x03,
            ExceptionCode::ServerDeviceFailure => 0x04,
            ExceptionCode::Acknowledge => 0x05,
            ExceptionCode::ServerDeviceBusy => 0x06,
            ExceptionCode::NegativeAcknowledge => 0x07,
            ExceptionCode::MemoryParityError => 0x08,
            ExceptionCode::GatewayPathUnavailable => 0x0A,
            ExceptionCode::GatewayTargetFailedToRespond => 0x0B,
            ExceptionCode::Other(other) => other,
        }
    }
}

impl fmt::Display for ExceptionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::IllegalFunction => "illegal function",
            Self::IllegalDataAddress => "illegal data address",
            Self::IllegalDataValue => "illegal data value",
            Self::ServerDeviceFailure => "server device failure",
            Self::Acknowledge => "acknowledge",
            Self::ServerDeviceBusy => "server device busy",
            Self::NegativeAcknowledge => "negative acknowledge",
            Self::MemoryParityError => "memory parity error",
            Self::GatewayPathUnavailable => "gateway path unavailable",
            Self::GatewayTargetFailedToRespond => "gateway target device failed to respond",
            Self::Other(code) => return write!(f, "exception {code:02X}"),
        };
        write!(f, "exception {:02X}, {text}", u8::from(*self))
    }
}
