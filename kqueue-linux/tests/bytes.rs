//! Arbitrary bytes as changes, without a fuzzer: the same body as the fuzz target, fed by a small generator.
#![cfg(target_os = "linux")]

mod common;

#[path = "common/bytes.rs"]
mod bytes;

/// xorshift64*: the same numbers on every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Bytes of which many are zero, as in real changes.
    fn fill(&mut self, bytes: &mut Vec<u8>, length: usize) {
        bytes.clear();
        while bytes.len() < length {
            let number = self.next();
            let mask = match number >> 60 {
                0..4 => u64::MAX,
                4..9 => 0xff,
                9..13 => 0x00ff_00ff,
                _ => 0,
            };
            bytes.extend((self.next() & mask).to_le_bytes());
        }
    }
}

#[test]
fn arbitrary_bytes_do_no_harm_and_leak_nothing() {
    let inputs = std::env::var("PTK_BYTES_INPUTS")
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(20_000);
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut input = Vec::new();
    // The first run opens what stays open for the life of the process.
    bytes::run(&[0; 64]);
    let before = common::open_descriptors();
    for _ in 0..inputs {
        let length = (numbers.next() % 1500) as usize;
        numbers.fill(&mut input, length);
        bytes::run(&input);
    }
    // What a closed kqueue held is given back when further ones are made.
    (0..400).for_each(|_| drop(common::Queue::new()));
    assert_eq!(common::open_descriptors(), before, "descriptors leaked");
}
