//! The four orders on every width, and round trips of everything that can be parsed.

use super::*;
use crate::codec::Registers;

const ORDERS: [WordOrder; 4] = [
    WordOrder::Abcd,
    WordOrder::Badc,
    WordOrder::Cdab,
    WordOrder::Dcba,
];

#[test]
fn the_four_orders_of_32_bits() {
    let expected = [
        [0xAABB, 0xCCDD],
        [0xBBAA, 0xDDCC],
        [0xCCDD, 0xAABB],
        [0xDDCC, 0xBBAA],
    ];
    for (order, registers) in ORDERS.into_iter().zip(expected) {
        let mut out = [0; 2];
        assert_eq!(order.write(0xAABB_CCDD_u32, &mut out), Some(2));
        assert_eq!(out, registers, "{order}");
        assert_eq!(
            order.read::<u32>(Registers::from_words(&out), 0),
            Some(0xAABB_CCDD)
        );
    }
}

#[test]
fn the_four_orders_of_64_bits() {
    let expected = [
        [0x0102, 0x0304, 0x0506, 0x0708],
        [0x0201, 0x0403, 0x0605, 0x0807],
        [0x0708, 0x0506, 0x0304, 0x0102],
        [0x0807, 0x0605, 0x0403, 0x0201],
    ];
    for (order, registers) in ORDERS.into_iter().zip(expected) {
        let mut out = [0; 4];
        assert_eq!(order.write(0x0102_0304_0506_0708_u64, &mut out), Some(4));
        assert_eq!(out, registers, "{order}");
    }
}

#[test]
fn every_number_round_trips() {
    fn round<N: Number + PartialEq + core::fmt::Debug>(value: N) {
        for order in ORDERS {
            let mut out = [0; 5];
            assert_eq!(order.write(value, &mut out[1..]), Some(N::REGISTERS));
            assert_eq!(
                order.read(Registers::from_words(&out), 1),
                Some(value),
                "{order}"
            );
            assert_eq!(order.write(value, &mut out[..N::REGISTERS - 1]), None);
            let short = Registers::from_words(&out[..N::REGISTERS - 1]);
            assert_eq!(order.read::<N>(short, 0), None);
        }
    }
    round(0x1234_u16);
    round(-2_i16);
    round(u32::MAX - 1);
    round(i32::MIN);
    round(u64::MAX - 5);
    round(i64::MIN + 3);
    round(-0.0_f32);
    round(f32::MIN_POSITIVE);
    round(f64::MAX);
}

#[test]
fn parsing_numbers() {
    let mut out = [0; 4];
    assert_eq!(Kind::I16.parse(WordOrder::Abcd, "-1", &mut out), Ok(1));
    assert_eq!(out[0], 0xFFFF);
    assert_eq!(Kind::U16.parse(WordOrder::Abcd, "0xBEEF", &mut out), Ok(1));
    assert_eq!(out[0], 0xBEEF);
    assert_eq!(Kind::F32.parse(WordOrder::Abcd, "1e0", &mut out), Ok(2));
    assert_eq!(out[..2], [0x3F80, 0]);
    for (kind, text) in [
        (Kind::U16, "65536"),
        (Kind::U16, "-1"),
        (Kind::U16, "0x10000"),
        (Kind::I16, "32768"),
        (Kind::U32, ""),
        (Kind::I64, "x"),
        (Kind::U64, "0x"),
        (Kind::Text { registers: 3 }, "0x12"),
    ] {
        assert_eq!(
            kind.parse(WordOrder::Abcd, text, &mut out),
            Err(ParseError::Number),
            "{text}"
        );
    }
    assert_eq!(
        Kind::U64.parse(WordOrder::Abcd, "1", &mut out[..3]),
        Err(ParseError::Number)
    );
}

#[test]
fn parsing_names() {
    for name in ["u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"] {
        let kind: Kind = name.parse().unwrap();
        let mut out = [0; 4];
        let count = kind.parse(WordOrder::Dcba, "7", &mut out).unwrap();
        assert_eq!(count, usize::from(kind.registers()));
        let scalar = kind
            .read(WordOrder::Dcba, Registers::from_words(&out))
            .unwrap();
        assert_eq!(scalar.as_f64(), 7.0);
    }
    assert_eq!("text8".parse(), Ok(Kind::Text { registers: 8 }));
    for bad in ["", "U16", "text", "text0", "text126", "textx", "u8"] {
        assert_eq!(bad.parse::<Kind>(), Err(ParseError::Kind), "{bad}");
    }
    for (order, name) in ORDERS.into_iter().zip(["abcd", "BADC", "cdab", "DcBa"]) {
        assert_eq!(name.parse(), Ok(order));
    }
    assert_eq!("ABDC".parse::<WordOrder>(), Err(ParseError::WordOrder));
}

#[test]
fn text_ends_at_its_zero() {
    let mut registers = [0; 3];
    assert_eq!(write_text(WordOrder::Abcd, "abc", &mut registers), Some(2));
    assert_eq!(registers, [0x6162, 0x6300, 0]);
    let read = text_bytes(WordOrder::Abcd, Registers::from_words(&registers));
    assert!(read.eq(*b"abc"));
    assert_eq!(write_text(WordOrder::Abcd, "abcdefg", &mut registers), None);
    assert_eq!(registers, [0x6162, 0x6300, 0]);
    let read = text_bytes(WordOrder::Dcba, Registers::from_words(&[0x6261, 0x6463]));
    assert!(read.eq(*b"abcd"));
}
