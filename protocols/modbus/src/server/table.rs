//! A map of ranges with access rights, over the caller's memory.

use super::RegisterMap;
use crate::codec::{Bits, BitsMut, ExceptionCode, Registers, RegistersMut};

/// What peers may do with a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Access {
    /// Read and write.
    #[default]
    ReadWrite,
    /// Read only: a write is refused with exception 02.
    ReadOnly,
    /// Write only: a read is refused with exception 02.
    WriteOnly,
}

impl Access {
    const fn reads(self) -> bool {
        !matches!(self, Self::WriteOnly)
    }

    const fn writes(self) -> bool {
        !matches!(self, Self::ReadOnly)
    }
}

/// A range of registers.
#[derive(Debug)]
pub struct RegisterBlock<'a> {
    /// The address of the first register.
    pub start: u16,
    /// The registers.
    pub values: &'a mut [u16],
    /// What peers may do with them. Input registers are never written.
    pub access: Access,
}

impl<'a> RegisterBlock<'a> {
    /// The registers `values`, the first of them at address `start`.
    pub const fn new(start: u16, values: &'a mut [u16], access: Access) -> Self {
        Self {
            start,
            values,
            access,
        }
    }
}

/// A range of coils or discrete inputs.
#[derive(Debug)]
pub struct BitBlock<'a> {
    /// The address of the first bit.
    pub start: u16,
    /// The bits.
    pub values: &'a mut [bool],
    /// What peers may do with them. Discrete inputs are never written.
    pub access: Access,
}

impl<'a> BitBlock<'a> {
    /// The bits `values`, the first of them at address `start`.
    pub const fn new(start: u16, values: &'a mut [bool], access: Access) -> Self {
        Self {
            start,
            values,
            access,
        }
    }
}

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
    coils: &'a mut [BitBlock<'a>],
    discrete_inputs: &'a mut [BitBlock<'a>],
    input_registers: &'a mut [RegisterBlock<'a>],
    holding_registers: &'a mut [RegisterBlock<'a>],
    hook: H,
}

impl<'a> TableMap<'a> {
    /// A map without points.
    pub const fn new() -> Self {
        Self {
            coils: &mut [],
            discrete_inputs: &mut [],
            input_registers: &mut [],
            holding_registers: &mut [],
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
        self.coils = blocks;
        self
    }

    /// With these discrete inputs.
    pub fn discrete_inputs(mut self, blocks: &'a mut [BitBlock<'a>]) -> Self {
        self.discrete_inputs = blocks;
        self
    }

    /// With these input registers.
    pub fn input_registers(mut self, blocks: &'a mut [RegisterBlock<'a>]) -> Self {
        self.input_registers = blocks;
        self
    }

    /// With these holding registers.
    pub fn holding_registers(mut self, blocks: &'a mut [RegisterBlock<'a>]) -> Self {
        self.holding_registers = blocks;
        self
    }
}

/// What the walk over ranges needs to know of a block.
trait Block {
    type Value: Copy;
    fn start(&self) -> usize;
    fn len(&self) -> usize;
    fn values(&mut self) -> &mut [Self::Value];
    fn access(&self) -> Access;
}

impl Block for RegisterBlock<'_> {
    type Value = u16;

    fn start(&self) -> usize {
        self.start.into()
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn values(&mut self) -> &mut [u16] {
        self.values
    }

    fn access(&self) -> Access {
        self.access
    }
}

impl Block for BitBlock<'_> {
    type Value = bool;

    fn start(&self) -> usize {
        self.start.into()
    }

    fn len(&self) -> usize {
        self.values.len()
    }

    fn values(&mut self) -> &mut [bool] {
        self.values
    }

    fn access(&self) -> Access {
        self.access
    }
}

/// Calls `visit` with each piece of the range `start..start + count` and its offset in the range, in order.
fn walk<B: Block>(
    blocks: &mut [B],
    start: u16,
    count: usize,
    allowed: fn(Access) -> bool,
    mut visit: impl FnMut(usize, &mut [B::Value]),
) -> Result<(), ExceptionCode> {
    let (mut at, end) = (usize::from(start), usize::from(start) + count);
    while at < end {
        let block = blocks.iter_mut().find(|block| {
            let first = block.start();
            (first..first + block.len()).contains(&at)
        });
        let block = block.ok_or(ExceptionCode::IllegalDataAddress)?;
        if !allowed(block.access()) {
            return Err(ExceptionCode::IllegalDataAddress);
        }
        let skip = at - block.start();
        let values = &mut block.values()[skip..];
        let take = values.len().min(end - at);
        visit(at - usize::from(start), &mut values[..take]);
        at += take;
    }
    Ok(())
}

fn read_bits(
    blocks: &mut [BitBlock<'_>],
    start: u16,
    out: &mut BitsMut<'_>,
) -> Result<(), ExceptionCode> {
    walk(blocks, start, out.len(), Access::reads, |offset, values| {
        for (index, value) in values.iter().enumerate() {
            out.set(offset + index, *value);
        }
    })
}

fn read_registers(
    blocks: &mut [RegisterBlock<'_>],
    start: u16,
    out: &mut RegistersMut<'_>,
) -> Result<(), ExceptionCode> {
    walk(blocks, start, out.len(), Access::reads, |offset, values| {
        if let Some(mut piece) = out.slice(offset, values.len()) {
            piece.copy_from(values);
        }
    })
}

impl<H: OnWrite> RegisterMap for TableMap<'_, H> {
    fn read_coils(&mut self, start: u16, out: &mut BitsMut<'_>) -> Result<(), ExceptionCode> {
        read_bits(self.coils, start, out)
    }

    fn read_discrete_inputs(
        &mut self,
        start: u16,
        out: &mut BitsMut<'_>,
    ) -> Result<(), ExceptionCode> {
        read_bits(self.discrete_inputs, start, out)
    }

    fn read_holding_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        read_registers(self.holding_registers, start, out)
    }

    fn read_input_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        read_registers(self.input_registers, start, out)
    }

    fn write_coils(&mut self, start: u16, values: Bits<'_>) -> Result<(), ExceptionCode> {
        let write = Write::Coils { start, values };
        // First the whole range, so that a write is done whole or not at all.
        walk(self.coils, start, values.len(), Access::writes, |_, _| ())?;
        self.hook.before(&write)?;
        walk(
            self.coils,
            start,
            values.len(),
            Access::writes,
            |offset, piece| {
                for (index, value) in piece.iter_mut().enumerate() {
                    *value = values.get(offset + index).unwrap_or_default();
                }
            },
        )?;
        self.hook.after(&write);
        Ok(())
    }

    fn write_holding_registers(
        &mut self,
        start: u16,
        values: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        let write = Write::HoldingRegisters { start, values };
        walk(
            self.holding_registers,
            start,
            values.len(),
            Access::writes,
            |_, _| (),
        )?;
        self.hook.before(&write)?;
        walk(
            self.holding_registers,
            start,
            values.len(),
            Access::writes,
            |offset, piece| {
                if let Some(source) = values.slice(offset, piece.len()) {
                    source.copy_to(piece);
                }
            },
        )?;
        self.hook.after(&write);
        Ok(())
    }
}
