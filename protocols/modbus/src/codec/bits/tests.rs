//! Copies against one bit after the other.

use super::BitsMut;

#[test]
fn bits_copy_from_any_offset() {
    let source = [0b1011_0010, 0b0110_1001, 0b1100_0011];
    for start in 0..24 {
        for count in 1..=16 {
            let mut bytes = [0xFF; 2];
            BitsMut::new(&mut bytes, count).copy_from_packed(&source, start);
            for index in 0..16 {
                let at = start + index;
                let there = at < 24 && source[at / 8] >> (at % 8) & 1 == 1;
                let is = bytes[index / 8] >> (index % 8) & 1 == 1;
                // Bits of bytes beyond the last one that counts are not this copy's business.
                if index < count {
                    assert_eq!(is, there, "bit {index} of {count} from {start}");
                } else if index / 8 == count / 8 && count % 8 != 0 {
                    assert!(!is, "padding {index} of {count} from {start}");
                }
            }
        }
    }
}

#[test]
fn bools_are_packed_from_any_bit_on() {
    let source: [bool; 21] = core::array::from_fn(|index| index % 3 == 0 || index % 7 == 1);
    for start in 0..18 {
        for length in 0..=source.len() {
            for count in 0..=16 {
                let (mut packed, mut one_by_one) = ([0b0101_1010; 2], [0b0101_1010; 2]);
                BitsMut::new(&mut packed, count).copy_from_bools(start, &source[..length]);
                let mut bits = BitsMut::new(&mut one_by_one, count);
                for (index, value) in source[..length].iter().enumerate() {
                    bits.set(start + index, *value);
                }
                assert_eq!(packed, one_by_one, "{length} from {start} on, of {count}");
            }
        }
    }
}
