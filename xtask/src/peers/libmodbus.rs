//! A libmodbus client against `ptk modbus serve`.

use super::expect;
use super::process::succeed;
use super::programs::Programs;

pub fn every_function(programs: &Programs) -> Result<(), String> {
    let (_server, address) = programs.serve(&[])?;
    let printed = succeed(&mut programs.libmodbus_client(address))?;
    expect(printed == "23 answers\n", "23 right answers", &printed)
}
