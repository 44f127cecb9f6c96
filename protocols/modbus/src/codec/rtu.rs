//! RTU framing over TCP: what serial converters speak that pass a line's bytes through (Serial §2.5.1).
//!
//! A frame is the unit id, the PDU and a CRC of two bytes, low byte first. No length is in it and on TCP there is no
//! silence that ends it, so its end follows from the function code and, for some, from a byte count inside.

use super::{Error, function, limits::MAX_PDU};

/// Bytes of the longest frame: unit, PDU, CRC.
pub const MAX_FRAME: usize = 1 + MAX_PDU + 2;

/// The CRC of `bytes` (Serial §6.2.2: polynomial 0xA001, all ones at first).
///
/// ```
/// // The specification's example: unit 2, function 7.
/// assert_eq!(ptk_modbus::codec::rtu::crc(&[2, 7]).to_le_bytes(), [0x41, 0x12]);
/// ```
pub const fn crc(bytes: &[u8]) -> u16 {
    let mut crc = 0xFFFF;
    let mut at = 0;
    while at < bytes.len() {
        crc = crc >> 8 ^ TABLE[((crc ^ bytes[at] as u16) & 0xFF) as usize];
        at += 1;
    }
    crc
}

/// The CRC of each single byte.
const TABLE: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u16;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                crc >> 1 ^ 0xA001
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// Writes a frame into `out`: the unit, the PDU that `write_pdu` puts behind it, the CRC. Returns the frame's length.
///
/// # Errors
/// Those of `write_pdu`, and [`Error::BufferTooSmall`] if `out` has no room for the rest.
pub fn encode(
    out: &mut [u8],
    unit: u8,
    write_pdu: impl FnOnce(&mut [u8]) -> Result<usize, Error>,
) -> Result<usize, Error> {
    let room = out
        .len()
        .checked_sub(3)
        .ok_or(Error::BufferTooSmall)?
        .min(MAX_PDU);
    out[0] = unit;
    let length = 1 + write_pdu(&mut out[1..1 + room])?.min(room);
    let check = crc(&out[..length]).to_le_bytes();
    out[length..length + 2].copy_from_slice(&check);
    Ok(length + 2)
}

/// How long a PDU is, as far as its first bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// This many bytes.
    Known(usize),
    /// More bytes are needed to tell.
    Unknown,
    /// The function code has no length that could be known.
    Never(u8),
}

/// A PDU of `fixed` bytes whose last is a count of those that follow.
fn counted(pdu: &[u8], fixed: usize) -> Length {
    match pdu.get(fixed - 1) {
        Some(&count) => Length::Known(fixed + usize::from(count)),
        None => Length::Unknown,
    }
}

/// The length of the request that begins with `pdu`.
pub(super) fn request_length(pdu: &[u8]) -> Length {
    let Some(&code) = pdu.first() else {
        return Length::Unknown;
    };
    match code {
        function::READ_COILS..=function::WRITE_SINGLE_REGISTER | function::DIAGNOSTICS => {
            Length::Known(5)
        }
        function::READ_EXCEPTION_STATUS
        | function::GET_COMM_EVENT_COUNTER
        | function::GET_COMM_EVENT_LOG
        | function::REPORT_SERVER_ID => Length::Known(1),
        function::WRITE_MULTIPLE_COILS | function::WRITE_MULTIPLE_REGISTERS => counted(pdu, 6),
        function::READ_FILE_RECORD | function::WRITE_FILE_RECORD => counted(pdu, 2),
        function::MASK_WRITE_REGISTER => Length::Known(7),
        function::READ_WRITE_MULTIPLE_REGISTERS => counted(pdu, 10),
        function::READ_FIFO_QUEUE => Length::Known(3),
        function::ENCAPSULATED_INTERFACE => Length::Known(4),
        other => Length::Never(other),
    }
}

/// The length of the response that begins with `pdu`.
pub(super) fn response_length(pdu: &[u8]) -> Length {
    let Some(&code) = pdu.first() else {
        return Length::Unknown;
    };
    match code {
        0x80.. => Length::Known(2),
        function::READ_COILS..=function::READ_INPUT_REGISTERS
        | function::GET_COMM_EVENT_LOG
        | function::REPORT_SERVER_ID
        | function::READ_FILE_RECORD
        | function::WRITE_FILE_RECORD
        | function::READ_WRITE_MULTIPLE_REGISTERS => counted(pdu, 2),
        function::WRITE_SINGLE_COIL
        | function::WRITE_SINGLE_REGISTER
        | function::DIAGNOSTICS
        | function::GET_COMM_EVENT_COUNTER
        | function::WRITE_MULTIPLE_COILS
        | function::WRITE_MULTIPLE_REGISTERS => Length::Known(5),
        function::READ_EXCEPTION_STATUS => Length::Known(2),
        function::MASK_WRITE_REGISTER => Length::Known(7),
        function::READ_FIFO_QUEUE => match pdu.get(1..3) {
            Some(&[high, low]) => Length::Known(3 + usize::from(u16::from_be_bytes([high, low]))),
            _ => Length::Unknown,
        },
        function::ENCAPSULATED_INTERFACE => identification_length(pdu),
        other => Length::Never(other),
    }
}

/// Walks over the objects of a Read Device Identification reply (§6.21).
fn identification_length(pdu: &[u8]) -> Length {
    let Some(&count) = pdu.get(6) else {
        return Length::Unknown;
    };
    let mut end = 7;
    for _ in 0..count {
        let Some(&length) = pdu.get(end + 1) else {
            return Length::Unknown;
        };
        end += 2 + usize::from(length);
        if end > MAX_PDU {
            break;
        }
    }
    Length::Known(end)
}
