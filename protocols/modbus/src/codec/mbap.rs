//! MBAP, the header of Modbus TCP (TCP §3.1.3).

use core::fmt;

use super::{Error, limits::MAX_PDU};

/// Bytes of the header: transaction id 2, protocol id 2, length 2, unit id 1.
pub const HEADER: usize = 7;

/// Bytes of the longest frame: header and PDU.
pub const MAX_FRAME: usize = HEADER + MAX_PDU;

/// Bytes of the shortest frame: header and a function code.
pub const MIN_FRAME: usize = HEADER + 1;

/// The values that the length field may have: unit id and a PDU of 1 to 253 bytes.
pub const LENGTH: core::ops::RangeInclusive<u16> = 2..=(1 + MAX_PDU as u16);

/// Any bytes, shown as a frame with an MBAP header. Judges nothing.
///
/// ```
/// use ptk_modbus::codec::mbap::Packet;
///
/// let cut_off = Packet::new(&[0, 9, 0, 0, 0, 6, 17]);
/// assert_eq!(cut_off.transaction_id(), Some(9));
/// assert_eq!(cut_off.unit(), Some(17));
/// assert_eq!(cut_off.pdu(), &[]);
/// assert_eq!(Packet::new(&[0]).transaction_id(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    bytes: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Shows `bytes` as a frame.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    #[inline]
    fn word(&self, at: usize) -> Option<u16> {
        self.bytes
            .get(at..)?
            .first_chunk()
            .map(|pair| u16::from_be_bytes(*pair))
    }

    /// What the client chose to tell its requests apart.
    pub fn transaction_id(&self) -> Option<u16> {
        self.word(0)
    }

    /// 0 for Modbus.
    pub fn protocol_id(&self) -> Option<u16> {
        self.word(2)
    }

    /// Bytes that follow the length field.
    pub fn length(&self) -> Option<u16> {
        self.word(4)
    }

    /// The unit that is addressed.
    pub fn unit(&self) -> Option<u8> {
        self.bytes.get(6).copied()
    }

    /// The bytes after the header, as far as they are there, whatever the length field says.
    pub fn pdu(&self) -> &'a [u8] {
        self.bytes.get(HEADER..).unwrap_or_default()
    }
}

/// A header with nothing wrong in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the client chose to tell its requests apart; a server sends it back.
    pub transaction_id: u16,
    /// The unit that is addressed; a server sends it back.
    pub unit: u8,
    /// Bytes of the PDU that follows, 1 to 253.
    pub pdu_length: u8,
}

impl Header {
    /// Reads a header off the front of `bytes`.
    ///
    /// `Ok(None)` means that more bytes are needed to tell. An error is found as soon as its bytes are there: a wrong
    /// protocol id with the fourth byte, a wrong length with the sixth.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, HeaderError> {
        let packet = Packet::new(bytes);
        let Some(protocol) = packet.protocol_id() else {
            return Ok(None);
        };
        if protocol != 0 {
            return Err(HeaderError::Protocol(protocol));
        }
        let Some(length) = packet.length() else {
            return Ok(None);
        };
        if !LENGTH.contains(&length) {
            return Err(HeaderError::Length(length));
        }
        let (Some(transaction_id), Some(unit)) = (packet.transaction_id(), packet.unit()) else {
            return Ok(None);
        };
        Ok(Some(Self {
            transaction_id,
            unit,
            pdu_length: (length - 1) as u8,
        }))
    }

    /// Bytes of the whole frame.
    #[inline]
    pub const fn frame_length(&self) -> usize {
        HEADER + self.pdu_length as usize
    }

    /// The header's seven bytes.
    #[inline]
    pub const fn to_bytes(&self) -> [u8; HEADER] {
        let [id_high, id_low] = self.transaction_id.to_be_bytes();
        [
            id_high,
            id_low,
            0,
            0,
            0,
            self.pdu_length.wrapping_add(1),
            self.unit,
        ]
    }
}

/// The header, the PDU, and what lies behind, of a whole frame at the front of `bytes`. `None` if there is none: [`Header::parse`] tells why.
#[inline]
pub(crate) fn split_whole(bytes: &[u8]) -> Option<(&[u8; HEADER], &[u8], &[u8])> {
    let (header, rest) = bytes.split_first_chunk()?;
    let &[_, _, first, second, third, fourth, _] = header;
    // Protocol id and length as one number: with the right protocol it is the length.
    let length = u32::from_be_bytes([first, second, third, fourth]);
    if !(u32::from(*LENGTH.start())..=u32::from(*LENGTH.end())).contains(&length) {
        return None;
    }
    let (pdu, behind) = rest.split_at_checked(length as usize - 1)?;
    Some((header, pdu, behind))
}

/// Writes the header of the reply to a request with that header; its PDU has `length` bytes, 1 to 253.
#[inline]
pub(crate) fn reply_header(request: &[u8; HEADER], length: usize, reply: &mut [u8; HEADER]) {
    // The transaction id, and the protocol id.
    reply[..4].copy_from_slice(&request[..4]);
    reply[4] = 0;
    reply[5] = (length as u8).wrapping_add(1);
    reply[6] = request[6];
}

/// Why a header is none of Modbus TCP. The stream cannot be trusted any more: where a next frame begins is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeaderError {
    /// The protocol id is not 0.
    Protocol(u16),
    /// The length is below 2 or above 254.
    Length(u16),
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(id) => write!(f, "protocol id {id:#06x} is not Modbus"),
            Self::Length(length) => write!(f, "frame length {length} is not within 2 to 254"),
        }
    }
}

impl core::error::Error for HeaderError {}

/// Writes a frame into `out`: the header, and the PDU that `write_pdu` puts behind it.
///
/// `write_pdu` is given what is left of `out`, at most 253 bytes, and returns how many it used. Returns the frame's
/// length.
///
/// # Errors
/// Those of `write_pdu`, and [`Error::BufferTooSmall`] if `out` has no room for the header.
pub fn encode(
    out: &mut [u8],
    transaction_id: u16,
    unit: u8,
    write_pdu: impl FnOnce(&mut [u8]) -> Result<usize, Error>,
) -> Result<usize, Error> {
    let (head, rest) = out
        .split_first_chunk_mut::<HEADER>()
        .ok_or(Error::BufferTooSmall)?;
    let room = rest.len().min(MAX_PDU);
    let length = write_pdu(&mut rest[..room])?.min(room);
    *head = Header {
        transaction_id,
        unit,
        pdu_length: length as u8,
    }
    .to_bytes();
    Ok(HEADER + length)
}
