//! Quantities and sizes as the specification has them.

/// Bytes of the longest PDU (§4.1): 256 of an RS485 frame, less address and CRC.
pub const MAX_PDU: usize = 253;
/// Coils or discrete inputs that one request may read: 0x7D0 (§6.1, §6.2).
pub const MAX_READ_BITS: u16 = 2000;
/// Registers that one request may read: 0x7D (§6.3, §6.4, §6.17).
pub const MAX_READ_REGISTERS: u16 = 125;
/// Coils that one request may write: 0x7B0 (§6.11).
pub const MAX_WRITE_BITS: u16 = 1968;
/// Registers that one request may write: 0x7B (§6.12).
pub const MAX_WRITE_REGISTERS: u16 = 123;
/// Registers that the write half of function 23 may carry: 0x79 (§6.17).
pub const MAX_READ_WRITE_WRITE_REGISTERS: u16 = 121;
/// Registers in the reply of function 24 (§6.18).
pub const MAX_FIFO: usize = 31;
/// Events in the reply of function 12 (§6.10).
pub const MAX_LOG_EVENTS: usize = 64;
/// Byte counts of a request of function 20, smallest and largest (§6.14).
pub const FILE_READ_REQUEST_BYTES: (usize, usize) = (0x07, 0xF5);
/// Byte counts of a reply of function 20, smallest and largest (§6.14).
pub const FILE_READ_REPLY_BYTES: (usize, usize) = (0x07, 0xF5);
/// Byte counts of a request and reply of function 21, smallest and largest (§6.15).
pub const FILE_WRITE_BYTES: (usize, usize) = (0x09, 0xFB);
/// The largest record number within a file: 9999 (§6.14).
pub const MAX_RECORD: u16 = 0x270F;
