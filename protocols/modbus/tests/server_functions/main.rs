//! Every function code of the server, through whole frames.

mod diagnostics;
mod points;
mod rare;

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
