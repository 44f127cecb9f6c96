//! Our Modbus server, to be measured: `modbus_ours callbacks|async PORT`. Unit 1, 100 holding registers, register n is n. Prints READY.

use std::net::{Ipv4Addr, SocketAddr};

use ptk_core::aio::tasks::{TaskRoom, bytes_of};
use ptk_core::aio::{IoDriver, IoSlots};
use ptk_core::event_loop::EventLoop;
use ptk_core::net::TcpListener;
use ptk_modbus::aio;
use ptk_modbus::glue::{Seat, Server};
use ptk_modbus::server::{Access, Config, Device, OneUnit, RegisterBlock, TableMap};
use static_cell::StaticCell;

const CONNECTIONS: usize = 64;

type Map = TableMap<'static>;

fn device() -> Device<OneUnit<Map>> {
    static VALUES: StaticCell<[u16; 100]> = StaticCell::new();
    static BLOCKS: StaticCell<[RegisterBlock<'static>; 1]> = StaticCell::new();
    let values = VALUES.init(std::array::from_fn(|address| address as u16));
    let blocks = BLOCKS.init([RegisterBlock::new(0, values, Access::ReadWrite)]);
    Device::new(OneUnit::new(1, TableMap::new().holding_registers(blocks)))
}

fn callbacks(listener: TcpListener) -> ptk_core::Result<()> {
    let mut seats = [Seat::EMPTY; CONNECTIONS];
    let mut server = Server::new(device(), Config::DEFAULT, &mut seats);
    let mut event_loop: EventLoop<160, 160> = EventLoop::new()?;
    server.listen(&mut event_loop.context(), listener, 0)?;
    println!("READY");
    event_loop.run(&mut server).map(drop)
}

/// A server and what its tasks accept from.
type Shared = (
    &'static aio::Server<OneUnit<Map>>,
    &'static ptk_core::aio::net::TcpListener,
);

async fn serve((server, listener): Shared) {
    server.run(listener).await;
}

fn tasks(listener: TcpListener) -> ptk_core::Result<()> {
    static SLOTS: IoSlots<80, 80> = IoSlots::new();
    static TASKS: TaskRoom<CONNECTIONS, { bytes_of(serve) }> = TaskRoom::new();
    static SERVER: StaticCell<aio::Server<OneUnit<Map>>> = StaticCell::new();
    static LISTENER: StaticCell<ptk_core::aio::net::TcpListener> = StaticCell::new();
    let driver = IoDriver::new(&SLOTS)?;
    let listener = ptk_core::aio::net::TcpListener::from_socket(driver.handle(), listener)?;
    let listener = &*LISTENER.init(listener);
    let server = &*SERVER.init(aio::Server::new(device(), Config::DEFAULT, CONNECTIONS));
    TASKS.run_until(driver, |tasks| async move {
        for _ in 0..CONNECTIONS {
            let spawned = tasks.spawn(serve((server, listener)));
            assert!(spawned.is_ok(), "the room has a place for each");
        }
        println!("READY");
        std::future::pending::<()>().await;
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [face, port] = &words[..] else {
        return Err("usage: modbus_ours callbacks|async PORT".into());
    };
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?));
    let listener = TcpListener::bind(address)?;
    match face.as_str() {
        "callbacks" => callbacks(listener)?,
        _ => tasks(listener)?,
    }
    Ok(())
}
