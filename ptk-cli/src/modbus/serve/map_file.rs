//! What a file with a register map says.

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use ptk_modbus::server::Access;
use ptk_modbus::value::{Kind, WordOrder, write_text};

use super::points::{Clock, Identity, Points, Range, Simulated, Table};
use super::signal::Signal;
use crate::failure::Failure;
use crate::modbus::poll::plan::nanoseconds;
use crate::modbus::shape::Shape;
use crate::toml_file::{Item, Section, TomlFile};

/// The units of a file.
pub fn read(path: &Path, clock: &Clock) -> Result<Vec<(u8, Points)>, Failure> {
    TomlFile::read(path)?.parse(|top| units(top, clock))
}

fn units(top: &mut Section<'_>, clock: &Clock) -> Result<Vec<(u8, Points)>, Failure> {
    let identity = Rc::new(identity(top)?);
    let sections = top.tables("unit")?;
    if sections.is_empty() {
        return Err(top.mistake("there is no [[unit]] to serve"));
    }
    let mut units: Vec<(u8, Points)> = Vec::new();
    for mut section in sections {
        let id = section.required_integer("id", 0..256, "the unit's number, 0 to 255")?;
        if units.iter().any(|(other, _)| *other == id) {
            return Err(section.mistake(format!("there are two units {id}")));
        }
        let points = Points {
            coils: table(&mut section, "coils", bits)?,
            discrete: table(&mut section, "discrete", bits)?,
            input: table(&mut section, "input", registers)?,
            holding: table(&mut section, "holding", registers)?,
            clock: Rc::clone(clock),
            identity: Rc::clone(&identity),
        };
        section.finish()?;
        units.push((id, points));
    }
    Ok(units)
}

fn identity(top: &mut Section<'_>) -> Result<Identity, Failure> {
    let Identity {
        vendor,
        product,
        version,
    } = Identity::default();
    Ok(Identity {
        vendor: top.string("vendor")?.unwrap_or(vendor),
        product: top.string("product")?.unwrap_or(product),
        version: top.string("version")?.unwrap_or(version),
    })
}

type Contents = (Vec<u16>, Option<Simulated>);

fn table(
    unit: &mut Section<'_>,
    key: &'static str,
    contents: fn(&mut Section<'_>) -> Result<Contents, Failure>,
) -> Result<Table, Failure> {
    let mut table = Table::default();
    for mut section in unit.tables(key)? {
        let start = section.required_integer("start", 0..0x1_0000, "the first address, from 0")?;
        let access = access(&mut section, key)?;
        let (values, simulated) = contents(&mut section)?;
        section.finish()?;
        let end = usize::from(start) + values.len();
        if values.is_empty() || end > 0x1_0000 {
            let why = format!(
                "{} points from {start}: the last address is 65535",
                values.len()
            );
            return Err(section.mistake(why));
        }
        if simulated.is_some() && access.is_some_and(|access| access != Access::ReadOnly) {
            return Err(section.mistake("what is simulated cannot be written: access is \"ro\""));
        }
        let written = matches!(key, "coils" | "holding") && simulated.is_none();
        let natural = if written {
            Access::ReadWrite
        } else {
            Access::ReadOnly
        };
        let range = Range {
            start,
            values,
            access: access.unwrap_or(natural),
            simulated,
        };
        if let Err(other) = table.add(range) {
            let why = format!("{start} to {} lies over the range {other}", end - 1);
            return Err(section.mistake(why));
        }
    }
    Ok(table)
}

fn access(section: &mut Section<'_>, key: &str) -> Result<Option<Access>, Failure> {
    let Some(text) = section.string("access")? else {
        return Ok(None);
    };
    let access = match text.as_str() {
        "rw" => Access::ReadWrite,
        "ro" => Access::ReadOnly,
        "wo" => Access::WriteOnly,
        _ => return Err(section.mistake(format!("access {text:?} is none of rw, ro, wo"))),
    };
    if matches!(key, "discrete" | "input") && access != Access::ReadOnly {
        return Err(section.mistake("inputs can only be read: access is \"ro\""));
    }
    Ok(Some(access))
}

/// How many values there are: as many as `values` lists, or `count` times `value`.
fn initial<'f>(
    section: &mut Section<'f>,
) -> Result<(usize, Option<Item<'f>>, Vec<Item<'f>>), Failure> {
    let count: Option<usize> = section.integer("count", 1..0x1_0001)?;
    let value = section.take("value");
    let values = match section.take("values") {
        Some(item) => item.array("an array of values")?,
        None => Vec::new(),
    };
    if !values.is_empty() && (value.is_some() || count.is_some()) {
        return Err(section
            .mistake("\"values\" says how many and which: no \"count\" or \"value\" beside it"));
    }
    let count = count.unwrap_or(values.len().max(1));
    Ok((count, value, values))
}

fn bits(section: &mut Section<'_>) -> Result<Contents, Failure> {
    let (count, value, values) = initial(section)?;
    let simulated = simulated(section, None, WordOrder::Abcd)?;
    let bit = |item: &Item<'_>| match item.words()?.as_str() {
        "0" => Ok(0),
        "1" => Ok(1),
        other => Err(item.mistake(format!("{other} is no bit: true, false, 0 or 1"))),
    };
    let same = value.as_ref().map_or(Ok(0), bit)?;
    if values.is_empty() {
        return Ok((vec![same; count], simulated));
    }
    let values = values.iter().map(bit).collect::<Result<_, _>>()?;
    Ok((values, simulated))
}

