//! The examples of the specification, byte for byte, and every limit from both sides.

use super::*;

fn encoded<'b>(request: &Request<'_>, buffer: &'b mut [u8]) -> &'b [u8] {
    let length = request.encode(buffer).unwrap();
    &buffer[..length]
}

fn both_ways(request: Request<'_>, pdu: &[u8]) {
    assert_eq!(encoded(&request, &mut [0; 253]), pdu, "{request:?}");
    assert_eq!(Request::decode(pdu), Ok(request), "{pdu:x?}");
    cut_short(pdu, |bytes| Request::decode(bytes).is_ok());
}

fn both_ways_back(response: Response<'_>, pdu: &[u8]) {
    let mut buffer = [0; 253];
    let length = response.encode(&mut buffer).unwrap();
    assert_eq!(&buffer[..length], pdu, "{response:?}");
    assert_eq!(Response::decode(pdu), Ok(response), "{pdu:x?}");
    cut_short(pdu, |bytes| Response::decode(bytes).is_ok());
}

/// No part of a PDU is a PDU, nor is a PDU with a byte more.
fn cut_short(pdu: &[u8], accepted: impl Fn(&[u8]) -> bool) {
    for length in 0..pdu.len() {
        assert!(
            !accepted(&pdu[..length]),
            "accepted {length} bytes of {pdu:x?}"
        );
    }
    let mut longer = [0; 254];
    longer[..pdu.len()].copy_from_slice(pdu);
    assert!(
        !accepted(&longer[..=pdu.len()]),
        "accepted a byte after {pdu:x?}"
    );
}

#[test]
fn requests_of_the_specification() {
    both_ways(
        Request::ReadCoils {
            address: 0x13,
            quantity: 0x13,
        },
        &[1, 0, 0x13, 0, 0x13],
    );
    both_ways(
        Request::ReadDiscreteInputs {
            address: 0xC4,
            quantity: 0x16,
        },
        &[2, 0, 0xC4, 0, 0x16],
    );
    both_ways(
        Request::ReadHoldingRegisters {
            address: 0x6B,
            quantity: 3,
        },
        &[3, 0, 0x6B, 0, 3],
    );
    both_ways(
        Request::ReadInputRegisters {
            address: 8,
            quantity: 1,
        },
        &[4, 0, 8, 0, 1],
    );
    both_ways(
        Request::WriteSingleCoil {
            address: 0xAC,
            value: true,
        },
        &[5, 0, 0xAC, 0xFF, 0],
    );
    both_ways(
        Request::WriteSingleRegister {
            address: 1,
            value: 3,
        },
        &[6, 0, 1, 0, 3],
    );
    both_ways(Request::ReadExceptionStatus, &[7]);
    both_ways(
        Request::Diagnostics {
            sub_function: SubFunction::ReturnQueryData,
            data: Registers::from_words(&[0xA537]),
        },
        &[8, 0, 0, 0xA5, 0x37],
    );
    both_ways(Request::GetCommEventCounter, &[0x0B]);
    both_ways(Request::GetCommEventLog, &[0x0C]);
    both_ways(
        Request::WriteMultipleCoils {
            address: 0x13,
            values: Bits::from_packed(&[0xCD, 0x01], 10).unwrap(),
        },
        &[0x0F, 0, 0x13, 0, 0x0A, 2, 0xCD, 0x01],
    );
    both_ways(
        Request::WriteMultipleRegisters {
            address: 1,
            values: Registers::from_words(&[10, 258]),
        },
        &[0x10, 0, 1, 0, 2, 4, 0, 0x0A, 1, 2],
    );
    both_ways(Request::ReportServerId, &[0x11]);
    both_ways(
        Request::ReadFileRecord {
            records: FileReads::new(&[
                FileRead {
                    file: 4,
                    record: 1,
                    length: 2,
                },
                FileRead {
                    file: 3,
                    record: 9,
                    length: 2,
                },
            ]),
        },
        &[0x14, 0x0E, 6, 0, 4, 0, 1, 0, 2, 6, 0, 3, 0, 9, 0, 2],
    );
    both_ways(
        Request::WriteFileRecord {
            records: FileWrites::new(&[FileWrite {
                file: 4,
                record: 7,
                values: Registers::from_words(&[0x06AF, 0x04BE, 0x100D]),
            }]),
        },
        &[
            0x15, 0x0D, 6, 0, 4, 0, 7, 0, 3, 0x06, 0xAF, 0x04, 0xBE, 0x10, 0x0D,
        ],
    );
    both_ways(
        Request::MaskWriteRegister {
            address: 4,
            and_mask: 0xF2,
            or_mask: 0x25,
        },
        &[0x16, 0, 4, 0, 0xF2, 0, 0x25],
    );
    both_ways(
        Request::ReadWriteMultipleRegisters {
            read_address: 3,
            read_quantity: 6,
            write_address: 0x0E,
            values: Registers::from_words(&[0xFF, 0xFF, 0xFF]),
        },
        &[
            0x17, 0, 3, 0, 6, 0, 0x0E, 0, 3, 6, 0, 0xFF, 0, 0xFF, 0, 0xFF,
        ],
    );
    both_ways(
        Request::ReadFifoQueue { pointer: 0x04DE },
        &[0x18, 0x04, 0xDE],
    );
    both_ways(
        Request::ReadDeviceIdentification {
            access: DeviceIdAccess::Basic,
            object: 0,
        },
        &[0x2B, 0x0E, 1, 0],
    );
}

