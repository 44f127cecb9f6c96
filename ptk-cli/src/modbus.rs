//! `ptk modbus`.

mod bench;
mod exchange;
mod host;
mod poll;
mod progress;
mod read;
mod scan;
mod serve;
mod shape;
mod typed;
mod write;

pub use host::resolve;
pub use poll::Form;
pub use shape::{NoSuchType, Shape};

use crate::arguments::Modbus;
use crate::failure::Failure;

pub fn run(command: &Modbus) -> Result<(), Failure> {
    match command {
        Modbus::Serve(arguments) => serve::run(arguments),
        Modbus::Read(arguments) => read::run(arguments),
        Modbus::Write(arguments) => write::run(arguments),
        Modbus::Poll(arguments) => poll::run(arguments),
        Modbus::Scan(arguments) => scan::run(arguments),
        Modbus::Bench(arguments) => bench::run(arguments),
    }
}
