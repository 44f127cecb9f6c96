//! `ptk modbus read` against a server that answers wrongly: it says so in one line, in bounded time, and believes nothing.

use super::expect;
use super::programs::Programs;
use super::ptk::mistake;

pub fn each(programs: &Programs) -> Result<(), String> {
    for fault in [
        "silence",
        "transaction",
        "protocol",
        "short",
        "length",
        "unit",
        "busy",
    ] {
        let (_server, address) = programs.pymodbus_server(Some(fault))?;
        let address = address.to_string();
        let line = mistake(
            programs,
            &[
                "modbus", "read", &address, "--unit", "1", "holding", "0", "4",
            ],
        )
        .map_err(|why| format!("fault \"{fault}\": {why}"))?;
        if fault == "busy" {
            let known = line.contains("busy") || line.contains("06");
            expect(known, "exception 6, busy", &line)?;
        }
    }
    Ok(())
}