#[test]
fn responses_of_the_specification() {
    both_ways_back(
        Response::ReadCoils(Bits::from_bytes(&[0xCD, 0x6B, 5])),
        &[1, 3, 0xCD, 0x6B, 5],
    );
    both_ways_back(
        Response::ReadDiscreteInputs(Bits::from_bytes(&[0xAC, 0xDB, 0x35])),
        &[2, 3, 0xAC, 0xDB, 0x35],
    );
    both_ways_back(
        Response::ReadHoldingRegisters(Registers::from_words(&[0x022B, 0, 0x64])),
        &[3, 6, 2, 0x2B, 0, 0, 0, 0x64],
    );
    both_ways_back(
        Response::ReadInputRegisters(Registers::from_words(&[10])),
        &[4, 2, 0, 10],
    );
    both_ways_back(
        Response::WriteSingleCoil {
            address: 0xAC,
            value: true,
        },
        &[5, 0, 0xAC, 0xFF, 0],
    );
    both_ways_back(
        Response::WriteSingleRegister {
            address: 1,
            value: 3,
        },
        &[6, 0, 1, 0, 3],
    );
    both_ways_back(Response::ReadExceptionStatus(0x6D), &[7, 0x6D]);
    both_ways_back(
        Response::Diagnostics {
            sub_function: SubFunction::BusMessageCount,
            data: Registers::from_words(&[9]),
        },
        &[8, 0, 11, 0, 9],
    );
    both_ways_back(
        Response::GetCommEventCounter {
            status: 0xFFFF,
            events: 0x108,
        },
        &[0x0B, 0xFF, 0xFF, 1, 8],
    );
    both_ways_back(
        Response::GetCommEventLog {
            status: 0,
            events: 0x108,
            messages: 0x121,
            log: &[0x20, 0],
        },
        &[0x0C, 8, 0, 0, 1, 8, 1, 0x21, 0x20, 0],
    );
    both_ways_back(
        Response::WriteMultipleCoils {
            address: 0x13,
            quantity: 10,
        },
        &[0x0F, 0, 0x13, 0, 10],
    );
    both_ways_back(
        Response::WriteMultipleRegisters {
            address: 1,
            quantity: 2,
        },
        &[0x10, 0, 1, 0, 2],
    );
    both_ways_back(
        Response::ReportServerId(&[7, 0xFF, b'x']),
        &[0x11, 3, 7, 0xFF, b'x'],
    );
    let records = [
        Registers::from_words(&[0x0DFE, 0x20]),
        Registers::from_words(&[0x33CD, 0x40]),
    ];
    both_ways_back(
        Response::ReadFileRecord(FileRecords::new(&records)),
        &[
            0x14, 0x0C, 5, 6, 0x0D, 0xFE, 0, 0x20, 5, 6, 0x33, 0xCD, 0, 0x40,
        ],
    );
    both_ways_back(
        Response::MaskWriteRegister {
            address: 4,
            and_mask: 0xF2,
            or_mask: 0x25,
        },
        &[0x16, 0, 4, 0, 0xF2, 0, 0x25],
    );
    both_ways_back(
        Response::ReadWriteMultipleRegisters(Registers::from_words(&[0xFE])),
        &[0x17, 2, 0, 0xFE],
    );
    both_ways_back(
        Response::ReadFifoQueue(Registers::from_words(&[0x1B8, 0x1284])),
        &[0x18, 0, 6, 0, 2, 1, 0xB8, 0x12, 0x84],
    );
    let objects: [(u8, &[u8]); 2] = [(0, b"Company"), (1, b"Product")];
    both_ways_back(
        Response::ReadDeviceIdentification(DeviceIdResponse {
            access: DeviceIdAccess::Basic,
            conformity: 1,
            next_object: Some(2),
            objects: DeviceIdObjects::new(&objects),
        }),
        b"\x2B\x0E\x01\x01\xFF\x02\x02\x00\x07Company\x01\x07Product",
    );
    both_ways_back(
        Response::Exception {
            function: 1,
            code: ExceptionCode::IllegalDataAddress,
        },
        &[0x81, 2],
    );
}

