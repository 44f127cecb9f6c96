//! A Modbus device with a table of 100 holding registers: `modbus_table PORT`. Unit 1; at first register n holds n, and peers may write.
//!
//! Prints READY when it can be connected to. SIGINT and SIGTERM end it once all replies are sent. `mbpoll -m tcp -p PORT -a 1 -0 -r 0 -c 10 -1
//! 127.0.0.1` reads the first ten.

use std::net::{Ipv4Addr, SocketAddr};

use ptk_core::event_loop::EventLoop;
use ptk_core::net::TcpListener;
use ptk_modbus::glue::{Seat, Server};
use ptk_modbus::server::{Access, Config, Device, OneUnit, RegisterBlock, TableMap};

const CONNECTIONS: usize = 64;
/// The connections, the listener, and two signals.
const SOURCES: usize = CONNECTIONS + 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).unwrap_or("1502".into()).parse()?;
    let mut values: [u16; 100] = std::array::from_fn(|address| address as u16);
    let mut blocks = [RegisterBlock::new(0, &mut values, Access::ReadWrite)];
    let map = TableMap::new().holding_registers(&mut blocks);
    let mut seats = [Seat::EMPTY; CONNECTIONS];
    let device = Device::new(OneUnit::new(1, map));
    let mut server = Server::new(device, Config::DEFAULT, &mut seats);
    // A source for each connection, and a timer for its deadline.
    let mut event_loop: EventLoop<SOURCES, CONNECTIONS> = EventLoop::new()?;
    event_loop.stop_on_signals()?;
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    server.listen(&mut event_loop.context(), listener, 0)?;
    println!("READY");
    event_loop.run(&mut server)?;
    Ok(())
}