fn registers(section: &mut Section<'_>) -> Result<Contents, Failure> {
    let (count, value, values) = initial(section)?;
    let shape = section.parsed("type")?.unwrap_or(Shape::Number(Kind::U16));
    let order: WordOrder = section.parsed("order")?.unwrap_or_default();
    let length: Option<u16> = section.integer("length", 1..251)?;
    let kind = match (shape, length) {
        (Shape::Number(kind), None) => kind,
        (Shape::Hex, None) => Kind::U16,
        (Shape::Text, Some(length)) => Kind::Text {
            registers: length.div_ceil(2),
        },
        (Shape::Text, None) => {
            return Err(section.mistake("a string needs \"length\", how many characters it has"));
        }
        (_, Some(_)) => return Err(section.mistake("only a string has a \"length\"")),
    };
    let simulated = simulated(section, Some(kind), order)?;
    let size = usize::from(kind.registers());
    if count * size > 0x1_0000 {
        return Err(section.mistake(format!("{count} values of {size} registers are too many")));
    }
    let mut registers = vec![0; count * size];
    for (index, place) in registers.chunks_exact_mut(size).enumerate() {
        if let Some(item) = values.get(index).or(value.as_ref()) {
            set(item, kind, order, place)?;
        }
    }
    Ok((registers, simulated))
}

/// Writes a value over its registers.
fn set(item: &Item<'_>, kind: Kind, order: WordOrder, out: &mut [u16]) -> Result<(), Failure> {
    if let Kind::Text { registers } = kind {
        let text = item.string()?;
        return match write_text(order, &text, out) {
            Some(_) => Ok(()),
            None => Err(item.mistake(format!("longer than {} characters", registers * 2))),
        };
    }
    let words = item.words()?;
    match kind.parse(order, &words, out) {
        Ok(_) => Ok(()),
        Err(_) => Err(item.mistake(format!("{words} is no value of type {kind}"))),
    }
}

/// `simulate = { kind = ..., ... }`
fn simulated(
    section: &mut Section<'_>,
    kind: Option<Kind>,
    order: WordOrder,
) -> Result<Option<Simulated>, Failure> {
    let Some(mut inner) = section.table("simulate")? else {
        return Ok(None);
    };
    let name = inner.required_string("kind", "ramp, sine, noise or counter")?;
    let period = inner.duration("period", Duration::from_millis(1))?;
    let (min, max) = (inner.float("min")?, inner.float("max")?);
    let (least, most) = (min.unwrap_or(0.0), max.unwrap_or(100.0));
    if least > most {
        return Err(inner.mistake(format!("min {least} is above max {most}")));
    }
    if matches!(kind, Some(Kind::Text { .. })) {
        return Err(inner.mistake("a string cannot be simulated"));
    }
    if kind.is_none() && !matches!(name.as_str(), "noise" | "counter") {
        return Err(inner.mistake("bits can do \"noise\" (at random) and \"counter\" (on and off)"));
    }
    let signal = match name.as_str() {
        "ramp" => Signal::Ramp {
            min: least,
            max: most,
        },
        "sine" if min.is_some() || max.is_some() => {
            return Err(inner.mistake("a sine has \"amplitude\" and \"offset\", no min and max"));
        }
        "sine" => Signal::Sine {
            amplitude: inner.float("amplitude")?.unwrap_or(1.0),
            offset: inner.float("offset")?.unwrap_or(0.0),
            phase: inner.float("phase")?.unwrap_or(0.0),
        },
        "noise" => Signal::Noise {
            min: least,
            max: if kind.is_none() { 1.0 } else { most },
        },
        "counter" => counter(&mut inner, kind, least, max)?,
        other => {
            let why = format!("kind {other:?} is none of ramp, sine, noise, counter");
            return Err(inner.mistake(why));
        }
    };
    inner.finish()?;
    Ok(Some(Simulated {
        signal,
        period: nanoseconds(period.unwrap_or(Duration::from_secs(10))),
        kind,
        order,
    }))
}

/// A counter runs to the end of its type unless it has a `max`.
fn counter(
    inner: &mut Section<'_>,
    kind: Option<Kind>,
    min: f64,
    max: Option<f64>,
) -> Result<Signal, Failure> {
    let step = inner.float("step")?.unwrap_or(1.0);
    if step <= 0.0 {
        return Err(inner.mistake("step must be above 0"));
    }
    let end_of_type = match kind {
        None => 1.0,
        Some(Kind::U16) => f64::from(u16::MAX),
        Some(Kind::I16) => f64::from(i16::MAX),
        Some(Kind::U32) => f64::from(u32::MAX),
        Some(Kind::I32) => f64::from(i32::MAX),
        // Beyond 2^53 a float does not count by one any more.
        Some(_) => 9_007_199_254_740_991.0,
    };
    Ok(Signal::Counter {
        min,
        max: max.unwrap_or(end_of_type),
        step,
    })
}
