//! A Modbus device on the event loop: `modbus_server PORT`. Holding register 0 is a set point that peers write, input register 0 follows it.
//!
//! Prints READY when it can be connected to, and tells each write on standard error. `mbpoll -m tcp -p PORT -a 1 -t 4 -r 1 127.0.0.1 42` writes.

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr};

use ptk_core::event_loop::EventLoop;
use ptk_core::net::TcpListener;
use ptk_modbus::codec::{ExceptionCode, Registers, RegistersMut};
use ptk_modbus::glue::{Journal, Seat, Server};
use ptk_modbus::server::{CloseReason, Config, Device, OneUnit, RegisterMap};

/// One set point and one measured value.
struct Heater {
    set_point: Cell<u16>,
}

impl RegisterMap for Heater {
    fn read_holding_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        if (start, out.len()) != (0, 1) {
            return Err(ExceptionCode::IllegalDataAddress);
        }
        out.set(0, self.set_point.get());
        Ok(())
    }

    fn read_input_registers(
        &mut self,
        start: u16,
        out: &mut RegistersMut<'_>,
    ) -> Result<(), ExceptionCode> {
        self.read_holding_registers(start, out)
    }

    fn write_holding_registers(
        &mut self,
        start: u16,
        values: Registers<'_>,
    ) -> Result<(), ExceptionCode> {
        match (start, values.len(), values.get(0)) {
            (0, 1, Some(value)) if value <= 120 => {
                eprintln!("set point {value}");
                self.set_point.set(value);
                Ok(())
            }
            (0, 1, Some(_)) => Err(ExceptionCode::IllegalDataValue),
            _ => Err(ExceptionCode::IllegalDataAddress),
        }
    }
}

struct Log;

impl Journal for Log {
    fn closed(&mut self, peer: Option<SocketAddr>, reason: CloseReason) {
        if let Some(peer) = peer {
            eprintln!("{peer}: {reason}");
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).unwrap_or("1502".into()).parse()?;
    let device = Device::new(OneUnit::new(
        1,
        Heater {
            set_point: 20.into(),
        },
    ));
    // As many connections as there are seats; more are refused.
    let mut seats = [Seat::EMPTY; 16];
    let mut server = Server::with_journal(device, Config::DEFAULT, &mut seats, Log);
    let mut event_loop: EventLoop = EventLoop::new()?;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    server.listen(&mut event_loop.context(), listener, 0)?;
    println!("READY");
    event_loop.run(&mut server)?;
    Ok(())
}
