//! Control bytes that no kernel writes: nothing panics, nothing loops.

use super::{Control, Messages, arrival};

#[test]
fn nothing_in_an_empty_buffer() {
    assert_eq!(arrival(&Control([0; 160]).0), (None, None));
    assert_eq!(arrival(&[]), (None, None));
}

#[test]
fn hostile_lengths_end_the_walk() {
    for length in [1_u64, 11, 15, 161, 4096, u64::MAX, 0x8000_0000_0000_0000] {
        let mut control = Control([0xff; 160]);
        control.0[..8].copy_from_slice(&length.to_ne_bytes());
        assert_eq!(Messages(&control.0).count(), 0, "{length}");
    }
}

#[test]
fn every_prefix_of_noise_is_walked_to_its_end() {
    let mut noise = [0_u8; 160];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..2_000 {
        for byte in &mut noise {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            // Small lengths are the interesting ones.
            *byte = if state & 0x300 == 0 {
                (state & 0x3f) as u8
            } else {
                0
            };
        }
        for end in 0..noise.len() {
            assert!(Messages(&noise[..end]).count() <= 160);
            let _ = arrival(&noise[..end]);
        }
    }
}
