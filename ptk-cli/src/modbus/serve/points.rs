//! The points of one unit: ranges of the four kinds, with access rights and simulated values.

use std::cell::Cell;
use std::rc::Rc;

use ptk_modbus::codec::{Bits, BitsMut, ExceptionCode, Registers, RegistersMut};
use ptk_modbus::server::{Access, DeviceIdentification, RegisterMap};
use ptk_modbus::value::{Kind, WordOrder};

use super::signal::Signal;

/// Points that lie next to each other. Bits are kept as 0 and 1.
#[derive(Debug)]
pub struct Range {
    pub start: u16,
    pub values: Vec<u16>,
    pub access: Access,
    pub simulated: Option<Simulated>,
}

/// What the values of a range do over time.
#[derive(Clone, Copy, Debug)]
pub struct Simulated {
    pub signal: Signal,
    /// In nanoseconds.
    pub period: u64,
    /// `None` for bits.
    pub kind: Option<Kind>,
    pub order: WordOrder,
}

/// The ranges of one kind, sorted, none over another.
#[derive(Debug, Default)]
pub struct Table(Vec<Range>);

/// How long the simulation has run, in nanoseconds: set by the loop before it serves.
pub type Clock = Rc<Cell<u64>>;

/// A unit.
#[derive(Debug, Default)]
pub struct Points {
    pub coils: Table,
    pub discrete: Table,
    pub input: Table,
    pub holding: Table,
    pub clock: Clock,
    pub identity: Rc<Identity>,
}

/// What function 43/14 tells.
#[derive(Debug)]
pub struct Identity {
    pub vendor: String,
    pub product: String,
    pub version: String,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            vendor: "Protocol Toolkit".to_owned(),
            product: "ptk modbus serve".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

impl Table {
    /// Adds a range; the range that it would lie over comes back as an error.
    pub fn add(&mut self, range: Range) -> Result<(), String> {
        let end = |range: &Range| usize::from(range.start) + range.values.len();
        let over = self.0.iter().find(|other| {
            usize::from(range.start) < end(other) && usize::from(other.start) < end(&range)
        });
        if let Some(other) = over {
            return Err(format!("{} to {}", other.start, end(other) - 1));
        }
        let at = self.0.partition_point(|other| other.start < range.start);
        self.0.insert(at, range);
        Ok(())
    }

    pub fn points(&self) -> usize {
        self.0.iter().map(|range| range.values.len()).sum()
    }

    /// Calls `visit` with each piece of `start..start + count`, and with how far into it the piece begins.
    fn walk(
        &mut self,
        start: u16,
        count: usize,
        allowed: fn(Access) -> bool,
        mut visit: impl FnMut(usize, &mut Range, std::ops::Range<usize>),
    ) -> Result<(), ExceptionCode> {
        let (first, end) = (usize::from(start), usize::from(start) + count);
        let mut at = first;
        let begin = self
            .0
            .partition_point(|range| usize::from(range.start) + range.values.len() <= first);
        for range in &mut self.0[begin..] {
            if at >= end {
                break;
            }
            let Some(skip) = at.checked_sub(range.start.into()) else {
                break;
            };
            if !allowed(range.access) {
                return Err(ExceptionCode::IllegalDataAddress);
            }
            let take = (range.values.len() - skip).min(end - at);
            visit(at - first, range, skip..skip + take);
            at += take;
        }
        if at < end {
            return Err(ExceptionCode::IllegalDataAddress);
        }
        Ok(())
    }

    fn read(
        &mut self,
        start: u16,
        count: usize,
        elapsed: u64,
        mut each: impl FnMut(usize, u16),
    ) -> Result<(), ExceptionCode> {
        self.walk(start, count, readable, |offset, range, piece| {
            range.refresh(elapsed);
            for (index, value) in range.values[piece].iter().enumerate() {
                each(offset + index, *value);
            }
        })
    }

