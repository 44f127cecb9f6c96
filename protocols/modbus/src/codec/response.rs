//! Responses: what a server answers.

use super::{
    Bits, DeviceIdResponse, Error, ExceptionCode, FileRecords, FileWrites, Registers, SubFunction,
    cursor::Reader,
    function, limits,
    request::{coil, diagnostic_data, range},
};

/// A response with nothing wrong in it, as far as it can be told without the request.
///
/// A response to a read of bits does not say how many bits of its last byte count: [`Bits::first`] cuts it to what was
/// asked for. Whether a response answers a certain request is for the client to check.
///
/// ```
/// use ptk_modbus::codec::{ExceptionCode, Registers, Response};
///
/// assert_eq!(
///     Response::decode(&[3, 4, 0, 1, 0, 2]),
///     Ok(Response::ReadHoldingRegisters(Registers::from_words(&[1, 2])))
/// );
/// assert_eq!(
///     Response::decode(&[0x83, 2]),
///     Ok(Response::Exception { function: 3, code: ExceptionCode::IllegalDataAddress })
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response<'a> {
    /// Function 1 (§6.1): a multiple of eight bits.
    ReadCoils(Bits<'a>),
    /// Function 2 (§6.2): a multiple of eight bits.
    ReadDiscreteInputs(Bits<'a>),
    /// Function 3 (§6.3).
    ReadHoldingRegisters(Registers<'a>),
    /// Function 4 (§6.4).
    ReadInputRegisters(Registers<'a>),
    /// Function 5 (§6.5): an echo of the request.
    WriteSingleCoil {
        /// The coil.
        address: u16,
        /// On or off.
        value: bool,
    },
    /// Function 6 (§6.6): an echo of the request.
    WriteSingleRegister {
        /// The register.
        address: u16,
        /// Its new value.
        value: u16,
    },
    /// Function 7 (§6.7): eight status bits, what they mean is the device's own.
    ReadExceptionStatus(u8),
    /// Function 8 (§6.8).
    Diagnostics {
        /// As in the request.
        sub_function: SubFunction,
        /// The counter or register asked for, or an echo.
        data: Registers<'a>,
    },
    /// Function 11 (§6.9).
    GetCommEventCounter {
        /// 0xFFFF while an earlier command is still being done, else 0.
        status: u16,
        /// Requests completed.
        events: u16,
    },
    /// Function 12 (§6.10).
    GetCommEventLog {
        /// 0xFFFF while an earlier command is still being done, else 0.
        status: u16,
        /// Requests completed.
        events: u16,
        /// Messages processed.
        messages: u16,
        /// At most 64 events, the latest first (§6.10 has their bits).
        log: &'a [u8],
    },
    /// Function 15 (§6.11).
    WriteMultipleCoils {
        /// The first coil.
        address: u16,
        /// How many were written.
        quantity: u16,
    },
    /// Function 16 (§6.12).
    WriteMultipleRegisters {
        /// The first register.
        address: u16,
        /// How many were written.
        quantity: u16,
    },
    /// Function 17 (§6.13): server id, run indicator (0x00 off, 0xFF on) and more, as the device defines it.
    ReportServerId(&'a [u8]),
    /// Function 20 (§6.14).
    ReadFileRecord(FileRecords<'a>),
    /// Function 21 (§6.15): an echo of the request.
    WriteFileRecord(FileWrites<'a>),
    /// Function 22 (§6.16): an echo of the request.
    MaskWriteRegister {
        /// The register.
        address: u16,
        /// Bits kept.
        and_mask: u16,
        /// Bits set.
        or_mask: u16,
    },
    /// Function 23 (§6.17): what was read.
    ReadWriteMultipleRegisters(Registers<'a>),
    /// Function 24 (§6.18): what is in the queue, at most 31 registers.
    ReadFifoQueue(Registers<'a>),
    /// Function 43 with MEI type 14 (§6.21).
    ReadDeviceIdentification(DeviceIdResponse<'a>),
    /// Not done (§7).
    Exception {
        /// The function code that was asked for, without the exception bit.
        function: u8,
        /// Why.
        code: ExceptionCode,
    },
    /// A function code of a vendor's (§5).
    Custom {
        /// The function code.
        function: u8,
        /// What follows it, at most 252 bytes.
        data: &'a [u8],
    },
}

/// Registers behind a byte count, 1 to 125 of them.
#[inline]
fn registers(mut reader: Reader<'_>) -> Result<Registers<'_>, Error> {
    let bytes = usize::from(reader.byte()?);
    let values = reader.counted(bytes)?;
    if bytes == 0 || bytes > usize::from(limits::MAX_READ_REGISTERS) * 2 {
        return Err(Error::ByteCount(bytes));
    }
    Registers::from_be_bytes(values).ok_or(Error::ByteCount(bytes))
}

/// Bits behind a byte count, 1 to 250 bytes.
fn bits(mut reader: Reader<'_>) -> Result<Bits<'_>, Error> {
    let bytes = usize::from(reader.byte()?);
    let packed = reader.counted(bytes)?;
    if bytes == 0 || bytes > usize::from(limits::MAX_READ_BITS) / 8 {
        return Err(Error::ByteCount(bytes));
    }
    Ok(Bits::from_bytes(packed))
}

/// Address and quantity of what was written.
fn written(mut reader: Reader<'_>, most: u16) -> Result<(u16, u16), Error> {
    let pair = (reader.word()?, reader.word()?);
    reader.end(())?;
    range(pair.0, pair.1.into(), most)?;
    Ok(pair)
}

impl<'a> Response<'a> {
    /// Decodes a PDU.
    ///
    /// # Errors
    /// What is wrong first: function code, lengths, values.
    pub fn decode(pdu: &'a [u8]) -> Result<Self, Error> {
        if pdu.len() > limits::MAX_PDU {
            return Err(Error::TrailingBytes);
        }
        let mut reader = Reader::new(pdu);
        let code = reader.byte()?;
        if code & function::EXCEPTION_BIT != 0 {
            let function = code & !function::EXCEPTION_BIT;
            // Function code 0 is not valid (§4.1), so nobody asked for it.
            if function == 0 {
                return Err(Error::UnknownFunction(0));
            }
            let code = ExceptionCode::from(reader.byte()?);
            return reader.end(Self::Exception { function, code });
        }
        Ok(match code {
            function::READ_COILS => Self::ReadCoils(bits(reader)?),
            function::READ_DISCRETE_INPUTS => Self::ReadDiscreteInputs(bits(reader)?),
            function::READ_HOLDING_REGISTERS => Self::ReadHoldingRegisters(registers(reader)?),
            function::READ_INPUT_REGISTERS => Self::ReadInputRegisters(registers(reader)?),
            function::WRITE_SINGLE_COIL => {
                let (address, value) = (reader.word()?, reader.word()?);
                reader.end(())?;
                Self::WriteSingleCoil {
                    address,
                    value: coil(value)?,
                }
            }
            function::WRITE_SINGLE_REGISTER => {
                let (address, value) = (reader.word()?, reader.word()?);
                reader.end(Self::WriteSingleRegister { address, value })?
            }
            function::WRITE_MULTIPLE_COILS => {
                let (address, quantity) = written(reader, limits::MAX_WRITE_BITS)?;
                Self::WriteMultipleCoils { address, quantity }
            }
            function::WRITE_MULTIPLE_REGISTERS => {
                let (address, quantity) = written(reader, limits::MAX_WRITE_REGISTERS)?;
                Self::WriteMultipleRegisters { address, quantity }
            }
            _ => Self::decode_rare(code, reader)?,
        })
    }

    fn decode_rare(code: u8, mut reader: Reader<'a>) -> Result<Self, Error> {
        Ok(match code {
            function::READ_EXCEPTION_STATUS => {
                let status = reader.byte()?;
                reader.end(Self::ReadExceptionStatus(status))?
            }
            function::DIAGNOSTICS => {
                let sub_function = SubFunction::from(reader.word()?);
                let data = diagnostic_data(sub_function, reader.rest())?;
                Self::Diagnostics { sub_function, data }
            }
            function::GET_COMM_EVENT_COUNTER => {
                let (status, events) = (reader.word()?, reader.word()?);
                reader.end(Self::GetCommEventCounter { status, events })?
            }
            function::GET_COMM_EVENT_LOG => {
                let bytes = usize::from(reader.byte()?);
                if !(6..=6 + limits::MAX_LOG_EVENTS).contains(&bytes) {
                    return Err(Error::ByteCount(bytes));
                }
                let mut data = Reader::new(reader.counted(bytes)?);
                Self::GetCommEventLog {
                    status: data.word()?,
                    events: data.word()?,
                    messages: data.word()?,
                    log: data.rest(),
                }
            }
            function::REPORT_SERVER_ID => {
                let bytes = usize::from(reader.byte()?);
                Self::ReportServerId(reader.counted(bytes)?)
            }
            function::READ_FILE_RECORD => {
                let bytes = usize::from(reader.byte()?);
                Self::ReadFileRecord(FileRecords::decode(reader.counted(bytes)?)?)
            }
            function::WRITE_FILE_RECORD => {
                let bytes = usize::from(reader.byte()?);
                Self::WriteFileRecord(FileWrites::decode(reader.counted(bytes)?)?)
            }
            function::MASK_WRITE_REGISTER => {
                let (address, and_mask, or_mask) = (reader.word()?, reader.word()?, reader.word()?);
                reader.end(Self::MaskWriteRegister {
                    address,
                    and_mask,
                    or_mask,
                })?
            }
            function::READ_WRITE_MULTIPLE_REGISTERS => {
                Self::ReadWriteMultipleRegisters(registers(reader)?)
            }
            function::READ_FIFO_QUEUE => {
                let bytes = usize::from(reader.word()?);
                let mut data = Reader::new(reader.counted(bytes)?);
                let count = usize::from(data.word()?);
                if count > limits::MAX_FIFO {
                    return Err(Error::Quantity(count as u32));
                }
                let values = data.counted(count * 2)?;
                Self::ReadFifoQueue(Registers::from_even_bytes(values))
            }
            function::ENCAPSULATED_INTERFACE => {
                let mei = reader.byte()?;
                if mei != function::MEI_DEVICE_IDENTIFICATION {
                    return Err(Error::UnknownInterface(mei));
                }
                Self::ReadDeviceIdentification(DeviceIdResponse::decode(reader)?)
            }
            code if function::is_user_defined(code) => Self::Custom {
                function: code,
                data: reader.rest(),
            },
            code => return Err(Error::UnknownFunction(code)),
        })
    }

    /// The function code, without the exception bit.
    pub const fn function(&self) -> u8 {
        match self {
            Self::ReadCoils(_) => function::READ_COILS,
            Self::ReadDiscreteInputs(_) => function::READ_DISCRETE_INPUTS,
            Self::ReadHoldingRegisters(_) => function::READ_HOLDING_REGISTERS,
            Self::ReadInputRegisters(_) => function::READ_INPUT_REGISTERS,
            Self::WriteSingleCoil { .. } => function::WRITE_SINGLE_COIL,
            Self::WriteSingleRegister { .. } => function::WRITE_SINGLE_REGISTER,
            Self::ReadExceptionStatus(_) => function::READ_EXCEPTION_STATUS,
            Self::Diagnostics { .. } => function::DIAGNOSTICS,
            Self::GetCommEventCounter { .. } => function::GET_COMM_EVENT_COUNTER,
            Self::GetCommEventLog { .. } => function::GET_COMM_EVENT_LOG,
            Self::WriteMultipleCoils { .. } => function::WRITE_MULTIPLE_COILS,
            Self::WriteMultipleRegisters { .. } => function::WRITE_MULTIPLE_REGISTERS,
            Self::ReportServerId(_) => function::REPORT_SERVER_ID,
            Self::ReadFileRecord(_) => function::READ_FILE_RECORD,
            Self::WriteFileRecord(_) => function::WRITE_FILE_RECORD,
            Self::MaskWriteRegister { .. } => function::MASK_WRITE_REGISTER,
            Self::ReadWriteMultipleRegisters(_) => function::READ_WRITE_MULTIPLE_REGISTERS,
            Self::ReadFifoQueue(_) => function::READ_FIFO_QUEUE,
            Self::ReadDeviceIdentification(_) => function::ENCAPSULATED_INTERFACE,
            Self::Exception { function, .. } | Self::Custom { function, .. } => *function,
        }
    }
}