#[test]
fn quantities_at_their_limits() {
    let limits: [(u8, u16); 4] = [(1, 2000), (2, 2000), (3, 125), (4, 125)];
    for (code, most) in limits {
        let read = |quantity: u16, address: u16| {
            let [high, low] = quantity.to_be_bytes();
            let [address_high, address_low] = address.to_be_bytes();
            Request::decode(&[code, address_high, address_low, high, low]).map(|_| ())
        };
        assert_eq!(read(0, 0), Err(Error::Quantity(0)));
        assert_eq!(read(1, 0), Ok(()));
        assert_eq!(read(most, 0), Ok(()));
        assert_eq!(read(most + 1, 0), Err(Error::Quantity(u32::from(most) + 1)));
        assert_eq!(read(1, 0xFFFF), Ok(()));
        assert_eq!(read(2, 0xFFFF), Err(Error::AddressRange));
        // Quantity before address, as the state diagrams have it.
        assert_eq!(read(0, 0xFFFF), Err(Error::Quantity(0)));
    }
}

#[test]
fn written_quantities_at_their_limits() {
    let words = [0; 130];
    let bools = [true; 2000];
    let mut out = [0; 300];
    let mut registers = |count: usize| {
        let values = Registers::from_words(&words[..count]);
        Request::WriteMultipleRegisters { address: 0, values }.encode(&mut out)
    };
    assert_eq!(registers(0), Err(Error::Quantity(0)));
    assert_eq!(registers(123), Ok(252));
    assert_eq!(registers(124), Err(Error::Quantity(124)));
    let mut coils = |count: usize| {
        let values = Bits::from_bools(&bools[..count]);
        Request::WriteMultipleCoils { address: 0, values }.encode(&mut out)
    };
    assert_eq!(coils(0), Err(Error::Quantity(0)));
    assert_eq!(coils(1968), Ok(252));
    assert_eq!(coils(1969), Err(Error::Quantity(1969)));
    let mut exchange = |read_quantity: u16, count: usize| {
        Request::ReadWriteMultipleRegisters {
            read_address: 0,
            read_quantity,
            write_address: 0,
            values: Registers::from_words(&words[..count]),
        }
        .encode(&mut out)
    };
    assert_eq!(exchange(125, 121), Ok(252));
    assert_eq!(exchange(126, 1), Err(Error::Quantity(126)));
    assert_eq!(exchange(0, 1), Err(Error::Quantity(0)));
    assert_eq!(exchange(1, 122), Err(Error::Quantity(122)));
    assert_eq!(exchange(1, 0), Err(Error::Quantity(0)));
}

