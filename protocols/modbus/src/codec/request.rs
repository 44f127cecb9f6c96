//! Requests: what a client asks of a server.

use super::{
    Bits, DeviceIdAccess, Error, FileReads, FileWrites, Registers, SubFunction, cursor::Reader,
    function, limits,
};

/// A request with nothing wrong in it.
///
/// [`Request::decode`] accepts what the specification allows and nothing else: quantities (§6), byte counts, the two
/// values of a coil, ranges that end at address 65535. [`Request::encode`] checks the same. What is decoded borrows
/// from the frame.
///
/// ```
/// use ptk_modbus::codec::{Error, Request};
///
/// assert_eq!(
///     Request::decode(&[3, 0, 0x6B, 0, 3]),
///     Ok(Request::ReadHoldingRegisters { address: 0x6B, quantity: 3 })
/// );
/// assert_eq!(Request::decode(&[3, 0, 0, 0, 126]), Err(Error::Quantity(126)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// Function 1 (§6.1).
    ReadCoils {
        /// The first coil.
        address: u16,
        /// How many: 1 to 2000.
        quantity: u16,
    },
    /// Function 2 (§6.2).
    ReadDiscreteInputs {
        /// The first input.
        address: u16,
        /// How many: 1 to 2000.
        quantity: u16,
    },
    /// Function 3 (§6.3).
    ReadHoldingRegisters {
        /// The first register.
        address: u16,
        /// How many: 1 to 125.
        quantity: u16,
    },
    /// Function 4 (§6.4).
    ReadInputRegisters {
        /// The first register.
        address: u16,
        /// How many: 1 to 125.
        quantity: u16,
    },
    /// Function 5 (§6.5).
    WriteSingleCoil {
        /// The coil.
        address: u16,
        /// On or off.
        value: bool,
    },
    /// Function 6 (§6.6).
    WriteSingleRegister {
        /// The register.
        address: u16,
        /// Its new value.
        value: u16,
    },
    /// Function 7 (§6.7).
    ReadExceptionStatus,
    /// Function 8 (§6.8).
    Diagnostics {
        /// What is asked for.
        sub_function: SubFunction,
        /// One word, but for [`SubFunction::ReturnQueryData`] any number of words.
        data: Registers<'a>,
    },
    /// Function 11 (§6.9).
    GetCommEventCounter,
    /// Function 12 (§6.10).
    GetCommEventLog,
    /// Function 15 (§6.11).
    WriteMultipleCoils {
        /// The first coil.
        address: u16,
        /// The new values: 1 to 1968.
        values: Bits<'a>,
    },
    /// Function 16 (§6.12).
    WriteMultipleRegisters {
        /// The first register.
        address: u16,
        /// The new values: 1 to 123.
        values: Registers<'a>,
    },
    /// Function 17 (§6.13).
    ReportServerId,
    /// Function 20 (§6.14).
    ReadFileRecord {
        /// What to read; all replies together fit into 245 bytes.
        records: FileReads<'a>,
    },
    /// Function 21 (§6.15).
    WriteFileRecord {
        /// What to write.
        records: FileWrites<'a>,
    },
    /// Function 22 (§6.16): the register becomes `(value & and_mask) | (or_mask & !and_mask)`.
    MaskWriteRegister {
        /// The register.
        address: u16,
        /// Bits to keep.
        and_mask: u16,
        /// Bits to set, where they are not kept.
        or_mask: u16,
    },
    /// Function 23 (§6.17): the write is done before the read.
    ReadWriteMultipleRegisters {
        /// The first register to read.
        read_address: u16,
        /// How many to read: 1 to 125.
        read_quantity: u16,
        /// The first register to write.
        write_address: u16,
        /// The new values: 1 to 121.
        values: Registers<'a>,
    },
    /// Function 24 (§6.18).
    ReadFifoQueue {
        /// The address of the queue's counter.
        pointer: u16,
    },
    /// Function 43 with MEI type 14 (§6.21).
    ReadDeviceIdentification {
        /// Which objects.
        access: DeviceIdAccess,
        /// The object to begin with, or the one that is meant.
        object: u8,
    },
    /// A function code of a vendor's: 65 to 72 or 100 to 110 (§5).
    Custom {
        /// The function code.
        function: u8,
        /// What follows it, at most 252 bytes.
        data: &'a [u8],
    },
}

/// Checks a quantity and the range that it makes, quantity first, in the order of the specification's state diagrams.
#[inline]
pub(super) fn range(address: u16, quantity: usize, most: u16) -> Result<(), Error> {
    if quantity == 0 || quantity > usize::from(most) {
        return Err(Error::Quantity(quantity as u32));
    }
    if usize::from(address) + quantity > 0x1_0000 {
        return Err(Error::AddressRange);
    }
    Ok(())
}

