//! PDUs for property tests, built by hand and not by the codec that they test: sound ones, and damaged ones.
#![allow(dead_code)]

use proptest::prelude::*;

/// A 16-bit field, near the edges half of the time.
pub fn word() -> impl Strategy<Value = u16> {
    prop_oneof![
        any::<u16>(),
        prop_oneof![
            Just(0u16),
            Just(1),
            Just(0xFF),
            Just(0x7FFF),
            Just(0xFFFE),
            Just(0xFFFF)
        ],
    ]
}

/// A quantity, most often below the limits of §6.
fn quantity() -> impl Strategy<Value = u16> {
    prop_oneof![4 => 1..=130u16, 2 => 1960..=2010u16, 1 => word()]
}

fn bytes(words: &[u16]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

fn values(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u16>(), 0..=most).prop_map(|words| bytes(&words))
}

/// A request's PDU; quantities may be out of range, everything else is in order.
pub fn request() -> impl Strategy<Value = Vec<u8>> {
    let read = (1..=4u8, word(), quantity())
        .prop_map(|(code, address, count)| joined(&[&[code], &bytes(&[address, count])]));
    let single = (
        5..=6u8,
        word(),
        prop_oneof![Just(0u16), Just(0xFF00), word()],
    )
        .prop_map(|(code, address, value)| joined(&[&[code], &bytes(&[address, value])]));
    let bare = prop_oneof![Just(7u8), Just(11), Just(12), Just(17)].prop_map(|code| vec![code]);
    let diagnostics =
        (0..22u16, values(4)).prop_map(|(sub, data)| joined(&[&[8], &bytes(&[sub]), &data]));
    let coils = (word(), 1..=1976usize, any::<u8>()).prop_map(|(address, count, fill)| {
        let packed = vec![fill; count.div_ceil(8)];
        joined(&[
            &[15],
            &bytes(&[address, count as u16]),
            &[packed.len() as u8],
            &packed,
        ])
    });
    let registers = (word(), values(125)).prop_map(|(address, data)| {
        let count = data.len() as u16 / 2;
        joined(&[&[16], &bytes(&[address, count]), &[data.len() as u8], &data])
    });
    let mask = (word(), word(), word()).prop_map(|(a, b, c)| joined(&[&[22], &bytes(&[a, b, c])]));
    let exchange =
        (word(), quantity(), word(), values(123)).prop_map(|(read, count, write, data)| {
            let head = bytes(&[read, count, write, data.len() as u16 / 2]);
            joined(&[&[23], &head, &[data.len() as u8], &data])
        });
    let fifo = word().prop_map(|pointer| joined(&[&[24], &bytes(&[pointer])]));
    let identification = (0..6u8, any::<u8>()).prop_map(|(access, id)| vec![43, 14, access, id]);
    let file_read =
        prop::collection::vec((word(), 0..10_010u16, 0..130u16), 0..=35).prop_map(|groups| {
            let body: Vec<u8> = groups
                .iter()
                .flat_map(|(file, record, length)| {
                    joined(&[&[6], &bytes(&[*file, *record, *length])])
                })
                .collect();
            joined(&[&[20, body.len() as u8], &body])
        });
    let file_write =
        prop::collection::vec((word(), 0..10_010u16, values(40)), 0..=3).prop_map(|groups| {
            let body: Vec<u8> = groups
                .iter()
                .flat_map(|(file, record, data)| {
                    let head = bytes(&[*file, *record, data.len() as u16 / 2]);
                    joined(&[&[6], &head, data])
                })
                .collect();
            joined(&[&[21, body.len() as u8], &body])
        });
    prop_oneof![
        4 => read,
        2 => single,
        1 => bare,
        1 => diagnostics,
        2 => coils,
        2 => registers,
        1 => mask,
        2 => exchange,
        1 => fifo,
        1 => identification,
        1 => file_read,
        1 => file_write,
    ]
}

/// A response's PDU; counts may be out of range, everything else is in order.
pub fn response() -> impl Strategy<Value = Vec<u8>> {
    let counted = prop_oneof![Just(1u8), Just(2), Just(3), Just(4), Just(17), Just(23)];
    let read = (counted, prop::collection::vec(any::<u8>(), 0..=252))
        .prop_map(|(code, data)| joined(&[&[code, data.len() as u8], &data]));
    let echo = (
        prop_oneof![Just(5u8), Just(6), Just(15), Just(16), Just(11)],
        word(),
        quantity(),
    )
        .prop_map(|(code, address, value)| joined(&[&[code], &bytes(&[address, value])]));
    let coil = (word(), any::<bool>())
        .prop_map(|(address, on)| joined(&[&[5], &bytes(&[address, u16::from(on) * 0xFF00])]));
    let status = any::<u8>().prop_map(|status| vec![7, status]);
    let diagnostics =
        (0..22u16, values(4)).prop_map(|(sub, data)| joined(&[&[8], &bytes(&[sub]), &data]));
    let log = (
        word(),
        word(),
        word(),
        prop::collection::vec(any::<u8>(), 0..=66),
    )
        .prop_map(|(status, events, messages, log)| {
            let head = bytes(&[status, events, messages]);
            joined(&[&[12, 6 + log.len() as u8], &head, &log])
        });
    let mask = (word(), word(), word()).prop_map(|(a, b, c)| joined(&[&[22], &bytes(&[a, b, c])]));
    let fifo = values(33).prop_map(|data| {
        let count = data.len() as u16 / 2;
        joined(&[&[24], &bytes(&[2 + count * 2, count]), &data])
    });
    let records = prop::collection::vec(values(30), 0..=5).prop_map(|records| {
        let body: Vec<u8> = records
            .iter()
            .flat_map(|data| joined(&[&[data.len() as u8 + 1, 6], data]))
            .collect();
        joined(&[&[20, body.len() as u8], &body])
    });
    let objects = prop::collection::vec(
        (any::<u8>(), prop::collection::vec(any::<u8>(), 0..40)),
        0..5,
    )
    .prop_map(|objects| {
        let body: Vec<u8> = objects
            .iter()
            .flat_map(|(id, text)| joined(&[&[*id, text.len() as u8], text]))
            .collect();
        joined(&[&[43, 14, 1, 1, 0, 0, objects.len() as u8], &body])
    });
    let exception = (1..=127u8, any::<u8>()).prop_map(|(code, why)| vec![code | 0x80, why]);
    prop_oneof![
        4 => read,
        2 => echo,
        1 => coil,
        1 => status,
        1 => diagnostics,
        1 => log,
        1 => mask,
        1 => fifo,
        1 => records,
        1 => objects,
        1 => exception,
    ]
}

/// `pdu` with up to three bytes changed, and cut or prolonged a third of the time.
pub fn damaged(pdu: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..=3);
    (pdu, changes, 0..6usize, any::<prop::sample::Index>()).prop_map(
        |(mut pdu, changes, how, at)| {
            for (index, value) in changes {
                let at = index.index(pdu.len());
                pdu[at] = value;
            }
            match how {
                0 => pdu.truncate(at.index(pdu.len() + 1)),
                1 => pdu.extend_from_slice(&[0; 3][..1 + at.index(3)]),
                _ => {}
            }
            pdu
        },
    )
}
