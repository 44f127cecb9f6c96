//! Bytes to requests and responses and back.
//!
//! A Modbus TCP frame (an ADU) is a header of seven bytes and a PDU of 1 to 253 bytes (§4.1, TCP §3.1.3):
//!
//! ```text
//!   0           2           4           6      7          8                      at most 260
//!   ├───────────┼───────────┼───────────┼──────┼──────────┼──────────────────────┤
//!   │transaction│ protocol 0│  length   │ unit │ function │ data                 │
//!   └───────────┴───────────┴───────────┴──────┴──────────┴──────────────────────┘
//!                             length = unit + PDU = 2 ..= 254   └─ PDU ──────────┘
//! ```
//!
//! Two levels, as in smoltcp's `wire`:
//!
//! - lenient views, which show any bytes field by field and judge nothing: [`mbap::Packet`], [`Pdu`];
//! - valid-only representations, which cannot be made from anything the specification forbids: [`mbap::Header`],
//!   [`Request`], [`Response`]. They borrow from the frame; nothing is copied.
//!
//! [`Framing`] finds where a frame ends in a stream of bytes, for MBAP and for RTU frames over TCP ([`rtu`]).
//!
//! ```
//! use ptk_modbus::codec::{mbap, Pdu, Registers, Request};
//!
//! let request = Request::WriteMultipleRegisters { address: 1, values: Registers::from_words(&[10, 258]) };
//! let mut frame = [0; mbap::MAX_FRAME];
//! let length = mbap::encode(&mut frame, 0x1501, 17, |pdu| request.encode(pdu)).unwrap();
//! assert_eq!(frame[..length], [0x15, 0x01, 0, 0, 0, 11, 17, 0x10, 0, 1, 0, 2, 4, 0, 10, 1, 2]);
//!
//! let packet = mbap::Packet::new(&frame[..length]);
//! assert_eq!(packet.transaction_id(), Some(0x1501));
//! assert_eq!(Request::decode(packet.pdu()), Ok(request));
//! assert_eq!(Pdu::new(packet.pdu()).function(), Some(0x10));
//! ```

mod bits;
mod cursor;
mod device_id;
mod diagnostics;
mod error;
mod exception;
mod file;
mod framing;
pub mod function;
pub mod limits;
pub mod mbap;
mod pdu;
mod register_read;
mod registers;
mod request;
mod request_encode;
mod response;
mod response_encode;
pub mod rtu;
#[cfg(test)]
mod tests;

pub use bits::{Bits, BitsMut};
pub use device_id::{DeviceIdAccess, DeviceIdObjects, DeviceIdResponse};
pub use diagnostics::SubFunction;
pub use error::Error;
pub use exception::ExceptionCode;
pub use file::{FileRead, FileReads, FileRecords, FileWrite, FileWrites};
pub use framing::{Framing, FramingError, Side};
pub use pdu::Pdu;
pub use registers::{Registers, RegistersMut};
pub use request::Request;
pub use response::Response;

pub(crate) use cursor::Writer;
pub(crate) use framing::Frame;
pub(crate) use register_read::RegisterRead;
