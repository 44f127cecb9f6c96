//! What a unit can do.

use super::DeviceIdentification;
use crate::codec::{Bits, BitsMut, ExceptionCode, Registers, RegistersMut};

/// The points of a unit and what can be done with them.
///
/// Every method has a default that refuses with [`ExceptionCode::IllegalFunction`], or that makes do with other
/// methods, so a map implements what its device has. The codec has checked quantities before a method is called, and
/// that the range ends at address 65535; whether the points exist is for the map to say
/// ([`ExceptionCode::IllegalDataAddress`]). Methods write right into the reply, and read right out of the request.
///
/// A map is called from the loop: what takes long answers [`ExceptionCode::Acknowledge`] or
/// [`ExceptionCode::ServerDeviceBusy`] and is done elsewhere.
///
/// ```
/// use ptk_modbus::codec::{ExceptionCode, RegistersMut};
/// use ptk_modbus::server::RegisterMap;
///
/// /// A thermometer: its temperature in tenths of a degree is input register 0.
/// struct Thermometer {
///     tenths: i16,
/// }
///
/// impl RegisterMap for Thermometer {
///     fn read_input_registers(
///         &mut self,
///         start: u16,
///         out: &mut RegistersMut<'_>,
///     ) -> Result<(), ExceptionCode> {
///         if start != 0 || out.len() != 1 {
///             return Err(ExceptionCode::IllegalDataAddress);
///         }
///         out.set(0, self.tenths as u16);
///         Ok(())
///     }
/// }
///
/// let mut bytes = [0; 2];
/// Thermometer { tenths: 215 }.read_input_registers(0, &mut RegistersMut::new(&mut bytes)).unwrap();
/// assert_eq!(bytes, [0, 215]);
/// ```
#[allow(unused_variables)]
pub trait RegisterMap {
    /// Function 1: fills `out` with the coils from `start` on.
    fn read_coils(&mut self, start: u16, out: &mut BitsMut<'_>) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Function 2: fills `out` with the discrete inputs from `start` on.
    fn read_discrete_inputs(
        &mut self,
        start: u16,
        out: &mut BitsMut<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Functions 3, 22 and 23: fills `out` with the holding registers from `start` on.
    fn read_holding_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Function 4: fills `out` with the input registers from `start` on.
    fn read_input_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Functions 5 and 15: sets the coils from `start` on. All of them or, with an error, none.
    fn write_coils(&mut self, start: u16, values: Bits<'_>) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Functions 6, 16, 22 and 23: sets the holding registers from `start` on. All of them or, with an error, none.
    fn write_holding_registers(
        &mut self,
        start: u16,
        values: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Function 22: the register becomes `(value & and_mask) | (or_mask & !and_mask)`. By default read and written.
    fn mask_write_register(
        &mut self,
        address: u16,
        and_mask: u16,
        or_mask: u16,
    ) -> Result<(), ExceptionCode> {
        let mut bytes = [0; 2];
        self.read_holding_registers(address, &mut RegistersMut::new(&mut bytes))?;
        let value = u16::from_be_bytes(bytes) & and_mask | or_mask & !and_mask;
        self.write_holding_registers(address, Registers::from_words(&[value]))
    }

    /// Function 23: writes first, then reads. By default it reads once more before, so that a range that cannot be
    /// read writes nothing.
    fn read_write_registers(
        &mut self,
        read_start: u16,
        out: &mut RegistersMut<'_>,
        write_start: u16,
        values: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        self.read_holding_registers(read_start, out)?;
        self.write_holding_registers(write_start, values)?;
        self.read_holding_registers(read_start, out)
    }

    /// Function 7: eight status bits.
    fn read_exception_status(&mut self) -> Result<u8, ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Function 17: writes server id, run indicator (0x00 or 0xFF) and whatever else into `out`, and returns how many
    /// bytes those are. `out` has 251 bytes.
    fn report_server_id(&mut self, out: &mut [u8]) -> Result<usize, ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Function 20, once for each of its sub-requests: fills `out` with records of `file` from `record` on.
    fn read_file_record(
        &mut self,
        file: u16,
        record: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Function 21, once for each of its sub-requests: sets records of `file` from `record` on.
    fn write_file_record(
        &mut self,
        file: u16,
        record: u16,
        values: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Function 24: fills `out` with the queue at `pointer`, oldest first, and returns how many registers it holds. The
    /// queue stays as it is (§6.18). More than 31 become [`ExceptionCode::IllegalDataValue`].
    fn read_fifo_queue(
        &mut self,
        pointer: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<usize, ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }

    /// Function 43/14: who made the device. `None` refuses.
    fn device_identification(&self) -> Option<DeviceIdentification<'_>> {
        None
    }

    /// A function code of a vendor's (65 to 72, 100 to 110): writes the reply's data into `reply` and returns how many
    /// bytes those are. `reply` has 252 bytes.
    fn custom(
        &mut self,
        function: u8,
        data: &[u8],
        reply: &mut [u8],
    ) -> Result<usize, ExceptionCode> {
        Err(ExceptionCode::IllegalFunction)
    }
}

macro_rules! forward {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $answer:ty;)*) => { $(
        #[inline]
        fn $name(&mut self, $($argument: $kind),*) -> Result<$answer, ExceptionCode> {
            (**self).$name($($argument),*)
        }
    )* };
}

impl<M: RegisterMap + ?Sized> RegisterMap for &mut M {
    forward! {
        read_coils(start: u16, out: &mut BitsMut<'_>) -> ();
        read_discrete_inputs(start: u16, out: &mut BitsMut<'_>) -> ();
        read_holding_registers(start: u16, out: &mut RegistersMut<'_>) -> ();
        read_input_registers(start: u16, out: &mut RegistersMut<'_>) -> ();
        write_coils(start: u16, values: Bits<'_>) -> ();
        write_holding_registers(start: u16, values: Registers<'_>) -> ();
        mask_write_register(address: u16, and_mask: u16, or_mask: u16) -> ();
        read_write_registers(
            read_start: u16,
            out: &mut RegistersMut<'_>,
            write_start: u16,
            values: Registers<'_>
        ) -> ();
        read_exception_status() -> u8;
        report_server_id(out: &mut [u8]) -> usize;
        read_file_record(file: u16, record: u16, out: &mut RegistersMut<'_>) -> ();
        write_file_record(file: u16, record: u16, values: Registers<'_>) -> ();
        read_fifo_queue(pointer: u16, out: &mut RegistersMut<'_>) -> usize;
        custom(function: u8, data: &[u8], reply: &mut [u8]) -> usize;
    }

    fn device_identification(&self) -> Option<DeviceIdentification<'_>> {
        (**self).device_identification()
    }
}