#[test]
fn refused_values() {
    assert_eq!(Request::decode(&[5, 0, 0, 0, 1]), Err(Error::CoilValue(1)));
    assert_eq!(Request::decode(&[0]), Err(Error::UnknownFunction(0)));
    assert_eq!(
        Request::decode(&[0x83, 0]),
        Err(Error::UnknownFunction(0x83))
    );
    assert_eq!(Request::decode(&[9]), Err(Error::UnknownFunction(9)));
    assert_eq!(
        Request::decode(&[0x2B, 0x0D, 0]),
        Err(Error::UnknownInterface(0x0D))
    );
    assert_eq!(
        Request::decode(&[0x2B, 0x0E, 5, 0]),
        Err(Error::DeviceIdAccess(5))
    );
    assert_eq!(
        Request::decode(&[0x10, 0, 0, 0, 2, 2, 0, 0]),
        Err(Error::ByteCount(2))
    );
    assert_eq!(
        Request::decode(&[0x10, 0, 0, 0, 1, 2, 0]),
        Err(Error::ByteCount(2))
    );
    assert_eq!(Response::decode(&[3, 3, 0, 0, 0]), Err(Error::ByteCount(3)));
    assert_eq!(Response::decode(&[3, 0]), Err(Error::ByteCount(0)));
    let group = [0x14, 7, 5, 0, 4, 0, 1, 0, 2];
    assert_eq!(Request::decode(&group), Err(Error::ReferenceType(5)));
    let group = [0x14, 7, 6, 0, 0, 0, 1, 0, 2];
    assert_eq!(Request::decode(&group), Err(Error::FileRecord));
    let group = [0x14, 7, 6, 0, 1, 0x27, 0x0F, 0, 2];
    assert_eq!(Request::decode(&group), Err(Error::FileRecord));
    // A reply of more than 245 bytes.
    let group = [0x14, 7, 6, 0, 1, 0, 0, 0, 122];
    assert_eq!(Request::decode(&group), Err(Error::Quantity(246)));
    let group = [0x14, 7, 6, 0, 1, 0, 0, 0, 121];
    assert!(Request::decode(&group).is_ok());
}

#[test]
fn custom_functions_are_the_vendors_ranges() {
    for code in 1..=127u8 {
        let free = matches!(code, 65..=72 | 100..=110);
        let custom = Request::Custom {
            function: code,
            data: b"hello",
        };
        assert_eq!(custom.encode(&mut [0; 16]).is_ok(), free, "{code}");
        if free {
            assert_eq!(
                Request::decode(&[code, b'h']),
                Ok(Request::Custom {
                    function: code,
                    data: b"h"
                })
            );
        }
    }
}

#[test]
fn headers_are_refused_as_early_as_possible() {
    use mbap::{Header, HeaderError};
    assert_eq!(Header::parse(&[0, 1, 0]), Ok(None));
    assert_eq!(Header::parse(&[0, 1, 0, 2]), Err(HeaderError::Protocol(2)));
    assert_eq!(Header::parse(&[0, 1, 0, 0, 0]), Ok(None));
    for length in [0, 1, 255, 256, 65535] {
        let [high, low] = u16::to_be_bytes(length);
        assert_eq!(
            Header::parse(&[0, 1, 0, 0, high, low]),
            Err(HeaderError::Length(length))
        );
    }
    for length in [2, 254] {
        let header = Header::parse(&[0, 1, 0, 0, 0, length, 9]).unwrap().unwrap();
        assert_eq!(header.pdu_length, length - 1);
        assert_eq!(header.to_bytes(), [0, 1, 0, 0, 0, length, 9]);
    }
}

#[test]
fn rtu_frames_end_where_their_function_says() {
    let mut frame = [0; rtu::MAX_FRAME];
    let request = Request::ReadHoldingRegisters {
        address: 0x6B,
        quantity: 3,
    };
    let length = rtu::encode(&mut frame, 17, |pdu| request.encode(pdu)).unwrap();
    assert_eq!(frame[..length], [0x11, 3, 0, 0x6B, 0, 3, 0x76, 0x87]);
    for have in 0..length {
        assert_eq!(
            Framing::Rtu.frame_length(Side::Request, &frame[..have]),
            Ok(None)
        );
    }
    assert_eq!(
        Framing::Rtu.frame_length(Side::Request, &frame),
        Ok(Some(length))
    );
    frame[5] ^= 1;
    let found = Framing::Rtu.frame_length(Side::Request, &frame);
    assert_eq!(found, Err(FramingError::Checksum));
    let found = Framing::Rtu.frame_length(Side::Request, &[1, 65]);
    assert_eq!(found, Err(FramingError::UnknownLength(65)));
}
