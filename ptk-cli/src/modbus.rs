//! `ptk modbus`.

mod exchange;
mod read;
mod serve;
mod write;

use crate::arguments::Modbus;
use crate::failure::Failure;

pub fn run(command: &Modbus) -> Result<(), Failure> {
    match command {
        Modbus::Serve(arguments) => serve::run(arguments),
        Modbus::Read(arguments) => read::run(arguments),
        Modbus::Write(arguments) => write::run(arguments),
    }
}
