//! Copies of every length into room of every length.

use super::RegistersMut;

#[test]
fn registers_are_copied_as_many_as_both_have() {
    let words: [u16; 40] = core::array::from_fn(|index| index as u16 * 0x0301 + 0x80);
    for room in 0..=2 * words.len() + 1 {
        for count in 0..=words.len() {
            let mut bytes = [0xEE; 81];
            RegistersMut::new(&mut bytes[..room]).copy_from(&words[..count]);
            let copied = count.min(room / 2);
            for (pair, word) in bytes.chunks(2).zip(&words[..copied]) {
                assert_eq!(pair, word.to_be_bytes());
            }
            assert!(
                bytes[2 * copied..].iter().all(|byte| *byte == 0xEE),
                "{count} into {room}"
            );
        }
    }
}
