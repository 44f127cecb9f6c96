//! Arbitrary bytes as operations on a client, and as what its peer sends.
#![no_main]

#[path = "../../protocols/modbus/tests/bodies/mod.rs"]
mod bodies;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| bodies::client(data));
