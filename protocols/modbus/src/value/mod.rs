//! Numbers and text over 16-bit registers.
//!
//! The specification knows only registers, most significant byte first (§4.2). Wider numbers lie over several of them,
//! and vendors never agreed in which order. Written for the 32-bit number `0xAABBCCDD` over two registers:
//!
//! | [`WordOrder`] | first register | second | also called |
//! |---|---|---|---|
//! | [`WordOrder::Abcd`] | AA BB | CC DD | big endian, "high word first" |
//! | [`WordOrder::Cdab`] | CC DD | AA BB | word swap, "low word first", what `mbpoll` takes unless told `-B` |
//! | [`WordOrder::Badc`] | BB AA | DD CC | byte swap |
//! | [`WordOrder::Dcba`] | DD CC | BB AA | little endian |
//!
//! ```
//! use ptk_modbus::codec::Registers;
//! use ptk_modbus::value::WordOrder;
//!
//! let mut registers = [0; 2];
//! WordOrder::Cdab.write(12.5_f32, &mut registers).unwrap();
//! assert_eq!(registers, [0x0000, 0x4148]);
//! let on_the_wire = Registers::from_words(&registers);
//! assert_eq!(WordOrder::Cdab.read::<f32>(on_the_wire, 0), Some(12.5));
//! assert_eq!(WordOrder::Cdab.read::<f32>(on_the_wire, 1), None); // half of it is past the end
//! ```

mod kind;
mod number;
#[cfg(test)]
mod tests;
mod text;

pub use kind::{Kind, ParseError, Scalar};
pub use number::{Number, WordOrder};
pub use text::{text_bytes, write_text};
