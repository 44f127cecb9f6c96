//! Files, queues, identification, functions of a vendor.

use super::*;

fn rich() -> Session<AnyUnit<Rich>> {
    Session::new(
        AnyUnit(Rich {
            file: [0; 16],
            queue: vec![1, 2, 3],
        }),
        Config::default(),
    )
}

#[test]
fn files() {
    let mut session = rich();
    let writes = [FileWrite {
        file: 4,
        record: 1,
        values: Registers::from_words(&[7, 8]),
    }];
    let records = FileWrites::new(&writes);
    let reply = session.ask(1, &Request::WriteFileRecord { records });
    assert_eq!(reply, Some(Response::WriteFileRecord(records)));
    let reads = [
        FileRead {
            file: 4,
            record: 0,
            length: 2,
        },
        FileRead {
            file: 4,
            record: 2,
            length: 1,
        },
    ];
    match session.ask(
        1,
        &Request::ReadFileRecord {
            records: FileReads::new(&reads),
        },
    ) {
        Some(Response::ReadFileRecord(records)) => {
            let expected = [Registers::from_words(&[0, 7]), Registers::from_words(&[8])];
            assert!(records.iter().eq(expected));
        }
        other => panic!("{other:?}"),
    }
    let reads = [FileRead {
        file: 4,
        record: 15,
        length: 2,
    }];
    let reply = session.ask(
        1,
        &Request::ReadFileRecord {
            records: FileReads::new(&reads),
        },
    );
    assert_eq!(reply, exception(20, ExceptionCode::IllegalDataAddress));
}

#[test]
fn queues() {
    let mut session = rich();
    let reply = session.ask(1, &Request::ReadFifoQueue { pointer: 0x4DE });
    assert_eq!(
        reply,
        Some(Response::ReadFifoQueue(Registers::from_words(&[1, 2, 3])))
    );
    session.device.units.0.queue = vec![5; 31];
    let reply = session.ask(1, &Request::ReadFifoQueue { pointer: 0 });
    assert_eq!(
        reply,
        Some(Response::ReadFifoQueue(Registers::from_words(&[5; 31])))
    );
    session.device.units.0.queue = vec![5; 32];
    let reply = session.ask(1, &Request::ReadFifoQueue { pointer: 0 });
    assert_eq!(reply, exception(24, ExceptionCode::IllegalDataValue));
}

#[test]
fn identification_streams_and_single_objects() {
    let mut session = rich();
    let mut ask = |access, object| {
        let request = Request::ReadDeviceIdentification { access, object };
        match session.ask(1, &request) {
            Some(Response::ReadDeviceIdentification(reply)) => {
                assert_eq!((reply.access, reply.conformity), (access, 0x83));
                let ids: Vec<(u8, usize)> = reply
                    .objects
                    .iter()
                    .map(|(id, text)| (id, text.len()))
                    .collect();
                Ok((ids, reply.next_object))
            }
            Some(Response::Exception { code, .. }) => Err(code),
            other => panic!("{other:?}"),
        }
    };
    let basic = vec![(0, 6), (1, 4), (2, 3)];
    assert_eq!(ask(DeviceIdAccess::Basic, 0), Ok((basic.clone(), None)));
    assert_eq!(ask(DeviceIdAccess::Basic, 2), Ok((vec![(2, 3)], None)));
    // An object that is not there: from the beginning.
    assert_eq!(ask(DeviceIdAccess::Basic, 9), Ok((basic.clone(), None)));
    let mut regular = basic;
    regular.push((5, 5));
    assert_eq!(ask(DeviceIdAccess::Regular, 0), Ok((regular.clone(), None)));
    regular.push((0x80, 200));
    assert_eq!(ask(DeviceIdAccess::Extended, 0), Ok((regular, Some(0x81))));
    assert_eq!(
        ask(DeviceIdAccess::Extended, 0x81),
        Ok((vec![(0x81, 60)], None))
    );
    assert_eq!(ask(DeviceIdAccess::Individual, 5), Ok((vec![(5, 5)], None)));
    assert_eq!(
        ask(DeviceIdAccess::Individual, 3),
        Err(ExceptionCode::IllegalDataAddress)
    );
}

#[test]
fn functions_of_a_vendor() {
    let mut session = rich();
    let reply = session.ask(
        1,
        &Request::Custom {
            function: 100,
            data: b"abc",
        },
    );
    assert_eq!(
        reply,
        Some(Response::Custom {
            function: 100,
            data: b"cba"
        })
    );
    let reply = session.ask(
        1,
        &Request::Custom {
            function: 101,
            data: b"abc",
        },
    );
    assert_eq!(reply, exception(101, ExceptionCode::IllegalFunction));
}

#[test]
fn server_id_and_status() {
    let mut session = full();
    match session.ask(1, &Request::ReportServerId) {
        Some(Response::ReportServerId(data)) => assert_eq!(data[..2], [1, 0xFF]),
        other => panic!("{other:?}"),
    }
    session.device.units.map.0.set_coil(6, true);
    assert_eq!(
        session.ask(1, &Request::ReadExceptionStatus),
        Some(Response::ReadExceptionStatus(0x40))
    );
}
