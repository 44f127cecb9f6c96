//! A map of ranges with access rights, over the caller's memory.

mod block;
mod ranges;

use super::RegisterMap;
use crate::codec::{Bits, BitsMut, ExceptionCode, Registers, RegistersMut};
pub use block::{Access, BitBlock, RegisterBlock};
use ranges::Ranges;

/// A write by a peer, as a hook sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write<'a> {
    /// Coils.
    Coils {
        /// The first address.
        start: u16,
        /// The new values.
        values: Bits<'a>,
    },
    /// Holding registers.
    HoldingRegisters {
        /// The first address.
        start: u16,
        /// The new values.
        values: Registers<'a>,
    },
}

/// Is told of writes, before and after.
///
/// A closure `FnMut(&Write)` is told after; implement the trait to look before and refuse.
pub trait OnWrite {
    /// The write is about to be done: all addresses exist and may be written. An error refuses it.
    fn before(&mut self, write: &Write<'_>) -> Result<(), ExceptionCode> {
        let _ = write;
        Ok(())
    }

    /// The write has been done.
    fn after(&mut self, write: &Write<'_>);
}

impl<F: FnMut(&Write<'_>)> OnWrite for F {
    fn after(&mut self, write: &Write<'_>) {
        self(write);
    }
}

/// Nothing is told.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHook;

impl OnWrite for NoHook {
    fn after(&mut self, _write: &Write<'_>) {}
}

/// A register map made of ranges in the caller's memory.
///
/// A request may span ranges that touch. An address that no range has, and a range that does not allow what is asked,
/// are exception 02. Of ranges that overlap the first counts.
///
/// ```
/// use ptk_modbus::codec::{ExceptionCode, Registers};
/// use ptk_modbus::server::{Access, RegisterBlock, RegisterMap, TableMap, Write};
///
/// let (mut setpoints, mut limits) = ([100, 200], [1000]);
/// let mut blocks = [
///     RegisterBlock::new(0, &mut setpoints, Access::ReadWrite),
///     RegisterBlock::new(2, &mut limits, Access::ReadOnly),
/// ];
/// let mut writes = 0;
/// let mut map =
///     TableMap::new().holding_registers(&mut blocks).on_write(|_write: &Write<'_>| writes += 1);
/// assert_eq!(map.write_holding_registers(1, Registers::from_words(&[250])), Ok(()));
/// let refused = map.write_holding_registers(1, Registers::from_words(&[250, 7]));
/// assert_eq!(refused, Err(ExceptionCode::IllegalDataAddress));
/// assert_eq!(writes, 1);
/// assert_eq!(setpoints, [100, 250]);
/// ```
#[derive(Debug)]
pub struct TableMap<'a, H = NoHook> {
    coils: Ranges<'a, BitBlock<'a>>,
    discrete_inputs: Ranges<'a, BitBlock<'a>>,
    input_registers: Ranges<'a, RegisterBlock<'a>>,
    holding_registers: Ranges<'a, RegisterBlock<'a>>,
    hook: H,
}

impl<'a> TableMap<'a> {
    /// A map without points.
    pub const fn new() -> Self {
        Self {
            coils: Ranges::none(),
            discrete_inputs: Ranges::none(),
            input_registers: Ranges::none(),
            holding_registers: Ranges::none(),
            hook: NoHook,
        }
    }

    /// Has `hook` told of every write.
    pub fn on_write<H: OnWrite>(self, hook: H) -> TableMap<'a, H> {
        TableMap {
            coils: self.coils,
            discrete_inputs: self.discrete_inputs,
            input_registers: self.input_registers,
            holding_registers: self.holding_registers,
            hook,
        }
    }
}

impl Default for TableMap<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, H> TableMap<'a, H> {
    /// With these coils.
    pub fn coils(mut self, blocks: &'a mut [BitBlock<'a>]) -> Self {
        self.coils = Ranges::new(blocks);
        self
    }

    /// With these discrete inputs.
    pub fn discrete_inputs(mut self, blocks: &'a mut [BitBlock<'a>]) -> Self {
        self.discrete_inputs = Ranges::new(blocks);
        self
    }

    /// With these input registers.
    pub fn input_registers(mut self, blocks: &'a mut [RegisterBlock<'a>]) -> Self {
        self.input_registers = Ranges::new(blocks);
        self
    }

    /// With these holding registers.
    pub fn holding_registers(mut self, blocks: &'a mut [RegisterBlock<'a>]) -> Self {
        self.holding_registers = Ranges::new(blocks);
        self
    }
}

fn read_bits(
    ranges: &mut Ranges<'_, BitBlock<'_>>,
    start: u16,
    out: &mut BitsMut<'_>,
) -> Result<(), ExceptionCode> {
    ranges.walk(start, out.len(), Access::reads, |offset, values| {
        out.copy_from_bools(offset, values);
    })
}

#[inline]
fn read_registers(
    ranges: &mut Ranges<'_, RegisterBlock<'_>>,
    start: u16,
    out: &mut RegistersMut<'_>,
) -> Result<(), ExceptionCode> {
    // Most requests are for a part of the first range.
    if let Some(block) = ranges.first()
        && block.access.reads()
        && let Some(skip) = start.checked_sub(block.start)
        && let skip = usize::from(skip)
        && let Some(values) = block.values.get(skip..skip + out.len())
    {
        out.copy_from(values);
        return Ok(());
    }
    read_over_ranges(ranges, start, out)
}

#[inline(never)]
fn read_over_ranges(
    ranges: &mut Ranges<'_, RegisterBlock<'_>>,
    start: u16,
    out: &mut RegistersMut<'_>,
) -> Result<(), ExceptionCode> {
    ranges.walk(start, out.len(), Access::reads, |offset, values| {
        if let Some(mut piece) = out.slice(offset, values.len()) {
            piece.copy_from(values);
        }
    })
}

impl<H: OnWrite> RegisterMap for TableMap<'_, H> {
    fn read_coils(&mut self, start: u16, out: &mut BitsMut<'_>) -> Result<(), ExceptionCode> {
        read_bits(&mut self.coils, start, out)
    }

    fn read_discrete_inputs(
        &mut self,
        start: u16,
        out: &mut BitsMut<'_>,
    ) -> Result<(), ExceptionCode> {
        read_bits(&mut self.discrete_inputs, start, out)
    }

    #[inline]
    fn read_holding_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        read_registers(&mut self.holding_registers, start, out)
    }

    #[inline]
    fn read_input_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        read_registers(&mut self.input_registers, start, out)
    }

    fn write_coils(&mut self, start: u16, values: Bits<'_>) -> Result<(), ExceptionCode> {
        let write = Write::Coils { start, values };
        // First the whole range, so that a write is done whole or not at all.
        let count = values.len();
        self.coils.walk(start, count, Access::writes, |_, _| ())?;
        self.hook.before(&write)?;
        self.coils
            .walk(start, count, Access::writes, |offset, piece| {
                for (index, value) in piece.iter_mut().enumerate() {
                    *value = values.get(offset + index).unwrap_or_default();
                }
            })?;
        self.hook.after(&write);
        Ok(())
    }

    fn write_holding_registers(
        &mut self,
        start: u16,
        values: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        let write = Write::HoldingRegisters { start, values };
        let count = values.len();
        self.holding_registers
            .walk(start, count, Access::writes, |_, _| ())?;
        self.hook.before(&write)?;
        self.holding_registers
            .walk(start, count, Access::writes, |offset, piece| {
                if let Some(source) = values.slice(offset, piece.len()) {
                    source.copy_to(piece);
                }
            })?;
        self.hook.after(&write);
        Ok(())
    }
}
