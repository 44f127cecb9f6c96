//! A map with every point there is.

use super::{DeviceIdentification, RegisterMap};
use crate::codec::{Bits, BitsMut, ExceptionCode, Registers, RegistersMut};

/// How many points of each kind there are.
const POINTS: usize = 0x1_0000;

/// All 65,536 coils, discrete inputs, input registers and holding registers, zero at first.
///
/// It takes 272 KiB: bits are packed. [`FullMap::new`] is `const`, so it can lie in a `static` (behind whatever hands
/// out the one `&mut` to it) and need not cross a stack.
///
/// ```
/// use ptk_modbus::server::FullMap;
///
/// let mut map = FullMap::new();
/// map.set_coil(3, true);
/// map.set_input_register(65535, 9);
/// assert!(map.coil(3));
/// assert_eq!(map.input_register(65535), 9);
/// assert_eq!(size_of::<FullMap>(), 272 * 1024);
/// ```
#[derive(Clone)]
pub struct FullMap {
    coils: [u8; POINTS / 8],
    discrete_inputs: [u8; POINTS / 8],
    input_registers: [u16; POINTS],
    holding_registers: [u16; POINTS],
}

fn bit(bits: &[u8; POINTS / 8], address: u16) -> bool {
    bits[usize::from(address / 8)] >> (address % 8) & 1 == 1
}

fn set_bit(bits: &mut [u8; POINTS / 8], address: u16, value: bool) {
    Bits::from_bools(&[value]).store(bits, address.into());
}

/// Copies registers into a reply; the codec has checked the range, the slice checks it again.
#[inline]
fn read(
    registers: &[u16; POINTS],
    start: u16,
    out: &mut RegistersMut<'_>,
) -> Result<(), ExceptionCode> {
    let start = usize::from(start);
    let run = registers.get(start..start + out.len());
    out.copy_from(run.ok_or(ExceptionCode::IllegalDataAddress)?);
    Ok(())
}

impl FullMap {
    /// All points zero.
    pub const fn new() -> Self {
        Self {
            coils: [0; POINTS / 8],
            discrete_inputs: [0; POINTS / 8],
            input_registers: [0; POINTS],
            holding_registers: [0; POINTS],
        }
    }

    /// A coil.
    pub fn coil(&self, address: u16) -> bool {
        bit(&self.coils, address)
    }

    /// Sets a coil.
    pub fn set_coil(&mut self, address: u16, value: bool) {
        set_bit(&mut self.coils, address, value);
    }

    /// A discrete input.
    pub fn discrete_input(&self, address: u16) -> bool {
        bit(&self.discrete_inputs, address)
    }

    /// Sets a discrete input.
    pub fn set_discrete_input(&mut self, address: u16, value: bool) {
        set_bit(&mut self.discrete_inputs, address, value);
    }

    /// An input register.
    pub const fn input_register(&self, address: u16) -> u16 {
        self.input_registers[address as usize]
    }

    /// Sets an input register.
    pub const fn set_input_register(&mut self, address: u16, value: u16) {
        self.input_registers[address as usize] = value;
    }

    /// A holding register.
    pub const fn holding_register(&self, address: u16) -> u16 {
        self.holding_registers[address as usize]
    }

    /// Sets a holding register.
    pub const fn set_holding_register(&mut self, address: u16, value: u16) {
        self.holding_registers[address as usize] = value;
    }

    /// All holding registers, to be changed in bulk.
    pub const fn holding_registers_mut(&mut self) -> &mut [u16; POINTS] {
        &mut self.holding_registers
    }

    /// All input registers, to be changed in bulk.
    pub const fn input_registers_mut(&mut self) -> &mut [u16; POINTS] {
        &mut self.input_registers
    }
}

impl Default for FullMap {
    fn default() -> Self {
        Self::new()
    }
}

impl core::fmt::Debug for FullMap {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FullMap").finish_non_exhaustive()
    }
}

impl RegisterMap for FullMap {
    fn read_coils(&mut self, start: u16, out: &mut BitsMut<'_>) -> Result<(), ExceptionCode> {
        out.copy_from_packed(&self.coils, start.into());
        Ok(())
    }

    fn read_discrete_inputs(
        &mut self,
        start: u16,
        out: &mut BitsMut<'_>,
    ) -> Result<(), ExceptionCode> {
        out.copy_from_packed(&self.discrete_inputs, start.into());
        Ok(())
    }

    #[inline]
    fn read_holding_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        read(&self.holding_registers, start, out)
    }

    #[inline]
    fn read_input_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        read(&self.input_registers, start, out)
    }

    fn write_coils(&mut self, start: u16, values: Bits<'_>) -> Result<(), ExceptionCode> {
        values.store(&mut self.coils, start.into());
        Ok(())
    }

    fn write_holding_registers(
        &mut self,
        start: u16,
        values: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        let start = usize::from(start);
        let run = self.holding_registers.get_mut(start..start + values.len());
        values.copy_to(run.ok_or(ExceptionCode::IllegalDataAddress)?);
        Ok(())
    }

    fn read_exception_status(&mut self) -> Result<u8, ExceptionCode> {
        Ok(self.coils[0])
    }

    fn report_server_id(&mut self, out: &mut [u8]) -> Result<usize, ExceptionCode> {
        let id = b"\x01\xFFptk-modbus";
        out.get_mut(..id.len())
            .ok_or(ExceptionCode::ServerDeviceFailure)?
            .copy_from_slice(id);
        Ok(id.len())
    }

    fn device_identification(&self) -> Option<DeviceIdentification<'_>> {
        Some(DeviceIdentification::new(
            "Protocol Toolkit",
            "ptk-modbus",
            env!("CARGO_PKG_VERSION"),
        ))
    }
}
