//! `ptk modbus read`.

use ptk_modbus::codec::{Request, Response};
use serde_json::json;

use super::exchange::{self, Script};
use crate::arguments::{Read, Table};
use crate::failure::Failure;

/// The most bits and registers of one request (application protocol §6.1 and §6.3).
const MOST_BITS: u32 = 2000;
const MOST_REGISTERS: u32 = 125;

struct Reading {
    table: Table,
    start: u16,
    count: u32,
    values: Vec<u16>,
}

impl Reading {
    fn most(&self) -> u32 {
        match self.table {
            Table::Coils | Table::Discrete => MOST_BITS,
            Table::Input | Table::Holding => MOST_REGISTERS,
        }
    }

    /// How many points request number `index` reads, and where it begins; `None` behind the last one.
    fn part(&self, index: u64) -> Option<(u16, u16)> {
        let done = u32::try_from(index).ok()?.checked_mul(self.most())?;
        let left = self.count.checked_sub(done).filter(|left| *left > 0)?;
        let address = u16::try_from(u32::from(self.start) + done).ok()?;
        Some((address, left.min(self.most()) as u16))
    }
}

impl Script for Reading {
    fn request(&self, index: u64) -> Option<Request<'_>> {
        let (address, quantity) = self.part(index)?;
        Some(match self.table {
            Table::Coils => Request::ReadCoils { address, quantity },
            Table::Discrete => Request::ReadDiscreteInputs { address, quantity },
            Table::Input => Request::ReadInputRegisters { address, quantity },
            Table::Holding => Request::ReadHoldingRegisters { address, quantity },
        })
    }

    fn reply(&mut self, _index: u64, response: &Response<'_>) -> Result<(), String> {
        match response {
            Response::ReadCoils(bits) | Response::ReadDiscreteInputs(bits) => {
                self.values.extend(bits.iter().map(u16::from));
            }
            Response::ReadInputRegisters(registers) | Response::ReadHoldingRegisters(registers) => {
                self.values.extend(registers.iter());
            }
            _ => return Err("a reply to another request".to_owned()),
        }
        Ok(())
    }
}

pub fn run(arguments: &Read) -> Result<(), Failure> {
    let Read {
        target,
        table,
        start,
        count,
        json,
    } = arguments;
    if u32::from(*start) + count > 65_536 {
        let span = format!("{count} points from {start}");
        return Err(Failure::new(span, "the last address is 65535"));
    }
    let reading = Reading {
        table: *table,
        start: *start,
        count: *count,
        values: Vec::new(),
    };
    let reading = exchange::run(target, reading)?;
    if *json {
        let object = json!({
            "device": target.address.to_string(),
            "unit": target.unit,
            "table": table.name(),
            "start": start,
            "values": reading.values,
        });
        println!("{object}");
    } else {
        for (offset, value) in reading.values.iter().enumerate() {
            println!("{}: {value}", usize::from(*start) + offset);
        }
    }
    Ok(())
}
