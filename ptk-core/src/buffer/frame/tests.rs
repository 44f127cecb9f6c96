//! Frames cut anywhere, lengths that nobody should believe.

extern crate std;

use std::vec::Vec;

use super::{FrameBuffer, Framing, FramingError, LengthPrefixed};
use crate::error::{Error, ErrorKind};
use crate::net::Received;

fn framer() -> LengthPrefixed {
    LengthPrefixed::big_endian(0, 2)
}

/// As much of `bytes` as fits, like `recv`.
fn receive(buffer: &mut FrameBuffer<'_>, bytes: &[u8]) -> usize {
    let spare = buffer.spare();
    let length = spare.len().min(bytes.len());
    spare[..length].copy_from_slice(&bytes[..length]);
    buffer.filled(length);
    length
}

#[test]
fn several_frames_in_one_segment() {
    let mut storage = [0; 16];
    let mut buffer = FrameBuffer::new(&mut storage);
    receive(&mut buffer, b"\0\x01a\0\x02bc\0\x03d");
    assert_eq!(
        buffer.next_frame(&mut framer()).unwrap().unwrap(),
        b"\0\x01a"
    );
    assert_eq!(
        buffer.next_frame(&mut framer()).unwrap().unwrap(),
        b"\0\x02bc"
    );
    assert_eq!(buffer.next_frame(&mut framer()), Ok(None));
    receive(&mut buffer, b"ef");
    assert_eq!(
        buffer.next_frame(&mut framer()).unwrap().unwrap(),
        b"\0\x03def"
    );
    assert!(buffer.is_empty());
}

#[test]
fn any_cut_gives_the_same_frames() {
    let mut stream = Vec::new();
    let mut expected: Vec<Vec<u8>> = Vec::new();
    for length in [0_u8, 1, 13, 14, 3, 14, 14, 7, 0, 5] {
        let mut frame = std::vec![0, length];
        frame.extend((0..length).map(|byte| byte.wrapping_mul(31)));
        stream.extend(&frame);
        expected.push(frame);
    }
    for cut in 1..=stream.len() {
        let mut storage = [0; 16];
        let mut buffer = FrameBuffer::new(&mut storage);
        let mut frames: Vec<Vec<u8>> = Vec::new();
        for mut segment in stream.chunks(cut) {
            while !segment.is_empty() {
                let taken = receive(&mut buffer, segment);
                assert!(taken > 0, "a buffer without whole frames has room");
                segment = &segment[taken..];
                while let Some(frame) = buffer.next_frame(&mut framer()).unwrap() {
                    frames.push(frame.to_vec());
                }
            }
        }
        assert_eq!(frames, expected, "cut at {cut}");
        assert!(buffer.is_empty() && buffer.high_water() <= 16);
    }
}

#[test]
fn a_hostile_length_is_refused_at_once() {
    let mut storage = [0; 16];
    let mut buffer = FrameBuffer::new(&mut storage);
    receive(&mut buffer, b"\xff\xff");
    let refused = FramingError::Length(0x1_0001);
    assert_eq!(buffer.next_frame(&mut framer()), Err(refused));
    assert_eq!(buffer.next_frame(&mut framer()), Err(refused));
    let error = Error::from(refused);
    assert_eq!(error.kind(), ErrorKind::MessageTooLarge);

    buffer.clear();
    receive(&mut buffer, b"\0\0");
    assert_eq!(buffer.next_frame(&mut framer()).unwrap().unwrap(), b"\0\0");
}

#[test]
fn a_frame_without_a_byte_does_not_loop() {
    let mut storage = [0; 16];
    let mut buffer = FrameBuffer::new(&mut storage);
    receive(&mut buffer, b"x");
    let mut empty = |_: &[u8]| Ok(Framing::Length(0));
    assert_eq!(buffer.next_frame(&mut empty), Err(FramingError::Length(0)));
    let mut huge = |_: &[u8]| Ok(Framing::Length(usize::MAX));
    assert_eq!(
        buffer.next_frame(&mut huge),
        Err(FramingError::Length(usize::MAX))
    );
}

#[test]
fn a_framer_that_never_knows_is_found_out() {
    let mut storage = [0; 4];
    let mut buffer = FrameBuffer::new(&mut storage);
    let mut never = |_: &[u8]| Ok(Framing::Unknown);
    receive(&mut buffer, b"abc");
    assert_eq!(buffer.next_frame(&mut never), Ok(None));
    receive(&mut buffer, b"d");
    assert_eq!(buffer.next_frame(&mut never), Err(FramingError::Length(5)));
}

#[test]
fn a_malformed_frame_is_the_framers_word() {
    let mut storage = [0; 4];
    let mut buffer = FrameBuffer::new(&mut storage);
    let mut strict = |received: &[u8]| match received[0] {
        7 => Ok(Framing::Length(1)),
        other => Err(FramingError::Malformed(other.into())),
    };
    receive(&mut buffer, &[7, 8]);
    assert_eq!(buffer.next_frame(&mut strict).unwrap().unwrap(), &[7]);
    assert_eq!(
        buffer.next_frame(&mut strict),
        Err(FramingError::Malformed(8))
    );
}

#[test]
fn a_full_buffer_asks_for_nothing() {
    let mut storage = [0; 4];
    let mut buffer = FrameBuffer::new(&mut storage);
    assert_eq!(
        buffer.fill(|spare| {
            spare.copy_from_slice(b"\0\0\0\0");
            Ok(Received::Data(4))
        }),
        Ok(Received::Data(4))
    );
    assert_eq!(buffer.fill(|_| unreachable!()), Ok(Received::Data(0)));
    buffer.next_frame(&mut framer()).unwrap().unwrap();
    assert_eq!(
        buffer.fill(|spare| Ok(Received::Data(spare.len()))),
        Ok(Received::Data(2))
    );
    assert_eq!(buffer.fill(|_| unreachable!()), Ok(Received::Data(0)));
}

#[test]
fn an_end_within_a_frame_can_be_seen() {
    let mut storage = [0; 8];
    let mut buffer = FrameBuffer::new(&mut storage);
    receive(&mut buffer, b"\0\x05a");
    assert_eq!(buffer.next_frame(&mut framer()), Ok(None));
    assert_eq!(
        buffer.fill(|_| Ok(Received::EndOfStream)),
        Ok(Received::EndOfStream)
    );
    assert_eq!((buffer.len(), buffer.received()), (3, &b"\0\x05a"[..]));
    buffer.consume(2);
    assert_eq!(buffer.received(), b"a");
    buffer.consume(2);
    assert!(buffer.is_empty());
}
