//! Coils, inputs and registers, and what is refused.

use super::*;

#[test]
fn reads_and_writes_of_bits() {
    let mut session = full();
    let values = Bits::from_bools(&[
        true, false, true, true, false, false, true, true, true, false,
    ]);
    let reply = session.ask(
        1,
        &Request::WriteMultipleCoils {
            address: 19,
            values,
        },
    );
    assert_eq!(
        reply,
        Some(Response::WriteMultipleCoils {
            address: 19,
            quantity: 10
        })
    );
    let reply = session.ask(
        1,
        &Request::WriteSingleCoil {
            address: 29,
            value: true,
        },
    );
    assert_eq!(
        reply,
        Some(Response::WriteSingleCoil {
            address: 29,
            value: true
        })
    );
    match session.ask(
        1,
        &Request::ReadCoils {
            address: 18,
            quantity: 12,
        },
    ) {
        Some(Response::ReadCoils(bits)) => {
            let expected = [0, 1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0].map(|bit| bit == 1);
            assert_eq!(bits, Bits::from_bools(&expected));
        }
        other => panic!("{other:?}"),
    }
    session.device.units.map.0.set_discrete_input(65535, true);
    match session.ask(
        1,
        &Request::ReadDiscreteInputs {
            address: 65535,
            quantity: 1,
        },
    ) {
        Some(Response::ReadDiscreteInputs(bits)) => assert_eq!(bits.get(0), Some(true)),
        other => panic!("{other:?}"),
    }
    match session.ask(
        1,
        &Request::ReadDiscreteInputs {
            address: 63536,
            quantity: 2000,
        },
    ) {
        Some(Response::ReadDiscreteInputs(bits)) => {
            assert_eq!(bits.len(), 2000);
            assert_eq!(bits.iter().filter(|bit| *bit).count(), 1);
            assert_eq!(bits.get(1999), Some(true));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn reads_and_writes_of_registers() {
    let mut session = full();
    let words: Vec<u16> = (0..123).collect();
    let values = Registers::from_words(&words);
    let reply = session.ask(
        1,
        &Request::WriteMultipleRegisters {
            address: 65413,
            values,
        },
    );
    assert_eq!(
        reply,
        Some(Response::WriteMultipleRegisters {
            address: 65413,
            quantity: 123
        })
    );
    let reply = session.ask(
        1,
        &Request::WriteSingleRegister {
            address: 65411,
            value: 9,
        },
    );
    assert_eq!(
        reply,
        Some(Response::WriteSingleRegister {
            address: 65411,
            value: 9
        })
    );
    match session.ask(
        1,
        &Request::ReadHoldingRegisters {
            address: 65411,
            quantity: 125,
        },
    ) {
        Some(Response::ReadHoldingRegisters(values)) => {
            let expected = [9, 0].into_iter().chain(0..123);
            assert!(values.iter().eq(expected));
        }
        other => panic!("{other:?}"),
    }
    session.device.units.map.0.set_input_register(2, 77);
    let reply = session.ask(
        1,
        &Request::ReadInputRegisters {
            address: 1,
            quantity: 2,
        },
    );
    assert_eq!(
        reply,
        Some(Response::ReadInputRegisters(Registers::from_words(&[
            0, 77
        ])))
    );
}

#[test]
fn mask_write_and_exchange() {
    let mut session = full();
    session.device.units.map.0.set_holding_register(4, 0x12);
    // The specification's example (§6.16): 0x12 becomes 0x17.
    let request = Request::MaskWriteRegister {
        address: 4,
        and_mask: 0xF2,
        or_mask: 0x25,
    };
    let reply = session.ask(1, &request);
    let echo = Response::MaskWriteRegister {
        address: 4,
        and_mask: 0xF2,
        or_mask: 0x25,
    };
    assert_eq!(reply, Some(echo));
    assert_eq!(session.device.units.map.0.holding_register(4), 0x17);
    // The write comes before the read (§6.17).
    let request = Request::ReadWriteMultipleRegisters {
        read_address: 3,
        read_quantity: 3,
        write_address: 5,
        values: Registers::from_words(&[0xAB]),
    };
    let values = Registers::from_words(&[0, 0x17, 0xAB]);
    assert_eq!(
        session.ask(1, &request),
        Some(Response::ReadWriteMultipleRegisters(values))
    );
}

#[test]
fn quantities_out_of_range_are_exception_3_and_addresses_exception_2() {
    let mut session = full();
    for (function, most) in [(1, 2000u16), (2, 2000), (3, 125), (4, 125)] {
        for quantity in [0, most + 1, 65535] {
            let [high, low] = quantity.to_be_bytes();
            let reply = session.raw(1, &[function, 0, 0, high, low]);
            assert_eq!(
                reply,
                Some(&[function | 0x80, 3][..]),
                "{function} {quantity}"
            );
        }
        let [high, low] = most.to_be_bytes();
        assert!(session.raw(1, &[function, 0, 0, high, low]).unwrap().len() > 2);
        let reply = session.raw(1, &[function, 0xFF, 0xFF, 0, 2]);
        assert_eq!(reply, Some(&[function | 0x80, 2][..]));
    }
    for function in [15, 16] {
        let reply = session.raw(1, &[function, 0, 0, 0, 0, 0]);
        assert_eq!(reply, Some(&[function | 0x80, 3][..]));
        // A byte count that contradicts the quantity.
        let reply = session.raw(1, &[function, 0, 0, 0, 1, 3, 0, 0, 0]);
        assert_eq!(reply, Some(&[function | 0x80, 3][..]));
    }
    // One more than the most that can be written, and with it the longest PDU.
    for (function, quantity) in [(15_u8, 1969_u16), (16, 124)] {
        let [high, low] = quantity.to_be_bytes();
        let mut pdu = vec![function, 0, 0, high, low, 247];
        pdu.resize(253, 0);
        assert_eq!(session.raw(1, &pdu), Some(&[function | 0x80, 3][..]));
    }
    for (read, written) in [(0_u16, 1_u8), (126, 1), (1, 0), (1, 122)] {
        let [high, low] = read.to_be_bytes();
        let mut pdu = vec![23, 0, 0, high, low, 0, 0, 0, written];
        pdu.push(written.saturating_mul(2));
        pdu.resize((10 + 2 * usize::from(written)).min(253), 0);
        let reply = session.raw(1, &pdu);
        assert_eq!(
            reply,
            Some(&[0x97, 3][..]),
            "{read} read, {written} written"
        );
    }
    assert_eq!(session.raw(1, &[5, 0, 0, 0xFF, 1]), Some(&[0x85, 3][..]));
    assert_eq!(session.raw(1, &[3, 0, 0]), Some(&[0x83, 3][..]));
    assert_eq!(
        session.device.statistics.exceptions,
        4 * 4 + 2 * 2 + 2 + 4 + 2
    );
}

#[test]
fn unknown_functions_are_echoed_with_the_high_bit() {
    let mut session = full();
    for function in 0..=255u8 {
        if matches!(function, 1..=8 | 11 | 12 | 15..=17 | 20..=24 | 43) {
            continue;
        }
        let reply = session.raw(1, &[function, 1, 2, 3, 4]);
        assert_eq!(reply, Some(&[function | 0x80, 1][..]));
    }
}

#[test]
fn what_a_map_does_not_have_is_exception_1() {
    struct Nothing;
    impl RegisterMap for Nothing {}
    let mut session = Session::new(AnyUnit(Nothing), Config::default());
    let requests = [
        Request::ReadCoils {
            address: 0,
            quantity: 1,
        },
        Request::ReadDiscreteInputs {
            address: 0,
            quantity: 1,
        },
        Request::ReadHoldingRegisters {
            address: 0,
            quantity: 1,
        },
        Request::ReadInputRegisters {
            address: 0,
            quantity: 1,
        },
        Request::WriteSingleCoil {
            address: 0,
            value: true,
        },
        Request::WriteSingleRegister {
            address: 0,
            value: 1,
        },
        Request::ReadExceptionStatus,
        Request::WriteMultipleCoils {
            address: 0,
            values: Bits::from_bools(&[true]),
        },
        Request::WriteMultipleRegisters {
            address: 0,
            values: Registers::from_words(&[1]),
        },
        Request::ReportServerId,
        Request::MaskWriteRegister {
            address: 0,
            and_mask: 0,
            or_mask: 0,
        },
        Request::ReadFifoQueue { pointer: 0 },
        Request::ReadDeviceIdentification {
            access: DeviceIdAccess::Basic,
            object: 0,
        },
        Request::Custom {
            function: 65,
            data: &[],
        },
    ];
    for request in requests {
        let expected = exception(request.function(), ExceptionCode::IllegalFunction);
        assert_eq!(session.ask(9, &request), expected);
    }
}
