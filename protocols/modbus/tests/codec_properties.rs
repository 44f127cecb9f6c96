//! What holds for every PDU: no panic, and whatever is accepted says the same after a round trip.

mod frames;

use proptest::prelude::*;
use ptk_modbus::codec::{Framing, Request, Response, Side, limits, mbap, rtu};

fn configuration() -> ProptestConfig {
    ProptestConfig {
        cases: 2048,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The bytes of a PDU that carry no meaning, set to what the codec writes.
fn canonical(pdu: &[u8]) -> Vec<u8> {
    let mut pdu = pdu.to_vec();
    match pdu[0] {
        // The bits of function 15's last byte beyond its quantity.
        15 if pdu.len() > 6 => {
            let used = u16::from_be_bytes([pdu[3], pdu[4]]) % 8;
            if used != 0 {
                *pdu.last_mut().unwrap() &= (1 << used) - 1;
            }
        }
        // "More follows" is a flag; without it the next object means nothing.
        43 if pdu.len() > 6 => {
            if pdu[4] == 0 {
                pdu[5] = 0;
            } else {
                pdu[4] = 0xFF;
            }
        }
        _ => {}
    }
    pdu
}

proptest! {
    #![proptest_config(configuration())]

    #[test]
    fn requests_round_trip(pdu in frames::damaged(frames::request())) {
        if let Ok(request) = Request::decode(&pdu) {
            let mut out = [0; limits::MAX_PDU];
            let length = request.encode(&mut out).unwrap();
            prop_assert_eq!(&out[..length], canonical(&pdu));
            prop_assert_eq!(Request::decode(&out[..length]), Ok(request));
            prop_assert_eq!(request.function(), pdu[0]);
            // A buffer that is a byte too short is told so.
            prop_assert!(request.encode(&mut out[..length - 1]).is_err());
        }
    }

    #[test]
    fn responses_round_trip(pdu in frames::damaged(frames::response())) {
        if let Ok(response) = Response::decode(&pdu) {
            let mut out = [0; limits::MAX_PDU];
            let length = response.encode(&mut out).unwrap();
            prop_assert_eq!(&out[..length], canonical(&pdu));
            prop_assert_eq!(response.function(), pdu[0] & 0x7F);
            prop_assert!(response.encode(&mut out[..length - 1]).is_err());
        }
    }

    #[test]
    fn noise_never_panics(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Request::decode(&noise);
        let _ = Response::decode(&noise);
        for framing in [Framing::Mbap, Framing::Rtu] {
            for side in [Side::Request, Side::Response] {
                if let Ok(Some(length)) = framing.frame_length(side, &noise) {
                    prop_assert!(length <= noise.len() && length <= framing.max_frame());
                }
            }
        }
    }

    #[test]
    fn rtu_length_follows_from_the_content(pdu in frames::request(), unit: u8) {
        if Request::decode(&pdu).is_err() {
 return Ok(());
}
        // Diagnostics of more than one word cannot be told from what follows.
        if pdu[0] == 8 && pdu.len() != 5 {
 return Ok(());
}
        let mut frame = [0; rtu::MAX_FRAME];
        let length = rtu::encode(&mut frame, unit, |out| {
            out[..pdu.len()].copy_from_slice(&pdu);
            Ok(pdu.len())
        }).unwrap();
        for have in 0..length {
            prop_assert_eq!(Framing::Rtu.frame_length(Side::Request, &frame[..have]), Ok(None));
        }
        prop_assert_eq!(Framing::Rtu.frame_length(Side::Request, &frame), Ok(Some(length)));
    }

    #[test]
    fn rtu_length_of_responses(pdu in frames::response(), unit: u8) {
        if Response::decode(&pdu).is_err() {
 return Ok(());
}
        if pdu[0] == 8 && pdu.len() != 5 {
 return Ok(());
}
        let mut frame = [0; rtu::MAX_FRAME];
        let length = rtu::encode(&mut frame, unit, |out| {
            out[..pdu.len()].copy_from_slice(&pdu);
            Ok(pdu.len())
        }).unwrap();
        for have in 0..length {
            prop_assert_eq!(Framing::Rtu.frame_length(Side::Response, &frame[..have]), Ok(None));
        }
        prop_assert_eq!(Framing::Rtu.frame_length(Side::Response, &frame), Ok(Some(length)));
    }

    #[test]
    fn mbap_frames_split_anywhere(pdu in frames::request(), id: u16, unit: u8) {
        if pdu.len() > limits::MAX_PDU {
 return Ok(());
}
        let mut frame = [0; mbap::MAX_FRAME];
        let length = mbap::encode(&mut frame, id, unit, |out| {
            out[..pdu.len()].copy_from_slice(&pdu);
            Ok(pdu.len())
        }).unwrap();
        for have in 0..length {
            prop_assert_eq!(Framing::Mbap.frame_length(Side::Request, &frame[..have]), Ok(None));
        }
        prop_assert_eq!(Framing::Mbap.frame_length(Side::Request, &frame), Ok(Some(length)));
        let packet = mbap::Packet::new(&frame[..length]);
        prop_assert_eq!(packet.transaction_id(), Some(id));
        prop_assert_eq!(packet.unit(), Some(unit));
        prop_assert_eq!(packet.pdu(), &pdu[..]);
    }
}
