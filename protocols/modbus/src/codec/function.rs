//! Function codes (§5.1) that this crate knows, and what is known of the others.

/// Read Coils (§6.1).
pub const READ_COILS: u8 = 0x01;
/// Read Discrete Inputs (§6.2).
pub const READ_DISCRETE_INPUTS: u8 = 0x02;
/// Read Holding Registers (§6.3).
pub const READ_HOLDING_REGISTERS: u8 = 0x03;
/// Read Input Registers (§6.4).
pub const READ_INPUT_REGISTERS: u8 = 0x04;
/// Write Single Coil (§6.5).
pub const WRITE_SINGLE_COIL: u8 = 0x05;
/// Write Single Register (§6.6).
pub const WRITE_SINGLE_REGISTER: u8 = 0x06;
/// Read Exception Status (§6.7).
pub const READ_EXCEPTION_STATUS: u8 = 0x07;
/// Diagnostics (§6.8).
pub const DIAGNOSTICS: u8 = 0x08;
/// Get Comm Event Counter (§6.9).
pub const GET_COMM_EVENT_COUNTER: u8 = 0x0B;
/// Get Comm Event Log (§6.10).
pub const GET_COMM_EVENT_LOG: u8 = 0x0C;
/// Write Multiple Coils (§6.11).
pub const WRITE_MULTIPLE_COILS: u8 = 0x0F;
/// Write Multiple Registers (§6.12).
pub const WRITE_MULTIPLE_REGISTERS: u8 = 0x10;
/// Report Server ID (§6.13).
pub const REPORT_SERVER_ID: u8 = 0x11;
/// Read File Record (§6.14).
pub const READ_FILE_RECORD: u8 = 0x14;
/// Write File Record (§6.15).
pub const WRITE_FILE_RECORD: u8 = 0x15;
/// Mask Write Register (§6.16).
pub const MASK_WRITE_REGISTER: u8 = 0x16;
/// Read/Write Multiple Registers (§6.17).
pub const READ_WRITE_MULTIPLE_REGISTERS: u8 = 0x17;
/// Read FIFO Queue (§6.18).
pub const READ_FIFO_QUEUE: u8 = 0x18;
/// Encapsulated Interface Transport (§6.19).
pub const ENCAPSULATED_INTERFACE: u8 = 0x2B;

/// The MEI type of Read Device Identification under [`ENCAPSULATED_INTERFACE`] (§6.21).
pub const MEI_DEVICE_IDENTIFICATION: u8 = 0x0E;

/// The bit that turns a function code into that of its exception reply (§7).
pub const EXCEPTION_BIT: u8 = 0x80;

/// Whether `code` is one that a vendor may define: 65 to 72 and 100 to 110 (§5).
pub const fn is_user_defined(code: u8) -> bool {
    matches!(code, 65..=72 | 100..=110)
}

/// The specification's name of `code`, for logs and tables; `None` for codes that it does not name.
pub const fn name(code: u8) -> Option<&'static str> {
    Some(match code {
        READ_COILS => "read coils",
        READ_DISCRETE_INPUTS => "read discrete inputs",
        READ_HOLDING_REGISTERS => "read holding registers",
        READ_INPUT_REGISTERS => "read input registers",
        WRITE_SINGLE_COIL => "write single coil",
        WRITE_SINGLE_REGISTER => "write single register",
        READ_EXCEPTION_STATUS => "read exception status",
        DIAGNOSTICS => "diagnostics",
        GET_COMM_EVENT_COUNTER => "get comm event counter",
        GET_COMM_EVENT_LOG => "get comm event log",
        WRITE_MULTIPLE_COILS => "write multiple coils",
        WRITE_MULTIPLE_REGISTERS => "write multiple registers",
        REPORT_SERVER_ID => "report server id",
        READ_FILE_RECORD => "read file record",
        WRITE_FILE_RECORD => "write file record",
        MASK_WRITE_REGISTER => "mask write register",
        READ_WRITE_MULTIPLE_REGISTERS => "read/write multiple registers",
        READ_FIFO_QUEUE => "read fifo queue",
        ENCAPSULATED_INTERFACE => "encapsulated interface transport",
        _ => return None,
    })
}
