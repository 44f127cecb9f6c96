//! What a poll file says.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use ptk_modbus::client::{Backoff, Config};
use ptk_modbus::poller::{Area, Limits, Tag};
use ptk_modbus::value::{Kind, WordOrder};

use crate::failure::Failure;
use crate::modbus::host::resolve;
use crate::modbus::shape::Shape;
use crate::toml_file::{Section, TomlFile};

/// The most devices of a file.
pub const MOST_DEVICES: usize = 1024;
/// The shortest period: what lies below is a load generator's (`ptk modbus bench`).
const SHORTEST: Duration = Duration::from_millis(1);

/// All devices of a file.
pub struct Plan {
    pub devices: Vec<DevicePlan>,
    /// Whether devices begin one after the other within a period instead of all at once.
    pub stagger: bool,
}

/// A device and its tags.
pub struct DevicePlan {
    pub name: String,
    pub address: SocketAddr,
    pub config: Config,
    pub limits: Limits,
    /// For the poller, each with its index in `names` as its id.
    pub tags: Vec<Tag>,
    /// Beside the tags, by their ids.
    pub names: Vec<TagName>,
}

/// What the poller need not know of a tag.
#[derive(Clone, Debug, Default)]
pub struct TagName {
    pub name: String,
    /// What the value is measured in.
    pub measure: String,
    /// Scale and offset, if it has any.
    pub scaling: Option<(f64, f64)>,
    /// Shown in hexadecimal.
    pub hex: bool,
}

/// What a device's tags have unless they say otherwise.
#[derive(Clone, Copy)]
struct Defaults {
    unit: u8,
    period: Duration,
    order: WordOrder,
}

/// Reads a poll file.
pub fn read(path: &Path) -> Result<Plan, Failure> {
    TomlFile::read(path)?.parse(plan)
}

fn plan(top: &mut Section<'_>) -> Result<Plan, Failure> {
    let defaults = defaults(
        top,
        Defaults {
            unit: 1,
            period: Duration::from_secs(1),
            order: WordOrder::Abcd,
        },
    )?;
    let timing = config(top, Config::DEFAULT)?;
    let limits = limits(top, Limits::default())?;
    let stagger = top.boolean("stagger")?.unwrap_or(true);
    let sections = top.tables("device")?;
    if sections.is_empty() {
        return Err(top.mistake("there is no [[device]] to poll"));
    }
    if sections.len() > MOST_DEVICES {
        return Err(top.mistake(format!("more than {MOST_DEVICES} devices")));
    }
    let mut devices: Vec<DevicePlan> = Vec::new();
    for mut section in sections {
        let device = device(&mut section, defaults, timing, limits)?;
        section.finish()?;
        if devices.iter().any(|other| other.name == device.name) {
            let why = format!("there are two devices {:?}", device.name);
            return Err(section.mistake(why));
        }
        devices.push(device);
    }
    Ok(Plan { devices, stagger })
}

fn defaults(section: &mut Section<'_>, outer: Defaults) -> Result<Defaults, Failure> {
    Ok(Defaults {
        unit: section.integer("unit", 0..256)?.unwrap_or(outer.unit),
        period: section
            .duration("period", SHORTEST)?
            .unwrap_or(outer.period),
        order: section.parsed("order")?.unwrap_or(outer.order),
    })
}

/// How the connection behaves. One request is in flight unless the file says otherwise: what every device can do.
fn config(section: &mut Section<'_>, outer: Config) -> Result<Config, Failure> {
    let mut time = |key, least, outer: u64| -> Result<u64, Failure> {
        Ok(section.duration(key, least)?.map_or(outer, nanoseconds))
    };
    let request_timeout = time("timeout", SHORTEST, outer.request_timeout)?;
    let connect_timeout = time("connect-timeout", SHORTEST, outer.connect_timeout)?;
    let request_delay = time("request-delay", Duration::ZERO, outer.request_delay)?;
    let first = time("reconnect-first", SHORTEST, outer.backoff.first)?;
    let most = time("reconnect-most", SHORTEST, outer.backoff.most)?;
    let most_in_flight = section.integer("in-flight", 1..17)?;
    Ok(Config {
        request_timeout,
        connect_timeout,
        request_delay,
        frame_timeout: request_timeout.max(outer.frame_timeout),
        max_in_flight: most_in_flight.unwrap_or(outer.max_in_flight.min(1)),
        check_unit: section.boolean("check-unit")?.unwrap_or(outer.check_unit),
        backoff: Backoff {
            first,
            most: most.max(first),
            ..outer.backoff
        },
        ..outer
    })
}

