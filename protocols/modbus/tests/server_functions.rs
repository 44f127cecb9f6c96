//! Every function code of the server, through whole frames.

use ptk_modbus::codec::{
    Bits, BitsMut, DeviceIdAccess, ExceptionCode, FileRead, FileReads, FileWrite, FileWrites,
    Registers, RegistersMut, Request, Response, SubFunction, mbap,
};
use ptk_modbus::server::{
    AnyUnit, Config, Connection, Device, DeviceIdentification, FullMap, OneUnit, RegisterMap, Units,
};

/// Sends one request and decodes what comes back; `None` for silence.
struct Session<U> {
    connection: Connection,
    device: Device<U>,
    reply: Vec<u8>,
}

impl<U: Units> Session<U> {
    fn new(units: U, config: Config) -> Self {
        Self {
            connection: Connection::new(config, 0),
            device: Device::new(units),
            reply: Vec::new(),
        }
    }

    fn raw(&mut self, unit: u8, pdu: &[u8]) -> Option<&[u8]> {
        let mut frame = [0; mbap::MAX_FRAME];
        let length = mbap::encode(&mut frame, 0x1234, unit, |out| {
            out[..pdu.len()].copy_from_slice(pdu);
            Ok(pdu.len())
        })
        .unwrap();
        assert_eq!(self.connection.handle_input(0, &frame[..length]), length);
        assert_eq!(self.connection.serve(0, &mut self.device), 1);
        self.reply = self.connection.poll_transmit().to_vec();
        self.connection.transmitted(self.reply.len(), 0);
        assert_eq!(self.connection.poll_close(), None);
        if self.reply.is_empty() {
            return None;
        }
        assert_eq!(self.reply[..4], [0x12, 0x34, 0, 0]);
        assert_eq!(
            self.reply[4..6],
            ((self.reply.len() - 6) as u16).to_be_bytes()
        );
        assert_eq!(self.reply[6], unit);
        Some(&self.reply[mbap::HEADER..])
    }

    fn ask(&mut self, unit: u8, request: &Request<'_>) -> Option<Response<'_>> {
        let mut pdu = [0; 253];
        let length = request.encode(&mut pdu).unwrap();
        self.raw(unit, &pdu[..length])
            .map(|reply| Response::decode(reply).unwrap())
    }
}

fn full() -> Session<OneUnit<Box<FullMapBox>>> {
    Session::new(
        OneUnit::new(1, Box::new(FullMapBox(FullMap::new()))),
        Config::default(),
    )
}

/// A box is no `RegisterMap` of its own in a crate without `alloc`.
struct FullMapBox(FullMap);

fn exception(function: u8, code: ExceptionCode) -> Option<Response<'static>> {
    Some(Response::Exception { function, code })
}

macro_rules! forward {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => { $(
        fn $name(&mut self, $($argument: $kind),*) -> Result<(), ExceptionCode> {
            self.0.$name($($argument),*)
        }
    )* };
}