    /// All of them, or none.
    fn write(
        &mut self,
        start: u16,
        count: usize,
        mut value: impl FnMut(usize) -> u16,
    ) -> Result<(), ExceptionCode> {
        self.walk(start, count, writable, |_, _, _| ())?;
        self.walk(start, count, writable, |offset, range, piece| {
            for (index, place) in range.values[piece].iter_mut().enumerate() {
                *place = value(offset + index);
            }
        })
    }
}

fn readable(access: Access) -> bool {
    access != Access::WriteOnly
}

fn writable(access: Access) -> bool {
    access != Access::ReadOnly
}

impl Range {
    /// Sets simulated values to what they are now.
    fn refresh(&mut self, elapsed: u64) {
        let Some(simulated) = self.simulated else {
            return;
        };
        let size = simulated.kind.map_or(1, |kind| kind.registers().into());
        for (index, place) in self.values.chunks_exact_mut(size).enumerate() {
            let salt = u64::from(self.start) + index as u64;
            let value = simulated.signal.at(elapsed, simulated.period, salt);
            match simulated.kind {
                Some(kind) => write_number(kind, simulated.order, value, place),
                None => place[0] = (value.round() as i64 & 1) as u16,
            }
        }
    }
}

/// Writes a number over registers: rounded and within the kind's range, for integers.
fn write_number(kind: Kind, order: WordOrder, value: f64, out: &mut [u16]) {
    let rounded = value.round();
    // The room is the kind's own.
    let _ = match kind {
        Kind::U16 => order.write(rounded as u16, out),
        Kind::I16 => order.write(rounded as i16, out),
        Kind::U32 => order.write(rounded as u32, out),
        Kind::I32 => order.write(rounded as i32, out),
        Kind::U64 => order.write(rounded as u64, out),
        Kind::I64 => order.write(rounded as i64, out),
        Kind::F32 => order.write(value as f32, out),
        Kind::F64 => order.write(value, out),
        Kind::Text { .. } => None,
    };
}

impl RegisterMap for Points {
    fn read_coils(&mut self, start: u16, out: &mut BitsMut<'_>) -> Result<(), ExceptionCode> {
        let (count, now) = (out.len(), self.clock.get());
        self.coils
            .read(start, count, now, |index, value| out.set(index, value != 0))
    }

    fn read_discrete_inputs(
        &mut self,
        start: u16,
        out: &mut BitsMut<'_>,
    ) -> Result<(), ExceptionCode> {
        let (count, now) = (out.len(), self.clock.get());
        self.discrete
            .read(start, count, now, |index, value| out.set(index, value != 0))
    }

    fn read_holding_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        let (count, now) = (out.len(), self.clock.get());
        self.holding
            .read(start, count, now, |index, value| out.set(index, value))
    }

    fn read_input_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        let (count, now) = (out.len(), self.clock.get());
        self.input
            .read(start, count, now, |index, value| out.set(index, value))
    }

    fn write_coils(&mut self, start: u16, values: Bits<'_>) -> Result<(), ExceptionCode> {
        self.coils.write(start, values.len(), |index| {
            values.get(index).unwrap_or_default().into()
        })
    }

    fn write_holding_registers(
        &mut self,
        start: u16,
        values: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        self.holding.write(start, values.len(), |index| {
            values.get(index).unwrap_or_default()
        })
    }

    fn report_server_id(&mut self, out: &mut [u8]) -> Result<usize, ExceptionCode> {
        let name = self.identity.product.as_bytes();
        let name = &name[..name.len().min(200)];
        out[..2].copy_from_slice(&[1, 0xFF]);
        out[2..2 + name.len()].copy_from_slice(name);
        Ok(2 + name.len())
    }

    fn device_identification(&self) -> Option<DeviceIdentification<'_>> {
        let Identity {
            vendor,
            product,
            version,
        } = &*self.identity;
        Some(DeviceIdentification::new(vendor, product, version))
    }
}