fn limits(section: &mut Section<'_>, outer: Limits) -> Result<Limits, Failure> {
    Ok(Limits {
        registers: section
            .integer("max-registers", 1..126)?
            .unwrap_or(outer.registers),
        bits: section.integer("max-bits", 1..2001)?.unwrap_or(outer.bits),
        register_gap: section
            .integer("register-gap", 0..125)?
            .unwrap_or(outer.register_gap),
        bit_gap: section
            .integer("bit-gap", 0..2000)?
            .unwrap_or(outer.bit_gap),
    })
}

fn device(
    section: &mut Section<'_>,
    outer: Defaults,
    timing: Config,
    outer_limits: Limits,
) -> Result<DevicePlan, Failure> {
    let name = section.required_string("name", "what the device is called in the output")?;
    let address = address(section)?;
    let defaults = defaults(section, outer)?;
    let config = config(section, timing)?;
    let limits = limits(section, outer_limits)?;
    let sections = section.tables("tag")?;
    if sections.is_empty() {
        return Err(section.mistake("there is no [[device.tag]] to read"));
    }
    let (mut tags, mut names) = (Vec::new(), Vec::<TagName>::new());
    for mut section in sections {
        let (tag, name) = tag(&mut section, defaults, limits)?;
        section.finish()?;
        if names.iter().any(|other| other.name == name.name) {
            let why = format!("the device has two tags {:?}", name.name);
            return Err(section.mistake(why));
        }
        tags.push(tag.with_id(names.len() as u32));
        names.push(name);
    }
    Ok(DevicePlan {
        name,
        address,
        config,
        limits,
        tags,
        names,
    })
}

fn address(section: &mut Section<'_>) -> Result<SocketAddr, Failure> {
    let text = section.required_string("address", "HOST or HOST:PORT, for example 10.0.0.7:502")?;
    resolve(&text, 502).map_err(|why| section.mistake(format!("address {text:?}: {why}")))
}

fn tag(
    section: &mut Section<'_>,
    outer: Defaults,
    limits: Limits,
) -> Result<(Tag, TagName), Failure> {
    let name = section.required_string("name", "what the tag is called in the output")?;
    let area = area(section)?;
    let defaults = defaults(section, outer)?;
    let register: u16 = section.required_integer(
        "register",
        0..0x1_0000,
        "the first register or bit, counted from 0",
    )?;
    let shape: Option<Shape> = section.parsed("type")?;
    let length: Option<u16> = section.integer("length", 1..251)?;
    let scale = section.float("scale")?;
    let offset = section.float("offset")?;
    let measure = section.string("measure")?.unwrap_or_default();
    let scaling = (scale.is_some() || offset.is_some())
        .then(|| (scale.unwrap_or(1.0), offset.unwrap_or(0.0)));
    let is_text = shape == Some(Shape::Text);
    if area.is_bits() && (shape.is_some() || scaling.is_some()) {
        return Err(section.mistake("a bit has no type, scale or offset"));
    }
    if is_text != length.is_some() {
        return Err(section.mistake(
            "a string needs \"length\", how many characters it has at the most, and nothing else has a length",
        ));
    }
    if scaling.is_some() && matches!(shape, Some(Shape::Text | Shape::Hex)) {
        return Err(section.mistake("a string or hex has no scale or offset"));
    }
    let kind = match shape {
        None | Some(Shape::Hex) => Kind::U16,
        Some(Shape::Number(kind)) => kind,
        Some(Shape::Text) => Kind::Text {
            registers: length.unwrap_or(2).div_ceil(2),
        },
    };
    let period = nanoseconds(defaults.period);
    let tag = Tag::register(defaults.unit, area, register, kind, period).with_order(defaults.order);
    if u32::from(register) + u32::from(tag.points()) > 0x1_0000 {
        return Err(section.mistake("goes beyond address 65535"));
    }
    if !area.is_bits() && tag.points() > limits.registers {
        let (points, most) = (tag.points(), limits.registers);
        let why =
            format!("takes {points} registers, more than max-registers = {most} in a request");
        return Err(section.mistake(why));
    }
    let name = TagName {
        name,
        measure,
        scaling,
        hex: shape == Some(Shape::Hex),
    };
    Ok((tag, name))
}

fn area(section: &mut Section<'_>) -> Result<Area, Failure> {
    let table = section.string("table")?;
    match table.as_deref() {
        None | Some("holding" | "4") => Ok(Area::HoldingRegisters),
        Some("input" | "3") => Ok(Area::InputRegisters),
        Some("discrete" | "1") => Ok(Area::DiscreteInputs),
        Some("coils" | "coil" | "0") => Ok(Area::Coils),
        Some(other) => Err(section.mistake(format!(
            "table {other:?} is none of coils, discrete, input, holding"
        ))),
    }
}

pub fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
