//! Writing responses.

use super::{
    Bits, Error, Registers, Response, SubFunction, Writer, function, limits, request::range,
};

impl Response<'_> {
    /// Writes the PDU to the front of `out` and returns its length, at most 253.
    ///
    /// # Errors
    /// What [`Response::decode`] would refuse is not written; [`Error::BufferTooSmall`] if `out` is.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, Error> {
        let room = out.len().min(limits::MAX_PDU);
        let mut writer = Writer::new(&mut out[..room]);
        self.encode_into(&mut writer)?;
        Ok(writer.length())
    }

    fn encode_into(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        match *self {
            Self::Exception {
                function: function @ (0 | 128..),
                ..
            } => {
                return Err(Error::UnknownFunction(function));
            }
            Self::Exception { function, code } => {
                writer.byte(function | function::EXCEPTION_BIT)?;
                return writer.byte(code.into());
            }
            Self::ReadDeviceIdentification(response) => return response.encode(writer),
            _ => writer.byte(self.function())?,
        }
        match *self {
            Self::ReadCoils(values) | Self::ReadDiscreteInputs(values) => bits(writer, values),
            Self::ReadHoldingRegisters(values)
            | Self::ReadInputRegisters(values)
            | Self::ReadWriteMultipleRegisters(values) => registers(writer, values),
            Self::WriteSingleCoil { address, value } => {
                writer.word(address)?;
                writer.word(if value { 0xFF00 } else { 0 })
            }
            Self::WriteSingleRegister { address, value } => {
                writer.word(address)?;
                writer.word(value)
            }
            Self::ReadExceptionStatus(status) => writer.byte(status),
            Self::Diagnostics { sub_function, data } => {
                let one = !matches!(
                    sub_function,
                    SubFunction::ReturnQueryData | SubFunction::Other(_)
                );
                if data.is_empty() || one && data.len() > 1 {
                    return Err(Error::ByteCount(data.len() * 2));
                }
                writer.word(sub_function.into())?;
                data.write_to(writer.reserve(data.len() * 2)?);
                Ok(())
            }
            Self::GetCommEventCounter { status, events } => {
                writer.word(status)?;
                writer.word(events)
            }
            Self::GetCommEventLog {
                status,
                events,
                messages,
                log,
            } => {
                if log.len() > limits::MAX_LOG_EVENTS {
                    return Err(Error::ByteCount(log.len()));
                }
                writer.byte(6 + log.len() as u8)?;
                writer.word(status)?;
                writer.word(events)?;
                writer.word(messages)?;
                writer.slice(log)
            }
            Self::WriteMultipleCoils { address, quantity } => {
                range(address, quantity.into(), limits::MAX_WRITE_BITS)?;
                writer.word(address)?;
                writer.word(quantity)
            }
            Self::WriteMultipleRegisters { address, quantity } => {
                range(address, quantity.into(), limits::MAX_WRITE_REGISTERS)?;
                writer.word(address)?;
                writer.word(quantity)
            }
            Self::ReportServerId(data) => {
                let count = data.len();
                writer.byte(u8::try_from(count).map_err(|_| Error::ByteCount(count))?)?;
                writer.slice(data)
            }
            Self::ReadFileRecord(records) => records.encode(writer),
            Self::WriteFileRecord(records) => records.encode(writer),
            Self::MaskWriteRegister {
                address,
                and_mask,
                or_mask,
            } => {
                writer.word(address)?;
                writer.word(and_mask)?;
                writer.word(or_mask)
            }
            Self::ReadFifoQueue(values) => {
                if values.len() > limits::MAX_FIFO {
                    return Err(Error::Quantity(values.len() as u32));
                }
                writer.word(2 + values.len() as u16 * 2)?;
                writer.word(values.len() as u16)?;
                values.write_to(writer.reserve(values.len() * 2)?);
                Ok(())
            }
            Self::Custom { function, data } => {
                if !function::is_user_defined(function) {
                    return Err(Error::UnknownFunction(function));
                }
                writer.slice(data)
            }
            Self::Exception { .. } | Self::ReadDeviceIdentification(_) => Ok(()),
        }
    }
}

fn registers(writer: &mut Writer<'_>, values: Registers<'_>) -> Result<(), Error> {
    if values.is_empty() || values.len() > limits::MAX_READ_REGISTERS.into() {
        return Err(Error::Quantity(values.len() as u32));
    }
    let bytes = values.len() * 2;
    writer.byte(bytes as u8)?;
    values.write_to(writer.reserve(bytes)?);
    Ok(())
}

fn bits(writer: &mut Writer<'_>, values: Bits<'_>) -> Result<(), Error> {
    if values.is_empty() || values.len() > limits::MAX_READ_BITS.into() {
        return Err(Error::Quantity(values.len() as u32));
    }
    let bytes = values.len().div_ceil(8);
    writer.byte(bytes as u8)?;
    values.write_to(writer.reserve(bytes)?);
    Ok(())
}
