//! Arbitrary bytes as operations on a server's connection.
#![no_main]

#[path = "../../protocols/modbus/tests/bodies/mod.rs"]
mod bodies;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| bodies::server(data));
