//! `ptk modbus serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

#[derive(Args)]
pub struct Serve {
    /// Where to listen, for example `127.0.0.1:1502` or `[::1]:1502`. Port 0 picks a free one.
    #[arg(long, value_name = "ADDR:PORT", required_unless_present = "check")]
    pub listen: Option<SocketAddr>,
    /// Serve the units and points of this file (TOML) instead of one unit with all points. See "The map file" below.
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Read the map file, print what it holds, and end.
    #[arg(long, requires = "map")]
    pub check: bool,
    /// The unit id; requests for other units are answered with exception 0B.
    #[arg(long, default_value_t = 1, conflicts_with = "map")]
    pub unit: u8,
    /// How many connections are served at a time; further ones are closed at once.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub connections: u16,
    /// Close connections that make no request for so many seconds. 0: never.
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    pub idle: u64,
}

/// Behind `--help`.
pub const MAP_FILE: &str = "\
The map file:
  vendor = \"ACME\"           # also product, version: what function 43/14 tells
  [[unit]]
  id = 1                    # required; 0 to 255
  [[unit.holding]]          # also unit.coils, unit.discrete, unit.input; ranges may not overlap
  start = 0                 # required; the first address, counted from 0
  count = 10                # how many values, 1 unless given
  value = 7                 # what each of them is at first, 0 unless given
  [[unit.holding]]
  start = 100
  type = \"f32\"              # u16 (default), i16, u32, i32, u64, i64, f32, f64, hex, string
  order = \"cdab\"            # abcd (default), badc, cdab, dcba
  access = \"ro\"             # rw (default for coils and holding), ro, wo
  values = [20.5, 21.0]     # one by one, instead of count and value
  [[unit.holding]]
  start = 200
  type = \"string\"
  length = 16               # characters, of strings only
  value = \"pump 7\"
  [[unit.input]]
  start = 0
  type = \"i16\"
  simulate = { kind = \"sine\", period = \"10s\", amplitude = 50, offset = 200, phase = 0.25 }
Simulated values, all with a period (10s unless given); they can be read and not written:
  ramp     from min (0) to max (100) in a period, and again
  sine     offset (0) + amplitude (1) * sin; phase (0) in periods
  noise    at random between min (0) and max (100), another value each period
  counter  from min (0) by step (1) each period; over max (the type's end) it starts over
Bits can do noise (at random) and counter (on and off).
A request for an address that is in no range, or that its range does not allow, is answered with exception 02.
The first unit also answers as units 0 and 255, unless there are such units.";
