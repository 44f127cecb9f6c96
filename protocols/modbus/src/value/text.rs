//! Characters, two to a register.

use super::WordOrder;
use crate::codec::Registers;

/// The bytes of the text in `registers`, up to the first zero byte.
///
/// The first character of a register is its high byte, or its low byte in the orders that swap bytes. Registers are
/// never reversed: text reads forwards.
///
/// ```
/// use ptk_modbus::{codec::Registers, value::{text_bytes, write_text, WordOrder}};
///
/// let mut registers = [0xFFFF; 3];
/// assert_eq!(write_text(WordOrder::Badc, "pump", &mut registers), Some(2));
/// assert_eq!(registers, [0x7570, 0x706D, 0]);
/// assert!(text_bytes(WordOrder::Badc, Registers::from_words(&registers)).eq(*b"pump"));
/// ```
pub fn text_bytes<'a>(
    order: WordOrder,
    registers: Registers<'a>,
) -> impl Iterator<Item = u8> + use<'a> {
    registers
        .iter()
        .flat_map(move |word| {
            if order.swaps_bytes() {
                word.to_le_bytes()
            } else {
                word.to_be_bytes()
            }
        })
        .take_while(|&byte| byte != 0)
}

/// Writes `text` over `out`, the rest of `out` filled with zeros, and returns how many registers the text took.
/// `None` if it does not fit, and then `out` is left alone.
pub fn write_text(order: WordOrder, text: &str, out: &mut [u16]) -> Option<usize> {
    let needed = text.len().div_ceil(2);
    if needed > out.len() {
        return None;
    }
    out.fill(0);
    for (word, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        let bytes = [pair[0], pair.get(1).copied().unwrap_or_default()];
        *word = if order.swaps_bytes() {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        };
    }
    Some(needed)
}
