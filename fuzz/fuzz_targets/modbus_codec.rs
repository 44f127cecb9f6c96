//! Arbitrary bytes as requests and responses, and as the front of a stream.
#![no_main]

#[path = "../../protocols/modbus/tests/bodies/mod.rs"]
mod bodies;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| bodies::codec(data));
