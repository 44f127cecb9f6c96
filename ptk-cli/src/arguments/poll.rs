//! `ptk modbus poll`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::failure::Failure;
use crate::modbus::Form;

#[derive(Args)]
pub struct Poll {
    /// The poll file (TOML): devices and their tags. See "The poll file" below.
    pub file: PathBuf,
    /// Write rows of FORMAT (csv or jsonl) to FILE, or to standard output if there is none.
    #[arg(long, short, num_args = 1..=2, value_names = ["FORMAT", "FILE"])]
    pub output: Vec<String>,
    /// Only rows whose value or quality differs from the row before.
    #[arg(long)]
    pub changes: bool,
    /// End when each tag has been read, or could not be, N times.
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// End after this time, for example 60s, 5m or "1h 30m".
    #[arg(long, short, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub duration: Option<Duration>,
    /// Lines instead of the table, on a terminal too.
    #[arg(long)]
    pub lines: bool,
    /// Exit code 7 if a read failed or a period was missed.
    #[arg(long)]
    pub strict: bool,
    /// No summary on standard error.
    #[arg(long, short)]
    pub quiet: bool,
    /// Write the summary as a JSON object to FILE (times in microseconds).
    #[arg(long, value_name = "FILE")]
    pub summary_json: Option<PathBuf>,
    /// Read the file, print the requests that would be made, and end.
    #[arg(long)]
    pub check: bool,
}

impl Poll {
    /// The form of the rows, and the file they go to.
    pub fn output(&self) -> Result<(Option<Form>, Option<PathBuf>), Failure> {
        let Some(word) = self.output.first() else {
            return Ok((None, None));
        };
        let form = Form::from_str(word, false)
            .map_err(|_| Failure::usage(format!("--output {word}"), "not csv or jsonl"))?;
        Ok((Some(form), self.output.get(1).map(PathBuf::from)))
    }
}

/// Behind `--help`.
pub const POLL_FILE: &str = "\
The poll file:
  period = \"1s\"             # at the top: defaults for all devices
  [[device]]
  name = \"press\"            # required
  address = \"10.0.0.7:502\"  # required; a name or an address, the port is 502 unless given
  unit = 1
  [[device.tag]]
  name = \"temperature\"      # required
  table = \"holding\"         # coils, discrete, input, holding (default)
  register = 100            # required; the register or bit, counted from 0
  type = \"f32\"              # u16 (default), i16, u32, i32, u64, i64, f32, f64, hex, string
  order = \"cdab\"            # abcd (default), badc, cdab, dcba
  scale = 0.1               # shown is value * scale + offset
  offset = -40
  measure = \"°C\"            # shown behind the value
Tags may also have: period, unit, length (characters of a string).
Devices, and the top for all devices, may also have:
  period 1s, order abcd, unit 1
  timeout 1s (for a reply), connect-timeout 3s, request-delay 0s (between requests),
  reconnect-first 100ms to reconnect-most 10s (waits between attempts, doubling, with jitter)
  in-flight 1 (requests at a time, 1 to 16), check-unit true,
  max-registers 125, max-bits 2000 (in one request),
  register-gap 0, bit-gap 0 (read along in vain to join tags in one request)
The top may also have: stagger true (devices begin one after the other within a period).

On a terminal a table is shown. Its keys:
  q, Ctrl-C       end the poll with the summary
  p, space        pause the display; the poll goes on
  j k, arrows, PageUp, PageDown, Home, End (or g G)   scroll
  s               sort by file, name, quality, age in turn
  /               filter: tags and devices whose names contain what is typed; Enter keeps it, Esc ends it
  ?               these keys, in the last line
If standard input is no terminal there are no keys, and pages turn by themselves.
Elsewhere each reading is a line: time, device, tag, value,
quality, two spaces apart. CSV: time,device,tag,value,quality. JSON lines: the same as an object;
value is null if the tag could not be read. Times are UTC. SIGINT ends the poll with the summary.";