impl RegisterMap for Box<FullMapBox> {
    forward! {
        read_coils(start: u16, out: &mut BitsMut<'_>);
        read_discrete_inputs(start: u16, out: &mut BitsMut<'_>);
        read_holding_registers(start: u16, out: &mut RegistersMut<'_>);
        read_input_registers(start: u16, out: &mut RegistersMut<'_>);
        write_coils(start: u16, values: Bits<'_>);
        write_holding_registers(start: u16, values: Registers<'_>);
    }

    fn report_server_id(&mut self, out: &mut [u8]) -> Result<usize, ExceptionCode> {
        self.0.report_server_id(out)
    }

    fn read_exception_status(&mut self) -> Result<u8, ExceptionCode> {
        self.0.read_exception_status()
    }
}

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

/// A device with files, a queue, an identification and a function of its own.
struct Rich {
    file: [u16; 16],
    queue: Vec<u16>,
}

impl RegisterMap for Rich {
    fn read_file_record(
        &mut self,
        file: u16,
        record: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        let start = usize::from(record);
        let values = self
            .file
            .get(start..start + out.len())
            .filter(|_| file == 4);
        out.copy_from(values.ok_or(ExceptionCode::IllegalDataAddress)?);
        Ok(())
    }

    fn write_file_record(
        &mut self,
        _file: u16,
        record: u16,
        values: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        let start = usize::from(record);
        let room = self.file.get_mut(start..start + values.len());
        values.copy_to(room.ok_or(ExceptionCode::IllegalDataAddress)?);
        Ok(())
    }

    fn read_fifo_queue(
        &mut self,
        _pointer: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<usize, ExceptionCode> {
        out.copy_from(&self.queue);
        Ok(self.queue.len())
    }

    fn device_identification(&self) -> Option<DeviceIdentification<'_>> {
        Some(DeviceIdentification {
            model_name: "model",
            private: &[(0x80, &[b'x'; 200]), (0x81, &[b'y'; 60])],
            ..DeviceIdentification::new("vendor", "code", "1.0")
        })
    }

    fn custom(
        &mut self,
        function: u8,
        data: &[u8],
        reply: &mut [u8],
    ) -> Result<usize, ExceptionCode> {
        if function != 100 {
            return Err(ExceptionCode::IllegalFunction);
        }
        reply[..data.len()].copy_from_slice(data);
        reply[..data.len()].reverse();
        Ok(data.len())
    }
}

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

fn diagnose<U: Units>(
    session: &mut Session<U>,
    sub: SubFunction,
    word: u16,
) -> Option<Result<u16, ExceptionCode>> {
    let words = [word];
    let data = Registers::from_words(&words);
    match session.ask(
        1,
        &Request::Diagnostics {
            sub_function: sub,
            data,
        },
    ) {
        Some(Response::Diagnostics { sub_function, data }) => {
            assert_eq!(sub_function, sub);
            Some(Ok(data.get(0).unwrap()))
        }
        Some(Response::Exception { function: 8, code }) => Some(Err(code)),
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn diagnostic_counters() {
    let mut session = full();
    session.raw(1, &[3, 0, 0, 0, 1]);
    session.raw(1, &[3, 0, 0, 0, 0]);
    session.raw(7, &[3, 0, 0, 0, 1]);
    assert_eq!(
        diagnose(&mut session, SubFunction::ReturnQueryData, 0xA537),
        Some(Ok(0xA537))
    );
    assert_eq!(
        diagnose(&mut session, SubFunction::BusMessageCount, 0),
        Some(Ok(5))
    );
    // Not those for unit 7.
    assert_eq!(
        diagnose(&mut session, SubFunction::ServerMessageCount, 0),
        Some(Ok(5))
    );
    assert_eq!(
        diagnose(&mut session, SubFunction::BusExceptionErrorCount, 0),
        Some(Ok(2))
    );
    let wrong = diagnose(&mut session, SubFunction::BusMessageCount, 1);
    assert_eq!(wrong, Some(Err(ExceptionCode::IllegalDataValue)));
    let unknown = diagnose(&mut session, SubFunction::Other(19), 0);
    assert_eq!(unknown, Some(Err(ExceptionCode::IllegalFunction)));
    session.device.diagnostics.register = 0xBEEF;
    assert_eq!(
        diagnose(&mut session, SubFunction::ReturnDiagnosticRegister, 0),
        Some(Ok(0xBEEF))
    );
    // Function 11 counts what was done, and not itself (§6.9).
    for _ in 0..2 {
        let reply = session.ask(1, &Request::GetCommEventCounter);
        assert_eq!(
            reply,
            Some(Response::GetCommEventCounter {
                status: 0,
                events: 1
            })
        );
    }
    assert_eq!(
        diagnose(&mut session, SubFunction::ClearCounters, 0),
        Some(Ok(0))
    );
    assert_eq!(
        diagnose(&mut session, SubFunction::BusMessageCount, 0),
        Some(Ok(1))
    );
    // The totals stay.
    assert_eq!(session.device.statistics.exceptions, 4);
}

#[test]
fn event_log() {
    let mut session = full();
    session.raw(1, &[3, 0, 0, 0, 1]);
    session.raw(1, &[9]);
    match session.ask(1, &Request::GetCommEventLog) {
        Some(Response::GetCommEventLog {
            status: 0,
            events: 1,
            messages: 3,
            log,
        }) => {
            // Latest first: this request, the exception and its request, the answer and its request.
            assert_eq!(log, [0x80, 0x41, 0x80, 0x40, 0x80]);
        }
        other => panic!("{other:?}"),
    }
    for _ in 0..100 {
        session.raw(1, &[3, 0, 0, 0, 1]);
    }
    match session.ask(1, &Request::GetCommEventLog) {
        Some(Response::GetCommEventLog { log, .. }) => assert_eq!(log.len(), 64),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        diagnose(&mut session, SubFunction::RestartCommunications, 0xFF00),
        Some(Ok(0xFF00))
    );
    match session.ask(1, &Request::GetCommEventLog) {
        // The restart, the answer to it, this request.
        Some(Response::GetCommEventLog { log, .. }) => assert_eq!(log, [0x80, 0x40, 0x00]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn listen_only_mode_is_refused_unless_allowed() {
    let mut session = full();
    let refused = diagnose(&mut session, SubFunction::ForceListenOnly, 0);
    assert_eq!(refused, Some(Err(ExceptionCode::IllegalFunction)));

    let config = Config {
        allow_listen_only: true,
        ..Config::default()
    };
    let mut session = Session::new(
        AnyUnit(Rich {
            file: [0; 16],
            queue: vec![],
        }),
        config,
    );
    assert_eq!(
        diagnose(&mut session, SubFunction::ForceListenOnly, 0),
        None
    );
    assert!(session.device.diagnostics.is_listen_only());
    assert_eq!(session.ask(1, &Request::ReadFifoQueue { pointer: 0 }), None);
    // The restart that ends it is not answered either.
    assert_eq!(
        diagnose(&mut session, SubFunction::RestartCommunications, 0),
        None
    );
    assert!(
        session
            .ask(1, &Request::ReadFifoQueue { pointer: 0 })
            .is_some()
    );
}