/// Decodes an address and a quantity that end the request.
#[inline]
fn span(mut reader: Reader<'_>, most: u16) -> Result<(u16, u16), Error> {
    let pair = (reader.word()?, reader.word()?);
    reader.end(())?;
    range(pair.0, pair.1.into(), most)?;
    Ok(pair)
}

/// Decodes quantity, byte count and values of a request that writes registers.
#[inline]
fn registers<'a>(mut reader: Reader<'a>, address: u16, most: u16) -> Result<Registers<'a>, Error> {
    let quantity = usize::from(reader.word()?);
    let bytes = reader.byte()?.into();
    if quantity == 0 || quantity > usize::from(most) {
        return Err(Error::Quantity(quantity as u32));
    }
    let values = reader.counted(bytes)?;
    if bytes != quantity * 2 {
        return Err(Error::ByteCount(bytes));
    }
    range(address, quantity, most)?;
    Ok(Registers::from_even_bytes(values))
}

/// A coil's value as functions 5 has it in requests and replies.
pub(super) fn coil(value: u16) -> Result<bool, Error> {
    match value {
        0xFF00 => Ok(true),
        0x0000 => Ok(false),
        other => Err(Error::CoilValue(other)),
    }
}

impl<'a> Request<'a> {
    /// Decodes a PDU.
    ///
    /// # Errors
    /// What is wrong first, in the order in which the specification's state diagrams look: function code, lengths and
    /// quantities, addresses. [`Error::exception`] is what a server answers.
    pub fn decode(pdu: &'a [u8]) -> Result<Self, Error> {
        if pdu.len() > limits::MAX_PDU {
            return Err(Error::TrailingBytes);
        }
        let mut reader = Reader::new(pdu);
        let code = reader.byte()?;
        Ok(match code {
            function::READ_COILS => {
                let (address, quantity) = span(reader, limits::MAX_READ_BITS)?;
                Self::ReadCoils { address, quantity }
            }
            function::READ_DISCRETE_INPUTS => {
                let (address, quantity) = span(reader, limits::MAX_READ_BITS)?;
                Self::ReadDiscreteInputs { address, quantity }
            }
            function::READ_HOLDING_REGISTERS => {
                let (address, quantity) = span(reader, limits::MAX_READ_REGISTERS)?;
                Self::ReadHoldingRegisters { address, quantity }
            }
            function::READ_INPUT_REGISTERS => {
                let (address, quantity) = span(reader, limits::MAX_READ_REGISTERS)?;
                Self::ReadInputRegisters { address, quantity }
            }
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
                let address = reader.word()?;
                let quantity = usize::from(reader.word()?);
                let bytes = reader.byte()?.into();
                if quantity == 0 || quantity > usize::from(limits::MAX_WRITE_BITS) {
                    return Err(Error::Quantity(quantity as u32));
                }
                let packed = reader.counted(bytes)?;
                if bytes != quantity.div_ceil(8) {
                    return Err(Error::ByteCount(bytes));
                }
                range(address, quantity, limits::MAX_WRITE_BITS)?;
                let values = Bits::from_packed(packed, quantity).ok_or(Error::ByteCount(bytes))?;
                Self::WriteMultipleCoils { address, values }
            }
            function::WRITE_MULTIPLE_REGISTERS => {
                let address = reader.word()?;
                let values = registers(reader, address, limits::MAX_WRITE_REGISTERS)?;
                Self::WriteMultipleRegisters { address, values }
            }
            _ => Self::decode_rare(code, reader)?,
        })
    }

    /// The function codes that steady traffic does not have, kept out of the common ones' way.
    fn decode_rare(code: u8, mut reader: Reader<'a>) -> Result<Self, Error> {
        Ok(match code {
            function::READ_EXCEPTION_STATUS => reader.end(Self::ReadExceptionStatus)?,
            function::GET_COMM_EVENT_COUNTER => reader.end(Self::GetCommEventCounter)?,
            function::GET_COMM_EVENT_LOG => reader.end(Self::GetCommEventLog)?,
            function::REPORT_SERVER_ID => reader.end(Self::ReportServerId)?,
            function::DIAGNOSTICS => {
                let sub_function = SubFunction::from(reader.word()?);
                let data = diagnostic_data(sub_function, reader.rest())?;
                Self::Diagnostics { sub_function, data }
            }
            function::READ_FILE_RECORD => {
                let bytes = reader.byte()?.into();
                Self::ReadFileRecord {
                    records: FileReads::decode(reader.counted(bytes)?)?,
                }
            }
            function::WRITE_FILE_RECORD => {
                let bytes = reader.byte()?.into();
                Self::WriteFileRecord {
                    records: FileWrites::decode(reader.counted(bytes)?)?,
                }
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
                let (read_address, read_quantity) = (reader.word()?, reader.word()?);
                let write_address = reader.word()?;
                if read_quantity == 0 || read_quantity > limits::MAX_READ_REGISTERS {
                    return Err(Error::Quantity(read_quantity.into()));
                }
                let most = limits::MAX_READ_WRITE_WRITE_REGISTERS;
                let values = registers(reader, write_address, most)?;
                range(
                    read_address,
                    read_quantity.into(),
                    limits::MAX_READ_REGISTERS,
                )?;
                Self::ReadWriteMultipleRegisters {
                    read_address,
                    read_quantity,
                    write_address,
                    values,
                }
            }
            function::READ_FIFO_QUEUE => {
                let pointer = reader.word()?;
                reader.end(Self::ReadFifoQueue { pointer })?
            }
            function::ENCAPSULATED_INTERFACE => {
                let mei = reader.byte()?;
                if mei != function::MEI_DEVICE_IDENTIFICATION {
                    return Err(Error::UnknownInterface(mei));
                }
                let (access, object) = (reader.byte()?, reader.byte()?);
                reader.end(())?;
                Self::ReadDeviceIdentification {
                    access: access.try_into()?,
                    object,
                }
            }
            code if function::is_user_defined(code) => Self::Custom {
                function: code,
                data: reader.rest(),
            },
            code => return Err(Error::UnknownFunction(code)),
        })
    }

    /// The function code.
    pub const fn function(&self) -> u8 {
        match self {
            Self::ReadCoils { .. } => function::READ_COILS,
            Self::ReadDiscreteInputs { .. } => function::READ_DISCRETE_INPUTS,
            Self::ReadHoldingRegisters { .. } => function::READ_HOLDING_REGISTERS,
            Self::ReadInputRegisters { .. } => function::READ_INPUT_REGISTERS,
            Self::WriteSingleCoil { .. } => function::WRITE_SINGLE_COIL,
            Self::WriteSingleRegister { .. } => function::WRITE_SINGLE_REGISTER,
            Self::ReadExceptionStatus => function::READ_EXCEPTION_STATUS,
            Self::Diagnostics { .. } => function::DIAGNOSTICS,
            Self::GetCommEventCounter => function::GET_COMM_EVENT_COUNTER,
            Self::GetCommEventLog => function::GET_COMM_EVENT_LOG,
            Self::WriteMultipleCoils { .. } => function::WRITE_MULTIPLE_COILS,
            Self::WriteMultipleRegisters { .. } => function::WRITE_MULTIPLE_REGISTERS,
            Self::ReportServerId => function::REPORT_SERVER_ID,
            Self::ReadFileRecord { .. } => function::READ_FILE_RECORD,
            Self::WriteFileRecord { .. } => function::WRITE_FILE_RECORD,
            Self::MaskWriteRegister { .. } => function::MASK_WRITE_REGISTER,
            Self::ReadWriteMultipleRegisters { .. } => function::READ_WRITE_MULTIPLE_REGISTERS,
            Self::ReadFifoQueue { .. } => function::READ_FIFO_QUEUE,
            Self::ReadDeviceIdentification { .. } => function::ENCAPSULATED_INTERFACE,
            Self::Custom { function, .. } => *function,
        }
    }

    /// Whether the request changes points of the device: the only ones that make sense as a broadcast.
    pub const fn is_write(&self) -> bool {
        matches!(
            self,
            Self::WriteSingleCoil { .. }
                | Self::WriteSingleRegister { .. }
                | Self::WriteMultipleCoils { .. }
                | Self::WriteMultipleRegisters { .. }
                | Self::WriteFileRecord { .. }
                | Self::MaskWriteRegister { .. }
        )
    }
}

/// The data of a Diagnostics request or reply: whole words, and one word but for Return Query Data.
pub(super) fn diagnostic_data(sub: SubFunction, bytes: &[u8]) -> Result<Registers<'_>, Error> {
    let data = Registers::from_be_bytes(bytes).ok_or(Error::ByteCount(bytes.len()))?;
    match (sub, data.len()) {
        (_, 0) => Err(Error::Truncated),
        (SubFunction::ReturnQueryData | SubFunction::Other(_), _) | (_, 1) => Ok(data),
        _ => Err(Error::TrailingBytes),
    }
}
