//! Writing requests.

use super::{Error, Request, SubFunction, Writer, function, limits, request::range};

impl Request<'_> {
    /// Writes the PDU to the front of `out` and returns its length, at most 253.
    ///
    /// # Errors
    /// What [`Request::decode`] would refuse is not written; [`Error::BufferTooSmall`] if `out` is.
    pub fn encode(&self, out: &mut [u8]) -> Result<usize, Error> {
        let room = out.len().min(limits::MAX_PDU);
        let mut writer = Writer::new(&mut out[..room]);
        writer.byte(self.function())?;
        self.encode_data(&mut writer)?;
        Ok(writer.length())
    }

    fn encode_data(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        match *self {
            Self::ReadCoils { address, quantity }
            | Self::ReadDiscreteInputs { address, quantity } => {
                range(address, quantity.into(), limits::MAX_READ_BITS)?;
                writer.word(address)?;
                writer.word(quantity)
            }
            Self::ReadHoldingRegisters { address, quantity }
            | Self::ReadInputRegisters { address, quantity } => {
                range(address, quantity.into(), limits::MAX_READ_REGISTERS)?;
                writer.word(address)?;
                writer.word(quantity)
            }
            Self::WriteSingleCoil { address, value } => {
                writer.word(address)?;
                writer.word(if value { 0xFF00 } else { 0 })
            }
            Self::WriteSingleRegister { address, value } => {
                writer.word(address)?;
                writer.word(value)
            }
            Self::ReadExceptionStatus
            | Self::GetCommEventCounter
            | Self::GetCommEventLog
            | Self::ReportServerId => Ok(()),
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
            Self::WriteMultipleCoils { address, values } => {
                range(address, values.len(), limits::MAX_WRITE_BITS)?;
                let bytes = values.len().div_ceil(8);
                writer.word(address)?;
                writer.word(values.len() as u16)?;
                writer.byte(bytes as u8)?;
                values.write_to(writer.reserve(bytes)?);
                Ok(())
            }
            Self::WriteMultipleRegisters { address, values } => {
                range(address, values.len(), limits::MAX_WRITE_REGISTERS)?;
                writer.word(address)?;
                counted_registers(writer, values)
            }
            Self::ReadFileRecord { records } => records.encode(writer),
            Self::WriteFileRecord { records } => records.encode(writer),
            Self::MaskWriteRegister {
                address,
                and_mask,
                or_mask,
            } => {
                writer.word(address)?;
                writer.word(and_mask)?;
                writer.word(or_mask)
            }
            Self::ReadWriteMultipleRegisters {
                read_address,
                read_quantity,
                write_address,
                values,
            } => {
                range(
                    read_address,
                    read_quantity.into(),
                    limits::MAX_READ_REGISTERS,
                )?;
                let most = limits::MAX_READ_WRITE_WRITE_REGISTERS;
                range(write_address, values.len(), most)?;
                writer.word(read_address)?;
                writer.word(read_quantity)?;
                writer.word(write_address)?;
                counted_registers(writer, values)
            }
            Self::ReadFifoQueue { pointer } => writer.word(pointer),
            Self::ReadDeviceIdentification { access, object } => {
                writer.byte(function::MEI_DEVICE_IDENTIFICATION)?;
                writer.byte(access.into())?;
                writer.byte(object)
            }
            Self::Custom { function, data } => {
                if !function::is_user_defined(function) {
                    return Err(Error::UnknownFunction(function));
                }
                writer.slice(data)
            }
        }
    }
}

/// Quantity, byte count, values.
fn counted_registers(writer: &mut Writer<'_>, values: super::Registers<'_>) -> Result<(), Error> {
    let bytes = values.len() * 2;
    writer.word(values.len() as u16)?;
    writer.byte(bytes as u8)?;
    values.write_to(writer.reserve(bytes)?);
    Ok(())
}
