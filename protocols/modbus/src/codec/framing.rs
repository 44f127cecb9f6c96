//! Where a frame ends in a stream of bytes.

use core::fmt;

use super::{
    Error,
    limits::MAX_PDU,
    mbap::{self, Header, HeaderError},
    rtu::{self, Length},
};

/// How frames lie in the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Modbus TCP: an MBAP header before each PDU.
    #[default]
    Mbap,
    /// RTU frames over TCP: unit, PDU, CRC. No transaction ids, so one request at a time.
    Rtu,
}

/// Which direction of the traffic a frame belongs to; RTU frames cannot be told apart without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// What a server receives.
    Request,
    /// What a client receives.
    Response,
}

/// A whole frame at the front of a stream: where its parts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// From the header, or 0 in RTU framing.
    pub transaction_id: u16,
    pub unit: u8,
    /// Where the PDU begins.
    pub pdu_start: usize,
    /// Where the PDU ends.
    pub pdu_end: usize,
    /// Where the frame ends: the next begins here.
    pub end: usize,
}

/// Why the bytes are no frame. Where the next one begins is unknown, so the connection is of no use any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FramingError {
    /// The MBAP header is wrong.
    Header(HeaderError),
    /// The CRC of an RTU frame is wrong.
    Checksum,
    /// An RTU frame with a function code whose length cannot be known.
    UnknownLength(u8),
    /// An RTU frame that announces more than 256 bytes.
    TooLong,
}

impl fmt::Display for FramingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(header) => header.fmt(f),
            Self::Checksum => f.write_str("wrong checksum"),
            Self::UnknownLength(code) => {
                write!(f, "RTU frame of unknown length, function code {code}")
            }
            Self::TooLong => f.write_str("RTU frame of more than 256 bytes"),
        }
    }
}

impl core::error::Error for FramingError {}

impl Framing {
    /// Bytes of the longest frame.
    pub const fn max_frame(self) -> usize {
        match self {
            Self::Mbap => mbap::MAX_FRAME,
            Self::Rtu => rtu::MAX_FRAME,
        }
    }

    /// The length of the frame at the front of `bytes`; `Ok(None)` if it is not all there yet.
    ///
    /// # Errors
    /// The bytes are no frame. It is found as early as the bytes allow.
    pub fn frame_length(self, side: Side, bytes: &[u8]) -> Result<Option<usize>, FramingError> {
        Ok(self.split(side, bytes)?.map(|frame| frame.end))
    }

    /// Finds the frame at the front of `bytes`; `Ok(None)` if it is not all there yet.
    #[inline]
    pub(crate) fn split(self, side: Side, bytes: &[u8]) -> Result<Option<Frame>, FramingError> {
        match self {
            Self::Mbap => split_mbap(bytes),
            Self::Rtu => split_rtu(side, bytes),
        }
    }

    /// Writes a frame around the PDU that `write_pdu` makes; `transaction_id` is of no use in RTU framing.
    ///
    /// # Errors
    /// Those of `write_pdu`, and [`Error::BufferTooSmall`] if `out` has no room for the rest.
    pub fn encode(
        self,
        out: &mut [u8],
        transaction_id: u16,
        unit: u8,
        write_pdu: impl FnOnce(&mut [u8]) -> Result<usize, Error>,
    ) -> Result<usize, Error> {
        match self {
            Self::Mbap => mbap::encode(out, transaction_id, unit, write_pdu),
            Self::Rtu => rtu::encode(out, unit, write_pdu),
        }
    }
}

#[inline]
fn split_mbap(bytes: &[u8]) -> Result<Option<Frame>, FramingError> {
    let header = match Header::parse(bytes) {
        Ok(Some(header)) => header,
        Ok(None) => return Ok(None),
        Err(error) => return Err(FramingError::Header(error)),
    };
    let end = header.frame_length();
    if bytes.len() < end {
        return Ok(None);
    }
    Ok(Some(Frame {
        transaction_id: header.transaction_id,
        unit: header.unit,
        pdu_start: mbap::HEADER,
        pdu_end: end,
        end,
    }))
}

fn split_rtu(side: Side, bytes: &[u8]) -> Result<Option<Frame>, FramingError> {
    let Some((&unit, pdu)) = bytes.split_first() else {
        return Ok(None);
    };
    let length = match side {
        Side::Request => rtu::request_length(pdu),
        Side::Response => rtu::response_length(pdu),
    };
    let pdu_end = 1 + match length {
        Length::Known(length) if length > MAX_PDU => return Err(FramingError::TooLong),
        Length::Known(length) => length,
        Length::Unknown => return Ok(None),
        Length::Never(code) => return Err(FramingError::UnknownLength(code)),
    };
    let (Some(body), Some(check)) = (bytes.get(..pdu_end), bytes.get(pdu_end..pdu_end + 2)) else {
        return Ok(None);
    };
    if rtu::crc(body).to_le_bytes() != check {
        return Err(FramingError::Checksum);
    }
    Ok(Some(Frame {
        transaction_id: 0,
        unit,
        pdu_start: 1,
        pdu_end,
        end: pdu_end + 2,
    }))
}
