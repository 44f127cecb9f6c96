//! Values of the types of the command line and of files, as text and as JSON.

use ptk_modbus::value::{Kind, Scalar};
use serde_json::Value;

/// A value as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub text: String,
    /// Whether JSON has it as a number.
    pub number: bool,
}

impl Shown {
    pub fn json(&self) -> Value {
        if self.number {
            json(&self.text)
        } else {
            self.text.as_str().into()
        }
    }
}

/// A number in its shortest form that reads back as the same number. A single-precision float is not shown with the digits of a double.
pub fn text(kind: Kind, scalar: Scalar) -> String {
    match (kind, scalar) {
        (Kind::F32, Scalar::Float(float)) => (float as f32).to_string(),
        _ => scalar.to_string(),
    }
}

/// A scaled value: twelve significant digits, so that 3 times 0.1 is 0.3.
pub fn scaled(value: f64, scale: f64, offset: f64) -> f64 {
    let exact = value * scale + offset;
    format!("{exact:.11e}").parse().unwrap_or(exact)
}

/// The number that `text` writes, or null where JSON has none (infinities, not a number).
pub fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// The characters of a device's text that a terminal can be trusted with.
pub fn printable(bytes: impl Iterator<Item = u8>) -> String {
    let bytes: Vec<u8> = bytes.collect();
    let text = String::from_utf8_lossy(&bytes);
    text.chars()
        .map(|letter| {
            if letter.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                letter
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_as_short_as_their_precision() {
        let tenth = Scalar::Float(0.1_f32.into());
        assert_eq!(text(Kind::F32, tenth), "0.1");
        assert_eq!(text(Kind::F64, Scalar::Float(0.1)), "0.1");
        assert_eq!(
            text(Kind::U64, Scalar::Unsigned(u64::MAX)),
            "18446744073709551615"
        );
    }

    #[test]
    fn scaling_shows_no_noise() {
        assert_eq!(scaled(3.0, 0.1, 0.0), 0.3);
        assert_eq!(scaled(235.0, 0.1, -40.0), -16.5);
        assert!(scaled(f64::NAN, 1.0, 0.0).is_nan());
    }

    #[test]
    fn json_has_numbers_or_null() {
        assert_eq!(json("1.5"), serde_json::json!(1.5));
        assert_eq!(json("NaN"), Value::Null);
        assert_eq!(json("inf"), Value::Null);
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(printable("ok\x1b[2J".bytes()), "ok\u{FFFD}[2J");
    }
}
