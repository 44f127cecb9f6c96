//! `ptk modbus write`.

use std::fmt;

use ptk_modbus::codec::{Bits, Registers, Request, Response};
use ptk_modbus::value::{Kind, write_text};
use serde_json::json;

use super::exchange::{self, Script};
use super::shape::Shape;
use crate::arguments::{Format, Span, Table, Write};
use crate::failure::Failure;
use crate::output;

/// The most bits and registers of one request (application protocol §6.11 and §6.12).
const MOST_BITS: usize = 1968;
const MOST_REGISTERS: usize = 123;

enum Values {
    Bits(Vec<bool>),
    Registers(Vec<u16>),
}

struct Writing {
    start: u16,
    values: Values,
}

impl Script for Writing {
    fn request(&self, index: u64) -> Option<Request<'_>> {
        let index = usize::try_from(index).ok()?;
        let address = |most: usize| u16::try_from(usize::from(self.start) + index * most).ok();
        match &self.values {
            Values::Bits(bits) => {
                let part = bits.chunks(MOST_BITS).nth(index)?;
                let address = address(MOST_BITS)?;
                Some(match part {
                    [value] => Request::WriteSingleCoil {
                        address,
                        value: *value,
                    },
                    _ => Request::WriteMultipleCoils {
                        address,
                        values: Bits::from_bools(part),
                    },
                })
            }
            Values::Registers(registers) => {
                let part = registers.chunks(MOST_REGISTERS).nth(index)?;
                let address = address(MOST_REGISTERS)?;
                Some(match part {
                    [value] => Request::WriteSingleRegister {
                        address,
                        value: *value,
                    },
                    _ => Request::WriteMultipleRegisters {
                        address,
                        values: Registers::from_words(part),
                    },
                })
            }
        }
    }

    fn reply(&mut self, _index: u64, _response: &Response<'_>) -> Result<(), String> {
        Ok(())
    }
}

fn bit(text: &str) -> Option<bool> {
    match text {
        "0" | "off" | "false" => Some(false),
        "1" | "on" | "true" => Some(true),
        _ => None,
    }
}

/// A register without a type: signed or not.
fn register(text: &str) -> Option<u16> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u16::from_str_radix(digits, 16).ok();
    }
    let number: i32 = text.parse().ok()?;
    match number {
        0..=65_535 => Some(number as u16),
        // Two's complement, as devices keep negative numbers.
        -32_768..=-1 => Some(number as i16 as u16),
        _ => None,
    }
}

fn bits(texts: &[String]) -> Result<Vec<bool>, Failure> {
    let one = |text: &String| {
        bit(text).ok_or_else(|| Failure::usage(text, "not a value of a coil (0 or 1, off or on)"))
    };
    texts.iter().map(one).collect()
}

/// The registers of all values.
fn registers(span: &Span<'_>) -> Result<Vec<u16>, Failure> {
    let mut registers = Vec::new();
    for text in span.words {
        let wrong =
            |kind: &dyn fmt::Display| Failure::usage(text, format!("not a value of type {kind}"));
        match span.shape {
            Shape::Number(Kind::U16) | Shape::Hex => {
                let value = register(text);
                let value = value.ok_or_else(|| {
                    Failure::usage(
                        text,
                        "not a value of a register (0 to 65535, -32768 to -1, 0x0 to 0xFFFF)",
                    )
                })?;
                // The order says how a number's two bytes lie; hexadecimal digits are the register as it is.
                let mut out = [value];
                if span.shape != Shape::Hex {
                    span.order.write(value, &mut out);
                }
                registers.extend(out);
            }
            Shape::Number(kind) => {
                let mut out = [0; 4];
                let length = kind
                    .parse(span.order, text, &mut out)
                    .map_err(|_| wrong(&kind))?;
                registers.extend_from_slice(&out[..length]);
            }
            Shape::Text => {
                if span.words.len() > 1 {
                    return Err(Failure::usage(&span.words[1], "one string at a time"));
                }
                let mut out = vec![0; text.len().div_ceil(2).max(1)];
                write_text(span.order, text, &mut out).ok_or_else(|| wrong(&span.shape))?;
                registers.extend(out);
            }
        }
    }
    Ok(registers)
}

pub fn run(arguments: &Write) -> Result<(), Failure> {
    let span = arguments.points.span(&arguments.words)?;
    if span.words.is_empty() {
        return Err(Failure::usage("arguments", "no VALUE to write"));
    }
    let (values, points) = match span.table {
        Table::Coils => {
            let bits = bits(span.words)?;
            let count = bits.len();
            (Values::Bits(bits), count)
        }
        Table::Holding => {
            let registers = registers(&span)?;
            let count = registers.len();
            (Values::Registers(registers), count)
        }
        Table::Discrete | Table::Input => {
            let why = "inputs cannot be written; coils and holding can";
            return Err(Failure::usage(span.table.name(), why));
        }
    };
    if usize::from(span.start) + points > 65_536 {
        let what = format!("{points} points from {}", span.start);
        return Err(Failure::usage(what, "the last address is 65535"));
    }
    let address = arguments.target.address()?;
    let start = span.start;
    exchange::run(&arguments.target, address, Writing { start, values })?;
    let (start, written) = (u32::from(start) + span.base, span.words.len());
    output::print(&match arguments.points.format() {
        Format::Text => format!("{written} written\n"),
        Format::Csv => format!("address,written\n{start},{written}\n"),
        Format::Json => {
            let object = json!({
                "device": address.to_string(),
                "unit": arguments.target.unit,
                "table": span.table.name(),
                "start": start,
                "written": written,
            });
            format!("{object}\n")
        }
    })
}
