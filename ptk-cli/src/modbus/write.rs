//! `ptk modbus write`.

use ptk_modbus::codec::{Bits, Registers, Request, Response};
use serde_json::json;

use super::exchange::{self, Script};
use crate::arguments::{WritableTable, Write};
use crate::failure::Failure;

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

fn parse<T>(
    values: &[String],
    one: impl Fn(&str) -> Option<T>,
    kind: &str,
) -> Result<Vec<T>, Failure> {
    values
        .iter()
        .map(|text| one(text).ok_or_else(|| Failure::new(text, format!("not a value of a {kind}"))))
        .collect()
}

pub fn run(arguments: &Write) -> Result<(), Failure> {
    let Write {
        target,
        table,
        start,
        values: texts,
        json,
    } = arguments;
    let (name, values) = match table {
        WritableTable::Coils => ("coils", Values::Bits(parse(texts, bit, "coil")?)),
        WritableTable::Holding => (
            "holding",
            Values::Registers(parse(texts, register, "register")?),
        ),
    };
    if usize::from(*start) + texts.len() > 65_536 {
        let span = format!("{} points from {start}", texts.len());
        return Err(Failure::new(span, "the last address is 65535"));
    }
    exchange::run(
        target,
        Writing {
            start: *start,
            values,
        },
    )?;
    if *json {
        let object = json!({
            "device": target.address.to_string(),
            "unit": target.unit,
            "table": name,
            "start": start,
            "written": texts.len(),
        });
        println!("{object}");
    } else {
        println!("{} written", texts.len());
    }
    Ok(())
}
