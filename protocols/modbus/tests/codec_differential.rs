//! Our codec against two others on sound, damaged and random PDUs: the same ones are accepted, and where both accept,
//! both write the same bytes again. Where they differ, the difference is named here, with the section that decides.

mod frames;

use proptest::prelude::*;
use ptk_modbus::codec::{Error, Request, Response, SubFunction, limits};
use rusty_modbus_codec::request::{Encode, ReadDeviceIdentificationRequest};
use rusty_modbus_codec::{RequestPdu, ResponsePdu, decode_request, decode_response};

fn configuration() -> ProptestConfig {
    ProptestConfig {
        cases: 8192,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn request_bytes(request: &Request<'_>) -> Vec<u8> {
    let mut out = [0; limits::MAX_PDU];
    let length = request.encode(&mut out).unwrap();
    out[..length].to_vec()
}

fn response_bytes(response: &Response<'_>) -> Vec<u8> {
    let mut out = [0; limits::MAX_PDU];
    let length = response.encode(&mut out).unwrap();
    out[..length].to_vec()
}

/// Whether the first byte is a function code that all three codecs have a shape for.
fn rustmod_knows(code: u8) -> bool {
    matches!(code, 1..=8 | 15 | 16 | 22..=24)
}

mod against_rustmod {
    use super::*;
    use rustmod_core::encoding::{Reader, Writer};
    use rustmod_core::pdu::{DecodedRequest, Response as Theirs};

    fn whole<'a, T, E>(
        pdu: &'a [u8],
        decode: impl Fn(&mut Reader<'a>) -> Result<T, E>,
    ) -> Option<T> {
        let mut reader = Reader::new(pdu);
        let decoded = decode(&mut reader).ok()?;
        // It leaves bytes behind; what is left makes the PDU wrong.
        reader.is_empty().then_some(decoded)
    }

    fn known_difference_of_request(pdu: &[u8], ours: Result<Request<'_>, Error>) -> bool {
        match ours {
            // It leaves the end of the address range to the server (§6.1: "Starting Address + Quantity").
            Err(Error::AddressRange) => true,
            // It knows one word of data only (§6.8 has N x 2 bytes).
            Ok(Request::Diagnostics { data, .. }) => data.len() != 1,
            _ => pdu.len() > limits::MAX_PDU,
        }
    }

    proptest! {
            #![proptest_config(configuration())]

            #[test]
            fn requests(pdu in frames::damaged(frames::request())) {
                if !pdu.first().is_some_and(|&code| rustmod_knows(code)) {
     return Ok(());
    }
                let ours = Request::decode(&pdu);
                let theirs = whole(&pdu, DecodedRequest::decode);
                if !known_difference_of_request(&pdu, ours) {
                    prop_assert_eq!(ours.is_ok(), theirs.is_some(), "{:?} {:?} {:?}", pdu, ours, theirs);
                }
            }

            #[test]
            fn responses(pdu in frames::damaged(frames::response())) {
                if !pdu.first().is_some_and(|&code| code >= 0x80 || rustmod_knows(code)) {
     return Ok(());
    }
                let ours = Response::decode(&pdu);
                let theirs = whole(&pdu, Theirs::decode);
                let known = match ours {
                    Ok(Response::Diagnostics { data, .. }) => data.len() != 1,
                    // Nothing read, nothing or more than allowed written, more than 31 queued: it does not look
                    // (§6.1 "N", §6.11, §6.12, §6.18).
                    Err(Error::ByteCount(_) | Error::Quantity(_) | Error::AddressRange) => true,
                // An exception for function 0, which §4.1 has not.
                Err(Error::UnknownFunction(0)) => true,
                    _ => pdu.len() > limits::MAX_PDU,
                };
                if !known {
                    prop_assert_eq!(ours.is_ok(), theirs.is_some(), "{:?} {:?} {:?}", pdu, ours, theirs);
                }
                if let (Ok(ours), Some(theirs)) = (ours, theirs) {
                    let mut buffer = [0; 300];
                    let mut writer = Writer::new(&mut buffer);
                    theirs.encode(&mut writer).unwrap();
                    prop_assert_eq!(response_bytes(&ours), writer.as_written());
                }
            }
        }
}

mod against_rusty {
    use super::*;

    fn identification_is_sound(pdu: &[u8]) -> bool {
        ReadDeviceIdentificationRequest::decode(&pdu[1..]).is_ok()
    }

    fn named(sub: SubFunction) -> bool {
        !matches!(sub, SubFunction::Other(_))
    }

    proptest! {
        #![proptest_config(configuration())]

        #[test]
        fn requests(pdu in frames::damaged(frames::request())) {
            let ours = Request::decode(&pdu);
            let theirs = decode_request(&pdu);
            let accepted = match &theirs {
                // It hands the data of function 43 on undecoded.
                Ok(RequestPdu::EncapsulatedInterface(_)) => identification_is_sound(&pdu),
                // Any number of words, also none, for every sub-function (§6.8.1 has one but for sub-function 0).
                Ok(RequestPdu::Diagnostics(request)) => {
                    request.data.len() == 2 || request.data.len() > 2 && pdu[1..3] == [0, 0]
                }
                // Codes that are neither public nor the vendors' (§5).
                Ok(RequestPdu::Custom(code, _)) => matches!(code, 65..=72 | 100..=110),
                other => other.is_ok(),
            };
            let known = match ours {
                // It leaves the end of the address range to its `validate` module.
                Err(Error::AddressRange) => true,
                Ok(Request::Diagnostics { sub_function, .. }) => !named(sub_function),
                // The sum of the replies (§6.14).
                Err(Error::Quantity(_)) => pdu[0] == 20,
                // It does not look at the padding of function 15, nor do we; it is below.
                _ => false,
            };
            if !known {
                prop_assert_eq!(ours.is_ok(), accepted, "{:?} {:?} {:?}", pdu, ours, theirs);
            }
            if let (Ok(ours), Ok(theirs)) = (ours, &theirs) {
                let mut again = request_bytes(&ours);
                let mut buffer = [0; 300];
                let written = encode_request(theirs, &mut buffer);
                if let Some(length) = written {
                    if pdu[0] == 15 {
                        // Padding bits carry nothing: they keep them, we write zeros.
                        again.pop();
                        prop_assert_eq!(&again[..], &buffer[..length - 1]);
                    } else {
                        prop_assert_eq!(&again[..], &buffer[..length]);
                    }
                }
            }
        }

        #[test]
        fn responses(pdu in frames::damaged(frames::response())) {
            let ours = Response::decode(&pdu);
            let theirs = decode_response(&pdu);
            let accepted = match &theirs {
                Ok(ResponsePdu::Custom(code, _)) => matches!(code, 65..=72 | 100..=110),
                Ok(ResponsePdu::Diagnostics(_)) => {
                    pdu.len() == 5 || pdu.len() > 5 && pdu[1..3] == [0, 0]
                }
                other => other.is_ok(),
            };
            let known = match ours {
                Ok(Response::Diagnostics { sub_function, .. }) => !named(sub_function),
                _ => known_difference_of_response(&pdu, &ours),
            };
            if !known {
                prop_assert_eq!(ours.is_ok(), accepted, "{:?} {:?} {:?}", pdu, ours, theirs);
            }
        }
    }

    fn known_difference_of_response(pdu: &[u8], ours: &Result<Response<'_>, Error>) -> bool {
        match pdu.first() {
            // It hands the data of function 43 on undecoded.
            Some(43) => true,
            // More than could have been written (§6.11, §6.12), more than 64 events (§6.10).
            Some(15 | 16) if matches!(ours, Err(Error::Quantity(_))) => true,
            Some(12) if pdu.len() > 8 + limits::MAX_LOG_EVENTS => true,
            // More than 245 bytes of records (§6.14).
            Some(20) if pdu.len() > 2 + 245 => true,
            // A byte count that fits the bytes but not the function: nothing read, half a register, or more than can
            // be asked for (§6.1 to §6.4, §6.17).
            Some(1..=4 | 23) if matches!(ours, Err(Error::ByteCount(_))) => {
                pdu.len() == 2 + usize::from(pdu[1])
            }
            _ => matches!(ours, Err(Error::AddressRange)),
        }
    }

    fn encode_request(request: &RequestPdu<'_>, out: &mut [u8]) -> Option<usize> {
        Some(match request {
            RequestPdu::ReadCoils(request) => request.encode_into(out).unwrap(),
            RequestPdu::ReadDiscreteInputs(request) => request.encode_into(out).unwrap(),
            RequestPdu::ReadHoldingRegisters(request) => request.encode_into(out).unwrap(),
            RequestPdu::ReadInputRegisters(request) => request.encode_into(out).unwrap(),
            RequestPdu::WriteSingleCoil(request) => request.encode_into(out).unwrap(),
            RequestPdu::WriteSingleRegister(request) => request.encode_into(out).unwrap(),
            RequestPdu::Diagnostics(request) => request.encode_into(out).unwrap(),
            RequestPdu::WriteMultipleCoils(request) => request.encode_into(out).unwrap(),
            RequestPdu::WriteMultipleRegisters(request) => request.encode_into(out).unwrap(),
            RequestPdu::MaskWriteRegister(request) => request.encode_into(out).unwrap(),
            RequestPdu::ReadWriteMultipleRegisters(request) => request.encode_into(out).unwrap(),
            RequestPdu::ReadFifoQueue(request) => request.encode_into(out).unwrap(),
            RequestPdu::ReadFileRecord(request) => request.encode_into(out).unwrap(),
            RequestPdu::WriteFileRecord(request) => request.encode_into(out).unwrap(),
            _ => return None,
        })
    }
}
