//! Numbers of TOML, with all their digits.

use toml::de::DeValue;

/// An integer or a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    /// As a float; integers beyond 2^53 lose their last digits.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }
}

pub fn integer(value: &DeValue<'_>) -> Option<i128> {
    let integer = value.as_integer()?;
    i128::from_str_radix(integer.as_str(), integer.radix()).ok()
}

pub fn number(value: &DeValue<'_>) -> Option<Number> {
    if let Some(integer) = integer(value) {
        return Some(Number::Integer(integer));
    }
    let float = value.as_float()?;
    float.as_str().parse().ok().map(Number::Float)
}

/// The value as text: integers in decimal.
pub fn words(value: &DeValue<'_>) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    if let Some(boolean) = value.as_bool() {
        return Some(u8::from(boolean).to_string());
    }
    match number(value)? {
        Number::Integer(integer) => Some(integer.to_string()),
        Number::Float(float) => Some(float.to_string()),
    }
}
