//! `ptk modbus read` and `ptk modbus write`.

use clap::Args;

use super::{Points, Target};

#[derive(Args)]
#[command(
    override_usage = "ptk modbus read [OPTIONS] DEVICE TABLE[:TYPE] START [COUNT]\n       \
                            ptk modbus read [OPTIONS] DEVICE -t TABLE[:TYPE] [-r REF] [-c COUNT]"
)]
pub struct Read {
    #[command(flatten)]
    pub target: Target,
    /// TABLE is coils, discrete, input or holding (or 0, 1, 3, 4). TYPE is u16 (unless given), i16, u32, i32, u64, i64, f32, f64, hex or
    /// string. START is the first point's address, counted from 0. COUNT is how many values (for string: registers), 1 unless given;
    /// more than fit into one request are read with several.
    #[arg(value_name = "TABLE[:TYPE] START [COUNT]")]
    pub words: Vec<String>,
    #[command(flatten)]
    pub points: Points,
    /// How many values, with -t.
    #[arg(short, long, requires = "mbpoll_table", value_name = "COUNT")]
    pub count: Option<u32>,
}

#[derive(Args)]
#[command(
    override_usage = "ptk modbus write [OPTIONS] DEVICE TABLE[:TYPE] START VALUE...\n       \
                            ptk modbus write [OPTIONS] DEVICE -t TABLE[:TYPE] [-r REF] VALUE..."
)]
pub struct Write {
    #[command(flatten)]
    pub target: Target,
    /// TABLE is coils or holding (or 0, 4). TYPE is as for read. START is the first point's address, counted from 0. VALUEs are 0 or 1 for
    /// coils; numbers of the type for registers, integers also as 0x and hexadecimal digits; without a TYPE, 0 to 65535 or -32768 to -1;
    /// one text for string.
    #[arg(
        required = true,
        value_name = "TABLE[:TYPE] START VALUE",
        allow_negative_numbers = true
    )]
    pub words: Vec<String>,
    #[command(flatten)]
    pub points: Points,
}

/// Behind `--help` of both.
pub const MBPOLL: &str = "\
For users of mbpoll:
  mbpoll -1 -a 7 -t 4 -r 101 -c 5 HOST            ptk modbus read HOST -a 7 -t 4 -r 101 -c 5
                                                  ptk modbus read HOST --unit 7 holding 100 5
  mbpoll -1 -t 3:int -B -r 1 HOST                 ptk modbus read HOST -t 3:int -B -r 1
                                                  ptk modbus read HOST input:i32 0
  mbpoll -1 -t 4:float -0 -r 8 HOST               ptk modbus read HOST -t 4:float --zero-based -r 8
                                                  ptk modbus read HOST holding:f32 8 --order cdab
  mbpoll -1 -p 1502 -t 0 -r 4 HOST 1 0 1          ptk modbus write HOST:1502 -t 0 -r 4 1 0 1
                                                  ptk modbus write HOST:1502 coils 3 1 0 1
  Table 0 coils, 1 discrete, 3 input, 4 holding; types :int16 i16, :int i32, :float f32, :hex, :string.
  -a, -p, -t, -r, -c and -B mean what they mean there. -t counts from 1 and has the low word first (cdab) as mbpoll does; the other
  way of writing counts from 0 and has the high word first (abcd), as the specification does.
  Different: the device comes before the values, one run reads once (see poll), --zero-based is -0, and --timeout MS is -o SECONDS.";
