//! `ptk modbus read`.

use ptk_modbus::codec::{Registers, Request, Response};
use ptk_modbus::value::text_bytes;
use serde_json::{Value, json};

use super::exchange::{self, Script};
use super::shape::Shape;
use super::typed::{self, Shown};
use crate::arguments::{Format, Read, Span, Table};
use crate::failure::Failure;
use crate::output;

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

/// The values as they are shown, each with the address of its first point.
fn shown(span: &Span<'_>, points: &[u16]) -> Vec<(u32, Shown)> {
    let size = match span.shape {
        Shape::Text => points.len().max(1),
        shape => shape.registers().into(),
    };
    let first = u32::from(span.start) + span.base;
    let values = points.chunks_exact(size).enumerate();
    let one = |(index, piece): (usize, &[u16])| {
        let registers = Registers::from_words(piece);
        let (text, number) = match span.shape {
            Shape::Hex => (format!("0x{:04X}", piece[0]), false),
            Shape::Text => (typed::printable(text_bytes(span.order, registers)), false),
            // A kind that is a number reads as one, and the piece is as long as it takes.
            Shape::Number(kind) => (
                kind.read(span.order, registers)
                    .map_or_else(String::new, |scalar| typed::text(kind, scalar)),
                true,
            ),
        };
        (first + (index * size) as u32, Shown { text, number })
    };
    values.map(one).collect()
}

fn count(arguments: &Read, span: &Span<'_>) -> Result<u32, Failure> {
    let count = match span.words {
        [] => arguments.count.unwrap_or(1),
        [count] if arguments.count.is_none() => count
            .parse()
            .map_err(|_| Failure::usage(count, "not a number of values (1 to 65536)"))?,
        [.., last] => return Err(Failure::usage(last, "one argument too many")),
    };
    if !(1..=65_536).contains(&count) {
        return Err(Failure::usage(count, "not a number of values (1 to 65536)"));
    }
    Ok(count)
}

pub fn run(arguments: &Read) -> Result<(), Failure> {
    let span = arguments.points.span(&arguments.words)?;
    let values = count(arguments, &span)?;
    let count = values * u32::from(span.shape.registers());
    if u32::from(span.start) + count > 65_536 {
        let what = format!("{count} points from {}", span.start);
        return Err(Failure::usage(what, "the last address is 65535"));
    }
    let reading = Reading {
        table: span.table,
        start: span.start,
        count,
        values: Vec::new(),
    };
    let address = arguments.target.address()?;
    let reading = exchange::run(&arguments.target, address, reading)?;
    let values = shown(&span, &reading.values);
    output::print(&match arguments.points.format() {
        Format::Text => lines(&values, ": ", str::to_owned),
        Format::Csv => format!("address,value\n{}", lines(&values, ",", output::csv)),
        Format::Json => {
            let values: Vec<Value> = values.into_iter().map(|(_, shown)| shown.json()).collect();
            let object = json!({
                "device": address.to_string(),
                "unit": arguments.target.unit,
                "table": span.table.name(),
                "type": if span.table.is_bits() { "bit".to_owned() } else { span.shape.to_string() },
                "order": span.order.to_string(),
                "start": u32::from(span.start) + span.base,
                "values": values,
            });
            format!("{object}\n")
        }
    })
}

fn lines(values: &[(u32, Shown)], between: &str, field: fn(&str) -> String) -> String {
    let line =
        |(address, shown): &(u32, Shown)| format!("{address}{between}{}\n", field(&shown.text));
    values.iter().map(line).collect()
}
